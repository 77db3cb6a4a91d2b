"""mpmath floats at any precision: the second opinion on every enclosure.

Values are mpmath's raw floats, each operation rounded to nearest at one fixed precision, so nothing
depends on or changes mpmath's global context.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any, final

from mpmath import libmp

from adamref.errors import Unworkable
from adamref.numbers.carrier import Carrier

_NEAREST = "n"
FAR = libmp.from_man_exp(1, 1 << 12)
"""An exponential of what is beyond this is not worked: of its logarithm all bits are needed."""


def guard_bits(base: Fraction, exponent: Fraction) -> int:
    """Return how many extra bits ``1 - base**exponent`` needs, for 0 < base < 1, exponent >= 1.

    Subtracting from 1 loses at most ``-log2(1 - base)`` bits, since ``1 - base**t >= 1 - base``
    for t >= 1; the power itself loses about ``log2(exponent)``. Eight more cover the rest.
    """
    lost = base.denominator.bit_length() - (base.denominator - base.numerator).bit_length() + 1
    return max(lost, 0) + int(exponent).bit_length() + 8


@final
class Multiprecision(Carrier):
    """Binary floats with a given number of significant bits and an unbounded exponent.

    Parameters
    ----------
    bits : int
        Working precision. Each operation is correctly rounded to it, except powers, which are
        within a few units in the last place.
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits
        rounded = {
            "add": libmp.mpf_add,
            "multiply": libmp.mpf_mul,
            "divide": libmp.mpf_div,
            "root": libmp.mpf_sqrt,
            "whole_power": libmp.mpf_pow_int,
            "exponential": _exponential,
            "logarithm": libmp.mpf_log,
        }
        self.finite = {name: partial(x, prec=bits, rnd=_NEAREST) for name, x in rounded.items()}
        self.finite |= {"negate": libmp.mpf_neg, "magnitude": libmp.mpf_abs, "larger": _larger}

    def lift_finite(self, value: Fraction) -> Any:
        """Round a rational number to the working precision."""
        return libmp.from_rational(value.numerator, value.denominator, self.bits, _NEAREST)

    @staticmethod
    def to_exact(a: Any) -> Fraction:
        """Return the exact value of a finite raw float."""
        numerator, denominator = libmp.to_rational(a)
        return Fraction(int(numerator), int(denominator))

    def sign(self, a: Any) -> int | None:
        """Return the sign of the float."""
        return int(libmp.mpf_sign(a))

    def exact_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Raise a rational base at a precision that the exponent cannot spoil."""
        wide = self.bits + abs(exponent.numerator).bit_length() + 8
        raised = _power(base, exponent, wide)
        return libmp.mpf_pos(raised, self.bits, _NEAREST)

    def one_minus_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Subtract the power from 1 at a precision chosen from base and exponent."""
        raised = _power(base, exponent, self.bits + guard_bits(base, exponent))
        return libmp.mpf_sub(libmp.fone, raised, self.bits, _NEAREST)


def _larger(a: Any, b: Any) -> Any:
    return a if libmp.mpf_ge(a, b) else b


def _exponential(a: Any, prec: int, rnd: str) -> Any:
    if libmp.mpf_gt(libmp.mpf_abs(a), FAR):
        raise Unworkable  # it takes as many bits more as the exponent has before its point
    try:
        return libmp.mpf_exp(a, prec, rnd)
    except OverflowError:
        raise Unworkable from None


def _power(base: Fraction, exponent: Fraction, bits: int) -> Any:
    root = libmp.from_rational(base.numerator, base.denominator, bits, _NEAREST)
    if exponent.denominator == 1:
        return libmp.mpf_pow_int(root, int(exponent), bits, _NEAREST)
    wide = libmp.from_rational(exponent.numerator, exponent.denominator, bits, _NEAREST)
    return libmp.mpf_pow(root, wide, bits, _NEAREST)
