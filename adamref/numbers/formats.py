"""The four binary interchange formats in which optimizers store their numbers.

A float of any of them is held as a Python float: binary16, bfloat16 and binary32 are subsets of
binary64, so nothing is lost, and signed zeros, infinities and NaN come along.

Source: IEEE 754-2019, sections 3.3 (formats) and 4.3.1 (roundTiesToEven); bfloat16 is binary32
with the last 16 bits of the significand cut off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from adamref.errors import OutOfDomain, UnknownName
from adamref.numbers.exact import INF, Extended, is_special


@final
@dataclass(frozen=True)
class Format:
    """A binary floating-point format with subnormals.

    Attributes
    ----------
    name : str
        The IEEE name, for example ``binary32``.
    dtype : str
        The name NumPy and frameworks use, for example ``float32``.
    precision : int
        Significant bits p, the hidden one included.
    max_exponent : int
        Exponent e of the largest binade: finite values are below ``2**(e+1)``.
    """

    name: str
    dtype: str
    precision: int
    max_exponent: int

    @property
    def min_exponent(self) -> int:
        """Exponent of the least positive normal number."""
        return 1 - self.max_exponent

    @property
    def unit_roundoff(self) -> Fraction:
        """Half the distance from 1 to the next larger number: ``2**-p``, dimensionless."""
        return _power_of_two(-self.precision)

    @property
    def smallest(self) -> Fraction:
        """The least positive (subnormal) number; every finite value is a multiple of it."""
        return _power_of_two(self.min_exponent - self.precision + 1)

    @property
    def largest(self) -> Fraction:
        """The greatest finite number."""
        return (2 - _power_of_two(1 - self.precision)) * _power_of_two(self.max_exponent)

    def contains(self, value: float) -> bool:
        """Say whether a Python float is a value of this format; NaN and ±inf are."""
        return not math.isfinite(value) or self.round(Fraction(value)) == value

    def ulp(self, value: Extended) -> Fraction:
        """Return the unit in the last place at a real number: the spacing of its binade.

        Exact. For ``|x|`` in ``[2**e, 2**(e+1))`` it is ``2**(e-p+1)``, never less than
        `smallest` (so at 0 and at subnormals it is `smallest`); beyond the largest finite
        number, and at ±inf, it is that of the largest binade.

        Raises
        ------
        OutOfDomain
            If the value is NaN.
        """
        if is_special(value):
            if math.isnan(value):
                raise OutOfDomain("the argument of ulp", value, "a number")
            return _power_of_two(self.max_exponent - self.precision + 1)
        return _power_of_two(self._ulp_exponent(Fraction(value)))

    def round(self, value: Extended) -> float:
        """Round a real number once, to nearest with ties to even.

        Correctly rounded. From ``largest + ulp/2`` on the result is infinite; a negative number
        that rounds to zero gives -0.0, the real number 0 gives +0.0.

        >>> BINARY32.round(Fraction(1, 10)).hex()
        '0x1.99999a0000000p-4'
        """
        if is_special(value):
            return float(value)
        number = Fraction(value)
        exponent = self._ulp_exponent(number)
        ulps = _nearest_multiple(abs(number), exponent)
        if ulps.bit_length() + exponent > self.max_exponent + 1:
            magnitude = INF
        else:
            # Exact: the value is on this format's grid, hence on binary64's.
            magnitude = math.ldexp(ulps, exponent)
        return -magnitude if number < 0 else magnitude

    def exact(self, value: float) -> Extended:
        """Return the real number that a float of this format stands for.

        Raises
        ------
        OutOfDomain
            If the float is not a value of this format.
        """
        if not self.contains(value):
            raise OutOfDomain("the float", value.hex(), f"a {self.name} number")
        return Fraction(value) if math.isfinite(value) else value

    def next_up(self, value: float) -> float:
        """Return the least number of this format above a value of it.

        NaN gives NaN and +inf gives +inf; the largest finite number gives +inf; both zeros give
        the smallest subnormal. (IEEE 754-2019, section 5.3.1, nextUp, except that the negative
        number nearest to zero gives -0.0, as there.)
        """
        if math.isnan(value) or value == INF:
            return value
        return self._from_ordinal(self._ordinal(value) + 1, below_zero=value < 0)

    def next_down(self, value: float) -> float:
        """Return the greatest number of this format below a value of it: ``-next_up(-value)``."""
        return -self.next_up(-value)

    def distance(self, got: float, want: float) -> float:
        """Count the steps between two numbers of this format: an integer, or inf; never NaN.

        - +0 and -0 are the same point: distance 0.
        - Subnormals count like all others, so the distance is a metric across zero as well.
        - An infinity is one step beyond the largest finite number of its sign.
        - NaN against NaN is 0 (payloads are not looked at); NaN against a number is inf.

        Raises
        ------
        OutOfDomain
            If one of them is not a value of this format.
        """
        for value in (got, want):
            self.exact(value)
        if math.isnan(got) or math.isnan(want):
            return 0 if math.isnan(got) and math.isnan(want) else INF
        return abs(self._ordinal(got) - self._ordinal(want))

    def _ordinal(self, value: float) -> int:
        """Return a value's place in order: zeros 0, the infinities one past the largest."""
        if math.isinf(value):
            steps = self._finite_count
        else:
            magnitude = abs(Fraction(value))
            unit = self.ulp(magnitude)
            binade = _exponent(unit) - _exponent(self.smallest)
            # Within a binade the significand counts; each binade below adds 2**(p-1) values.
            steps = int(magnitude / unit) + (binade << (self.precision - 1))
        return int(-steps if value < 0 else steps)

    def _from_ordinal(self, ordinal: int, *, below_zero: bool) -> float:
        steps = abs(ordinal)
        if steps >= self._finite_count:
            return INF if ordinal > 0 else -INF
        if steps == 0:
            return -0.0 if below_zero else 0.0
        half = 2 ** (self.precision - 1)
        binade = max(0, steps // half - 1)
        magnitude = (steps - binade * half) * self.smallest * 2**binade
        return math.copysign(magnitude.numerator / magnitude.denominator, ordinal)

    def _ulp_exponent(self, value: Fraction) -> int:
        exponent = min(_exponent(value), self.max_exponent)
        return max(exponent, self.min_exponent) - self.precision + 1

    @property
    def _finite_count(self) -> int:
        """One more than the ordinal of the largest finite number."""
        binades = self.max_exponent - self.min_exponent + 1
        return (binades + 1) << (self.precision - 1)

    def __str__(self) -> str:
        return self.dtype


def _nearest_multiple(value: Fraction, exponent: int) -> int:
    """Return how many times ``2**exponent`` a number >= 0 is, to nearest with ties to even."""
    top, bottom = value.numerator, value.denominator
    if exponent >= 0:
        bottom <<= exponent
    else:
        top <<= -exponent
    whole, rest = divmod(top, bottom)
    over = 2 * rest - bottom
    return whole + (over > 0 or (over == 0 and whole % 2 == 1))


def _power_of_two(exponent: int) -> Fraction:
    return Fraction(2**exponent) if exponent >= 0 else Fraction(1, 2**-exponent)


def _exponent(value: Fraction) -> int:
    """Return e with ``2**e <= |value| < 2**(e+1)``; for 0 something below every format."""
    if value == 0:
        return -(10**9)
    top, bottom = abs(value.numerator), value.denominator
    exponent = top.bit_length() - bottom.bit_length()
    # The quotient of two numbers with b1 and b2 bits lies in (2**(b1-b2-1), 2**(b1-b2+1)).
    reached = top >= bottom << exponent if exponent >= 0 else top << -exponent >= bottom
    return exponent if reached else exponent - 1


BINARY16 = Format("binary16", "float16", 11, 15)
BFLOAT16 = Format("bfloat16", "bfloat16", 8, 127)
BINARY32 = Format("binary32", "float32", 24, 127)
BINARY64 = Format("binary64", "float64", 53, 1023)

FORMATS = (BINARY16, BFLOAT16, BINARY32, BINARY64)


def get(name: object) -> Format:
    """Look a format up by its IEEE name, its dtype name, or a NumPy dtype.

    Raises
    ------
    UnknownName
        If it is none of the four.
    """
    text = getattr(name, "__name__", None) or str(name)
    for known in FORMATS:
        if text in (known.name, known.dtype):
            return known
    raise UnknownName("dtype", text, tuple(known.dtype for known in FORMATS))
