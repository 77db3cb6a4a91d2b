"""Axes of a plot: where a number lies, and which numbers are written beside it.

Errors and gradients span dozens of decades and are often exactly zero, which no logarithm has: a
logarithmic axis has a lane of its own for what is too small, and every axis one for what is not
finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import final

_SPAN = 30.0
"""The largest number over the smallest from which on a logarithm tells more than a line."""

_LANE = 0.07
"""The share of an axis that a lane takes."""

_TINY, _HUGE = 1e-300, 1e300
"""Outside of these a line would over- or underflow float64; the logarithm does not."""

_STRIDES = (1, 2, 3, 5, 10, 20, 50, 100, 200)
"""How many decades may lie between two numbers; float64 has 632."""


@final
@dataclass(frozen=True)
class Tick:
    """A number beside an axis, and where: from 0 to 1."""

    at: float
    label: str


@final
@dataclass(frozen=True)
class PlotAxis:
    """An axis from ``low`` to ``high``, both finite and low < high.

    Attributes
    ----------
    low, high : float
        Its ends; on a logarithmic axis powers of ten.
    logarithmic : bool
    below : str
        What the lane for smaller numbers is called; empty: there is none.
    beyond : bool
        Whether there is a lane for what is not finite.
    whole : bool
        Whether only whole numbers are written.
    """

    low: float
    high: float
    logarithmic: bool
    below: str = ""
    beyond: bool = False
    whole: bool = False

    def at(self, value: float) -> float:
        """Return where a number lies: 0 at the start of the axis, 1 at its end."""
        if not isfinite(value):
            return 1 - _LANE / 2
        if self.below and value < self.low:
            return _LANE / 2
        low, high = self._scaled(self.low), self._scaled(self.high)
        share = (self._scaled(max(value, self.low)) - low) / (high - low)
        start, end = _LANE * bool(self.below), 1 - _LANE * self.beyond
        return start + min(share, 1.0) * (end - start)

    def _scaled(self, value: float) -> float:
        return log10(value) if self.logarithmic else value

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The numbers to write."""
        values = self._decades() if self.logarithmic else self._steps()
        lanes = [Tick(_LANE / 2, self.below)] if self.below else []
        lanes += [Tick(1 - _LANE / 2, "inf")] if self.beyond else []
        full = self.whole and not self.logarithmic
        made = [Tick(self.at(value), _label(value, whole=full)) for value in values]
        # The name of a lane goes before the number written next to it.
        apart = [t for t in made if all(abs(t.at - lane.at) > _LANE for lane in lanes)]
        return (*lanes, *apart)

    def _decades(self) -> list[float]:
        first, last = round(log10(self.low)), round(log10(self.high))
        stride = next(k for k in _STRIDES if 6 * k >= last - first)
        # From a multiple of the stride on, so that 1 is among them.
        start = ceil(first / stride) * stride
        return [float(f"1e{power}") for power in range(start, last + 1, stride)]

    def _steps(self) -> list[float]:
        rough = (self.high - self.low) / 5
        unit = 10.0 ** floor(log10(rough))
        step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= rough * 0.999)
        step = max(1.0, step) if self.whole else step
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]


def axis(values: Sequence[float], *, least: float = 0.0, whole: bool = False) -> PlotAxis:
    """Choose an axis for numbers that are not negative.

    Parameters
    ----------
    values : sequence of float
        Zeros, infinities and NaN may be among them; it may be empty.
    least : float
        On a logarithmic axis, what is smaller shares the lane of zero.
    whole : bool
        Whether they are whole numbers.
    """
    finite = [value for value in values if isfinite(value)]
    beyond = len(finite) < len(values)
    positive = [value for value in finite if value > 0]
    seen = [value for value in positive if value >= least]
    low, high = min(seen, default=0.0), max(seen, default=max(positive, default=1.0))
    near = not positive or high / _SPAN <= max(low, least)
    if near and _TINY < high < _HUGE:
        start = low - 1.0 if whole else 0.0
        end = high + max(0.05 * (high - start), 0.5 * whole)
        return PlotAxis(start, end, logarithmic=False, beyond=beyond, whole=whole)
    first = min(floor(log10(low or high)), 307)
    last = max(min(ceil(log10(high)), 308), first + 1)
    # Below the smallest float there is no power of ten: that float stands for it.
    start = float(f"1e{first}") or 5e-324
    under = f"<{_label(start)}" if len(seen) < len(positive) else "0"
    return PlotAxis(
        start,
        float(f"1e{last}"),
        logarithmic=True,
        below=under if len(seen) < len(finite) else "",
        beyond=beyond,
    )


def _label(value: float, *, whole: bool = False) -> str:
    """Write a number shortly: 0.01, 1, 50, 1000, 1e-12; a whole one of a few in full."""
    if whole:
        return f"{value:,.0f}"
    if value and not 1e-3 <= abs(value) < 1e4:
        mantissa, _, power = f"{value:.3e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    return f"{value:.6g}"
