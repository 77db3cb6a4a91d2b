"""The sign of a result that is exactly 0, as IEEE 754's operations give it (section 6.3).

Numbers are followed as far as they decide it: exact ones are Fractions, as long as they stay small;
of others no more is known than 1.0 or -1.0. A zero is 0.0 or -0.0, an infinity itself, and nan is
what nothing is known of, as a sum of both signs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar, TypeAlias, final

from adamref.numbers.exact import INF, NAN, Extended

Followed: TypeAlias = Fraction | float
_BITS = 1 << 14
"""Of exact numbers that are followed, so that a long power costs nothing."""


def sign_of(value: Extended | float) -> float:
    """Return what is followed of a number of which only the sign counts."""
    if value == 0 or (isinstance(value, float) and not math.isfinite(value)):
        return float(value)
    return 1.0 if value > 0 else -1.0


def followed(value: Extended | float) -> Followed:
    """Return what is followed of a number: itself, unless it is 0, not finite or very long."""
    if value == 0 or (isinstance(value, float) and not math.isfinite(value)):
        return float(value)
    found = Fraction(value)
    size = found.numerator.bit_length() + found.denominator.bit_length()
    return found if size <= _BITS else sign_of(found)


@final
class Signs:
    """The arithmetic of signs."""

    refused: ClassVar[Mapping[str, str]] = {"total": "a sign is that of one element"}

    def lift(self, value: Extended) -> Followed:
        """Take an exact number."""
        return followed(value)

    def add(self, a: Followed, b: Followed) -> Followed:
        """Add; exact numbers cancel to +0, and others of both signs may give anything."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return followed(a + b)
        if a == 0 and b != 0:
            return b
        if b == 0 and a != 0:
            return a
        one, other = sign_of(a), sign_of(b)
        if math.isfinite(one) and math.isfinite(other) and one * other < 0:
            return NAN
        return sign_of(one + other)

    def multiply(self, a: Followed, b: Followed) -> Followed:
        """Multiply."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return followed(a * b)
        return sign_of(a) * sign_of(b)

    def divide(self, a: Followed, b: Followed) -> Followed:
        """Divide."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return followed(a / b)
        a, b = sign_of(a), sign_of(b)
        if b == 0:
            return NAN if a == 0 or math.isnan(a) else math.copysign(INF, a) * math.copysign(1, b)
        return a / b

    def negate(self, a: Followed) -> Followed:
        """Change the sign."""
        return -a

    def magnitude(self, a: Followed) -> Followed:
        """Take the absolute value."""
        return abs(a) if isinstance(a, Fraction) else abs(float(a))

    def root(self, a: Followed) -> Followed:
        """Take the square root; that of -0 is -0."""
        return NAN if a < 0 else sign_of(a)

    def larger(self, a: Followed, b: Followed) -> Followed:
        """Take the greater of two; of two of one sign it is one of that sign."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return max(a, b)
        a, b = sign_of(a), sign_of(b)
        return NAN if math.isnan(a) or math.isnan(b) else max(a, b)

    def smaller(self, a: Followed, b: Followed) -> Followed:
        """Take the lesser of two."""
        return -self.larger(-a, -b)

    def signum(self, a: Followed) -> float:
        """Return the sign; that of a zero is the zero."""
        a = sign_of(a)
        return a if math.isfinite(a) else math.copysign(1, a) if a == a else NAN  # noqa: PLR0124

    def chosen(self, a: Followed, b: Followed, c: Followed) -> Followed:
        """Choose by a sign."""
        return b if a > 0 else c if a <= 0 else c if b == c else NAN

    def exponential(self, a: Followed) -> float:
        """Take e to the power of a number."""
        a = sign_of(a)
        return NAN if math.isnan(a) else 0.0 if a == -INF else INF if a == INF else 1.0

    def logarithm(self, a: Followed) -> float:
        """Take the natural logarithm: of a number above 0 it may have any sign."""
        return -INF if a == 0 else INF if a == INF else NAN

    def power(self, a: Followed, exponent: Fraction) -> Followed:
        """Raise to a constant exponent; of a whole one at least 1 the sign is that of the power."""
        if exponent.denominator == 1 and exponent >= 1:
            if isinstance(a, Fraction) and exponent <= 4:
                return followed(a ** int(exponent))
            return sign_of(a) ** int(exponent)
        if exponent == 0:
            return 1.0
        if exponent < 0:
            return self.divide(1.0, self.power(a, -exponent))
        return NAN if a < 0 else sign_of(a)

    def exact_power(self, base: Extended, exponent: Fraction) -> float:
        """Raise a number >= 0 to an exponent."""
        return 1.0 if exponent == 0 else sign_of(base)

    def one_minus_power(self, base: Extended, exponent: Fraction) -> float:
        """Return ``1 - base**exponent`` for a base in [0, 1) and an exponent of at least 1."""
        del base, exponent
        return 1.0
