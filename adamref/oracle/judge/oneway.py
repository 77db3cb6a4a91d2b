"""Whether theta is rounded to the nearest: what is cut off is inside every bound, and one-sided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.table import Table

_ENOUGH, _NEARLY_ALL = 64, 0.98
"""How many values must be off, and which share of them one way: by chance less than once in 2**54.

Of 64 at most one may be off the other way: that is 2 * 65 of 2**64, for each of four ways.
"""

_LARGE = 4.0
"""Of theta so many times its step what the step is off by says nothing of the side."""


@final
@dataclass(frozen=True)
class OneWay:
    """To which side values are off, how many of them, and of how many."""

    way: str
    count: int
    off: int


def one_way(table: Table, right: Array) -> OneWay | None:
    """Say to which side theta is off, if it is nearly always the same one.

    Values that are off by the errors of a step are off to either side: signs of parameters and of
    gradients are drawn. Where a step is larger than theta, an error of the step has a side.

    Parameters
    ----------
    table : Table
    right : float64 array
        The exact theta of each row, rounded to the nearest.
    """
    got, before = table.got["theta"], table.before["theta"]
    rows = table.columns["core"] & table.columns["judged"] & table.columns["taken"]
    rows &= np.isfinite(got) & np.isfinite(right) & (got != right)
    with np.errstate(all="ignore"):
        rows &= np.abs(before) > _LARGE * np.abs(right - before)
    got, right = got[rows], right[rows]
    off = len(got)
    if off < _ENOUGH:
        return None
    ways = {
        "toward zero": np.abs(got) < np.abs(right),
        "away from zero": np.abs(got) > np.abs(right),
        "up": got > right,
        "down": got < right,
    }
    counts = {way: int(np.count_nonzero(which)) for way, which in ways.items()}
    way = max(counts, key=counts.__getitem__)
    return OneWay(way, counts[way], off) if counts[way] > _NEARLY_ALL * off else None
