"""Rounding a real number once, to a number of decimal digits or to a float format.

A target is a `Digits` or a `Format`: something with ``round(real)``. Rounding an enclosure is
rounding both of its ends; where they agree, the result is the correctly rounded true value.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import index
from typing import Protocol, final

from adamref.errors import OutOfDomain
from adamref.numbers.exact import Extended, is_special

MAX_DIGITS = 100_000


class Target(Protocol):
    """Something a real number can be rounded to."""

    def round(self, value: Extended, /) -> Decimal | float:
        """Round once, to nearest with ties to even."""


@final
@dataclass(frozen=True)
class Digits:
    """Decimal rounding to a number of significant digits, ties to even, any exponent.

    >>> Digits(3).round(Fraction(2, 3))
    Decimal('0.667')
    """

    count: int

    def __post_init__(self) -> None:
        if isinstance(self.count, bool) or not hasattr(self.count, "__index__"):
            raise OutOfDomain("digits", self.count, "a whole number")
        object.__setattr__(self, "count", index(self.count))
        if not 1 <= self.count <= MAX_DIGITS:
            raise OutOfDomain("digits", self.count, f"between 1 and {MAX_DIGITS}")

    def round(self, value: Extended) -> Decimal:
        """Round a real number; trailing zeros are not kept, inf and nan stay what they are."""
        if is_special(value):
            return Decimal(float(value))
        number = Fraction(value)
        if number == 0:
            return Decimal(0)
        exponent = decimal_exponent(number) - self.count + 1
        scaled = round(number / Fraction(10) ** exponent)
        return from_scaled(scaled, exponent)

    def __str__(self) -> str:
        return f"{self.count} digits"


def decimal_exponent(value: Fraction) -> int:
    """Return e with ``10**e <= |value| < 10**(e+1)``, for a value other than 0."""
    top, bottom = abs(value.numerator), value.denominator
    # log10(2) = 0.30102999566...; the estimate is off by at most one either way.
    estimate = (top.bit_length() - bottom.bit_length()) * 30103 // 100000
    while abs(value) >= Fraction(10) ** (estimate + 1):
        estimate += 1
    while abs(value) < Fraction(10) ** estimate:
        estimate -= 1
    return estimate


def from_scaled(scaled: int, exponent: int) -> Decimal:
    """Return the decimal ``scaled * 10**exponent`` without trailing zeros."""
    if scaled == 0:
        return Decimal(0)
    # Scaling by tens may leave many zeros: divide them off, the greatest powers of ten first.
    step = 1 << (scaled.bit_length() // 3).bit_length()
    while step:
        quotient, rest = divmod(scaled, 10**step)
        if rest == 0:
            scaled, exponent = quotient, exponent + step
        step //= 2
    sign = 1 if scaled < 0 else 0
    return Decimal((sign, _digits_of(abs(scaled)), exponent))


def _digits_of(number: int) -> tuple[int, ...]:
    """Split a whole number into its decimal digits, however long it is."""
    if number < 10**4000:
        return tuple(map(int, str(number)))
    half = number.bit_length() * 15 // 100  # about half the digits
    high, low = divmod(number, 10**half)
    tail = _digits_of(low)
    return _digits_of(high) + (0,) * (half - len(tail)) + tail


def plain(value: Decimal | float | Fraction, width: int = 16) -> str:
    """Write a decimal the way people do: no exponent while it stays short.

    >>> plain(Decimal("-15")), plain(Decimal("6.67E-11")), plain(Decimal("1E+3"))
    ('-15', '6.67e-11', '1000')
    """
    if isinstance(value, Fraction):
        value = Digits(width).round(value)
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not number.is_finite():
        return str(number).lower().replace("infinity", "inf")
    if number == 0:
        return "0"
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    while len(digits) > 1 and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    leading = len(digits) + exponent - 1
    if -5 <= leading <= max(width, 16):
        text = "".join(map(str, digits))
        if exponent >= 0:
            text += "0" * exponent
        elif leading >= 0:
            text = text[: leading + 1] + "." + text[leading + 1 :]
        else:
            text = "0." + "0" * (-leading - 1) + text
    else:
        text = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
        text += f"e{leading}"
    return "-" * sign + text
