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
from sympy import Expr, Max, Min, Symbol, evaluate, preorder_traversal, sign

from adamref.solving.common import ANY, common, joined, number, over, rooms_of
from adamref.solving.constants import law
from adamref.solving.counting import counted, replaced, told_of
from adamref.solving.features import Features
from adamref.solving.inversion import Interval, Place, places, put, valued
from adamref.solving.laws import Laws
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
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

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
            new += _numbers(place, partial(put, form, place.path), groups, said)
        new += corrections(form, made, narrow, values)
        new += done_twice(form, made, values)
        new += operations(form, made, values)
        for symbol in _repeated(form):
            new += _throughout(form, symbol, made, rows, pooled, values)
            new += _alone_throughout(form, symbol, made, rows, known.alone, values)
            new += counted(form, symbol, made, groups, values)
            place_ = _affine(form, symbol, made, values)
            if place_ is not None and _bits(place_).sum() >= _BITS:
                new += _numbers(place_, partial(replaced, form, symbol), groups, said)
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


def _sized(place: Place) -> Interval | None:
    """Return the size of what must have stood at a place, as if it had the sign of what should.

    None where all of it has one sign: then it is a number, or none.
    """
    told = place.must.is_bounded & np.isfinite(place.value) & (place.value != 0)
    signs = np.sign(place.value)
    if not place.path or not ((signs[told] > 0).any() and (signs[told] < 0).any()):
        return None
    with np.errstate(invalid="ignore"):
        low, high = place.must.low * signs, place.must.high * signs
    ends = np.fmin(low, high), np.fmax(low, high)
    return Interval(
        *(np.where(told, x, end) for x, end in zip(ends, (-np.inf, np.inf), strict=True))
    )


def _numbers(
    place: Place,
    put_: Callable[[Expr], Expr],
    groups: Mapping[str, NDArray[np.generic]],
    said: tuple[Laws, Features],
) -> Iterator[Solution]:
    """Yield the numbers that may stand at a place, or be multiplied by or added to what does."""
    own = place.expr
    with np.errstate(all="ignore"):
        ratio = over(place.must, place.value)
        rest = Interval(place.must.low - place.value, place.must.high - place.value)
    sized = _sized(place)
    ways: tuple[tuple[Interval, float, Callable[[Expr], Expr]], ...] = (
        (place.must, 0.0, lambda x: x),
        (ratio, 0.3, lambda x: x * own),
        (rest, 0.5, lambda x: own + x),
        *([] if sized is None else [(sized, 0.4, lambda x: x * sign(own))]),
    )
    # A number of its own for each row is none.
    told = int(place.must.is_bounded.sum())
    for interval, more, write in ways:
        value, cost = common(interval, np.zeros(len(place.value)))[0.0]
        if value is not None:
            cost += more
            with evaluate(False):
                new = write(number(value))
            yield Solution(place.path, own, new, put_(new), "constant", cost)
            continue
        if interval is sized:
            continue  # what is kept to a size of its own for each is told of by what bounds it
        for name, keys in groups.items():
            numbers = common(interval, keys)
            lawful = _lawful(interval, keys, *said) if name == "tensor" else None
            if lawful is not None:
                for factor, bound in _kept(lawful[0], interval, is_factor=interval is ratio):
                    with evaluate(False):
                        new = write(factor)
                    cost = more + lawful[1] + bound
                    yield Solution(place.path, own, new, put_(new), "expression", cost)
                continue
            _, _, low, high = joined(interval, keys)
            is_factor = name == "tensor" and interval is ratio
            up = said[0].so_far(low, high) if is_factor else None
            its = {k: x for k, (x, _) in numbers.items() if x is not None}
            if up is not None:  # what varies with so much need not be told sharply
                middle = low / 2 + high / 2
                its |= {k: x for k, x in zip(numbers, middle.tolist(), strict=True) if k not in its}
            if name == "tensor" and own == _T and any(x != round(x) for x in its.values()):
                continue  # a count that no counter reaches
            if 1 < len(numbers) <= told / 2 and len(its) == len(numbers):
                with evaluate(False):
                    new = write(Symbol(f"by_{name}", real=True))
                room = rooms_of(interval, keys)
                is_lawful = name == "step" and law(told_of(its, room), room) is not None
                apart = _BY_TENSOR if name == "tensor" and interval is place.must else 0.0
                cost = more + apart + ANY + (1.1 if is_lawful else 1 + 0.01 * len(its))
                cost = cost if up is None else more + _OF_FEATURE + 0.2 * up[1]
                yield Solution(
                    place.path, own, new, put_(new), "varying", cost, name, room, its,
                    None if up is None else up[0],
                )  # fmt: skip


def _kept(number_: Expr, interval: Interval, *, is_factor: bool) -> Iterator[tuple[Expr, float]]:
    """Yield a number of each tensor, and a factor kept to 1 too, with what that costs.

    Rows on which it is kept to 1 are right ones, and among others.
    """
    yield number_, 0.0
    known = interval.is_bounded
    if is_factor and (interval.low[known] <= 1).all():
        yield Min(1, number_, evaluate=False), _KEPT
    if is_factor and (interval.high[known] >= 1).all():
        yield Max(1, number_, evaluate=False), _KEPT


_KEPT = 0.2
"""What it costs that a factor is kept to 1."""


def _lawful(
    interval: Interval, keys: NDArray[np.generic], laws: Laws, features: Features
) -> tuple[Expr, float] | None:
    """Return what a number of each tensor at each step is of it, and what that costs."""
    feature = features.of(interval, keys)
    if feature is not None:
        return feature, _OF_FEATURE
    _, _, low, high = joined(interval, keys)
    found = laws.law_of(low, high) or laws.part_of(low, high)
    return None if found is None else (found[0], _OF_FEATURE + 0.2 * found[1])


_BY_TENSOR = 0.6
"""What it costs more that a number of each tensor stands somewhere, and multiplies nothing."""

_ROUNDED = 2.0**-50
"""By what share of what it is worked from a formula may be off in float64."""

_OF_FEATURE = 1.8
"""What something of a whole tensor costs, with its constants."""


def _distinct(found: Iterable[Solution]) -> Iterator[Solution]:
    seen: set[Hashable] = set()
    for one in found:
        key = shape_of(one.formula)
        if key not in seen:
            seen.add(key)
            yield one
