"""Models with a bound on the rounding errors that an honest machine makes of them.

A fault has no theorem of its own; its lines are worked in the arithmetic of `adamref.bounds`, in
the order in which they stand. Other orders differ by a few roundings, for which `FREEDOM` allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.bounds import Arithmetic, Bounded, exactly
from adamref.numbers.arrays import POWER_SLACK
from adamref.oracle.judge.orders import POWER_ULPS, at_rows, choice, larger
from adamref.oracle.judge.working import Work

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.orders import Machine

FREEDOM = 2.0
"""An explanation may miss by this many bounds: the order of its operations is not known."""


_ROUNDINGS = 4.0
"""How often what is done to a gradient rounds it."""


@final
class Bounding(Work):
    """The arithmetic of `adamref.bounds`, for columns."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._a = machine.arithmetic
        self._unit = float(machine.compute.unit_roundoff)

    def column(self, values: Array, rounded: Array | None = None) -> Bounded:
        """Take numbers that are exact, or were rounded a few times on the way."""
        x = exactly(values)
        if rounded is None:
            return x
        lost = np.nan_to_num(_ROUNDINGS * self._unit * np.abs(rounded), nan=0.0, posinf=0.0)
        return Bounded(x.value, x.slack, lost)

    def hyper(self, values: Array) -> Bounded:
        """Take hyperparameters, which are rounded to the format when they are used."""
        return self._a.stored(exactly(values))

    def corrected(self, values: Array, power: Array, exponent: Array) -> Bounded:
        """Take a power, which may be worked in the format by a library or step by step."""
        unit = self._unit
        with np.errstate(all="ignore"):
            roundings = 2 * POWER_ULPS + 2 + 2 * np.abs(exponent)
            error = unit * (roundings * np.abs(power) + 2 * np.abs(values))
            off = np.abs(values) * POWER_SLACK
        return Bounded(values, off, np.where(np.isfinite(error), error, 0.0))

    def do(self, method: str, *operands: Any) -> Bounded:
        """Do an operation, rounded."""
        if method == "negate":
            (x,) = operands
            return Bounded(-x.value, x.slack, x.error)
        if method == "magnitude":
            (x,) = operands
            return Bounded(np.abs(x.value), x.slack, x.error)
        if method == "larger":
            return larger(*operands)
        if method == "root":
            return self._root(*operands)
        name = {"add": "sum", "multiply": "product", "divide": "quotient"}[method]
        made: Bounded = getattr(self._a, name)(*operands)
        return made

    def _root(self, x: Bounded) -> Bounded:
        """Take the root; of what is negative for sure there is none."""
        made = self._a.root(x)
        with np.errstate(all="ignore"):
            negative = x.value + x.slack + x.error < 0
            unsure = (x.value - x.slack - x.error < 0) & ~negative & (x.value < 0)
        error = np.where(unsure, np.inf, made.error)
        return Bounded(np.where(negative, np.nan, made.value), made.slack, error)

    def rounded(self, x: Bounded, fmt: Format) -> Bounded:
        """Round to a narrower format."""
        return Arithmetic(fmt).stored(x)

    def take(self, x: Bounded, rows: Any) -> Bounded:
        """Return some rows."""
        return at_rows(x, rows)

    def where(self, which: Array, x: Bounded, y: Bounded) -> Bounded:
        """Choose row by row."""
        return choice(which, x, y)

    def joined(self, parts: list[tuple[Any, Bounded]], count: int) -> Bounded:
        """Put rows together."""
        found = [np.empty(count) for _ in range(3)]
        for rows, x in parts:
            for whole, part in zip(found, (x.value, x.slack, x.error), strict=True):
                whole[rows] = part
        return Bounded(*found)
