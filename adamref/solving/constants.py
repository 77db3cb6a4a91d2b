"""Which number somebody wrote, of all that an interval holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FEWEST = 3
"""Numbers by t that a law is seen in."""

_LOOSE = 0.05
"""Of what share of itself a number may be off that says something of a law."""

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


def law(numbers: Mapping[float, float], room: float | Mapping[float, float]) -> str | None:
    """Say what numbers by t are of t: held, straight, one over that, geometric, a power.

    >>> law({1.0: 1.0, 2.0: 1.5, 3.0: 2.0, 4.0: 2.5, 5.0: 3.0}, 1e-9)
    '0.5*t + 0.5'
    >>> law({1.0: 1.0, 2.0: 2.0, 3.0: 3.0, 4.0: 4.0, 5.0: 4.0, 6.0: 4.0}, 1e-9)
    'min(t, 4)'
    >>> law({1.0: 0.25, 2.0: 0.5, 3.0: 0.75, 4.0: 1.0, 5.0: 1.0}, 1e-9)
    'min(0.25*t, 1)'

    Parameters
    ----------
    numbers : mapping of float to float
        By t; three at least.
    room : float or mapping of float to float
        By what share of itself each may be off; or by how much, by t.
    """
    known = {t: room * abs(x) if isinstance(room, float) else room[t] for t, x in numbers.items()}
    steps = sorted(t for t, x in numbers.items() if known[t] <= _LOOSE * abs(x) or x == 0)
    if len(steps) < _FEWEST:
        return None
    values, rooms = [numbers[t] for t in steps], [known[t] for t in steps]
    # A line is laid through the ends, which may be off themselves.
    each, rooms = [4 * x for x in rooms], [4 * (x + rooms[0] + rooms[-1]) for x in rooms]

    def fits(made: Callable[[float], float], rooms: list[float] = rooms) -> bool:
        rows = zip(steps, values, rooms, strict=True)
        return all(abs(made(t) - x) <= off for t, x, off in rows)

    last = values[-1]
    whole = _cycle(steps, values) or _divided(steps, values)
    if whole:
        return whole
    if fits(lambda t: min(t, last), [x + each[-1] for x in each]):
        return f"min(t, {last:.6g})"
    straight = _line(steps, values, rooms)
    if straight and fits(lambda t: straight[0] * t + straight[1]):
        return _straight(*straight)
    bent = _bent(steps, values, rooms)
    if bent:
        return bent
    if all(x != 0 for x in values):
        turned = [off / (x * x) for off, x in zip(rooms, values, strict=True)]
        inverse = _line(steps, [1 / x for x in values], turned)
        if inverse and fits(lambda t: 1 / ((inverse[0] * t + inverse[1]) or math.nan)):
            return f"1/({_straight(*inverse)})"
    found = _powered(steps, values, each) or _complement(steps, values, each)
    return found or _staircase(steps, values)


def _staircase(steps: list[float], values: list[float]) -> str | None:
    """Say that numbers stay the same for many steps, and which they are until when."""
    stairs = [i for i, x in enumerate(values) if i == 0 or x != values[i - 1]]
    if not 2 <= len(stairs) <= min(_MOST_STAIRS, len(values) / 2):
        return None
    ends = [*stairs[1:], len(values)]
    said = [
        f"{values[i]:.6g} to t = {steps[end - 1]:g}" for i, end in zip(stairs, ends, strict=True)
    ]
    return ", ".join(said)


_MOST_STAIRS = 6
"""So many different numbers, one after another, are said."""


def _cycle(steps: list[float], values: list[float]) -> str | None:
    """Say that a count begins anew every so many steps."""
    off = {t - x for t, x in zip(steps, values, strict=True)}
    if len(off) < 2 or min(values) < 0 or any(x != round(x) for x in values):
        return None
    for start in (0, 1):
        for k in range(2, int(max(off)) + 1):
            if all((t - start) % k + start == x for t, x in zip(steps, values, strict=True)):
                return f"t mod {k}" if not start else f"(t - 1) mod {k} + 1"
    return None


def _divided(steps: list[float], values: list[float]) -> str | None:
    """Say that a count goes on by one every so many steps."""
    if len(set(values)) < _FEWEST or any(x != round(x) for x in values):
        return None
    for k in DIVISORS:
        for start in range(k):
            off = {x - (t + start) // k for t, x in zip(steps, values, strict=True)}
            if len(off) == 1:
                inner = f"(t + {start})" if start else "t"
                more = off.pop()
                sign = "+" if more > 0 else "-"
                return f"floor({inner}/{k})" + (f" {sign} {abs(more):g}" if more else "")
        for start in range(k):
            if all(t - (t - start) % k == x for t, x in zip(steps, values, strict=True)):
                return f"t - t mod {k}" if not start else f"t - (t - {start}) mod {k}"
    return None


DIVISORS = tuple(range(2, 17))
"""By what a number of steps may be divided so that a count is left."""


def _complement(steps: list[float], values: list[float], rooms: list[float]) -> str | None:
    """Say of what numbers are that are 1 but for a power."""
    if not all(x < 1 for x in values):
        return None
    found = _powered(steps, [1 - x for x in values], rooms)
    return found and f"1 - {found}"


def _powered(steps: list[float], values: list[float], rooms: list[float]) -> str | None:
    """Say that numbers are a geometric series, or a power of t; they may have shrunk to nothing."""
    x, off, t = (np.array(y) for y in (values, rooms, steps))
    told = x > 4 * off
    if told.sum() < _FEWEST or t[told].min() <= 0 or (np.abs(x[~told]) > 5 * off[~told]).any():
        return None
    logs, weights = np.log(x[told]), x[told] / np.maximum(off[told], 1e-15 * x[told])
    for said, at in (("{a:.6g}*{b:.6g}**t", t), ("{a:.6g}*t**{b:.6g}", np.log(t))):
        slope, start = np.polyfit(at[told], logs, 1, w=weights)
        with np.errstate(over="ignore"):
            made = np.exp(start + slope * at)
        if (np.abs(made - x) > 2 * off + 1e-12 * np.abs(x)).any():
            continue
        is_series = at is t
        b, a = float(np.exp(slope) if is_series else slope), float(np.exp(start))
        if abs(a - 1) <= 4 * float(np.max(1 / weights)):
            return said.format(a=a, b=b).partition("*")[2]
        if is_series and len(f"{a * b:.6g}") < len(f"{a:.6g}"):
            return f"{a * b:.6g}*{b:.6g}**(t - 1)"
        return said.format(a=a, b=b)
    return None


def _line(
    steps: list[float], values: list[float], rooms: list[float]
) -> tuple[float, float] | None:
    """Return the slope and the start of a line through the ends, as somebody writes them."""
    wide, room = steps[-1] - steps[0], max(rooms[0], rooms[-1])
    slope = (values[-1] - values[0]) / wide
    off = room / wide
    plain = recognised(slope - off, slope + off)
    slope = plain[0] if plain else slope
    start = values[0] - slope * steps[0]
    off = room
    plain = recognised(start - off, start + off)
    return slope, plain[0] if plain else start


def _bent(steps: list[float], values: list[float], rooms: list[float]) -> str | None:
    """Say that numbers go straight up, or down, to one at which they are held."""
    held = values[-1]
    free = [abs(x - held) > off for x, off in zip(values, rooms, strict=True)]
    count = free.index(False)
    if count < _FEWEST or any(free[count:]):
        return None
    line = _line(steps[:count], values[:count], rooms[:count])
    if line is None:
        return None
    slope, start = line
    bound = min if slope > 0 else max
    made = (bound(slope * t + start, held) for t in steps)
    if any(abs(x - y) > off for x, y, off in zip(made, values, rooms, strict=True)):
        return None
    return f"{bound.__name__}({_straight(slope, start)}, {held:.6g})"


def _straight(slope: float, start: float) -> str:
    by = "t" if slope == 1 else f"{slope:.6g}*t"
    if start == 0:
        return by
    return f"{by} {'+' if start > 0 else '-'} {abs(start):.6g}"
