"""Which number a behaviour may have, from what was seen: for speed, as each is judged afterwards.

What went into a moment is what it grew by. Where no moment is shown the usual numbers are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from adamref.oracle.judge.shortest import shortest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.observe.table import Table

_USUAL = (1.0, 0.5, 0.1, 5.0, 10.0, 2.0, 0.25, 0.01, 100.0)
"""Limits that are tried where no moment shows any."""

_USUAL_SCALES = (*(2.0**i for i in range(16, 0, -1)), *(2.0**-i for i in range(1, 17)))

_CLEARLY = 0.95
"""What is less than this share of what it should be was clipped, and not rounded."""

_LARGE = 0.1
"""A gradient beside which an epsilon is little."""

_WITHIN = (1e-3, 1e-5, 1e-7)
"""How near a number that somebody wrote is to what is seen, at best and at worst."""


def scales(table: Table) -> Iterator[float]:
    """Yield by what gradients may have been divided."""
    for g, its in _pairs(table):
        moved = (g != 0) & np.isfinite(its) & (its != 0)
        if moved.any():
            ratio = float(np.median(g[moved] / its[moved]))
            for within in _WITHIN:
                yield shortest(ratio, within)
                yield 1 / shortest(1 / ratio, within)
                yield 2.0 ** round(np.log2(abs(ratio)))
            return
    yield from _USUAL_SCALES


def values(table: Table) -> Iterator[float]:
    """Yield at what the elements of a gradient may have been clipped."""
    for g, its in _pairs(table):
        yield from _limits(np.abs(g), np.abs(its))
        return
    yield from _USUAL


def norms(table: Table) -> Iterator[float]:
    """Yield to what norm gradients may have been clipped, of a tensor or of all."""
    found = False
    for g, its in _pairs(table):
        found = True
        for groups in (table.groups, table.together):
            yield from _limits(_norms(g, groups), _norms(its, groups))
        break
    if not found:
        yield from _USUAL


def rates(table: Table, where: NDArray[np.bool_]) -> Iterator[float]:
    """Yield by what a learning rate may be multiplied on some rows: a first step is as long."""
    columns = table.columns
    first = columns["core"] & columns["judged"] & columns["taken"] & columns["fresh"] & where
    first &= (columns["t"] == 1) & (np.abs(columns["g"]) >= _LARGE) & (columns["alpha"] > 0)
    if first.any():
        # Not every optimizer has an epsilon.
        g, eps = np.abs(columns["g"][first]), np.nan_to_num(columns["eps"][first])
        moved = np.abs(table.got["theta"] - table.before["theta"])[first] / columns["alpha"][first]
        for ratio in (moved * (g + eps) / g, moved):
            for within in _WITHIN:
                yield shortest(float(np.median(ratio)), within)


def _limits(right: Array, its: Array) -> Iterator[float]:
    clipped = np.isfinite(right) & np.isfinite(its) & (its < _CLEARLY * right) & (its > 0)
    if clipped.any():
        for within in _WITHIN:
            yield shortest(float(np.median(its[clipped])), within)


def _norms(g: Array, groups: Indices) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(np.sqrt(np.bincount(groups, weights=g * g)))


def _pairs(table: Table) -> Iterator[tuple[Array, Array]]:
    """Yield gradients as they were given, and as they went into a moment that is shown."""
    columns, before, got = table.columns, table.before, table.got
    rows: NDArray[np.bool_] = columns["core"] & columns["judged"] & columns["taken"]
    g = np.where(rows, columns["g"], 0.0)
    with np.errstate(all="ignore"):
        if "m" in table.visible:
            beta = columns["beta1"]
            yield g, np.where(rows, (got["m"] - beta * before["m"]) / (1 - beta), 0.0)
        elif "v" in table.visible:
            beta = columns["beta2"]
            square = np.maximum((got["v"] - beta * before["v"]) / (1 - beta), 0.0)
            yield g, np.where(rows, np.sign(g) * np.sqrt(square), 0.0)
