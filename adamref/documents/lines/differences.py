"""What makes of a rule's line the one that stands there: a fault, or else what is solved for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, final

import numpy as np
from sympy import Expr, Pow, evaluate

from adamref import faults
from adamref.documents.lines.compare import starts, steps, value
from adamref.documents.lines.symbols import grounded
from adamref.documents.lines.trajectories import Fixed, columns, rows
from adamref.expressions.nodes import names
from adamref.oracle.explain.formulas import whole
from adamref.rules.symbols import PREVIOUS, current
from adamref.solving.inversion import Interval, valued
from adamref.solving.knowledge import Knowledge
from adamref.solving.solve import solutions

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.faults import Fault
    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule
    from adamref.solving.solution import Solution

_NEAR = 1e-9
"""By what share two formulas in float64 may differ and be the same.

Forty operations of half an ulp, and 1 - beta^t of a thousandth at least where the page gives the
rates, lose 40 * 1000 * 2^-53 < 5e-12 of what they are made of; the rest is for sums that cancel.
What differs by more is another formula. No verdict rests on it: it names what is wrong already.
"""

_COSTLY = 6.0
"""From this cost on, what is found is another formula rather than a change of this one."""


@final
@dataclass(frozen=True)
class Departure:
    """What stands in a line that should not.

    Attributes
    ----------
    rule : Rule
        Whose line was meant.
    fault : Fault or None
        The mistake, where the catalogue has it.
    old, new : sympy.Expr or None
        Else what should stand there, and what does.
    as_exponent : bool
        Whether that is an exponent.
    """

    rule: Rule
    fault: Fault | None = None
    old: Expr | None = None
    new: Expr | None = None
    as_exponent: bool = False


def difference(line: WrittenLine, candidates: list[tuple[Rule, Fixed]]) -> Departure | None:
    """Find what makes the line of one of some rules the one that stands there.

    Faults of the catalogue come first, of all rules; then the simplest change of the first rule.
    """
    first: tuple[Rule, Fixed, Array] | None = None
    for rule, fixed in candidates:
        if line.field not in rule.fields:
            continue
        for made in made_by(line, rule, fixed):
            first = first or (rule, fixed, made)
            for fault, wrong in _faulty(rule, line.field, fixed, steps(line)):
                if np.allclose(wrong, made, rtol=_NEAR, atol=0):
                    return Departure(rule, fault)
    return _solved(line, *first) if first else None


def made_by(line: WrittenLine, rule: Rule, fixed: Fixed) -> Iterator[Array]:
    """Yield what a line makes of many steps of a rule, for each way to count them."""
    for start in dict.fromkeys(starts(line)):
        seen = [value(line, run, t, start) for run, t in rows(rule, fixed, steps(line))]
        if seen and all(x is not None for x in seen):
            made = np.array([float(x) for x in seen])
            if np.isfinite(made).all():
                yield made


@cache
def _faulty(
    rule: Rule, field: str, fixed: Fixed, at: tuple[int, ...]
) -> tuple[tuple[Fault, Array], ...]:
    """Return what each fault makes of a line, those first that change the fewest lines."""
    right = {line.name: line for line in rule.lines}
    known = columns(rule, fixed, at)
    count = len(known["t"])
    found: list[tuple[int, Fault, Array]] = []
    for fault in faults.cases():
        made = None if fault.drive else fault.applied(rule)
        if made is None:
            continue
        changed = {x.name for x in made.lines if x != right.get(x.name)}
        if field not in changed and not (field == "theta" and "delta" in changed):
            continue
        expr = made.line(field).expr
        if "delta" in changed and field == "theta":
            with evaluate(False):
                expr = expr.xreplace({current("delta"): made.line("delta").expr})
        if {x.name for x in expr.free_symbols} <= known.keys():
            found.append((len(changed), fault, valued(expr, known, count)))
    return tuple((fault, made) for _, fault, made in sorted(found, key=lambda x: x[0]))


def _solved(line: WrittenLine, rule: Rule, fixed: Fixed, made: Array) -> Departure | None:
    """Turn a rule's line inside out for what it would have to hold to give what was made.

    The line is taken with all that the author does not name put into it; then as the rule has it.
    """
    known = columns(rule, fixed, steps(line))
    off = 1e-11 * np.abs(made)
    seen = Interval(made - off, made + off)
    t = steps(line)[-1]
    used = {n.base for n in names(grounded(line, t, t))}
    forms = [
        whole({x.name: x.expr for x in rule.lines}, line.field, shown - {line.field})
        for shown in (frozenset(used), frozenset(rule.fields) - {"delta"})
    ]
    for expr in dict.fromkeys(forms):
        # What the author names is far more likely to stand in a wrong place than anything else.
        near = {x.name for x in expr.free_symbols} | used | {name + PREVIOUS for name in used}
        few = {name: x for name, x in known.items() if name in near}
        found = solutions(expr, Knowledge(few, _likely(rule, few)), seen, {"step": known["t"]})
        plain = [x for x in found if x.kind != "varying" and x.cost < _COSTLY]
        if plain:
            return _of(rule, expr, min(plain, key=lambda x: x.cost))
    return None


def _of(rule: Rule, expr: Expr, one: Solution) -> Departure:
    above = expr
    for at in one.place[:-1]:
        above = above.args[at]
    exponent = bool(one.place) and isinstance(above, Pow) and one.place[-1] == 1
    return Departure(rule, None, one.old, one.new, exponent)


def _likely(rule: Rule, known: Mapping[str, Array]) -> dict[Expr, Array]:
    """Return expressions that are as likely as a symbol."""
    t = current("t")
    with evaluate(False):
        made: list[Expr] = [t - 1, t + 1] if "t" in known else []
        for rate in (x for x in rule.defaults if x.startswith("beta") and x in known):
            b = current(rate)
            made += [1 - b, b**t, 1 - b**t] if "t" in known else [1 - b]
    count = len(next(iter(known.values())))
    return {x: valued(x, known, count) for x in made}
