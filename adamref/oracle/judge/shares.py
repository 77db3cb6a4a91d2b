"""Rounding up or down by chance: how often either neighbour should have come, tested exactly.

Stochastic rounding takes the neighbour above with the share of the gap that lies below the number
(Gupta et al. 2015, "Deep Learning with Limited Numerical Precision", section 3.1). Row by row that
share is known to the digits in which the step was worked, so the number of rows rounded up has a
Poisson binomial distribution between two known ones; its tails are added up as they are, without a
normal approximation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers.arrays import nearest, ulp
from adamref.oracle.judge.bounding import FREEDOM
from adamref.oracle.judge.identification import Fitters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

FALSE_ALARM = 1e-9
"""How probable it may be that a run of an honest implementation is called biased."""

_PARTS = ((0.0, 1.0), (0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0))
"""Shares that are looked at together: all, and by quarters, as the nearest is right on average."""

_FEWEST = 8
"""Fewer rows show nothing at that level."""


@final
@dataclass(frozen=True)
class Biased:
    """Rows that went one way too often or too seldom.

    Attributes
    ----------
    way : {"up", "away from 0"}
    rows, count : int
        How many, and how many of them were rounded that way.
    low, high : float
        Between what the expected number lies.
    between : (float, float)
        The shares of these rows.
    """

    way: str
    rows: int
    count: int
    low: float
    high: float
    between: tuple[float, float]


def narrowed(seen: Table, found: Identified) -> dict[str, Format]:
    """Return what is shown and stored in fewer digits than it is worked in, with its format."""
    names = ("theta", *sorted(seen.visible & found.fit.bound.keys()))
    known = {name: found.machine.narrowed(name) for name in names}
    return {name: fmt for name, fmt in known.items() if fmt is not None}


def shares(seen: Table, found: Identified) -> dict[str, Biased]:
    """Return the fields of which either neighbour does not come as often as it should."""
    stored = narrowed(seen, found)
    # The same steps, not rounded: with what they may be off before that.
    machine = found.machine
    wide = replace(machine, theta=machine.compute, states={}, stochastic=False)
    before = Fitters(seen, wide).fitted(found.fit.dialect).fit
    c = seen.columns
    rows = c["core"] & c["judged"] & c["taken"]
    made = {}
    for name, fmt in stored.items():
        off = FREEDOM * (before.bound[name] + before.slack[name])
        made[name] = biased(
            before.value[name][rows], off[rows], seen.got[name][rows], fmt, len(stored)
        )
    return {name: x for name, x in made.items() if x is not None}


def biased(value: Array, off: Array, got: Array, fmt: Format, tests: int) -> Biased | None:
    """Return the first part of the rows whose count of roundings up is out of all probability.

    Parameters
    ----------
    value, off : array
        Before rounding, and how far an honest step may be from that.
    got : array
        After it, each one of the two neighbours.
    fmt : Format
        To which it is rounded.
    tests : int
        How many such questions a run asks: together they may be wrong with `FALSE_ALARM`.
    """
    level = FALSE_ALARM / (4 * tests * len(_PARTS))
    # Bits of chance are added to the size of a number, or to the number.
    for sign, way in ((np.sign(value), "away from 0"), (np.ones_like(value), "up")):
        x, y = sign * value, sign * got
        for between, rows in _parts(x, off, fmt):
            low, high, up = _shares(x[rows], off[rows], y[rows], fmt)
            count = int(up.sum())
            if _tail(low, count, above=False) < level or _tail(high, count, above=True) < level:
                return Biased(way, len(up), count, float(low.sum()), float(high.sum()), between)
    return None


def _parts(
    value: Array, off: Array, fmt: Format
) -> Iterator[tuple[tuple[float, float], NDArray[np.bool_]]]:
    """Yield the rows whose neighbours are known, by how far they lie above the lower one."""
    with np.errstate(all="ignore"):
        below, gap = _below(value, fmt), _gap(value, fmt)
        share = (value - below) / gap
        sure = np.isfinite(value) & np.isfinite(off) & (gap > 0) & (value != below)
        sure &= (value - off > below) & (value + off < below + gap)
    for low, high in _PARTS:
        rows = sure & (share >= low) & (share < high)
        if rows.sum() >= _FEWEST:
            yield (low, high), rows


def _shares(
    value: Array, off: Array, got: Array, fmt: Format
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return between what the chance of the upper neighbour lies, and whether it came."""
    below, gap = _below(value, fmt), _gap(value, fmt)
    low = np.clip((value - off - below) / gap, 0.0, 1.0)
    high = np.clip((value + off - below) / gap, 0.0, 1.0)
    return low, high, got > below


def _below(value: Array, fmt: Format) -> Array:
    near = nearest(value, fmt)
    return np.where(near > value, near - _gap(value, fmt), near)


def _gap(value: Array, fmt: Format) -> Array:
    """Return how far the two neighbours of a number that is none are apart."""
    return ulp(value, fmt)


def _tail(chances: Array, count: int, *, above: bool) -> float:
    """Return the probability of at least, or at most, so many, each with its own chance."""
    if above:
        return _tail(1.0 - chances, len(chances) - count, above=False)
    # Of at most ``count``: no more than these are needed.
    found = np.zeros(count + 1)
    found[0] = 1.0
    for chance in chances.tolist():
        up = found[:-1] * chance
        found *= 1.0 - chance
        found[1:] += up
    return float(found.sum())
