"""Which number all rows hold that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Rational

from adamref.solving.constants import recognised
from adamref.solving.inversion import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices


ANY = 2.5
"""What a number costs that nobody writes."""


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
