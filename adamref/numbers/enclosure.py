"""Intervals with outward rounding: every value is enclosed, so its digits can be certified.

mpmath's interval arithmetic does the work: a value is a pair of raw mpmath floats between which the
true real number lies.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any, final

from mpmath import libmp
from mpmath.libmp import libmpi

from adamref.errors import Unworkable
from adamref.numbers.carrier import Carrier, Unknown, knowing
from adamref.numbers.multiprecision import FAR, guard_bits

_DOWN, _UP = "f", "c"
_SPARE = 16
# Fractions of a million bits take seconds to divide; what is beyond 10^9864 no page works with.
_LARGEST_EXPONENT = 1 << 15
_SMALLEST = Fraction(1, 1 << _LARGEST_EXPONENT)
_TINY = libmp.from_man_exp(1, -(1 << (1 << 12)))


@final
class Enclosure(Carrier):
    """Closed intervals whose ends are binary floats of a given precision.

    Parameters
    ----------
    bits : int
        Working precision of the ends. The enclosure is rigorous at every precision; more bits make
        it narrower.
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits
        rounded = {
            "add": libmpi.mpi_add,
            "multiply": libmpi.mpi_mul,
            "divide": libmpi.mpi_div,
            "root": libmpi.mpi_sqrt,
            "magnitude": libmpi.mpi_abs,
            "whole_power": _whole_power,
            "exponential": _exponential,
            "logarithm": _logarithm,
        }
        self.finite = {name: knowing(partial(x, prec=bits)) for name, x in rounded.items()}
        self.finite |= {"negate": knowing(libmpi.mpi_neg), "larger": knowing(_larger)}

    def lift_finite(self, value: Fraction) -> Any:
        """Enclose a rational number; exactly, where it is a float of this precision."""
        return self.between(value, value)

    def between(self, low: Fraction, high: Fraction) -> Any:
        """Enclose every real number from low to high."""
        return (
            libmp.from_rational(low.numerator, low.denominator, self.bits, _DOWN),
            libmp.from_rational(high.numerator, high.denominator, self.bits, _UP),
        )

    @staticmethod
    def ends(a: Any) -> tuple[Fraction, Fraction]:
        """Return the exact ends of an enclosure; of one near 0 they are rounded outwards.

        Raises
        ------
        Unworkable
            If they are so large that it would take seconds to work with them as fractions.
        """
        low, high = (_end(one, upwards) for one, upwards in zip(a, (False, True), strict=True))
        return low, high

    def sign(self, a: Any) -> int | None:
        """Return the sign where the whole interval has it."""
        if isinstance(a, Unknown):
            return a.sign
        low, high = libmp.mpf_sign(a[0]), libmp.mpf_sign(a[1])
        if low == high:
            return int(low)
        return None

    def exact_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Raise a rational base at a precision that the exponent cannot spoil."""
        return self._raised(base, exponent, abs(exponent.numerator).bit_length() + 8)

    def one_minus_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Subtract the power from 1 at a precision chosen from base and exponent."""
        raised = self._raised(base, exponent, guard_bits(base, exponent))
        return libmpi.mpi_sub(libmpi.mpi_one, raised, self.bits)

    def _raised(self, base: Fraction, exponent: Fraction, more: int) -> Any:
        wide = Enclosure(self.bits + more)
        lifted = wide.lift_finite(base)
        if exponent == 0:
            return libmpi.mpi_one
        if exponent.denominator == 1:
            return _whole_power(lifted, int(exponent), wide.bits)
        scaled = wide.multiply(wide.lift_finite(exponent), wide.logarithm(lifted))
        return wide.exponential(scaled)


def _end(one: Any, upwards: bool) -> Fraction:
    """Return an end exactly, or of one next to 0 what lies outside of it."""
    negative, _, exponent, bits = one
    if exponent + bits < -_LARGEST_EXPONENT:
        outwards = upwards != bool(negative)
        return (-_SMALLEST if negative else _SMALLEST) if outwards else Fraction(0)
    if abs(exponent) > _LARGEST_EXPONENT:
        raise Unworkable
    top, bottom = libmp.to_rational(one)
    return Fraction(int(top), int(bottom))


def _whole_power(a: Any, exponent: int, prec: int) -> Any:
    """Raise an interval by repeated squaring; an even power of one around 0 starts at 0.

    mpmath's own whole power truncates its intermediate results one way only; built from single
    products, each rounded outwards, the enclosure holds by construction.
    """
    result = None
    while True:
        if exponent % 2:
            result = a if result is None else libmpi.mpi_mul(result, a, prec)
        exponent //= 2
        if not exponent:
            return result
        a = libmpi.mpi_square(a, prec)


def _larger(a: Any, b: Any) -> Any:
    """Take the greater low end and the greater high end."""
    return tuple(x if libmp.mpf_ge(x, y) else y for x, y in zip(a, b, strict=True))


def _exponential(a: Any, prec: int) -> Any:
    # e to the power of x takes as many bits more as x has before its point.
    low, high = a
    if libmp.mpf_gt(high, FAR):
        raise Unworkable
    if libmp.mpf_lt(high, libmp.mpf_neg(FAR)):
        return libmp.fzero, _TINY
    if libmp.mpf_lt(low, libmp.mpf_neg(FAR)):
        return libmp.fzero, _exponential((high, high), prec)[1]
    return _widened(libmpi.mpi_exp(a, prec + _SPARE), prec)


def _logarithm(a: Any, prec: int) -> Any:
    return _widened(libmpi.mpi_log(a, prec + _SPARE), prec)


def _widened(a: Any, bits: int) -> Any:
    """Widen the ends by a relative ``2**-bits``.

    mpmath does not promise directed rounding of exp and log. They were computed with _SPARE more
    bits, so this covers errors of up to ``2**_SPARE`` units in their last place.
    """
    low, high = a
    outward = libmp.mpf_add(libmp.fone, libmp.from_man_exp(1, -bits))
    inward = libmp.mpf_sub(libmp.fone, libmp.from_man_exp(1, -bits))
    return (
        libmp.mpf_mul(low, inward if libmp.mpf_sign(low) > 0 else outward, bits + _SPARE, _DOWN),
        libmp.mpf_mul(high, outward if libmp.mpf_sign(high) > 0 else inward, bits + _SPARE, _UP),
    )
