"""Expressions that may stand at one place of a formula: of a pool, by themselves, or rounded."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from sympy import Add, Expr, Mul, Pow, Symbol, evaluate

from adamref.solving.common import ANY, common, number, over
from adamref.solving.inversion import Interval, Place, cut, put, rate_of, rounded, tilts, valued
from adamref.solving.pool import Candidates, as_float32, beside
from adamref.solving.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.numbers.formats import Format

MOST_FAILED = 64
"""How many expressions of one place may hold on these rows and not on all, before it is left."""

CHEAP = 2.0
"""The cost up to which an expression is put together with what stands at a place."""

_NOT_DONE = 0.4
"""What it costs that a line was not carried out."""

ALONE = 1.5
"""What it costs that another element's value stands at a place, or a rounded one."""

_TOLD, _DIFFERENT = 48.0, 4
"""What must be told of a number times something, in bits, and how many values that has."""

_TIMES = 0.7
"""By what what is multiplied by a number costs less than where it stands by itself."""

_X = Symbol("x", real=True)


def written_at(
    expr: Expr,
    place: Place,
    rows: Indices,
    known: Candidates,
    added: Candidates,
    values: Mapping[str, Array],
) -> Iterator[Solution]:
    """Yield the expressions that lie in a place's interval on every row."""
    low, high = place.must.low[rows], place.must.high[rows]
    own = Symbol("own", real=True)
    its, costs, made = beside(place.value[rows], own, known, CHEAP, added)
    fitting = (np.flatnonzero(inside(x, low, high)) for x in (known.values, its))
    pooled, joined = (x.tolist() for x in fitting)
    yield from holding(expr, place, ((known.expr(i), known.costs[i]) for i in pooled), values)
    with_own = ((made(i).xreplace({own: place.expr}), costs[i]) for i in joined)
    yield from holding(expr, place, with_own, values)


def alone_at(
    expr: Expr,
    place: Place,
    rows: Indices,
    alone: Mapping[Symbol, Array],
    values: Mapping[str, Array],
) -> Iterator[Solution]:
    """Yield what lies in a place's interval by itself, or taken from what stands there."""
    low, high = place.must.low[rows], place.must.high[rows]
    symbols = list(alone)
    its = np.array([alone[x][rows] for x in symbols]).reshape(len(symbols), len(rows))
    for taken, shown in ((False, its), (True, place.value[rows] - its)):
        for i in np.flatnonzero(inside(shown, low, high)):
            with evaluate(False):
                new = place.expr - symbols[i] if taken else symbols[i]
            one = checked(expr, place, new, ALONE, values)
            if one is not None:
                yield one


def scaled_at(
    expr: Expr,
    place: Place,
    rows: Indices,
    known: Sequence[Candidates],
    values: Mapping[str, Array],
) -> Iterator[Solution]:
    """Yield plain numbers times something that stand at a place, or are added to what does.

    Parameters
    ----------
    known : sequence of Candidates
        What is multiplied: symbols, and products of two.
    """
    with np.errstate(invalid="ignore"):
        rest = Interval(place.must.low - place.value, place.must.high - place.value)
    ways: tuple[tuple[Interval, float, Callable[[Expr], Expr]], ...] = (
        (place.must, 0.0, lambda x: x),
        (rest, 0.2, lambda x: place.expr + x),
    )
    for (must, more, write), some in product(ways, known):
        if _told(must) < _TOLD:
            continue
        few = over(Interval(must.low[rows], must.high[rows]), some.values)
        with np.errstate(invalid="ignore"):
            least, most = np.max(few.low, axis=1), np.min(few.high, axis=1)
            # As far as a sign, which all rows share where a number is multiplied.
            fitting = np.flatnonzero((least <= most) & (np.sign(least) * np.sign(most) > 0))
        for i in fitting[:MOST_FAILED].tolist():
            what = some.expr(i)
            column = valued(what, values, len(place.value))
            # What is the same on nearly all rows is a number, and told as one.
            varies = len(np.unique(as_float32(column[must.is_bounded]))) >= _DIFFERENT
            if what == place.expr or what.is_number or not varies:
                continue
            whole = over(must, column)
            value, cost = common(whole, np.zeros(len(place.value)))[0.0]
            if value is None or cost >= ANY:
                continue
            with evaluate(False):
                new = write(number(value) * what)
            one = checked(expr, place, new, cost + more + _TIMES * float(some.costs[i]), values)
            if one is not None:
                yield one


def _told(must: Interval) -> float:
    """Return how many bits rows tell of a number beside its sign and its size."""
    with np.errstate(all="ignore"):
        ends = np.maximum(np.abs(must.low), np.abs(must.high))
        bits = np.log2(ends / (must.high - must.low)) - 1
    return float(np.clip(bits[must.is_bounded & np.isfinite(bits)], 0, 52).sum())


def narrowed_at(
    expr: Expr, place: Place, narrow: Sequence[Format], values: Mapping[str, Array]
) -> Iterator[Solution]:
    """Yield the formats to which what stands at a place was rounded or cut off, or worked in."""
    if place.expr.is_number:
        return
    known = np.isfinite(place.must.low) | np.isfinite(place.must.high)
    every = {**values, _X.name: place.value}
    for fmt in narrow:
        ways = [(written(place.expr, fmt), written(_X, fmt)) for written in (rounded, cut)]
        if isinstance(place.expr, Add | Mul | Pow) and rate_of(place.expr) is None:
            with evaluate(False):
                args = [x if x.is_number else rounded(x, fmt) for x in place.expr.args]
                worked = rounded(place.expr.func(*args), fmt)
            ways.append((worked, worked))
        for new, of in ways:
            made = [valued(of, every, len(place.value), x) for x in tilts(new)]
            if np.logical_or.reduce([place.must.holds(x) for x in made])[known].all():
                formula = put(expr, place.path, new)
                yield Solution(place.path, place.expr, new, formula, "expression", ALONE)


def holding(
    expr: Expr, place: Place, candidates: Iterable[tuple[Expr, float]], values: Mapping[str, Array]
) -> Iterator[Solution]:
    """Yield those that lie in a place's interval on all rows, until too many have not."""
    failed = 0
    for new, cost in candidates:
        one = checked(expr, place, new, float(cost), values)
        if one is not None:
            yield one
            continue
        failed += 1
        if failed > MOST_FAILED:
            return


def checked(
    expr: Expr, place: Place, new: Expr, cost: float, values: Mapping[str, Array]
) -> Solution | None:
    """Return an expression if it lies in the interval on all rows, and not only on the sample."""
    its = valued(new, values, len(place.value))
    known = np.isfinite(place.must.low) | np.isfinite(place.must.high)
    if new == place.expr or not place.must.holds(its)[known].all():
        return None
    if not (new.is_number or new.is_Symbol or np.any(its[known])):
        return None  # what comes to nothing on every row is nothing, and told as that
    formula = put(expr, place.path, new)
    if not place.path and isinstance(new, Symbol) and new.name.endswith("_prev"):
        cost = _NOT_DONE
    return Solution(place.path, place.expr, new, formula, "expression", cost)


FIRST = 4
"""On how many rows expressions are tried before the others: most end there."""


def inside(values: Array, low: Array, high: Array) -> NDArray[np.bool_]:
    """Say which expressions lie in an interval on all rows of a sample."""
    fits = np.zeros(len(values), dtype=bool)
    at = np.arange(len(values))
    with np.errstate(invalid="ignore"):
        for i in range(min(FIRST, len(low))):
            its = values[at, i]
            at = at[(low[i] <= its) & (its <= high[i])]
        fits[at] = ((low <= values[at]) & (values[at] <= high)).all(axis=1)
    return fits
