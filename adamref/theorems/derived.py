"""Points derived from a statement itself: no record chooses where the search does not look.

Every symbol is drawn by its kind, from the interval that the domain gives it where one is read off;
whatever else the domain says, points outside are passed over. Functions without a meaning are drawn
as sequences.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from sympy import Ge, Gt, Le, Lt, Symbol
from sympy.core.function import AppliedUndef

from adamref.logic.relations import slack
from adamref.logic.wellformed import functions_of
from adamref.theorems.points import Point, Space
from adamref.theorems.spaces import grid, st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from adamref.logic.statement import Statement

_LONGEST = 8
_FINE, _COARSE, _TINY = Fraction(1, 840), Fraction(1, 60), Fraction(1, 10**9)
_FAR = 50


@final
@dataclass(frozen=True)
class _Interval:
    """Where a symbol may lie; None: no end is known."""

    low: Fraction | None = None
    high: Fraction | None = None


def derived(statement: Statement, space: Space) -> Space:
    """Return the space of a statement, with what its functions mean in another space."""
    symbols = sorted(_symbols(statement, space), key=lambda s: s.name)
    intervals = {symbol: _interval(symbol, statement) for symbol in symbols}
    meant = {f.__name__ for run in space.runs for f in run.fields}
    meant |= {f.__name__ for mean in space.means for f in mean.fields}
    meant |= {*statement.meanings, *space.functions}
    rows = sorted({f.__name__ for f in _functions(statement, space)} - meant)

    def points() -> SearchStrategy[Point]:
        values = {symbol.name: _drawn(symbol, where) for symbol, where in intervals.items()}
        anything = _real(_Interval())
        row = st.tuples(*[anything] * (_LONGEST + 1)) | anything.map(lambda x: (x,) * _LONGEST)
        return st.builds(
            Point, st.fixed_dictionaries(values), st.fixed_dictionaries(dict.fromkeys(rows, row))
        )

    return replace(space, points=points)


def _symbols(statement: Statement, space: Space) -> set[Symbol]:
    found: set[Any] = set().union(*(one.free_symbols for one in _said(statement)))
    found -= {supposed.index for supposed in statement.hypotheses.values()}
    for run in space.runs:
        found |= {s for s in run.speaks_of if isinstance(s, Symbol)}
    return found


def _functions(statement: Statement, space: Space) -> set[Any]:
    found = functions_of(statement)
    for run in space.runs:
        found |= {f for f in run.speaks_of if not isinstance(f, Symbol)}
    return found


def _said(statement: Statement) -> Iterator[Any]:
    yield statement.claim
    yield from statement.domain
    for supposed in statement.hypotheses.values():
        yield from (supposed.relation, supposed.low)


def _interval(symbol: Symbol, statement: Statement) -> _Interval:
    """Read off the domain between which numbers a symbol lies."""
    found = _Interval()
    for relation in statement.domain:
        if not isinstance(relation, Ge | Gt | Le | Lt) or relation.atoms(AppliedUndef):
            continue
        difference = slack(relation)
        if difference.free_symbols != {symbol}:
            continue
        slope, rest = difference.coeff(symbol, 1), difference.coeff(symbol, 0)
        if not (slope.is_Rational and rest.is_Rational and slope * symbol + rest == difference):
            continue
        end = Fraction(int((-rest / slope).p), int((-rest / slope).q))
        if slope > 0:
            found = replace(found, low=end if found.low is None else max(found.low, end))
        else:
            found = replace(found, high=end if found.high is None else min(found.high, end))
    return found


def _drawn(symbol: Symbol, where: _Interval) -> SearchStrategy[Any]:
    if not symbol.is_integer:
        return _real(where)
    low = (0 if where.high is None else int(where.high) - 9) if where.low is None else where.low
    high = low + 9 if where.high is None else max(low, where.high)
    near = st.integers(int(low), int(min(high, low + 9)))
    return near | st.integers(int(low), int(high))


def _real(where: _Interval) -> SearchStrategy[Fraction]:
    """Draw from an interval, its ends and numbers near them too."""
    low, high = where.low, where.high
    usual = [Fraction(x) for x in (0, 1, -1, "1e-8", "1e6", "-1e-3", "0.9", "0.999", "1/2", 2)]
    for end, way in ((low, 1), (high, -1)):
        usual += [] if end is None else [end, end + way * _TINY, end + way]
    inside = [x for x in usual if (low is None or x >= low) and (high is None or x <= high)]
    zero = Fraction(0)
    first = (zero if high is None else min(high, zero)) - _FAR if low is None else low
    last = max(first, zero) + _FAR if high is None else max(first, high)
    spacing = _FINE if last - first <= 1 else _COARSE
    if last - first < spacing:
        return st.sampled_from(inside or [first, last])
    return st.sampled_from(inside or [first]) | grid(first, last, spacing)
