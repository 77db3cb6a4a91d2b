"""The arithmetic of columns (`adamref.numbers.column`), each result with a bound on its errors.

The bound of an operation is the standard model of floating-point arithmetic (Higham 2002, section
2.2; Joldes, Muller & Popescu 2017 for pairs), rounded up by more than what is left out: per
operation ``2**-51`` of its result where float64 itself has ``2**-53``, and ``2**-95`` for pairs.
(The low part of a pair is at most ``2**-49`` of the high one: a product of two leaves out
``2**-98``, a quotient ``2**-97``, and rounds low parts by a few units of ``2**-53 * 2**-48``.)
Nothing overflows or underflows: the exponents that occur are followed, and what would leave the
middle of float64's range is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, TypeAlias, final

from adamref.numbers.column import HIGHEST, LARGEST_TAIL, LOWEST, OUTWARD, Column, Term
from adamref.numbers.double_double import nearest_pair
from adamref.numbers.exact import Extended, is_special
from adamref.numbers.lanes import Lane, Number, larger, magnitude, two_product, two_square, two_sum
from adamref.numbers.scalar import ONE, UNKNOWN, OutOfRange, Scalar, settled

_SINGLE, _DOUBLE = 2.0**-51, 2.0**-95
_ROUNDED = 2.0**-53
_CANCELLED = 110
"""How many bits below its terms a sum that is not 0 may lie: two significands."""
_MOST_OF_A_DIVISOR = 0.25

Value: TypeAlias = "Column | Scalar"


@final
class Columns:
    """The arithmetic of columns and of what their elements share.

    Parameters
    ----------
    pairs : bool
        Whether to work in pairs of float64 numbers.
    """

    refused: ClassVar[Mapping[str, str]] = {
        "total": "a column is a block of a tensor",
    }

    def __init__(self, *, pairs: bool) -> None:
        self._pairs = pairs
        self._unit = _DOUBLE if pairs else _SINGLE
        # What the elements share is the same for every block of them.
        self._shared: dict[tuple[str, Scalar, Scalar], Scalar] = {}
        self._as_pairs: dict[Scalar, tuple[float, float, int]] = {}

    def lift(self, value: Extended) -> Scalar:
        """Take an exact number that all elements share."""
        if is_special(value):
            raise OutOfRange
        return Scalar(Fraction(value))

    def exact_power(self, base: Extended, exponent: Fraction) -> Scalar:
        """Raise an exactly known base, in balls."""
        return settled("exact_power", base, exponent)

    def one_minus_power(self, base: Extended, exponent: Fraction) -> Scalar:
        """Return ``1 - base**exponent``, in balls."""
        return settled("one_minus_power", base, exponent)

    def negate(self, a: Value) -> Value:
        """Change the sign."""
        if isinstance(a, Scalar):
            return -a
        return a.scaled(self._of_shared("negate", a.factor, ONE), nonnegative=False)

    def magnitude(self, a: Value) -> Value:
        """Take the absolute value."""
        if isinstance(a, Scalar):
            return Scalar(abs(a.value), a.error)
        flat = self._plain(a)
        high, low = _lane(flat.high), flat.low
        if low is not None:
            low = high.choose(low, -low)
        return replace(flat, high=abs(high), low=low, nonnegative=True)

    def multiply(self, a: Value, b: Value) -> Value:
        """Multiply; a number that all elements share goes to the factor."""
        if isinstance(a, Scalar) and isinstance(b, Scalar):
            return a * b
        if isinstance(a, Scalar):
            a, b = b, a
        assert isinstance(a, Column)
        if isinstance(b, Scalar):
            nonnegative = a.nonnegative and b.sign >= 0
            return a.scaled(self._of_shared("multiply", a.factor, b), nonnegative=nonnegative)
        return self._product(a, b)

    def power(self, a: Value, exponent: Fraction) -> Value:
        """Raise to a constant exponent whose denominator is a power of 2."""
        if exponent <= 0:
            return self.divide(ONE, self.power(a, -exponent)) if exponent else ONE
        if exponent.denominator % 2 == 0:
            return self.power(self.root(a), 2 * exponent)
        if exponent.denominator != 1:
            raise OutOfRange
        if isinstance(a, Scalar):
            return a ** int(exponent)
        found: Value = a
        for _ in range(int(exponent) - 1):
            found = self.multiply(found, a)
        return found

    def divide(self, a: Value, b: Value) -> Value:
        """Divide; where the divisor is 0 the result is not finite."""
        if isinstance(b, Scalar):
            if b.sign == 0:
                raise OutOfRange
            if isinstance(a, Scalar):
                return a / b
            nonnegative = a.nonnegative and b.sign > 0
            return a.scaled(self._of_shared("divide", a.factor, b), nonnegative=nonnegative)
        if isinstance(a, Scalar):
            a = Column(1.0, factor=a, nonnegative=a.sign >= 0)
        return self._quotient(a, b)

    def root(self, a: Value) -> Value:
        """Take the square root of what is known to be >= 0."""
        if isinstance(a, Scalar):
            return a.root() if a.sign >= 0 else UNKNOWN
        if not a.nonnegative or a.factor.sign < 0:
            raise OutOfRange
        below = _lane(a.high)
        high, low = below.root(), None
        # Where the root is 0 so is what is divided by it.
        twice = larger(high + high, 2.0**LOWEST)
        if self._pairs:
            square, lost = two_square(high)
            low = (below - square) - lost
            if a.low is not None:
                low = low + a.low
            low = low / twice
        terms = tuple(Term(t.share + self._unit, 2 * t.weight, t.size / twice) for t in a.terms)
        factor = self._of_shared("root", a.factor, ONE)
        error = (0.51 * a.error + self._unit) * OUTWARD
        least, most = math.floor(a.least / 2), math.ceil(a.most / 2)
        tail = a.tail + _ROUNDED
        return Column(high, low, error, terms, factor, True, least, most, tail).checked()

    def add(self, a: Value, b: Value) -> Value:
        """Add."""
        if isinstance(a, Scalar) and isinstance(b, Scalar):
            return a + b
        if isinstance(a, Scalar):
            a, b = b, a
        assert isinstance(a, Column)
        if isinstance(b, Scalar) and a.factor is not ONE and a.factor.sign > 0:
            # f x + b = f (x + b/f): nothing is multiplied.
            factor = a.factor
            inside = a.scaled(ONE, nonnegative=a.nonnegative)
            total = self.add(inside, self._of_shared("divide", b, factor))
            assert isinstance(total, Column)
            return total.scaled(factor, nonnegative=total.nonnegative)
        one, other = self._plain(a), self._plain(b)
        high, low = one.high + other.high, None
        if self._pairs:
            high, low = two_sum(one.high, other.high)
            for part in (one.low, other.low):
                if part is not None:
                    low = low + part
        least, most = min(one.least, other.least), max(one.most, other.most) + 1
        terms = tuple(t._replace(covers=False) for t in (*one.terms, *other.terms))
        terms = tuple(term.raised(self._unit) for term in terms)
        tail = max(one.tail, other.tail) + _ROUNDED if self._pairs else 0.0
        if one.nonnegative and other.nonnegative:
            error = max(one.error, other.error) + self._unit
            return Column(high, low, error, terms, ONE, True, least, most, tail)
        least -= _CANCELLED
        if one.is_exact or other.is_exact:
            # The exact one adds no error; that of the other stays what it was.
            inexact = other if one.is_exact else one
            if inexact.terms and inexact.terms[-1].covers:
                terms = (*terms[:-1], terms[-1].raised(inexact.error))
            else:
                terms = (*terms, Term(inexact.error + self._unit, 1.0, inexact.high))
            return Column(high, low, self._unit, terms, ONE, False, least, most, tail)
        sizes = magnitude(one.high) + magnitude(other.high)
        share = max(one.error, other.error) + 2 * self._unit
        terms = (*terms, Term(share, OUTWARD, sizes, covers=True, positive=True))
        return Column(high, low, 0.0, terms, ONE, False, least, most, tail)

    def larger(self, a: Value, b: Value) -> Value:
        """Take the greater of two; its error is at most the greater of theirs."""
        if isinstance(a, Scalar) and isinstance(b, Scalar):
            return a.or_larger(b)
        one, other = self._plain(a), self._plain(b)
        terms = tuple(t._replace(covers=False) for t in (*one.terms, *other.terms))
        error = max(one.error, other.error)
        low: Number | None = None
        if self._pairs:
            lows = tuple(0.0 if x.low is None else x.low for x in (one, other))
            # Near numbers are subtracted exactly; of far ones the sign is right all the same.
            above = _lane((one.high - other.high) + (lows[0] - lows[1]))
            high, low = above.choose(one.high, other.high), above.choose(*lows)
            error += self._unit
        else:
            high = larger(one.high, other.high)
        nonnegative = one.nonnegative or other.nonnegative
        least, most = min(one.least, other.least), max(one.most, other.most)
        tail = max(one.tail, other.tail)
        return Column(high, low, error, terms, ONE, nonnegative, least, most, tail)

    def smaller(self, a: Value, b: Value) -> Value:
        """Take the lesser of two."""
        return self.negate(self.larger(self.negate(a), self.negate(b)))

    def signum(self, a: Value) -> Value:
        """Return the sign; of an element whose bound reaches 0 nothing is known then."""
        if isinstance(a, Scalar):
            return Scalar(Fraction(a.sure_sign()))
        factor = a.factor.sure_sign()
        if not factor:
            raise OutOfRange
        made = replace(a.signum(), low=0.0 if self._pairs else None)
        return made if factor > 0 else self.negate(made)

    def chosen(self, a: Value, b: Value, c: Value) -> Value:
        """Choose by the sign of what all elements share; of a column it is not followed."""
        return b if _shared(a).sure_sign() > 0 else c

    def exponential(self, a: Value) -> Scalar:
        """Take e to the power of what all elements share, in balls; of a column it is not known."""
        return _shared(a).exponential()

    def logarithm(self, a: Value) -> Scalar:
        """Take the logarithm of what all elements share, in balls; of a column it is not known."""
        return _shared(a).logarithm()

    def result(self, a: Value) -> Column:
        """Return a column whose factor is 1."""
        return self._plain(a)

    # How the operations are done.

    def _of_shared(self, operation: str, a: Scalar, b: Scalar) -> Scalar:
        """Do an operation on what the elements share, once for all blocks of them."""
        key = operation, a, b
        if key not in self._shared:
            made = {
                "multiply": lambda: b if a is ONE else a if b is ONE else a * b,
                "divide": lambda: a if b is ONE else a / b,
                "root": lambda: a if a is ONE else a.root(),
                "negate": lambda: -a,
            }
            self._shared[key] = made[operation]()
        return self._shared[key]

    def _pair_of(self, a: Scalar) -> tuple[float, float, int]:
        """Return the pair nearest to a number, and a binary logarithm of it."""
        if a not in self._as_pairs:
            high, low = _as_pair(a)
            self._as_pairs[a] = high, low, math.frexp(high)[1] if high else 0
        return self._as_pairs[a]

    def _plain(self, a: Value) -> Column:
        """Multiply the factor in."""
        if isinstance(a, Scalar):
            high, low, logarithm = self._pair_of(a)
            return Column(
                high,
                low if self._pairs else None,
                0.0 if high == a.value and a.error == 0 and not self._pairs else self._unit,
                nonnegative=high >= 0,
                least=logarithm - 1,
                most=logarithm,
                tail=_ROUNDED,
            )
        if a.factor is ONE:
            return a
        high, low, logarithm = self._pair_of(a.factor)
        if high == 0:
            zero = math.copysign(0.0, -1 if a.factor.negative else 1)
            return Column(a.high * zero, nonnegative=True)
        if a.tail + 2 * _ROUNDED > LARGEST_TAIL:
            a = a.normalised()
        product, lost = a.high * high, None
        if self._pairs:
            product, lost = two_product(a.high, high)
            lost = lost + a.high * low
            if a.low is not None:
                lost = lost + a.low * high
        weight = abs(high) * OUTWARD
        terms = tuple(
            t._replace(share=t.share + self._unit, weight=t.weight * weight) for t in a.terms
        )
        return Column(
            product,
            lost,
            a.error + self._unit,
            terms,
            ONE,
            a.nonnegative,
            a.least + logarithm - 1,
            a.most + logarithm,
            a.tail + 2 * _ROUNDED,
        ).checked()

    def _product(self, a: Column, b: Column) -> Column:
        high, low = a.high * b.high, None
        if self._pairs:
            high, low = two_square(_lane(a.high)) if a is b else two_product(a.high, b.high)
            for one, other in ((a, b), (b, a)):
                if other.low is not None:
                    low = low + one.high * other.low
        terms = tuple(
            Term(t.share + self._unit, 2 * t.weight, t.size * other.high)
            for one, other in ((a, b), (b, a))
            for t in one.terms
        )
        if a.terms and b.terms:
            # Both at once: what the terms of one say of those of the other.
            terms += tuple(
                Term(s.share * t.share, s.weight * t.weight, s.size * t.size)
                for s in a.terms
                for t in b.terms
            )
        nonnegative = a is b or (a.nonnegative and b.nonnegative)
        range_ = a.least + b.least, a.most + b.most, a.tail + b.tail + _ROUNDED
        error, factor = self._error(a, b), self._of_shared("multiply", a.factor, b.factor)
        return Column(high, low, error, terms, factor, nonnegative, *range_).checked()

    def _quotient(self, a: Column, b: Column) -> Column:
        # One division; a few units in the last place of high are made good by low.
        inverse = 1.0 / _lane(b.high)
        high, low = inverse * a.high, None
        if self._pairs:
            product, lost = two_product(high, b.high)
            low = (a.high - product) - lost
            if a.low is not None:
                low = low + a.low
            if b.low is not None:
                low = low - high * b.low
            low = low * inverse
        terms = tuple(t.times(inverse, self._unit, OUTWARD) for t in a.terms)
        if not b.nonnegative:
            terms = tuple(t._replace(positive=False) for t in terms)
        if b.terms:
            terms = tuple(t._replace(covers=False) for t in terms)
            off = _lane(replace(b, error=0.0).bound() / magnitude(b.high))
            # Infinite where the divisor may be too near to 0.
            off = (_MOST_OF_A_DIVISOR - off).choose(off, math.inf)
            terms += (Term(1.0, 4 / 3 * OUTWARD, high * off),)
            terms += tuple(Term(t.share, 2 * t.weight, t.size * off) for t in terms[:-1])
        nonnegative = a.nonnegative and b.nonnegative
        range_ = a.least - b.most - 1, a.most - b.least + 1, a.tail + b.tail + 4 * _ROUNDED
        error, factor = self._error(a, b), self._of_shared("divide", a.factor, b.factor)
        return Column(high, low, error, terms, factor, nonnegative, *range_).checked()

    def _error(self, a: Column, b: Column) -> float:
        """Return the error of a product or a quotient, but for the terms."""
        return (a.error + b.error + self._unit) * OUTWARD


def _lane(number: Lane | float) -> Lane:
    """Refuse what all elements share: that is a `Scalar`."""
    if not isinstance(number, Lane):
        raise OutOfRange
    return number


def _shared(a: Value) -> Scalar:
    """Refuse what differs from element to element."""
    if not isinstance(a, Scalar):
        raise OutOfRange
    return a


def _as_pair(a: Scalar) -> tuple[float, float]:
    """Round to a pair; the error is below every unit that is counted."""
    if a.error > _DOUBLE / 8:
        raise OutOfRange
    try:
        high, low = nearest_pair(a.value)
    except OverflowError:
        raise OutOfRange from None
    if a.value != 0 and not 2.0**LOWEST <= abs(high) <= 2.0**HIGHEST:
        raise OutOfRange
    return high, low
