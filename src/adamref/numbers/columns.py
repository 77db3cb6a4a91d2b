"""Arrays of numbers, each array with a bound on its errors: a rule run on all elements at once.

A `Column` stands for real numbers, one an element, known as float64 numbers or as pairs of them
(`adamref.numbers.double_double`). It brings its error bound along, as a few terms that are put
together only when they are asked for, and a factor that all elements share, so that a division by
``1 - beta**t`` costs nothing.

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
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, final

import numpy as np

from adamref.numbers.ball import Ball
from adamref.numbers.double_double import nearest_pair, split, two_product, two_square, two_sum
from adamref.numbers.exact import is_special
from adamref.numbers.scalar import ONE, Scalar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.double_double import Pair
    from adamref.numbers.exact import Extended

    Floats: TypeAlias = NDArray[np.float64]

_SINGLE, _DOUBLE = 2.0**-51, 2.0**-95
_ROUNDED = 2.0**-53
_LARGEST_TAIL = 2.0**-49
_OUTWARD = 1 + 2.0**-20
_POWER_BITS = 256
_LOWEST, _HIGHEST = -480, 480
"""Exponents that may occur: what Dekker's product needs, with much to spare."""
_CANCELLED = 110
"""How many bits below its terms a sum that is not 0 may lie: two significands."""
_MOST_OF_A_DIVISOR = 0.25


class OutOfRange(ArithmeticError):
    """An operation might overflow or underflow."""


@final
class Term(NamedTuple):
    """A part of an error bound: ``share * weight * abs(size)``, element by element.

    ``weight * abs(size)`` itself, with `Column.high`, is the scale of the low parts. If it
    ``covers``, it is at least ``abs(high)``; if it is ``positive``, size is >= 0.
    """

    share: float
    weight: float
    size: Floats
    covers: bool = False
    positive: bool = False

    def bound(self, more: float) -> Floats:
        """Return the part itself, its share a little larger."""
        factor = (self.share + more) * self.weight * _OUTWARD
        if self.positive:
            return self.size * factor
        part = np.abs(self.size)
        part *= factor
        return part

    def raised(self, more: float) -> Term:
        """Return the part with a larger share."""
        return Term(self.share + more, self.weight, self.size, self.covers, self.positive)

    def over(self, divisor: Floats, more: float, weight: float) -> Term:
        """Return what becomes of the part where the numbers are divided by others >= 0."""
        return Term(
            self.share + more, self.weight * weight, self.size / divisor, self.covers, self.positive
        )


@final
@dataclass(eq=False, slots=True)
class Column:
    """Real numbers, one an element: the factor times (high + low), but for an error.

    Attributes
    ----------
    high, low : array of float64
        Shape (n,); low is None for plain float64 numbers. They are not written to again.
    error : float
        A part of the error bound: relative to ``abs(high)``.
    terms : tuple of Term
        The other parts; like the first one without the factor.
    factor : Scalar
    nonnegative : bool
        Whether all of them are known to be >= 0.
    least, most : float
        What is not 0 has a binary logarithm between these, without the factor.
    tail : float
        The most that ``abs(low)`` is, relative to ``abs(high)`` and the scales of the terms.
    """

    high: Floats
    low: Floats | None = None
    error: float = 0.0
    terms: tuple[Term, ...] = ()
    factor: Scalar = ONE
    nonnegative: bool = False
    least: float = 0.0
    most: float = 0.0
    tail: float = 0.0
    _parts: Pair | None = None

    def checked(self) -> Column:
        """Return the column, if nothing in it can have underflowed or overflowed."""
        if self.least < _LOWEST or self.most > _HIGHEST or self.tail > _LARGEST_TAIL:
            raise OutOfRange
        return self

    @property
    def parts(self) -> Pair:
        """The high parts, split for products."""
        if self._parts is None:
            self._parts = split(self.high)
        return self._parts

    @property
    def is_exact(self) -> bool:
        """Whether there is no error."""
        return self.error == 0 and not self.terms and self.low is None

    def scaled(self, factor: Scalar, *, nonnegative: bool) -> Column:
        """Return the same numbers with another factor."""
        return Column(
            self.high,
            self.low,
            self.error,
            self.terms,
            factor,
            nonnegative,
            self.least,
            self.most,
            self.tail,
            self._parts,
        )

    def bound(self, more: float = 0.0) -> Floats | float:
        """Return the error bound, without the factor; ``more`` is a relative error on top."""
        error = self.error + more
        total: Floats | None = None
        terms = self.terms
        if terms and terms[-1].covers:
            # No larger than the scale of that term: one array less to go through.
            terms = (*terms[:-1], terms[-1].raised(error))
        elif error and self.nonnegative:
            total = self.high * (error * _OUTWARD)
        elif error:
            total = np.abs(self.high)
            total *= error * _OUTWARD
        for term in terms:
            part = term.bound(more)
            if total is None:
                total = part
            else:
                total += part
        return 0.0 if total is None else total


Value: TypeAlias = "Column | Scalar"


@final
class Columns:
    """The arithmetic of columns and of what their elements share.

    Parameters
    ----------
    pairs : bool
        Whether to work in pairs of float64 numbers.
    """

    def __init__(self, *, pairs: bool) -> None:
        self._pairs = pairs
        self._unit = _DOUBLE if pairs else _SINGLE
        # What the elements share is the same for every block of them.
        self._shared: dict[tuple[str, Scalar, Scalar], Scalar] = {}
        self._as_pairs: dict[Scalar, tuple[float, float, Pair, int]] = {}

    def lift(self, value: Extended) -> Scalar:
        """Take an exact number that all elements share."""
        if is_special(value):
            raise OutOfRange
        return Scalar(Fraction(value))

    def exact_power(self, base: Extended, exponent: Fraction) -> Scalar:
        """Raise an exactly known base, in balls."""
        return _settled("exact_power", base, exponent)

    def one_minus_power(self, base: Extended, exponent: Fraction) -> Scalar:
        """Return ``1 - base**exponent``, in balls."""
        return _settled("one_minus_power", base, exponent)

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
        below = flat.high < 0
        low = None if flat.low is None else np.where(below, -flat.low, flat.low)
        return replace(flat, high=np.abs(flat.high), low=low, nonnegative=True, _parts=None)

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
        """Raise to a whole exponent of at least 1."""
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
            a = Column(np.ones_like(b.high), factor=a, nonnegative=a.sign >= 0)
        return self._quotient(a, b)

    def root(self, a: Value) -> Value:
        """Take the square root of what is known to be >= 0."""
        if isinstance(a, Scalar):
            return a.root()
        if not a.nonnegative or a.factor.sign < 0:
            raise OutOfRange
        with np.errstate(all="ignore"):
            high = np.sqrt(a.high)
            low = None
            # Where the root is 0 so is what is divided by it.
            twice = np.maximum(high + high, 2.0**_LOWEST) if self._pairs or a.terms else high
            if self._pairs:
                square, lost = two_square(high, split(high))
                low = np.subtract(a.high, square, out=square)
                low -= lost
                if a.low is not None:
                    low += a.low
                low /= twice
            terms = tuple(Term(t.share + self._unit, 2 * t.weight, t.size / twice) for t in a.terms)
        factor = self._of_shared("root", a.factor, ONE)
        error = (0.51 * a.error + self._unit) * _OUTWARD
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
        if self._pairs:
            high, low = two_sum(one.high, other.high)
            for part in (one.low, other.low):
                if part is not None:
                    low += part
        else:
            high, low = one.high + other.high, None
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
        sizes = np.abs(one.high)
        sizes += np.abs(other.high)
        share = max(one.error, other.error) + 2 * self._unit
        terms = (*terms, Term(share, _OUTWARD, sizes, covers=True, positive=True))
        return Column(high, low, 0.0, terms, ONE, False, least, most, tail)

    def larger(self, a: Value, b: Value) -> Value:
        """Take the greater of two; its error is at most the greater of theirs."""
        if isinstance(a, Scalar) and isinstance(b, Scalar):
            return a if a.value >= b.value else b
        one, other = self._plain(a), self._plain(b)
        terms = tuple(t._replace(covers=False) for t in (*one.terms, *other.terms))
        error = max(one.error, other.error)
        low = None
        if self._pairs:
            zero = np.zeros(())
            lows = tuple(zero if x.low is None else x.low for x in (one, other))
            # Near numbers are subtracted exactly; of far ones the sign is right all the same.
            above = (one.high - other.high) + (lows[0] - lows[1]) >= 0
            high, low = (np.where(above, x, y) for x, y in ((one.high, other.high), lows))
            error += self._unit
        else:
            high = np.maximum(one.high, other.high)
        nonnegative = one.nonnegative or other.nonnegative
        least, most = min(one.least, other.least), max(one.most, other.most)
        tail = max(one.tail, other.tail)
        return Column(high, low, error, terms, ONE, nonnegative, least, most, tail)

    def result(self, a: Value, count: int) -> Column:
        """Return a column of some length whose factor is 1."""
        plain = self._plain(a)
        if plain.high.shape == (count,):
            return plain
        low = None if plain.low is None else np.broadcast_to(plain.low, count)
        return replace(plain, high=np.broadcast_to(plain.high, count), low=low)

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

    def _pair_of(self, a: Scalar) -> tuple[float, float, Pair, int]:
        """Return the pair nearest to a number, its high part split, and a binary logarithm."""
        if a not in self._as_pairs:
            high, low = _as_pair(a)
            self._as_pairs[a] = high, low, split(high), math.frexp(high)[1] if high else 0
        return self._as_pairs[a]

    def _plain(self, a: Value) -> Column:
        """Multiply the factor in."""
        if isinstance(a, Scalar):
            high, low, _, logarithm = self._pair_of(a)
            return Column(
                np.asarray(high),
                np.asarray(low) if self._pairs else None,
                0.0 if high == a.value and a.error == 0 and not self._pairs else self._unit,
                nonnegative=high >= 0,
                least=logarithm - 1,
                most=logarithm,
                tail=_ROUNDED,
            )
        if a.factor is ONE:
            return a
        high, low, parts, logarithm = self._pair_of(a.factor)
        if high == 0:
            return Column(a.high * 0.0, nonnegative=a.nonnegative)
        if self._pairs:
            product, lost = two_product(a.high, high, a.parts, parts)
            part = a.high * low
            lost += part
            if a.low is not None:
                lost += np.multiply(a.low, high, out=part)
        else:
            product, lost = high * a.high, None
        weight = abs(high) * _OUTWARD
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
        low: Floats | None = None
        if not self._pairs:
            high = a.high * b.high
        else:
            same = a is b
            high, low = (
                two_square(a.high, a.parts)
                if same
                else two_product(a.high, b.high, a.parts, b.parts)
            )
            for one, other in ((a, b), (b, a)):
                if low is not None and other.low is not None:
                    low += one.high * other.low
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
        return Column(
            high,
            low,
            (a.error + b.error + self._unit) * _OUTWARD,
            terms,
            self._of_shared("multiply", a.factor, b.factor),
            a is b or (a.nonnegative and b.nonnegative),
            a.least + b.least,
            a.most + b.most,
            a.tail + b.tail + _ROUNDED,
        ).checked()

    def _quotient(self, a: Column, b: Column) -> Column:
        with np.errstate(all="ignore"):
            high = a.high / b.high
            low = None
            if self._pairs:
                product, lost = two_product(high, b.high, split(high), b.parts)
                low = np.subtract(a.high, product, out=product)
                low -= lost
                if a.low is not None:
                    low += a.low
                if b.low is not None:
                    low -= np.multiply(high, b.low, out=lost)
                low /= b.high
            terms = tuple(t.over(b.high, self._unit, _OUTWARD) for t in a.terms)
            if not b.nonnegative:
                terms = tuple(t._replace(positive=False) for t in terms)
            if b.terms:
                terms = tuple(t._replace(covers=False) for t in terms)
                off = replace(b, error=0.0).bound() / np.abs(b.high)
                off = np.where(off <= _MOST_OF_A_DIVISOR, off, np.inf)
                terms += (Term(1.0, 4 / 3 * _OUTWARD, high * off),)
                terms += tuple(Term(t.share, 2 * t.weight, t.size * off) for t in terms[:-1])
        return Column(
            high,
            low,
            (a.error + b.error + self._unit) * _OUTWARD,
            terms,
            self._of_shared("divide", a.factor, b.factor),
            a.nonnegative and b.nonnegative,
            a.least - b.most - 1,
            a.most - b.least + 1,
            a.tail + b.tail + _ROUNDED,
        ).checked()


def _as_pair(a: Scalar) -> tuple[float, float]:
    """Round to a pair; the error is below every unit that is counted."""
    if a.error > _DOUBLE / 8:
        raise OutOfRange
    try:
        high, low = nearest_pair(a.value)
    except OverflowError:
        raise OutOfRange from None
    if a.value != 0 and not 2.0**_LOWEST <= abs(high) <= 2.0**_HIGHEST:
        raise OutOfRange
    return high, low


def _settled(method: str, base: Extended, exponent: Fraction) -> Scalar:
    """Do an operation on exact numbers in balls, and return its middle."""
    ball = Ball(_POWER_BITS)
    with ball.working():
        found: Any = getattr(ball, method)(base, exponent)
        if isinstance(found, float) or ball.sign(found) is None:
            raise OutOfRange
        low, high = ball.ends(found)
    if low == high:
        return Scalar(low)
    return Scalar((low + high) / 2, float((high - low) / (2 * min(abs(low), abs(high)))) * 1.01)
