"""Numbers that stand at a place of a formula, or are put together with what does.

One that is the same everywhere, at each step, in each tensor or in each trial; so many times what
stands there; something to whose size it is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Max, Min, Symbol, evaluate, sign

from adamref.solving.common import ANY, common, joined, number, over, rooms_of
from adamref.solving.constants import law
from adamref.solving.counting import told_of
from adamref.solving.inversion import Interval
from adamref.solving.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.solving.features import Features
    from adamref.solving.inversion import Place
    from adamref.solving.laws import Laws

_T = Symbol("t", real=True)


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


def times_at(
    place: Place, put_: Callable[[Expr], Expr], groups: Mapping[str, NDArray[np.generic]]
) -> Iterator[Solution]:
    """Yield powers of what stands at a place: it is multiplied in so many times, in each tensor."""
    own, known = place.expr, place.must.is_bounded & (place.must.low > 0) & (place.value > 0)
    if own.is_number or "place" not in groups or not known[place.must.is_bounded].all():
        return
    with np.errstate(all="ignore"):
        low, high = np.log(place.must.low), np.log(place.must.high)
        count = over(Interval(low, high), np.log(place.value))
    numbers = common(Interval(*(np.where(known, x, np.nan) for x in (count.low, count.high))),
                     groups["place"])  # fmt: skip
    its = {k: x for k, (x, _) in numbers.items() if x is not None}
    if len(its) < max(2, len(numbers)) or any(x != round(x) or x < 0 for x in its.values()):
        return
    with evaluate(False):
        new = own ** Symbol("by_place", real=True)
    room = rooms_of(count, groups["place"])
    yield Solution(place.path, own, new, put_(new), "varying", ANY, "place", room, its)


def kept_at(
    place: Place, put_: Callable[[Expr], Expr], sizes: Mapping[Expr, Array]
) -> Iterator[Solution]:
    """Yield a number times something to whose size what stands at a place is kept."""
    sized, own = _sized(place), place.expr
    if sized is None:
        return
    for what, column in sizes.items():
        value, cost = common(over(sized, column), np.zeros(len(place.value)))[0.0]
        # What is the same on nearly all rows is a number, and told as one.
        if value is None or cost >= ANY or value <= 0 or np.ptp(column[sized.is_bounded]) == 0:
            continue
        with evaluate(False):
            new = (what if value == 1 else number(value) * what) * sign(own)
        yield Solution(place.path, own, new, put_(new), "expression", _KEPT_TO + cost)


def numbers_at(
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


_KEPT_TO = 1.2
"""What it costs that something is kept to the size of something else."""

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

_OF_FEATURE = 1.8
"""What something of a whole tensor costs, with its constants."""
