"""A claim at one point, unrolled: the lines of the rule for every step that it reaches."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import And, Integer, Sum
from sympy.core.function import AppliedUndef

from adamref.logic.context import Context
from adamref.logic.facts import Fact
from adamref.logic.relations import expression, substituted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamref.logic.statement import Statement
    from adamref.theorems.expectations import Mean
    from adamref.theorems.points import Point, Space
    from adamref.theorems.quantities import Run


def grounded(statement: Statement, space: Space, point: Point) -> tuple[Context, Any]:
    """Return a claim at a point, and what its runs and its hypotheses say there."""
    claim = _at(statement.claim, point)
    equations: list[Fact] = list(_supposed(statement, point))
    seen: set[Any] = set()
    pending = list(_values(claim, space))
    while pending:
        run, name, step = pending.pop()
        if (run.function(name), step) in seen:
            continue
        seen.add((run.function(name), step))
        made = run.start(name) if step == 0 else run.line(name, Integer(step))
        relation = _at(made.relation, point)
        equations.append(Fact(relation, (), made.says))
        pending += [found for found in _values(relation, space) if found[:1] == (run,)]
    return Context((), (), equations), claim


def _supposed(statement: Statement, point: Point) -> Iterator[Fact]:
    """Write the hypotheses out, for the indices that the point has values for."""
    longest = max((len(row) for row in point.sequences.values()), default=0)
    at = {name: expression(Fraction(value)) for name, value in point.values.items()}
    for supposed in statement.hypotheses.values():
        ends = (supposed.low, Integer(longest - 1) if supposed.high is None else supposed.high)
        low, high = (int(end.subs({s: at[s.name] for s in end.free_symbols})) for end in ends)
        for k in range(low, high + 1):
            relation = substituted(supposed.relation, {supposed.index: Integer(k)})
            yield Fact(_at(relation, point), (), "hypothesis")


def _values(relation: Any, space: Space) -> Iterator[tuple[Run | Mean, str, int]]:
    runs: tuple[Run | Mean, ...] = (*space.runs, *space.means)
    for value in relation.atoms(AppliedUndef):
        for run in runs:
            for name in run.rule.fields[1:]:
                if value.func == run.function(name):
                    yield run, name, int(value.args[0])


def _at(relation: Any, point: Point) -> Any:
    """Put the values of a point in, and write sums out."""
    if isinstance(relation, And):
        return And(*(_at(part, point) for part in relation.args), evaluate=False)
    known = {name: expression(Fraction(value)) for name, value in point.values.items()}

    def put_in(expr: Any) -> Any:
        symbols = {s: known[s.name] for s in expr.free_symbols if s.name in known}
        expr = expr.subs(symbols, simultaneous=True)
        expr = expr.replace(lambda e: isinstance(e, Sum), _written_out)
        for value in expr.atoms(AppliedUndef):
            row = point.sequences.get(value.func.__name__)
            if row is not None and value.args[0].is_Integer:
                at = int(value.args[0])
                element = row[at] if 0 <= at < len(row) else 0
                expr = expr.subs(value, expression(Fraction(element)))
        return expr

    left, right = (put_in(side) for side in relation.args)
    return relation.func(left, right, evaluate=False)


def _written_out(whole: Sum) -> Any:
    """Write a sum out. Where the last index is below the first it is 0, unlike SymPy's."""
    index, low, high = whole.limits[0]
    if not (low.is_Integer and high.is_Integer):
        return whole
    terms = (whole.function.subs(index, k) for k in range(int(low), int(high) + 1))
    return sum(terms, Integer(0))
