"""A derivation as a document without a format: headings, sentences, displayed formulas, lists.

It is made of the records alone; a writer turns it into Markdown, LaTeX or whatever comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, final

from sympy import And, Symbol
from sympy.core.function import AppliedUndef

from adamref.derive.notation import domain, latex
from adamref.theorems.inference import Induction
from adamref.theorems.prove import CHECKERS
from adamref.theorems.vocabulary import eq, t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.theorems.facts import Always, Fact
    from adamref.theorems.proof import Cite, Step, Use, Used
    from adamref.theorems.prove import Outcome
    from adamref.theorems.quantities import Run
    from adamref.theorems.record import NearMiss, Statement, Theorem


@final
@dataclass(frozen=True)
class Math:
    """A formula inside a sentence, in LaTeX."""

    latex: str


@final
@dataclass(frozen=True)
class Display:
    """A formula on lines of its own."""

    latex: str


Inline: TypeAlias = "str | Math"


@final
@dataclass(frozen=True)
class Paragraph:
    """Sentences, some of them with formulas; a label stands in bold before them."""

    parts: tuple[Inline, ...]
    label: str = ""


@final
@dataclass(frozen=True)
class Numbered:
    """A list of numbered entries, each made of blocks."""

    entries: tuple[tuple[Block, ...], ...]


@final
@dataclass(frozen=True)
class Section:
    """A theorem: its title, its id, and what is said about it."""

    title: str
    id: str
    blocks: tuple[Block, ...]


Block: TypeAlias = "Paragraph | Display | Numbered"


def section(theorem: Theorem, outcome: Outcome | None) -> Section:
    """Lay a record out, with what the checkers said of it if they were asked."""
    blocks: list[Block] = [Paragraph((theorem.says,))]
    blocks += list(_statement(theorem.statement))
    blocks += [Paragraph(tuple(_run(run)), "Where") for run in _spoken_of(theorem)]
    steps = theorem.proof(theorem.statement)
    if steps:
        blocks.append(Paragraph((), "Proof"))
        blocks.append(_steps(steps))
    if theorem.counterexample is not None:
        blocks.append(Paragraph((f"It is false at {theorem.counterexample!r}.",), "Refutation"))
    for miss in theorem.near_misses:
        blocks += list(_near_miss(theorem, miss))
    if outcome is not None:
        blocks.append(Paragraph((_checked(outcome),), "Checked"))
    blocks.append(Paragraph((theorem.source + ".",), "Source"))
    return Section(theorem.title, theorem.id, tuple(blocks))


def _statement(statement: Statement) -> Iterator[Block]:
    claim = statement.claim
    parts = claim.args if isinstance(claim, And) else (claim,)
    for part in parts:
        yield Display(latex(part))
    if assumed := list(_assumed(statement)):
        yield Paragraph(tuple(assumed), "Assumed")


def _spoken_of(theorem: Theorem) -> list[Run]:
    """Return the runs whose fields a statement or one of its near-misses speaks of."""
    statements = (theorem.statement, *(miss.statement for miss in theorem.near_misses))
    spaces = (theorem.space, *(miss.space for miss in theorem.near_misses if miss.space))
    names = {value.func for s in statements for value in s.claim.atoms(AppliedUndef)}
    found: list[Run] = []
    for run in (run for space in spaces for run in space.runs):
        spoken = any(run.function(field) in names for field in run.rule.fields)
        if spoken and not any(run.is_same_as(other) for other in found):
            found.append(run)
    return found


def _run(run: Run) -> Iterator[Inline]:
    """Say which rule a mark means, on which gradients, and with which hyperparameters."""
    field = run.rule.lines[-2].name if len(run.rule.lines) > 1 else run.rule.lines[0].name
    yield Math(latex(run.function(field)(t)))
    yield " and its like are fields of "
    yield f"{run.rule.title}, {run.rule.source}"
    if run.gradient is not None:
        yield ", on the gradients "
        yield Math(latex(run.gradient(t)))
        yield " at step t"
    for name, value in run.hypers.items():
        yield ", with "
        yield Math(latex(value))
        yield " for "
        yield Math(latex(Symbol(name, real=True)))
    for name, value in run.starts.items():
        yield ", from "
        yield Math(latex(eq(run.function(name)(0), value)))
    yield "."


def _assumed(statement: Statement) -> Iterator[Inline]:
    separator = ""
    for relation in domain(statement.domain):
        if separator:
            yield separator
        yield Math(relation)
        separator = ", "
    for name, hypothesis in statement.hypotheses.items():
        yield f"; {name}: " if separator else f"{name}: "
        yield Math(latex(hypothesis.relation))
        yield " for every "
        yield Math(_range(hypothesis))
        separator = ", "
    if separator:
        yield "."


def _range(hypothesis: Always) -> str:
    index, low = latex(hypothesis.index), latex(hypothesis.low)
    if hypothesis.high is None:
        return rf"{index} \ge {low}"
    return rf"{low} \le {index} \le {latex(hypothesis.high)}"


def _steps(steps: Sequence[Step]) -> Numbered:
    return Numbered(tuple(tuple(_step(step)) for step in steps))


def _step(step: Step) -> Iterator[Block]:
    where = _conditions(step)
    yield Paragraph((step.because, *where), step.name[:1].upper() + step.name[1:])
    claim = step.claim
    for part in claim.args if isinstance(claim, And) else (claim,):
        yield Display(latex(part))
    if isinstance(step.by, Induction):
        over, start = latex(step.by.over), latex(step.by.start)
        yield Paragraph(("At ", Math(f"{over} = {start}"), ":"))
        yield _steps(step.by.base)
        yield Paragraph(("At ", Math(f"{over} > {start}"), ", if it holds one step before:"))
        yield _steps(step.by.step)
    elif step.by.uses:
        yield Paragraph(("Used: " + "; ".join(dict.fromkeys(map(_used, step.by.uses))) + ".",))


def _conditions(step: Step) -> tuple[Inline, ...]:
    if not step.where:
        return ()
    conditions: list[Inline] = [" (where "]
    for condition in step.where:
        if len(conditions) > 1:
            conditions.append(", ")
        conditions.append(Math(rf"{latex(condition)} \ge 0"))
    return (*conditions, ")")


def _used(used: Used) -> str:
    """Name what a step uses."""
    if isinstance(used, str):
        return used
    fact: Fact | Use | Cite = used
    says = getattr(fact, "says", None)
    if says is not None:
        return str(says)
    theorem = getattr(fact, "theorem", None)
    if theorem is not None:
        at = getattr(fact, "at", {})
        put_in = ", ".join(f"{k} = {v}" for k, v in at.items() if isinstance(k, Symbol) and k != v)
        return f"theorem {theorem.id}" + (f" for {put_in}" if put_in else "")
    return str(getattr(fact, "name", ""))


def _near_miss(theorem: Theorem, miss: NearMiss) -> Iterator[Block]:
    yield Paragraph((miss.says,), "Near-miss")
    if miss.statement.claim != theorem.statement.claim:
        for block in _statement(miss.statement):
            if isinstance(block, Display):
                yield block
    yield Paragraph((f"It is false at {miss.counterexample!r}.",))


def _checked(outcome: Outcome) -> str:
    said = []
    for name in CHECKERS:
        check = outcome.checks[name]
        detail = f" ({check.says})" if check.says and name != "algebra" else ""
        said.append(f"{_NAMES[name]}: {check.status}{detail}")
    return f"{outcome.verdict}. " + "; ".join(said) + "."


_NAMES = {"algebra": "algebra", "smt": "z3", "numbers": "search", "kernel": "Coq"}
