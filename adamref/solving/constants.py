"""Which number somebody wrote, of all that an interval holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DIGITS = 6
"""Significant digits that are written at most."""


def recognised(low: float, high: float) -> tuple[float, float] | None:
    """Return the plainest number of an interval: a whole one, a power of two, a short decimal.

    >>> recognised(7.9999, 8.0001), recognised(1.52e-5, 1.53e-5), recognised(0.949, 0.951)[0]
    ((8.0, 0.6), (1.52587890625e-05, 0.7), 0.95)

    Parameters
    ----------
    low, high : float
        Both finite, and of one sign or around 0.

    Returns
    -------
    tuple of float or None
        The number, and what it costs to write it: the more, the less likely it is meant. None where
        the interval is so wide that it tells nothing, or nothing plain lies in it.
    """
    # NumPy's numbers warn where they overflow, as at the ends of float64.
    low, high = float(low), float(high)
    if not low <= high or not math.isfinite(low) or not math.isfinite(high):
        return None
    if low <= 0 <= high:
        return 0.0, 0.6
    if high < 0:
        found = recognised(-high, -low)
        return None if found is None else (-found[0], found[1] + 0.1)
    if high > 1.5 * low or not 1e-300 < low < high < 1e300:
        return None
    middle = low + (high - low) / 2
    whole = float(round(middle))
    if low <= whole <= high and 0 < whole < 1000:
        return whole, 0.6
    two = 2.0 ** round(math.log2(middle))
    if low <= two <= high:
        return two, 0.7
    for digits in range(1, _DIGITS + 1):
        near = float(f"{middle:.{digits - 1}e}")
        if low <= near <= high:
            return near, 0.8 + 0.2 * digits
    return None


def law(numbers: Mapping[float, float], room: float) -> str | None:
    """Say what numbers by t are of t: held, straight, one over that, geometric, a power.

    >>> law({1.0: 1.0, 2.0: 1.5, 3.0: 2.0, 4.0: 2.5, 5.0: 3.0}, 1e-9)
    '0.5*t + 0.5'
    >>> law({1.0: 1.0, 2.0: 2.0, 3.0: 3.0, 4.0: 4.0, 5.0: 4.0, 6.0: 4.0}, 1e-9)
    'min(t, 4)'

    Parameters
    ----------
    numbers : mapping of float to float
        By t; three at least.
    room : float
        By what share of itself each may be off.
    """
    steps = sorted(numbers)
    if len(steps) < 3:
        return None
    values = [numbers[t] for t in steps]

    def fits(made: Callable[[float], float]) -> bool:
        pairs = zip(steps, values, strict=True)
        return all(abs(made(t) - x) <= 4 * room * max(abs(x), 1e-300) for t, x in pairs)

    last = values[-1]
    if fits(lambda t: min(t, last)):
        return f"min(t, {last:.6g})"
    straight = _line(steps, values, room)
    if straight and fits(lambda t: straight[0] * t + straight[1]):
        return _straight(*straight)
    if all(x != 0 for x in values):
        inverse = _line(steps, [1 / x for x in values], room)
        if inverse and fits(lambda t: 1 / (inverse[0] * t + inverse[1])):
            return f"1/({_straight(*inverse)})"
    if all(x > 0 for x in values):
        logs = [math.log(x) for x in values]
        for said, xs in (("{a:.6g}*{b:.6g}**t", steps), ("{a:.6g}*t**{b:.6g}", None)):
            at = xs or [math.log(t) if t > 0 else 0.0 for t in steps]
            slope = (logs[-1] - logs[0]) / (at[-1] - at[0])
            start = logs[0] - slope * at[0]
            made = [math.exp(start + slope * x) for x in at]
            pairs = zip(made, values, strict=True)
            if all(abs(y - x) <= 8 * room * abs(x) for y, x in pairs):
                b = math.exp(slope) if xs else slope
                return said.format(a=math.exp(start), b=b)
    return None


def _line(steps: list[float], values: list[float], room: float) -> tuple[float, float] | None:
    """Return the slope and the start of a line through the ends, as somebody writes them."""
    wide = steps[-1] - steps[0]
    slope = (values[-1] - values[0]) / wide
    off = 4 * room * max(map(abs, values)) / wide
    plain = recognised(slope - off, slope + off)
    slope = plain[0] if plain else slope
    start = values[0] - slope * steps[0]
    off = 4 * room * max(map(abs, values))
    plain = recognised(start - off, start + off)
    return slope, plain[0] if plain else start


def _straight(slope: float, start: float) -> str:
    by = "t" if slope == 1 else f"{slope:.6g}*t"
    if start == 0:
        return by
    return f"{by} {'+' if start > 0 else '-'} {abs(start):.6g}"
