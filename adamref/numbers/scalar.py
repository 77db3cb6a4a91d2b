"""Numbers that all elements of an array share, nearly exact: rationals of at most 192 bits.

What is computed once for a whole array may cost something: it is worked far beyond the precision
of the elements, so that its own error hardly counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, final

from adamref.numbers.ball import Ball

_BITS, _BALL_BITS = 192, 256
_ROUNDED = 2.0 ** (1 - _BITS)
_OUTWARD = 1 + 2.0**-40


class OutOfRange(ArithmeticError):
    """An operation might overflow or underflow, or is not followed."""


@final
@dataclass(frozen=True, eq=False)
class Scalar:
    """A rational number near a real one; equal to itself alone, so that it can be looked up fast.

    Attributes
    ----------
    value : Fraction
    error : float
        The most that it is off, relative to the value.
    negative : bool
        Whether it is below 0, or the 0 of a negative number times 0: IEEE 754's -0.
    sign : {-1, 0, 1}
    """

    value: Fraction
    error: float = 0.0
    negative: bool = False
    sign: int = field(init=False)

    def __post_init__(self) -> None:
        top = self.value.numerator
        object.__setattr__(self, "sign", (top > 0) - (top < 0))
        if top:
            object.__setattr__(self, "negative", top < 0)

    def __add__(self, other: Scalar) -> Scalar:
        total = self.value + other.value
        if self.error == other.error == 0:
            return _kept(total, 0.0)
        if math.isinf(self.error + other.error):
            return UNKNOWN
        off = abs(self.value) * Fraction(self.error) + abs(other.value) * Fraction(other.error)
        return _kept(total, float(off / abs(total)) * _OUTWARD if total else math.inf)

    def __mul__(self, other: Scalar) -> Scalar:
        found = _kept(self.value * other.value, (self.error + other.error) * _OUTWARD)
        return found.with_sign(self.negative != other.negative)

    def __truediv__(self, other: Scalar) -> Scalar:
        found = _kept(self.value / other.value, (self.error + other.error) * _OUTWARD)
        return found.with_sign(self.negative != other.negative)

    def __neg__(self) -> Scalar:
        return Scalar(-self.value, self.error, not self.negative)

    def or_larger(self, other: Scalar) -> Scalar:
        """Return the greater of two; it is off by no more than the one that is off by more."""
        found = self if self.value >= other.value else other
        if self.error == other.error == 0:
            return found
        if math.isinf(self.error + other.error) or not found.sign:
            return UNKNOWN
        off = max(abs(x.value) * Fraction(x.error) for x in (self, other))
        return Scalar(found.value, float(off / abs(found.value)) * _OUTWARD)

    def with_sign(self, negative: bool) -> Scalar:
        """Return it with the sign that a 0 has; other numbers have their own."""
        return self if self.sign else Scalar(self.value, self.error, negative)

    def root(self) -> Scalar:
        """Return the square root of a number >= 0."""
        top, bottom = self.value.numerator, self.value.denominator
        whole = Fraction(math.isqrt(top), math.isqrt(bottom))
        if whole * whole == self.value:
            return Scalar(whole, self.error)
        shift = max(0, 2 * _BITS + bottom.bit_length() - top.bit_length())
        shift += shift % 2
        found = Fraction(math.isqrt((top << shift) // bottom), 1 << shift // 2)
        return Scalar(found, (self.error + _ROUNDED) * _OUTWARD)

    def __pow__(self, exponent: int) -> Scalar:
        return _kept(self.value**exponent, self.error * abs(exponent) * _OUTWARD)

    def exponential(self) -> Scalar:
        """Return e to the power of it, in balls."""
        if math.isinf(self.error):
            return UNKNOWN
        found = settled("exponential", self.value)
        return Scalar(found.value, found.error + abs(float(self.value)) * self.error * 1.01)

    def logarithm(self) -> Scalar:
        """Return its natural logarithm, in balls."""
        if math.isinf(self.error):
            return UNKNOWN
        found = settled("logarithm", self.value)
        size = abs(float(found.value))
        return Scalar(found.value, found.error + (self.error and self.error / size * 1.01))

    def sure_sign(self) -> int:
        """Return the sign, if it is known closely enough to have it."""
        known = not math.isinf(self.error) and abs(self.value) >= Fraction(self.error)
        if not known or (self.error and self.value == 0):
            raise OutOfRange
        return self.sign


ONE = Scalar(Fraction(1))
UNKNOWN = Scalar(Fraction(1), math.inf)
"""What does not exist, as the root of a negative number, and may still be passed over."""


def settled(method: str, *numbers: Any) -> Scalar:
    """Do an operation on exact numbers in balls, and return its middle."""
    ball = Ball(_BALL_BITS)
    with ball.working():
        if len(numbers) == 1:
            numbers = (ball.lift(*numbers),)
        found: Any = getattr(ball, method)(*numbers)
        if isinstance(found, float) or ball.sign(found) is None:
            raise OutOfRange
        low, high = ball.ends(found)
    if low == high:
        return Scalar(low)
    return Scalar((low + high) / 2, float((high - low) / (2 * min(abs(low), abs(high)))) * 1.01)


def _kept(value: Fraction, error: float) -> Scalar:
    """Round to `_BITS` bits what has outgrown many more."""
    top, bottom = value.numerator, value.denominator
    if max(top.bit_length(), bottom.bit_length()) <= 20 * _BITS:
        return Scalar(value, error)
    shift = _BITS + 1 + bottom.bit_length() - top.bit_length()
    scaled = (top << shift) // bottom if shift >= 0 else top // (bottom << -shift)
    near = Fraction(scaled, 1 << shift) if shift >= 0 else Fraction(scaled << -shift)
    return Scalar(near, (error + _ROUNDED) * _OUTWARD)
