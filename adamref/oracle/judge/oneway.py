"""Whether what is stored is rounded to the nearest: what is cut off is inside every bound.

A number that is rounded to the nearest is off to either side alike, whatever the order of
operations and the digits in between, fused or not, by chance or not. Cut off it is half a unit too
small on average. The one honest thing with a side is a coefficient that was itself rounded: what
comes of that grows with the significand of the number, as half a unit does not, so that a fit over
many rows tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers.arrays import distinct, ulp

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_ENOUGH = 64
"""How many values must be off."""

_HALF = 0.25
"""Units by which values must be off to a side on average: half of what cutting off makes."""

_SURE = 6.0
"""Standard deviations that this must be from 0: by chance less than once in 2**28."""

_LARGE, _NEARLY_ALL = 4.0, 0.98
"""Of theta so many times its step what the step is off by says nothing of the side; and which share
of what is off must be so one way. Steps of one size, as Lion's, come to a decayed theta that was
rounded: that has a side by itself, though not of so many."""

_CANCELLED = 2.0
"""A state that is smaller than its last one by more has lost digits that are not its rounding's."""

_MOST, _FEW = 16.0, 0.1
"""What is off by more units is so by more than its rounding; where many are, nothing is said."""

_FLAT = 2.0**-40
"""So much of the squares is added to what is solved, where rows are alike or few."""


@final
@dataclass(frozen=True)
class OneWay:
    """To which side values are off: how many of them, and of how many."""

    field: str
    way: str
    count: int
    off: int


def one_way(table: Table, found: Identified, right: dict[str, Array]) -> list[OneWay]:
    """Say which fields are off to one side by half a unit.

    Parameters
    ----------
    table : Table
    found : Identified
        It conforms.
    right : mapping of str to float64 array
        The exact values of each row, rounded to the nearest.
    """
    named = ["theta", *sorted((table.visible & right.keys()) - {"theta"})]
    made = (_of_field(name, table, found, right[name]) for name in named)
    return [one for one in made if one is not None]


def _of_field(name: str, table: Table, found: Identified, right: Array) -> OneWay | None:
    fmt, got, before = found.machine.unit(name), table.got[name], table.before[name]
    rows = _rows(name, table, right, 2.0 ** (fmt.min_exponent + 1))
    got, right, before = got[rows], right[rows], before[rows]
    unit = ulp(right, fmt)
    off = (got - right) / unit
    near = np.abs(off) <= _MOST
    if np.count_nonzero(off[near]) < _ENOUGH or np.mean(near) < 1 - _FEW:
        return None
    off, right, before, unit = off[near], right[near], before[near], unit[near]
    # Of a coefficient of what was there, and of one of what comes to it.
    lost = np.stack([before, right - before]) / (unit * 2.0**fmt.precision)
    groups = _coefficients(table, found)[rows][near]
    for sides, names in ((np.sign(right), ("away from zero", "toward zero")),
                         (np.ones_like(right), ("up", "down"))):  # fmt: skip
        mean, deviation = _mean(off, sides, lost, groups)
        count, every = (int(np.count_nonzero(x)) for x in (off * sides * mean > 0, off))
        is_enough = name != "theta" or count > _NEARLY_ALL * every
        if is_enough and abs(mean) > max(_HALF, _SURE * deviation):
            return OneWay(name, names[0] if mean > 0 else names[1], count, every)
    return None


def _rows(name: str, table: Table, right: Array, least: float) -> Indices:
    """Return the rows of which the last rounding says something, each number once."""
    got, before = table.got[name], table.before[name]
    rows = table.columns["core"] & table.columns["judged"] & table.columns["taken"]
    with np.errstate(all="ignore"):
        rows &= np.isfinite(got) & np.isfinite(before) & np.isfinite(right)
        # What a maximum keeps was not rounded.
        rows &= (np.abs(right) >= least) & (right != before)
        if name == "theta":
            rows &= np.abs(before) > _LARGE * np.abs(right - before)
        else:
            rows &= np.abs(before) <= _CANCELLED * np.abs(right)
    # A state that all elements have in common is one number.
    at = np.flatnonzero(rows)
    _, firsts = np.unique(
        np.stack([x[at] for x in (before, right, got)], axis=1), axis=0, return_index=True
    )
    return np.asarray(at[np.sort(firsts)])


def _coefficients(table: Table, found: Identified) -> Indices:
    """Return for each row the number of its coefficients: of its hyperparameters, and its step."""
    keys = found.numbers.groups() + 1j * table.columns["t"]
    return distinct(keys)[1]


def _mean(off: Array, sides: Array, lost: Array, groups: Indices) -> tuple[float, float]:
    """Return by how much values are off to a side on average, and how sure that is.

    By least squares, with coefficients that are off by a rounding taken out, group by group.

    Parameters
    ----------
    off : array
        In units.
    sides : array
        +-1: the side that counts as up.
    lost : array of two rows
        By what each value is off where a coefficient is, but for a factor.
    groups : array of int
        Which rows have their coefficients in common.
    """
    noise = float(np.mean(off**2))
    weight = above = 0.0
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    for rows in np.split(order, starts[1:]):
        some, side, seen = lost[:, rows], sides[rows], off[rows]
        both, squares = np.stack([side, seen]), some @ some.T
        flat = _FLAT * np.trace(squares) * np.eye(len(squares))
        taken = np.linalg.solve(squares + flat, some @ both.T)
        left = both - taken.T @ some
        weight += float(side @ left[0])
        above += float(side @ left[1])
    return above / weight, (noise / weight) ** 0.5
