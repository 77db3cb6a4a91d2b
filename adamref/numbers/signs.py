"""The sign of a result that is exactly 0, as IEEE 754's operations give it (section 6.3).

Numbers are followed by no more than what decides it: 0.0, -0.0, 1.0 and -1.0 for what is not 0, the
infinities, and nan where nothing is known (as after a sum of both signs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar, final

from adamref.numbers.exact import INF, NAN, Extended


def sign_of(value: Extended | float) -> float:
    """Return what is followed of a number."""
    if value == 0 or not math.isfinite(value):
        return float(value)
    return 1.0 if value > 0 else -1.0


@final
class Signs:
    """The arithmetic of signs."""

    refused: ClassVar[Mapping[str, str]] = {"total": "a sign is that of one element"}

    def lift(self, value: Extended) -> float:
        """Take an exact number."""
        return sign_of(value)

    def add(self, a: float, b: float) -> float:
        """Add; numbers of both signs may give anything."""
        if math.isfinite(a) and math.isfinite(b) and a * b < 0:
            return NAN
        return sign_of(a + b)

    def multiply(self, a: float, b: float) -> float:
        """Multiply."""
        return a * b

    def divide(self, a: float, b: float) -> float:
        """Divide."""
        if b == 0:
            return NAN if a == 0 or math.isnan(a) else math.copysign(INF, a) * math.copysign(1, b)
        return a / b

    def negate(self, a: float) -> float:
        """Change the sign."""
        return -a

    def magnitude(self, a: float) -> float:
        """Take the absolute value."""
        return abs(a)

    def root(self, a: float) -> float:
        """Take the square root; that of -0 is -0."""
        return NAN if a < 0 else a

    def larger(self, a: float, b: float) -> float:
        """Take the greater of two."""
        return NAN if math.isnan(a) or math.isnan(b) else max(a, b)

    def smaller(self, a: float, b: float) -> float:
        """Take the lesser of two."""
        return -self.larger(-a, -b)

    def signum(self, a: float) -> float:
        """Return the sign; that of a zero is the zero."""
        return sign_of(a) if math.isfinite(a) else math.copysign(1, a) if a == a else NAN  # noqa: PLR0124

    def chosen(self, a: float, b: float, c: float) -> float:
        """Choose by a sign."""
        return b if a > 0 else c if a <= 0 else c if b == c else NAN

    def exponential(self, a: float) -> float:
        """Take e to the power of a number."""
        return NAN if math.isnan(a) else 0.0 if a == -INF else INF if a == INF else 1.0

    def logarithm(self, a: float) -> float:
        """Take the natural logarithm: of a number above 0 it may have any sign."""
        return -INF if a == 0 else INF if a == INF else NAN

    def power(self, a: float, exponent: Fraction) -> float:
        """Raise to a constant exponent; of a whole one at least 1 the sign is that of the power."""
        if exponent.denominator == 1 and exponent >= 1:
            return a ** int(exponent)
        if exponent == 0:
            return 1.0
        if exponent < 0:
            return self.divide(1.0, self.power(a, -exponent))
        return NAN if a < 0 else a

    def exact_power(self, base: Extended, exponent: Fraction) -> float:
        """Raise a number >= 0 to an exponent."""
        return 1.0 if exponent == 0 else sign_of(base)

    def one_minus_power(self, base: Extended, exponent: Fraction) -> float:
        """Return ``1 - base**exponent`` for a base in [0, 1) and an exponent of at least 1."""
        del base, exponent
        return 1.0
