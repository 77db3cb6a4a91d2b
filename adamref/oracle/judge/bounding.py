"""Lines worked with a bound on the rounding errors that an honest machine makes of them.

The arithmetic is that of `adamref.bounds`, in the order in which a line stands; an order of
operations is a line that stands otherwise (`adamref.rules.orders`). A fault has no order of
its own: others differ by a few roundings, for which `FREEDOM` allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref import bounds
from adamref.bounds import Arithmetic, Bounded, exactly
from adamref.faults.inputs import ROUNDINGS
from adamref.numbers.arrays import POWER_SLACK, Array, Indices, distinct, nearest
from adamref.oracle.judge.working import Work

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.machine import Machine

FREEDOM = 2.0
"""An explanation may miss by this many bounds: the order of its operations is not known."""

POWER_ULPS = 4.0
"""Within how many ulps a library's power function is taken to be; good ones are within 1."""

CORRECTIONS = ("exact", "running-product", "power")
"""How 1 - beta**t may be worked: in float64, or in the format in one of two ways."""


@final
class Bounding(Work):
    """The arithmetic of `adamref.bounds`, for columns.

    Parameters
    ----------
    machine : Machine
    correction : str
        How 1 - beta**t is worked, one of `CORRECTIONS`; empty: in any of these ways, and others.
    judged : array of bool, optional
        The rows for which a correction is bounded closely, where that is worked one by one.
    surely : bool
        Whether what is stored in a narrower format is known exactly where it can be: both ends of
        an interval are rounded, and where they meet, so does everything between. (Otherwise half a
        unit of the narrower format is allowed for, which may hide the rounding itself.)
    """

    refused: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        machine: Machine,
        correction: str = "",
        judged: Array | None = None,
        *,
        surely: bool = False,
    ) -> None:
        self._machine = machine
        self._a = a = machine.arithmetic
        self._unit = float(machine.compute.unit_roundoff)
        self._correction, self._judged, self._surely = correction, judged, surely
        self.operations: Mapping[str, Callable[..., Bounded]] = {
            "add": a.sum,
            "multiply": a.product,
            "divide": a.quotient,
            "negate": _mirrored,
            # No method of its own: what holds itself is let go by nobody but a collector.
            "root": partial(_root, a),
            "magnitude": lambda x: Bounded(np.abs(x.value), x.slack, x.error),
            "signum": _signum,
            "larger": _larger,
            "smaller": lambda x, y: _mirrored(_larger(_mirrored(x), _mirrored(y))),
            "chosen": _chosen,
            "exponential": partial(_exponential, self._unit),
            "logarithm": partial(_logarithm, self._unit),
        }

    def column(self, values: Array, rounded: Array | None = None) -> Bounded:
        """Take numbers that are exact, or were rounded a few times on the way."""
        x = exactly(values)
        if rounded is None:
            return x
        lost = np.nan_to_num(ROUNDINGS * np.abs(rounded), nan=0.0, posinf=0.0)
        # As often as they round it in their format, it was rounded in float64 here.
        return Bounded(x.value, lost * 2.0**-53, lost * self._unit)

    def near(self, values: Array, off: Array) -> Bounded:
        """Take numbers that are shown rounded."""
        return Bounded(values, np.zeros_like(values), off)

    def unsure(self, values: Array, off: Array) -> Bounded:
        """Take numbers that were not seen: what was worked from is within that much of these."""
        return Bounded(values, off, np.zeros_like(values))

    def hyper(self, values: Array, slack: Array | None = None) -> Bounded:
        """Take hyperparameters, rounded to the format where they are not in it."""
        if (
            len(values) > 1
            and (values == values[0]).all()
            and (slack is None or (slack == slack[0]).all())
        ):
            one = self.hyper(values[:1], None if slack is None else slack[:1])
            count = len(values)
            return Bounded(*(np.full(count, x[0]) for x in (one.value, one.slack, one.error)))
        x = exactly(values)
        if slack is not None:
            x = Bounded(x.value, slack, x.error)
        stored = self._a.stored(x)
        held = (x.slack == 0) & (nearest(x.value, self._machine.compute) == x.value)
        return Bounded(stored.value, stored.slack, np.where(held, 0.0, stored.error))

    def shared(self, values: Array) -> Bounded:
        """Take what is worked in float64 by a few operations and then rounded once."""
        off = np.abs(values) * POWER_SLACK * 2
        return self._a.stored(Bounded(values, off, off))

    def corrected(
        self, values: Array, power: Array, exponent: Array, base: Array, *, from_one: bool
    ) -> Bounded:
        """Take a power, or 1 minus it, which may be worked in the format or in float64."""
        if self._correction == "exact":
            return self.shared(values)
        off = np.abs(values) * POWER_SLACK
        whole = (exponent >= 1) & (exponent == np.round(exponent))
        unit = self._unit
        with np.errstate(all="ignore"):
            roundings = 2 * POWER_ULPS + 2 + 2 * np.abs(exponent)
            error = unit * (roundings * np.abs(power) + 2 * np.abs(values))
        error = np.where(np.isfinite(error), error, 0.0)
        if self._correction and from_one and whole.all():
            error = self._correction_error(base, exponent, error)
        return Bounded(values, off, error)

    def _correction_error(self, base: Array, exponent: Array, coarse: Array) -> Array:
        """Bound a correction that is worked in the format, once for each base and t.

        Rows that are not judged keep a coarse bound: a hidden state may carry it to one that is.
        """
        fmt = self._machine.compute
        judged = np.ones(len(base), dtype=bool) if self._judged is None else self._judged
        at = np.flatnonzero(judged & np.isfinite(base))
        # Pairs as complex numbers are sorted many times as fast as rows are.
        pairs = base[at] + 1j * exponent[at]
        firsts, back = distinct(pairs)
        unique = pairs[firsts]
        errors = np.empty(len(unique))
        for rate in np.unique(unique.real):
            of_rate = unique.real == rate
            steps = tuple(unique.imag[of_rate].astype(np.int64).tolist())
            errors[of_rate] = _lost_by_correction(self._correction, float(rate), steps, fmt)
        found = np.where(np.isfinite(base), coarse, np.inf)
        found[at] = errors[back]
        return found

    def do(self, method: str, *operands: Any) -> Bounded:
        """Do an operation, rounded."""
        made: Bounded = self.operations[method](*operands)
        return made

    def total(self, x: Bounded, groups: Indices) -> Bounded:
        """Add up in any order: each of n - 1 sums rounds no more than the sum of the sizes."""
        count = np.bincount(groups)

        def summed(part: Array) -> Array:
            every = np.broadcast_to(part, groups.shape)
            return np.bincount(groups, weights=every).astype(np.float64)

        value, slack, error = summed(x.value), summed(x.slack), summed(x.error)
        size = summed(np.abs(x.value) + x.slack)
        with np.errstate(all="ignore"):
            slack = slack + 2 * count * 2.0**-53 * size
            grown = (1 + self._unit) ** (count - 1)
            error = error * grown + (grown - 1) * (size + slack)
        return Bounded(value[groups], slack[groups], error[groups])

    def rounded(self, x: Bounded, fmt: Format) -> Bounded:
        """Round to a narrower format."""
        if self._machine.stochastic:
            # Either neighbour: by twice as much as to the nearest.
            near = Arithmetic(fmt).stored(x)
            return Bounded(near.value, near.slack, 2 * near.error - x.error)
        if not self._surely:
            return Arithmetic(fmt).stored(x)
        with np.errstate(all="ignore"):
            off = x.slack + FREEDOM * x.error
            low, high = nearest(x.value - off, fmt), nearest(x.value + off, fmt)
            known = np.isfinite(low) & np.isfinite(high)
            middle = np.where(known, low + (high - low) / 2, x.value)
            # FREEDOM has been taken here, and will be once more: it does no harm.
            return Bounded(middle, x.slack * 0, np.where(known, (high - low) / 2, off))

    def take(self, x: Bounded, rows: Any) -> Bounded:
        """Return some rows; what is one for all stays so."""
        if not np.ndim(x.value):
            return x
        return Bounded(x.value[rows], x.slack[rows], x.error[rows])

    def where(self, which: Array, x: Bounded, y: Bounded) -> Bounded:
        """Choose row by row."""
        return _choice(which, x, y)

    def joined(self, parts: list[tuple[Any, Bounded]], count: int) -> Bounded:
        """Put rows together."""
        found = [np.empty(count) for _ in range(3)]
        for rows, x in parts:
            for whole, part in zip(found, (x.value, x.slack, x.error), strict=True):
                whole[rows] = part
        return Bounded(*found)


@lru_cache(maxsize=256)
def _lost_by_correction(name: str, rate: float, steps: tuple[int, ...], fmt: Format) -> Array:
    """Bound the errors of a correction: every convention and dialect asks for the same few."""
    exact, held = Fraction(rate), Fraction(fmt.round(Fraction(rate)))
    made = bounds.correction(name, held, np.array(steps), fmt=fmt, beta=exact, pow_ulp=POWER_ULPS)
    return made.error + made.slack


def _choice(which: Array, x: Bounded, y: Bounded) -> Bounded:
    """Choose row by row."""
    return Bounded(
        np.where(which, x.value, y.value),
        np.where(which, x.slack, y.slack),
        np.where(which, x.error, y.error),
    )


def _larger(x: Bounded, y: Bounded) -> Bounded:
    """Bound the greater of two: off by no more than the one that is off by more."""
    return Bounded(
        np.maximum(x.value, y.value),
        np.maximum(x.slack, y.slack),
        np.maximum(x.error, y.error),
    )


def _mirrored(x: Bounded) -> Bounded:
    return Bounded(-x.value, x.slack, x.error)


def _signum(x: Bounded) -> Bounded:
    """Take the sign: off by 2 where the number may have another."""
    size, none = np.abs(x.value), np.zeros_like(x.value)
    known = (x.slack == 0) & (x.error == 0)
    slack = np.where(known | (size > x.slack), none, 2.0)
    error = np.where(known | (size > x.slack + x.error), none, 2.0)
    return Bounded(np.sign(x.value), slack, np.maximum(slack, error))


def _chosen(a: Bounded, x: Bounded, y: Bounded) -> Bounded:
    """Choose by a sign; where that is not known it may be either."""
    made = _choice(np.asarray(a.value > 0), x, y)
    with np.errstate(all="ignore"):
        apart = np.nan_to_num(np.abs(x.value - y.value), nan=np.inf, posinf=np.inf)
        either = np.maximum(x.error, y.error) + np.maximum(x.slack, y.slack) + apart
    known = (a.slack == 0) & (a.error == 0)
    sure = known | (np.abs(a.value) > a.slack) | (apart == 0)
    surely = known | (np.abs(a.value) > a.slack + a.error) | (apart == 0)
    slack = np.where(sure, made.slack, either)
    return Bounded(made.value, slack, np.where(surely, made.error, either))


def _root(arithmetic: Arithmetic, x: Bounded) -> Bounded:
    """Take the root; of what is negative for sure there is none."""
    made = arithmetic.root(x)
    with np.errstate(all="ignore"):
        negative = x.value + x.slack + x.error < 0
        unsure = (x.value - x.slack - x.error < 0) & ~negative & (x.value < 0)
    error = np.where(unsure, np.inf, made.error)
    return Bounded(np.where(negative, np.nan, made.value), made.slack, error)


def _exponential(unit: float, x: Bounded) -> Bounded:
    """Take e to the power of x, by a library's function."""
    with np.errstate(all="ignore"):
        value = np.exp(x.value)
        slack, off = (value * np.expm1(part) for part in (x.slack, x.slack + x.error))
    return _by_library(unit, value, slack, off)


def _logarithm(unit: float, x: Bounded) -> Bounded:
    """Take the natural logarithm, by a library's function."""
    with np.errstate(all="ignore"):
        value = np.log(x.value)
        slack, off = (
            np.where(x.least > part, part / (x.least - part), np.inf)
            for part in (x.slack, x.slack + x.error)
        )
    return _by_library(unit, value, slack, off)


def _by_library(unit: float, value: Array, slack: Array, off: Array) -> Bounded:
    """Take a function's value within `POWER_ULPS` ulps, from operands that are off."""
    with np.errstate(all="ignore"):
        size = np.abs(value) + off
        slack = slack + size * POWER_SLACK
        error = off + (size + slack) * 2 * POWER_ULPS * unit
    return Bounded(value, slack, np.where(np.isfinite(value), error, np.inf))
