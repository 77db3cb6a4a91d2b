"""Exact rational arithmetic, as far as it goes.

A value is a `Fraction`, or `Unknown` where it is irrational (or has outgrown the bit budget). A
root is taken where it is rational; of another one its square is kept, so that the quotient of two
roots is found where it is rational. So what this carrier does return is the real number itself, and
decides ties and exact zeros that no enclosure can.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, final

from adamref.numbers.carrier import Carrier, Unknown


@final
class Rational(Carrier):
    """Exact rationals with a budget for the size of numerator and denominator.

    Parameters
    ----------
    bits : int
        A value whose numerator or denominator would need more bits becomes `Unknown`.
    """

    def __init__(self, bits: int = 1 << 16) -> None:
        self.bits = bits
        self.finite = {
            "add": self._add,
            "multiply": self._multiply,
            "divide": self._divide,
            "negate": self._negate,
            "root": self._root,
            "magnitude": self._magnitude,
            "larger": self._larger,
            "whole_power": self._whole_power,
            "exponential": self._exponential,
            "logarithm": self._logarithm,
        }

    def lift_finite(self, value: Fraction) -> Fraction:
        """Return the value itself."""
        return value

    def sign(self, a: Fraction | Unknown) -> int | None:
        """Return the sign; it is often known of an `Unknown` too."""
        return a.sign if isinstance(a, Unknown) else (a > 0) - (a < 0)

    def _add(self, a: Any, b: Any) -> Any:
        """Add."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self._kept(a + b)
        if 0 in (a, b):
            return b if a == 0 else a
        if (ratio := _ratio(a, b)) is not None:
            # a and b are multiples of one root.
            return self._multiply(b, ratio + 1)
        signs = {self.sign(a), self.sign(b)} - {0}
        return Unknown(signs.pop() if len(signs) == 1 else None)

    def _multiply(self, a: Any, b: Any) -> Any:
        """Multiply; an exact 0 absorbs what is unknown."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self._kept(a * b)
        if 0 in (a, b):
            return Fraction(0)
        return self._with_square(self._joint_sign(a, b), _square(a), _square(b))

    def _divide(self, a: Any, b: Any) -> Any:
        """Divide."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self._kept(a / b)
        if a == 0:
            return Fraction(0)
        below = _square(b)
        inverse = None if below is None else 1 / below
        return self._with_square(self._joint_sign(a, b), _square(a), inverse)

    def _negate(self, a: Any) -> Any:
        """Change the sign."""
        if isinstance(a, Unknown):
            return Unknown(None if a.sign is None else -a.sign, a.square)
        return -a

    def _root(self, a: Any) -> Any:
        """Take the square root where it is rational."""
        if isinstance(a, Unknown):
            return Unknown(a.sign)
        return self._with_square(1, a, Fraction(1)) if a else a

    def _magnitude(self, a: Any) -> Any:
        """Take the absolute value."""
        if isinstance(a, Unknown):
            return Unknown(None if a.sign is None else abs(a.sign), a.square)
        return abs(a)

    def _larger(self, a: Any, b: Any) -> Any:
        """Take the greater of two, where signs suffice to tell."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return max(a, b)
        above, below = self.sign(a), self.sign(b)
        if above is not None and below is not None and above != below:
            return a if above > below else b
        return Unknown(1 if 1 in (above, below) else None)

    def _whole_power(self, a: Any, exponent: int) -> Any:
        """Raise to a whole exponent, within the bit budget."""
        if isinstance(a, Unknown):
            even = exponent % 2 == 0
            if even and a.square is not None:
                return self._whole_power(a.square, exponent // 2)
            return Unknown(None if a.sign is None else abs(a.sign) if even else a.sign)
        if a.denominator == 1 and abs(a.numerator) <= 1:
            return a ** (2 - exponent % 2)
        if exponent * self._size(a) > self.bits:
            sign = self.sign(a)
            return Unknown(None if sign is None else sign**exponent)
        return a**exponent

    def _exponential(self, a: Any) -> Any:
        """Return 1 for 0; every other value is irrational (Lindemann)."""
        return Fraction(1) if a == 0 else Unknown(1)

    def _logarithm(self, a: Any) -> Any:
        """Return 0 for 1; every other value is irrational (Lindemann)."""
        if isinstance(a, Unknown):
            return Unknown()
        return Fraction(0) if a == 1 else Unknown(1 if a > 1 else -1)

    def exact_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Raise to an exponent, rationally where the exponent is whole."""
        if exponent == 0:
            return Fraction(1)
        if exponent.denominator == 1:
            return self._whole_power(base, int(exponent))
        return Fraction(1) if base == 1 else Unknown(1)

    def one_minus_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Subtract the power from 1."""
        power = self.exact_power_finite(base, exponent)
        return Unknown(1) if isinstance(power, Unknown) else 1 - power

    def _with_square(self, sign: int | None, one: Fraction | None, other: Fraction | None) -> Any:
        """Return the number of a sign, of which the square is the product of two squares."""
        if sign is None or one is None or other is None or self._size(one * other) > 2 * self.bits:
            return Unknown(sign)
        square = one * other
        root = _rational_root(square)
        return Unknown(sign, square) if root is None else self._kept(sign * root)

    def _kept(self, a: Fraction) -> Any:
        return a if self._size(a) <= self.bits else Unknown(self.sign(a))

    @staticmethod
    def _size(a: Fraction) -> int:
        return max(a.numerator.bit_length(), a.denominator.bit_length())

    def _joint_sign(self, a: Any, b: Any) -> int | None:
        left, right = self.sign(a), self.sign(b)
        return None if left is None or right is None else left * right


def _square(a: Any) -> Fraction | None:
    return a.square if isinstance(a, Unknown) else Fraction(a * a)


def _ratio(a: Any, b: Any) -> Fraction | None:
    """Return a/b, if both are roots of which the squares are known and it is rational."""
    if not (isinstance(a, Unknown) and isinstance(b, Unknown)):
        return None
    if a.square is None or b.square is None or a.sign is None or b.sign is None:
        return None
    root = _rational_root(a.square / b.square)
    return None if root is None else a.sign * b.sign * root


def _rational_root(a: Fraction) -> Fraction | None:
    """Return the square root of a number >= 0, if it is rational."""
    top, bottom = math.isqrt(a.numerator), math.isqrt(a.denominator)
    if top * top == a.numerator and bottom * bottom == a.denominator:
        return Fraction(top, bottom)
    return None
