"""Numbers with a bound on their error, and what rounded operations make of them.

A `Bounded` holds, element by element, what float64 gives for an exact value, how far that may be
off (``slack``), and how far a computation in a format may be off (``error``). Both go through the
same formulas of `adamref.bounds.generated`: working the exact value in float64 is itself a
computation in a format. Every bound is then made larger by more than its own evaluation can lose,
so that it holds as the float64 number that it is. What overflows on the way makes it infinite:
nothing is known there, and nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from adamref.bounds import generated
from adamref.bounds.operations import Operand, Operation, carry_out
from adamref.errors import OutOfDomain
from adamref.numbers.formats import BINARY64, Format

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array

_U = 2.0**-53
_ETA = 2.0**-1074
OUTWARD = 1 + 2.0**-47
"""More than the dozen float64 operations of a formula can lose, relative to a sum of terms >= 0."""
_TINY = 2.0**-1069
"""More than they can lose to underflow."""
_HALF = 0.5
_MOST_OF_A_DIVISOR = 0.9
"""A quotient whose divisor is off by more has no useful bound, and is given none."""


@final
@dataclass(frozen=True)
class Bounded:
    """Numbers that are known, but for a slack, and computed, but for an error.

    Attributes
    ----------
    value : ndarray of float64
        Near the exact values.
    slack : ndarray of float64
        At least ``|value - exact|``.
    error : ndarray of float64
        At least ``|computed - exact|``; inf where nothing is known, as after an overflow.
    """

    value: Array
    slack: Array
    error: Array

    @cached_property
    def size(self) -> Array:
        """At least the absolute value of the exact number."""
        with np.errstate(all="ignore"):
            return (np.abs(self.value) + self.slack) * OUTWARD

    @cached_property
    def least(self) -> Array:
        """At most the absolute value of the exact number."""
        with np.errstate(all="ignore"):
            return np.maximum(np.abs(self.value) - self.slack, 0) * (2 - OUTWARD)


Numbers: TypeAlias = "Bounded | Fraction | float | NDArray[np.floating]"


def exactly(number: Numbers) -> Bounded:
    """Return a number, or an array of any float type, as it is; a fraction gets a slack."""
    if isinstance(number, Bounded):
        return number
    if isinstance(number, Fraction):
        value = BINARY64.round(number)
        off = 0.0 if Fraction(value) == number else abs(value) * _U + _ETA
        return Bounded(*map(np.asarray, (value, off, 0.0)))
    array = np.asarray(number).astype(np.float64)
    return Bounded(array, np.zeros_like(array), np.zeros_like(array))


def within(number: Numbers, error: object) -> Bounded:
    """Return a number that was computed with an error of at most that."""
    known = exactly(number)
    return Bounded(known.value, known.slack, np.asarray(error, dtype=np.float64))


@final
class Arithmetic:
    """Rounded operations in a format.

    Parameters
    ----------
    fmt : Format
        To nearest, with subnormals; ties do not matter.
    sqrt_ulp, div_ulp, pow_ulp : float
        Within how many ulps of the right value roots, quotients and powers are, the ulp taken
        there; 1/2 is IEEE arithmetic.

    Raises
    ------
    OutOfDomain
        If one of them is below 1/2.
    """

    def __init__(
        self,
        fmt: Format,
        *,
        sqrt_ulp: float = _HALF,
        div_ulp: float = _HALF,
        pow_ulp: float = _HALF,
    ) -> None:
        self.fmt = fmt
        unit = float(fmt.unit_roundoff)
        # u / (1 + u) is what the relative error of rounding to nearest really is at most.
        self._relative = math.nextafter(unit / (1 + unit), 1)
        self._absolute = max(float(fmt.smallest / 2), 2.0**-1074)
        self._largest = float(fmt.largest)
        self._root = self._within("sqrt_ulp", sqrt_ulp)
        self._quotient = self._within("div_ulp", div_ulp)
        self._power = self._within("pow_ulp", pow_ulp)

    def _within(self, name: str, ulps: float) -> tuple[float, float]:
        """Return the relative and the absolute error of an operation within some ulps."""
        if not _HALF <= ulps < math.inf:
            raise OutOfDomain(name, ulps, "at least 1/2")
        if ulps == _HALF:
            return self._relative, self._absolute
        unit = float(self.fmt.unit_roundoff)
        return math.nextafter(2 * ulps * unit, math.inf), 2 * ulps * self._absolute * OUTWARD

    def work(self, order: Operation, given: Mapping[str, Bounded]) -> Bounded:
        """Work an order of operations from its operands, by name."""

        def held(operand: Operand) -> Bounded:
            number = operand.number
            return given[operand.name] if number is None else exactly(float(number))

        def do(operation: Operation, values: tuple[Bounded, ...]) -> Bounded:
            # The kinds of operations are the names of the methods below.
            made: Bounded = getattr(self, operation.kind)(*values)
            return made

        return carry_out(order, held, do)[order]

    @np.errstate(all="ignore")
    def product(self, x: Bounded, y: Bounded) -> Bounded:
        """Multiply."""
        none = (x.size == 0) | (y.size == 0)
        return self._made(x.value * y.value, _product(x, y), none, self._relative, self._absolute)

    @np.errstate(all="ignore")
    def sum(self, x: Bounded, y: Bounded) -> Bounded:
        """Add."""
        if (whole := self._whole(x, y, x.value + y.value)) is not None:
            return whole
        none = (x.size == 0) & (y.size == 0)
        return self._made(x.value + y.value, _sum(x, y), none, self._relative, 0.0)

    @np.errstate(all="ignore")
    def difference(self, x: Bounded, y: Bounded) -> Bounded:
        """Subtract."""
        if (whole := self._whole(x, y, x.value - y.value)) is not None:
            return whole
        none = (x.size == 0) & (y.size == 0)
        return self._made(x.value - y.value, _sum(x, y), none, self._relative, 0.0)

    def _whole(self, x: Bounded, y: Bounded, made: Array) -> Bounded | None:
        """Return what two whole numbers, such as t and 1, make: it is not rounded."""
        for one in (x, y):
            if one.error.any() or one.slack.any() or (np.rint(one.value) != one.value).any():
                return None
        if not (np.abs(made) <= 2.0 ** min(self.fmt.precision, 53)).all():
            return None
        none = np.zeros_like(made)
        return Bounded(made, none, none)

    def fma(self, x: Bounded, y: Bounded, z: Bounded) -> Bounded:
        """Return x y + z, rounded once."""
        return self._fused(x, y, z, 1, 1)

    def fms(self, x: Bounded, y: Bounded, z: Bounded) -> Bounded:
        """Return x y - z, rounded once."""
        return self._fused(x, y, z, 1, -1)

    def fnma(self, x: Bounded, y: Bounded, z: Bounded) -> Bounded:
        """Return z - x y, rounded once."""
        return self._fused(x, y, z, -1, 1)

    def quotient(self, x: Bounded, y: Bounded) -> Bounded:
        """Divide."""
        with np.errstate(all="ignore"):
            value = x.value / y.value
            size = x.size / y.least * OUTWARD

        def through(error: Pick) -> Array:
            # In units of the divisor: before the division, a product of tiny errors underflows.
            part, its_part = error(x) / y.least, error(y) / y.least * OUTWARD
            off = generated.of_quotient(size, part, np.ones_like(part), its_part)
            return np.where(its_part < _MOST_OF_A_DIVISOR, off, np.inf)

        return self._made(value, through, x.size == 0, *self._quotient)

    @np.errstate(all="ignore")
    def root(self, x: Bounded) -> Bounded:
        """Take the root; nothing underflows."""

        def through(error: Pick) -> Array:
            near_zero = generated.of_small_root(error(x))
            off = generated.of_root(x.least, np.minimum(error(x), x.least))
            return np.where(x.least > error(x), off, near_zero)

        value = np.sqrt(np.maximum(x.value, 0))
        return self._made(value, through, x.size == 0, self._root[0], 0.0)

    @np.errstate(all="ignore")
    def stored(self, x: Bounded) -> Bounded:
        """Round a real number to the format."""
        return self._made(x.value, _unchanged(x), x.size == 0, self._relative, self._absolute)

    @np.errstate(all="ignore")
    def power(self, x: Bounded) -> Bounded:
        """Return a power as a library's function does; x is what it is over the reals."""
        return self._made(x.value, _unchanged(x), x.size == 0, *self._power)

    @np.errstate(all="ignore")
    def _fused(self, x: Bounded, y: Bounded, z: Bounded, way: int, added: int) -> Bounded:
        # float64 rounds the product here, and the sum: both are in the slack.
        product = x.value * y.value
        lost = np.abs(product) * _U + _ETA
        inside = _product(x, y)

        def through(error: Pick) -> Array:
            rounded = lost if error is _slack else np.zeros_like(lost)
            return generated.of_sum(inside(error), error(z)) + rounded

        none = ((x.size == 0) | (y.size == 0)) & (z.size == 0)
        value = way * product + added * z.value
        return self._made(value, through, none, self._relative, self._absolute)

    def _made(
        self,
        value: Array,
        through: Callable[[Pick], Array],
        none: NDArray[np.bool_],
        relative: float,
        absolute: float,
    ) -> Bounded:
        """Round: errors go through the operation, and the rounding adds its own.

        ``none`` says where the result is 0 because its operands are, and is rounded to 0.
        """
        some = bool(none.any())
        with np.errstate(all="ignore"):
            # New arrays are worked on in place: much of the time is that of asking for memory.
            slack = through(_slack) + np.abs(value) * _U
            slack += _ETA
            slack *= OUTWARD
            slack += _TINY
            if some:
                slack = np.where(none, 0.0, slack)
            size = np.abs(value) + slack
            size *= OUTWARD
            before = through(_error)
            error = generated.after_rounding(size, before, relative, absolute)
            error *= OUTWARD
            error += _TINY
            if some:
                error = np.where(none & (before == 0), 0.0, error)
            # What may overflow has no bound, nor has what is no number.
            held = size + error <= self._largest
            if not held.all():
                error = np.where(held, error, np.inf)
        made = Bounded(value, slack, error)
        made.__dict__["size"] = size  # what the property would make again
        return made


Pick: TypeAlias = "Callable[[Bounded], Array]"


def _slack(x: Bounded) -> Array:
    return x.slack


def _error(x: Bounded) -> Array:
    return x.error


def _unchanged(x: Bounded) -> Callable[[Pick], Array]:
    return lambda error: error(x)


def _product(x: Bounded, y: Bounded) -> Callable[[Pick], Array]:
    return lambda error: generated.of_product(x.size, error(x), y.size, error(y))


def _sum(x: Bounded, y: Bounded) -> Callable[[Pick], Array]:
    return lambda error: generated.of_sum(error(x), error(y))
