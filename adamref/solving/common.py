"""Which number all rows hold that belong together, and what it is of their tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Max, Min, Rational, Symbol, evaluate

from adamref.solving.constants import recognised
from adamref.solving.inversion import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices


ANY = 2.5
"""What a number costs that nobody writes."""


_FEATURES = (
    "norm", "norm_all", "mean_size", "size", "most_step", "most_norm_step", "rms_step",
    "norm_step", "norm_theta", "trust",
)  # fmt: skip
"""What is known of a whole tensor, by name."""


def of_a_feature(
    interval: Interval, keys: NDArray[np.generic], values: Mapping[str, Array]
) -> Expr | None:
    """Return a number of each tensor as a straight line of something of it, or as one over that.

    The line goes through the least and the greatest, and has plain coefficients.
    """
    _, first, low, high = joined(interval, keys)
    with np.errstate(all="ignore"):
        told = (
            np.isfinite(low) & np.isfinite(high) & (low <= high) & (np.sign(low) == np.sign(high))
        )
        # Sums over a tensor round as often as it has elements.
        low, high = low - (high - low), high + (high - low)
    for name in _FEATURES:
        if name not in values:
            continue
        x = values[name][first]
        # Who divides by it does something else where it is 0.
        some = np.flatnonzero(told & np.isfinite(x) & (x != 0))
        if len(some) < _FEWEST_TENSORS or np.ptp(x[some]) == 0:
            continue
        symbol = Symbol(name, real=True)
        ends = some[np.argmin(x[some])], some[np.argmax(x[some])]
        for turned in (True, False):
            one, other = (_turned(low[i], high[i], turned=turned) for i in ends)
            for slope, start in _plain_lines(float(x[ends[0]]), float(x[ends[1]]), one, other):
                with np.errstate(all="ignore"):
                    made = slope * x + start
                    made = 1 / made if turned else made
                if not ((low <= made) & (made <= high))[some].all():
                    continue
                with evaluate(False):
                    formula = symbol if slope == 1 else number(slope) * symbol
                    formula = formula if start == 0 else formula + number(start)
                    return 1 / formula if turned else formula
        bounded = _bounded(symbol, x[some], low[some], high[some])
        if bounded is not None:
            return bounded
    return None


def _bounded(symbol: Symbol, x: Array, low: Array, high: Array) -> Expr | None:
    """Return the lesser of something and a plain number, or the greater, if each is seen."""
    own = (low <= x) & (x <= high)
    if own.all() or own.sum() < _FEWEST_TENSORS:
        return None
    found = recognised(float(low[~own].max()), float(high[~own].min()))
    if found is None:
        return None
    for kind, beyond in ((Min, x > found[0]), (Max, x < found[0])):
        if (beyond == ~own).all():
            return kind(symbol, number(found[0]), evaluate=False)
    return None


def _turned(low: float, high: float, *, turned: bool) -> tuple[float, float]:
    # Not by the sign of their product, which may overflow.
    alike = low > 0 or high < 0
    low, high = float(low), float(high)  # NumPy's numbers warn where they overflow
    return (1 / high, 1 / low) if turned and alike else (low, high)


def _plain_lines(
    x0: float, x1: float, one: tuple[float, float], other: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    """Yield plain lines through two intervals: their slopes and what they start at."""
    wide = x1 - x0
    # NumPy's numbers warn where they overflow.
    (one_low, one_high), (other_low, other_high) = map(float, one), map(float, other)
    slope = recognised((other_low - one_high) / wide, (other_high - one_low) / wide)
    if slope is None or slope[0] == 0:
        return
    low, high = one_low - slope[0] * x0, one_high - slope[0] * x0
    start = recognised(low, high)
    if start is not None:
        yield slope[0], start[0]
    # Beside something so much larger little is left of it: its size is what is known.
    for power in range(-12, 1):
        if low <= float(f"1e{power}") <= high:
            yield slope[0], float(f"1e{power}")


_FEWEST_TENSORS = 4
"""Of so many tensors a number must be known that is taken to be of something of theirs."""


def rooms_of(interval: Interval, keys: NDArray[np.generic]) -> dict[float, float]:
    """Return by how much the number of each group may be off."""
    unique, _, low, high = joined(interval, keys)
    with np.errstate(invalid="ignore", over="ignore"):
        return dict(zip(unique.tolist(), (high - low).tolist(), strict=True))


def over(must: Interval, value: Array) -> Interval:
    """Return an interval over a column; of what is 0 nothing is told."""
    with np.errstate(all="ignore"):
        ends = must.low / value, must.high / value
    low, high = np.fmin(*ends), np.fmax(*ends)
    none = value == 0
    return Interval(np.where(none, -np.inf, low), np.where(none, np.inf, high))


def joined(interval: Interval, keys: NDArray[np.generic]) -> tuple[Array, Indices, Array, Array]:
    """Return each group's key and first row, and the ends of what all its rows hold."""
    numbers = np.asarray(keys, dtype=np.float64)
    unique, first, back = np.unique(numbers, return_index=True, return_inverse=True)
    low, high = np.full(len(unique), -np.inf), np.full(len(unique), np.inf)
    np.maximum.at(low, back.reshape(-1), np.nan_to_num(interval.low, nan=-np.inf))
    np.minimum.at(high, back.reshape(-1), np.nan_to_num(interval.high, nan=np.inf))
    return unique, first, low, high


def common(
    interval: Interval, keys: NDArray[np.generic]
) -> dict[float, tuple[float | None, float]]:
    """Return for each group the number that all its rows hold, and what it costs."""
    unique, _, low, high = joined(interval, keys)
    found: dict[float, tuple[float | None, float]] = {}
    for key, a, b in zip(unique.tolist(), low.tolist(), high.tolist(), strict=True):
        if not (np.isfinite(a) and np.isfinite(b) and a <= b):
            found[key] = None, 0.0
            continue
        plain = recognised(a, b)
        narrow = b - a <= 1e-2 * max(abs(a), abs(b))
        middle = next(x for d in range(6, 18) if a <= (x := float(f"{a + (b - a) / 2:.{d}g}")) <= b
                      or d == 17)  # fmt: skip
        found[key] = plain if plain is not None else (middle if narrow else None, ANY)
    return found


def number(value: float) -> Expr:
    """Return a number as it is written: the decimal that its float is printed as."""
    return Rational(repr(value))
