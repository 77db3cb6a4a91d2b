"""Arrays of numbers, each array with a bound on its errors: a rule run on all elements at once.

A `Column` stands for real numbers, one an element, known as float64 numbers or as pairs of them
(`adamref.numbers.double_double`). It brings its error bound along, as a few terms that are put
together only when they are asked for, and a factor that all elements share, so that a division by
``1 - beta**t`` costs nothing. What is done with columns is `adamref.numbers.columns`; it is written
on a tape (`adamref.numbers.lanes`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, final

from adamref.numbers.formats import BINARY64, Format
from adamref.numbers.lanes import Lane, Number, magnitude, two_sum
from adamref.numbers.scalar import ONE, OutOfRange, Scalar

if TYPE_CHECKING:
    from adamref.numbers.grids import Grid

OUTWARD = 1 + 2.0**-20
"""What a bound is multiplied by where it is formed with roundings of its own."""
LOWEST, HIGHEST = -480, 480
"""Exponents that may occur in pairs: what Dekker's product needs, with much to spare."""
_LOWEST_SINGLE, _HIGHEST_SINGLE = -640, 640
"""And in plain numbers: a bound that is a product of two errors is still a normal number."""
_ROUNDED = 2.0**-53
LARGEST_TAIL = 2.0**-49
_SUM = 2.0**-51
"""Of a sum of two float64 numbers, with room: what forming it may lose."""
_LOW_SUM = 2.0**-99
"""Of a pair: what adding to its low part may lose, which is below ``2**-49`` of the whole."""


@final
class Term(NamedTuple):
    """A part of an error bound: ``share * weight * abs(size)``, element by element.

    ``weight * abs(size)`` itself, with `Column.high`, is the scale of the low parts. If it
    ``covers``, it is at least ``abs(high)``; if it is ``positive``, size is >= 0.
    """

    share: float
    weight: float
    size: Number
    covers: bool = False
    positive: bool = False

    def bound(self, more: float) -> Number:
        """Return the part itself, its share a little larger."""
        factor = (self.share + more) * self.weight * OUTWARD
        return (self.size if self.positive else magnitude(self.size)) * factor

    def raised(self, more: float) -> Term:
        """Return the part with a larger share."""
        return Term(self.share + more, self.weight, self.size, self.covers, self.positive)

    def times(self, other: Lane, more: float, weight: float) -> Term:
        """Return what becomes of the part where the numbers are multiplied by others >= 0."""
        size = self.size * other
        return Term(self.share + more, self.weight * weight, size, self.covers, self.positive)


@final
@dataclass(eq=False, slots=True)
class Column:
    """Real numbers, one an element: the factor times (high + low), but for an error.

    Attributes
    ----------
    high, low : Lane
        low is None for plain float64 numbers. Of what all elements share they are floats.
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

    high: Number
    low: Number | None = None
    error: float = 0.0
    terms: tuple[Term, ...] = ()
    factor: Scalar = ONE
    nonnegative: bool = False
    least: float = 0.0
    most: float = 0.0
    tail: float = 0.0

    def checked(self) -> Column:
        """Return the column, if nothing in it can have underflowed or overflowed."""
        pairs = self.low is not None
        lowest, highest = (LOWEST, HIGHEST) if pairs else (_LOWEST_SINGLE, _HIGHEST_SINGLE)
        if self.least < lowest or self.most > highest or self.tail > LARGEST_TAIL:
            raise OutOfRange
        return self

    def normalised(self) -> Column:
        """Return a pair whose low part is within half a unit of the high one, as it is in the end.

        High changes by its ``LARGEST_TAIL`` at most, or by that of what the terms are relative to.
        """
        assert self.low is not None
        high, low = two_sum(self.high, self.low)
        terms = tuple(
            t._replace(share=(t.share + 2 * LARGEST_TAIL * self.error) * OUTWARD,
                       weight=t.weight * OUTWARD)
            for t in self.terms
        )  # fmt: skip
        error = self.error * OUTWARD
        return replace(self, high=high, low=low, error=error, terms=terms, tail=_ROUNDED)

    @property
    def is_exact(self) -> bool:
        """Whether there is no error."""
        return self.error == 0 and not self.terms and self.low is None

    def scaled(self, factor: Scalar, *, nonnegative: bool) -> Column:
        """Return the same numbers with another factor."""
        return replace(self, factor=factor, nonnegative=nonnegative)

    def signum(self) -> Column:
        """Return the signs, without that of the factor; off by infinity where one is not known.

        What is 0 without an error keeps the sign that it has.
        """
        high, low = self.high, 0.0 if self.low is None else self.low
        if not isinstance(high, Lane):
            raise OutOfRange
        size = abs(high)
        # Not negative: further from 0 than the bound, which is rounded up by more than this rounds;
        # or 0 and exact.
        apart = (size - magnitude(low)) - self.bound()
        sign = (-size).choose(high, high.tape.one("copysign", 1.0, high))
        off = apart.choose(0.0, math.inf)
        term = Term(1.0, 1.0, off, positive=True)
        return Column(sign, None, 0.0, (term,), ONE, self.nonnegative, -1.0, 1.0)

    def bound(self) -> Number:
        """Return the error bound, without the factor; with what reading the ends may lose."""
        more = _SUM if self.low is None else _LOW_SUM
        error = self.error + more
        terms = self.terms
        parts: list[Number] = []
        if terms and terms[-1].covers:
            # No larger than the scale of that term: one pass less.
            terms = (*terms[:-1], terms[-1].raised(error))
        elif error:
            parts.append(
                (self.high if self.nonnegative else magnitude(self.high)) * (error * OUTWARD)
            )
        parts += [term.bound(more) for term in terms]
        total: Number = 0.0
        for part in parts:
            total = part if total == 0.0 else total + part
        return total

    def ends(self, fmt: Format, grid: Grid | None) -> tuple[Lane, Lane]:
        """Return the number rounded, and where that is settled: a result of 0 has its sign there.

        Settled is where both ends of what the number may be round to that, and where it must be a
        midpoint.

        Parameters
        ----------
        fmt : Format
            For pairs, binary64.
        grid : Grid or None
            Of what the numbers are multiples, where a tie is worth the time.
        """
        off, high = self.bound(), self.high
        if not isinstance(high, Lane):
            raise OutOfRange
        if self.low is None:
            ends = high - off, high + off
            if grid is not None:
                ends = _midpoint_or(high, off, grid, fmt, ends)
            least, most = (end.rounded(fmt) for end in ends)
            return least, least.same(most)
        assert fmt is BINARY64
        # The sum of high and the rest is rounded once.
        least, most = (self.low - off) + high, (self.low + off) + high
        if grid is not None:
            least, most = _rounded_midpoint_or(two_sum(high, self.low), off, grid, (least, most))
        # Of a number worked without an error that is 0, high has the sign.
        return least.unless_zero(high), least.same(most)


def _midpoint_or(
    near: Lane, off: Number, grid: Grid, fmt: Format, ends: tuple[Lane, Lane]
) -> tuple[Lane, Lane]:
    """Return the nearest number of one bit more, twice, where that is what is meant."""
    splitter = 2.0 ** (52 - fmt.precision) + 1
    scaled = near * splitter
    middle = scaled - (scaled - near)
    # It is a multiple of half a unit, if it is not subnormal.
    half = near.binade() * 2.0**-fmt.precision
    half = (half - 2.0 ** (fmt.min_exponent - fmt.precision)).choose(half, 0.0)
    surely = _lane(grid.apart(half)) - (abs(near - middle) + off)
    return surely.choose(middle, ends[0]), surely.choose(middle, ends[1])


def _rounded_midpoint_or(
    pair: tuple[Lane, Lane], off: Number, grid: Grid, ends: tuple[Lane, Lane]
) -> tuple[Lane, Lane]:
    """Return what a midpoint rounds to, twice, where that is what is meant."""
    near, rest = pair
    half = near.binade() * _ROUNDED
    surely = _lane(grid.apart(half)) - (abs(abs(rest) - half) + off)
    even = near + half.with_sign_of(rest)
    return surely.choose(even, ends[0]), surely.choose(even, ends[1])


def _lane(number: Number) -> Lane:
    assert isinstance(number, Lane)
    return number
