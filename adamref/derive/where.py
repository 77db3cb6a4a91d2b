"""What the letters of a statement stand for: fields of runs, symbols of rounding, and its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Integer, Mod, Pow, Symbol
from sympy.core.function import AppliedUndef

from adamref.logic.facts import Fact
from adamref.logic.induction import Induction
from adamref.logic.relations import eq
from adamref.rules import ADAM
from adamref.rules.hyper import COMMON
from adamref.theorems.operations import standard_model
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import t
from adamref.typeset.notation import latex, spelled
from adamref.typeset.tree import Math, Paragraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sympy import Expr

    from adamref.logic.proof import ProofStep
    from adamref.logic.statement import Statement
    from adamref.rules.rule import Rule
    from adamref.theorems.points import Space
    from adamref.typeset.tree import Inline

_MOST_LINES = 5
_PERIOD, _PERIODS = 3, 2
"""Gradients that repeat do so after three steps."""


def spoken_of(
    statement: Statement, space: Space, steps: Sequence[ProofStep] = ()
) -> list[tuple[Run, list[str]]]:
    """Return the runs that a statement or its proof speaks of, and their fields.

    Of Adam itself, whose step a document begins with, only those of the statement.
    """
    said = (*_relations(statement), *(one.claim for one in _all(steps)))
    stated = _functions(_relations(statement))
    proved = _functions(said) | _functions(x.relation for x in _facts(steps))
    found: list[tuple[Run, list[str]]] = []
    for run in (*space.runs, *(x.run for x in _facts(steps) if isinstance(x.run, Run))):
        names = stated if _is_plain(run) else proved
        fields = [name for name in run.rule.fields if run.function(name).__name__ in names]
        if fields and not any(run.is_same_as(other) for other, _ in found):
            found.append((run, fields))
    return found


def _relations(statement: Statement) -> list[Expr]:
    hypotheses = (one.relation for one in statement.hypotheses.values())
    return [statement.claim, *statement.domain, *hypotheses]


def _functions(relations: Iterable[Expr]) -> set[str]:
    values = {value for one in relations for value in one.atoms(AppliedUndef)}
    return {value.func.__name__.removeprefix("E_") for value in values}


def _all(steps: Iterable[ProofStep]) -> Iterator[ProofStep]:
    for step in steps:
        yield step
        if isinstance(step.by, Induction):
            yield from _all((*step.by.base, *step.by.step))


def _facts(steps: Iterable[ProofStep]) -> Iterator[Fact]:
    return (x for step in _all(steps) for x in step.by.uses if isinstance(x, Fact))


def _is_plain(run: Run) -> bool:
    return run.rule == ADAM and run.is_same_as(Run(ADAM))


def of_runs(spoken: Iterable[tuple[Run, list[str]]], statement: Statement) -> Iterator[Paragraph]:
    """Say of fields which runs they belong to."""
    for run, fields in spoken:
        riddle = run.gradient is not None and run.gradient(t).has(Mod)
        shown = ["g", *(name for name in fields if name != "g")] if riddle else fields
        yield Paragraph(tuple(_run(run, shown, _last_step(statement))), "Where")


def of_symbols(statement: Statement, letters: Mapping[str, str]) -> Iterator[Paragraph]:
    """Say what other symbols stand for: those of rounded operations, and those that it says."""
    symbols = {symbol for one in _relations(statement) for symbol in one.free_symbols}
    names = _functions(_relations(statement)) | {symbol.name for symbol in symbols}
    said: list[tuple[Inline, ...]] = [
        (*joined([Math(latex(symbol))] for symbol in named), f": {means}")
        for named, means in standard_model(symbols)
    ]
    said += [("", Math(spelled(k)), f": {means}") for k, means in letters.items() if k in names]
    if said:
        yield Paragraph(("", *joined(said, "; "), "."), "Where")


def joined(parts: Iterable[Sequence[Inline]], separator: str = ", ") -> Iterator[Inline]:
    """Put parts of a sentence after each other, with a separator between."""
    for number, part in enumerate(parts):
        if number:
            yield separator
        yield from part


def _last_step(statement: Statement) -> int | None:
    """Return the last step of which a statement speaks; None where it is of any step."""
    values = (x for one in _relations(statement) for x in one.atoms(AppliedUndef))
    places = [x.args[0] for x in values if len(x.args) == 1]
    return max(map(int, places)) if places and all(map(_is_whole, places)) else None


def _is_whole(place: Expr) -> bool:
    return isinstance(place, Integer)


def _run(run: Run, fields: Sequence[str], last: int | None) -> Iterator[Inline]:
    """Say which rule fields belong to, on which gradients, and with which hyperparameters."""
    # A sentence begins with text.
    yield from ("", *joined([Math(latex(run.function(field)(t)))] for field in fields))
    yield f": {run.rule.title} ({run.rule.source})"
    if changed := tuple(_otherwise(run.rule, run.mark)):
        yield from (", with ", *joined([Math(line)] for line in changed))
    if run.gradient is not None:
        yield from (", on the gradients ", *_gradients(run.gradient, last))
    for name in run.hypers:
        letter, value = Symbol(name, real=True), run.hyper(name, t)
        if value.has(letter):
            yield from (", with ", Math(latex(value)), " for ", Math(latex(letter)))
        else:
            yield from (", with ", Math(latex(eq(letter, value))))
    for name, value in run.starts.items():
        start = latex(run.function(name)(0))
        if start != latex(value):
            yield from (", from ", Math(f"{start} = {latex(value)}"))
        elif run.rule.line(name).initial is not None:
            yield from (", from any ", Math(start))
    means = {hyper.name: hyper.says for hyper in (*COMMON.values(), *run.rule.own)}
    for name in run.rule.defaults:
        if name not in ADAM.defaults and name not in run.hypers:
            yield from ("; ", Math(spelled(name)), f": {means[name]}")
    yield "."


def _gradients(gradient: Callable[[Any], Any], last: int | None) -> Iterator[Inline]:
    """Say what the gradients are: one after the other where a formula for all is a riddle."""
    at = gradient(t)
    if isinstance(at, AppliedUndef):
        yield Math(latex(at))
    elif last is not None and at.has(t):
        yield from joined([Math(latex(gradient(k)))] for k in range(1, last + 1))
    elif at.has(Mod) or any(power.base == 0 for power in at.atoms(Pow)):
        count = _PERIODS * _PERIOD if at.has(Mod) else _PERIOD
        first = [at.subs(t, k) for k in range(1, 1 + count)]
        yield from (*joined([Math(latex(one))] for one in first), ", and so on")
    else:
        yield from (Math(latex(at)), " at step ", Math("t"))


def _otherwise(rule: Rule, mark: str) -> Iterator[str]:
    """Yield the lines in which a rule is not Adam; none where these are too many to be read."""
    run = Run(rule, mark)
    others = [
        line.name
        for line in rule.lines
        if line.name not in ADAM.fields or ADAM.line(line.name).expr != line.expr
    ]
    for name in others if len(others) <= _MOST_LINES else ():
        yield latex(run.line(name, t).relation)
