"""What a number of each tensor is of its tensor: a straight line of something, or one over that.

A factor that was worked from a norm, a mean or a sum is one number for all elements. Which sum it
was of which tensors, and what is added to it, is read off how the number goes with it; where it is
kept to a bound, off the tensors that are not at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np
from sympy import Expr, Max, Min, Symbol, evaluate

from adamref.solving.common import joined, number
from adamref.solving.constants import recognised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.solving.inversion import Interval

_FEWEST = 4
"""Of so many tensors a number must be known that is taken to be of something of theirs."""


@final
class Features:
    """What is known of whole tensors, a number for each group of rows.

    Parameters
    ----------
    keys : array
        Each row's group.
    known : mapping of sympy.Symbol to float64 array
        By rows; the likelier ones first.
    """

    def __init__(self, keys: NDArray[np.generic], known: Mapping[Symbol, Array]) -> None:
        _, first = np.unique(np.asarray(keys, dtype=np.float64), return_index=True)
        self._known = {x: y[first] for x, y in known.items()}

    def of(self, interval: Interval, keys: NDArray[np.generic]) -> Expr | None:
        """Return what a number is of each tensor; None if of nothing that is known.

        Parameters
        ----------
        interval : Interval
            In what it lies, by rows.
        keys : array
            Each row's group.
        """
        _, _, low, high = joined(interval, keys)
        with np.errstate(all="ignore"):
            known = np.isfinite(low) & np.isfinite(high)
            if (known & (low > high)).any():
                return None
            told = known & (np.sign(low) == np.sign(high))
            # Sums over a tensor round as often as it has elements.
            low, high = low - (high - low), high + (high - low)
        for symbol, x in self._known.items():
            # Who divides by it does something else where it is 0.
            there = known & np.isfinite(x) & (x != 0)
            some = np.flatnonzero(there & told)
            if len(some) < _FEWEST or np.ptp(x[some]) == 0:
                continue
            found = _of_one(symbol, x[some], low[some], high[some])
            if found is not None and _inside(found.of(x[there]), low[there], high[there]).all():
                return found.expr
        return None


@dataclass(frozen=True, slots=True)
class _Feature:
    """A straight line of something, or a number over one, up to a bound if there is one.

    Parameters
    ----------
    symbol : sympy.Symbol
    slope, start : float
        Of the line.
    over : float or None
        What is divided by the line.
    bound : float or None
    kind : type
        Min or Max, where there is a bound.
    """

    symbol: Symbol
    slope: float
    start: float
    over: float | None
    bound: float | None = None
    kind: type[Min | Max] = Min

    def of(self, x: Array) -> Array:
        """Return the numbers that this is."""
        with np.errstate(all="ignore"):
            made = self.slope * x + self.start
            made = made if self.over is None else self.over / made
        if self.bound is None:
            return made
        return np.asarray((np.minimum if self.kind is Min else np.maximum)(made, self.bound))

    @property
    def expr(self) -> Expr:
        """The formula, as it is written."""
        with evaluate(False):
            made = self.symbol if self.slope == 1 else number(self.slope) * self.symbol
            made = made if self.start == 0 else made + number(self.start)
            made = made if self.over is None else number(self.over) / made
        if self.bound is None:
            return made
        return self.kind(made, number(self.bound), evaluate=False)


def _inside(made: Array, low: Array, high: Array) -> NDArray[np.bool_]:
    return np.asarray((low <= made) & (made <= high))


def _of_one(symbol: Symbol, x: Array, low: Array, high: Array) -> _Feature | None:
    """Return a number as a straight line of another, or one over that, up to a bound if any."""
    straight = _straight(symbol, x, low, high)
    if straight is not None:
        return straight
    for kind in (Min, Max):
        # At its bound a number is the greatest of all, or the least.
        least, most = (low.max(), np.inf) if kind is Min else (-np.inf, high.min())
        at = (low <= most) & (high >= least)
        bound = recognised(float(low[at].max()), float(high[at].min()))
        if bound is None or min(at.sum(), (~at).sum()) < _FEWEST:
            continue
        found = _straight(symbol, x[~at], low[~at], high[~at])
        if found is not None:
            kept = replace(found, bound=bound[0], kind=kind)
            if _inside(kept.of(x), low, high).all():
                return kept
    return None


def _straight(symbol: Symbol, x: Array, low: Array, high: Array) -> _Feature | None:
    """Return a line through the least and the greatest, with plain coefficients, that holds."""
    ends = [int(np.argmin(x)), int(np.argmax(x))]
    if x[ends[0]] == x[ends[1]]:
        return None
    at = [(float(x[i]), float(low[i]), float(high[i])) for i in ends]
    some = [made for made in _lines(symbol, at) if _inside(made.of(x), low, high).all()]
    # What was added for rounding lets a small number pass for nothing: most is held without it.
    tight = low + (high - low) / 3, high - (high - low) / 3
    return max(some, key=lambda made: int(_inside(made.of(x), *tight).sum()), default=None)


def _lines(symbol: Symbol, at: list[tuple[float, float, float]]) -> Iterator[_Feature]:
    """Yield lines through two intervals, and what numbers over lines go through them."""
    if all(low > 0 or high < 0 for _, low, high in at):
        (x0, *one), (x1, *other) = ((x, 1 / high, 1 / low) for x, low, high in at)
        low, high = (other[0] - one[1]) / (x1 - x0), (other[1] - one[0]) / (x1 - x0)
        # c/(x + e), as it is written most often: both are plain.
        over = recognised(1 / high, 1 / low) if low > 0 or high < 0 else None
        if over is not None and over[0] != 0:
            ends = (one[0] * over[0] - x0, one[1] * over[0] - x0)
            for start in _plain(min(ends), max(ends)):
                yield _Feature(symbol, 1.0, start, over[0])
        slope = recognised(low, high)
        if slope is not None and slope[0] != 0:
            for start in _plain(one[0] - slope[0] * x0, one[1] - slope[0] * x0):
                yield _Feature(symbol, slope[0], start, 1.0)
    (x0, *one), (x1, *other) = at
    slope = recognised((other[0] - one[1]) / (x1 - x0), (other[1] - one[0]) / (x1 - x0))
    if slope is not None and slope[0] != 0:
        for start in _plain(one[0] - slope[0] * x0, one[1] - slope[0] * x0):
            yield _Feature(symbol, slope[0], start, None)


def _plain(low: float, high: float) -> Iterator[float]:
    """Yield plain numbers of an interval: nothing, a power of ten, as an epsilon is, another."""
    if low <= 0 <= high:
        yield 0.0
    # Beside something so much larger little is left of it: its size is what is known.
    for power in range(-12, 1):
        if low <= float(f"1e{power}") <= high:
            yield float(f"1e{power}")
    start = recognised(low, high)
    if start is not None:
        yield start[0]
