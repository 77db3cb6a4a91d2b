"""Solving for what would make a formula right: which place, and what stands there.

Each place of the formula has an interval on every row (`adamref.solving.inversion`). What is sought
lies in it on all of them: an expression of a pool, the right value put together with one, or a
number that is the same everywhere, at each step, in each tensor or in each trial.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Symbol, preorder_traversal

from adamref.solving.counting import counted, replaced
from adamref.solving.features import Features
from adamref.solving.inversion import Interval, Place, places, put, valued
from adamref.solving.laws import Laws
from adamref.solving.numbers_at import kept_at, numbers_at, times_at
from adamref.solving.pool import Candidates, beside, plain, pool, products
from adamref.solving.solution import Solution, hidden, preferred, shape_of
from adamref.solving.standing import (
    ALONE,
    CHEAP,
    FIRST,
    MOST_FAILED,
    alone_at,
    inside,
    narrowed_at,
    scaled_at,
    written_at,
)
from adamref.solving.whole import corrections, done_twice, operations

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.numbers.formats import Format
    from adamref.solving.knowledge import Knowledge


_SAMPLE, _TELLING = 16, 16
"""Rows on which expressions are tried first: some of every kind, and those that tell most."""


_T = Symbol("t", real=True)
_BITS = 24.0
"""What has to be told, in bits: so much more than the number of expressions that are tried."""


def solutions(
    expr: Expr,
    known: Knowledge,
    made: Interval,
    groups: Mapping[str, NDArray[np.generic]],
    narrow: Sequence[Format] = (),
    forms: Sequence[Expr] = (),
    most: int = 24,
) -> list[Solution]:
    """Return what may stand in a formula, the simplest first.

    Parameters
    ----------
    expr : sympy.Expr
        As it should be.
    known : Knowledge
        Columns, of its symbols and of all else that may stand there.
    made : Interval
        What it gave on each row.
    groups : mapping of str to array
        What a number may vary with, by its name: numbers of steps, of tensors, of trials.
    narrow : sequence of Format
        To which something may have been rounded.
    forms : sequence of sympy.Expr
        Other ways to write the formula, which have other places.
    most : int
        How many are returned.
    """
    values = known.values
    rows = _sample(made, groups)
    as_is = made.holds(valued(expr, values, len(made.low)))[made.is_bounded].all()
    if as_is or not rows.size:
        return []  # what gives what was seen is not another
    told = {
        form: [(x, _bits(x)) for x in places(form, values, made)]
        for form in dict.fromkeys((expr, *forms))
    }
    telling = np.max([bits for its in told.values() for _, bits in its], axis=0, initial=0)
    best = np.argsort(-telling, kind="stable")[:_TELLING]
    rows = np.union1d(rows, best[telling[best] > 0])
    atoms = {Symbol(n, real=True): x[rows] for n, x in values.items() if "." not in n}
    atoms |= {x: y[rows] for x, y in known.likely.items()}
    pooled, added, atoms_ = pool(atoms), products(atoms), plain(atoms)
    tensors = groups.get("tensor", np.zeros(len(made.low)))
    said, every = (Laws(tensors, values, list(told)), Features(tensors, known.totals)), known.every
    found: list[Solution] = []
    for form, its in told.items():
        new: list[Solution] = []
        for place, bits in its:
            if bits.sum() < _BITS:
                continue
            new += written_at(form, place, rows, pooled, added, values)
            alone = {**known.alone, **known.earlier} if place.path else known.alone
            new += alone_at(form, place, rows, alone, every)
            new += narrowed_at(form, place, narrow, values)
            new += scaled_at(form, place, rows, (atoms_, added), values)
            new += numbers_at(place, partial(put, form, place.path), groups, said)
            new += times_at(place, partial(put, form, place.path), groups)
            new += kept_at(place, partial(put, form, place.path), known.sizes)
        new += corrections(form, made, narrow, values)
        new += done_twice(form, made, values)
        new += operations(form, made, values)
        for symbol in _repeated(form):
            new += _throughout(form, symbol, made, rows, pooled, values)
            new += _alone_throughout(form, symbol, made, rows, known.alone, values)
            new += counted(form, symbol, made, groups, values)
            place_ = _affine(form, symbol, made, values)
            if place_ is not None and _bits(place_).sum() >= _BITS:
                new += numbers_at(place_, partial(replaced, form, symbol), groups, said)
        found += [replace(x, cost=x.cost - preferred(x.old) + hidden(form, x)) for x in new]
    found.sort(key=lambda x: (x.cost, -len(x.place)))
    return list(islice(_distinct(found), most))


def _sample(made: Interval, groups: Mapping[str, NDArray[np.generic]]) -> Indices:
    """Return some rows of every kind, those first of which most is known."""
    known = np.flatnonzero(made.is_bounded)
    if known.size <= _SAMPLE:
        return known
    keys = np.stack([np.asarray(x, dtype=np.float64)[known] for x in groups.values()], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    spread = known[np.linspace(0, known.size - 1, _SAMPLE).astype(int)]
    some = known[first[np.linspace(0, first.size - 1, min(_SAMPLE, first.size)).astype(int)]]
    return np.unique(np.concatenate([spread, some]))


def _bits(place: Place) -> Array:
    """Return how many bits each row tells of what stands at a place."""
    must = place.must
    with np.errstate(all="ignore"):
        # Of what size it was expected to be counts too: 0 tells much where there should be more.
        ends = np.maximum(np.abs(must.low), np.abs(must.high))
        bits = np.log2(np.maximum(ends, np.abs(place.value)) / (must.high - must.low))
    known = must.is_bounded & (must.low <= must.high)
    told: Array = np.where(known, np.clip(bits, 0, 52), 0)
    return told


def _repeated(expr: Expr) -> list[Symbol]:
    """Return the symbols that stand in several places: an author has one variable for all."""
    places_: dict[Symbol, int] = {}
    for x in preorder_traversal(expr):
        if isinstance(x, Symbol):
            places_[x] = places_.get(x, 0) + 1
    return [x for x, count in places_.items() if count > 1]


def _throughout(
    expr: Expr,
    symbol: Symbol,
    made: Interval,
    rows: Indices,
    known: Candidates,
    values: Mapping[str, Array],
) -> Iterator[Solution]:
    """Yield the expressions that, in all places of a symbol, give what was seen."""
    low, high = made.low[rows], made.high[rows]
    own = Symbol("own", real=True)
    its, costs, write = beside(values[symbol.name][rows], own, known, CHEAP)
    every = np.concatenate([known.values, its])
    failed = 0
    for i in _fitting(expr, symbol, every, {n: x[rows] for n, x in values.items()}, low, high):
        j = int(i) - len(known)
        cost = float(known.costs[i] if j < 0 else costs[j])
        new = known.expr(int(i)) if j < 0 else write(j).xreplace({own: symbol})
        formula = replaced(expr, symbol, new)
        its_own = valued(formula, values, len(made.low))
        if new != symbol and made.holds(its_own)[made.is_bounded].all():
            yield Solution((), symbol, new, formula, "expression", cost)
            continue
        failed += 1
        if failed > MOST_FAILED:
            break


def _fitting(
    expr: Expr, symbol: Symbol, every: Array, few: Mapping[str, Array], low: Array, high: Array
) -> Indices:
    """Return which columns for a symbol give what was seen on all rows of a sample."""
    left = np.arange(len(every))
    # What is told most sharply ends most of them: only what is left is worked on the other rows.
    with np.errstate(all="ignore"):
        order = np.argsort((high - low) / np.maximum(np.abs(low), np.abs(high)), kind="stable")
    for some in (order[:FIRST], order[FIRST:]):
        columns = {n: x[some] for n, x in few.items() if n != f"{symbol.name}.complement"}
        columns[symbol.name] = every[np.ix_(left, some)]
        shown = valued(expr, columns, (len(left), len(some)))
        left = left[inside(shown, low[some], high[some])]
    return left


def _alone_throughout(
    expr: Expr,
    symbol: Symbol,
    made: Interval,
    rows: Indices,
    alone: Mapping[Symbol, Array],
    values: Mapping[str, Array],
) -> Iterator[Solution]:
    """Yield what stands by itself in all places of a symbol."""
    few = {n: x[rows] for n, x in values.items() if n != f"{symbol.name}.complement"}
    known = {n: x for n, x in values.items() if n in few}
    own = np.array([x[rows] for x in alone.values()]).reshape(len(alone), len(rows))
    shown = valued(expr, {**few, symbol.name: own}, own.shape)
    for i in np.flatnonzero(inside(shown, made.low[rows], made.high[rows])):
        new, its = list(alone.items())[i]
        if made.holds(valued(expr, {**known, symbol.name: its}, len(its)))[made.is_bounded].all():
            yield Solution((), symbol, new, replaced(expr, symbol, new), "expression", ALONE)


def _affine(
    expr: Expr, symbol: Symbol, made: Interval, values: Mapping[str, Array]
) -> Place | None:
    """Return all places of a symbol as one, where a formula is affine in it; or None.

    From what the formula gives at 0 and at 1 follows what it gives anywhere, and what the symbol
    must have been.
    """
    own, count = values.get(symbol.name), len(made.low)
    if own is None:
        return None
    others = {n: x for n, x in values.items() if n != f"{symbol.name}.complement"}
    with np.errstate(all="ignore"):
        at = [valued(expr, {**others, symbol.name: np.full(count, x)}, count) for x in (0.0, 1.0)]
        rise, shown = at[1] - at[0], valued(expr, others, count)
        rounded = _ROUNDED * (np.abs(at[0]) + np.abs(at[1]))
        is_affine = np.abs(at[0] + rise * own - shown) <= rounded
        if not is_affine[np.isfinite(shown)].all():
            return None
        ends = [(made.low - at[0] - rounded) / rise, (made.high - at[0] + rounded) / rise]
    low, high = np.fmin(*ends), np.fmax(*ends)
    unknown = (rise == 0) | ~np.isfinite(low) | ~np.isfinite(high)
    must = Interval(np.where(unknown, -np.inf, low), np.where(unknown, np.inf, high))
    return Place((), symbol, own, must)


_ROUNDED = 2.0**-50
"""By what share of what it is worked from a formula may be off in float64."""


def _distinct(found: Iterable[Solution]) -> Iterator[Solution]:
    seen: set[Hashable] = set()
    for one in found:
        key = shape_of(one.formula)
        if key not in seen:
            seen.add(key)
            yield one
