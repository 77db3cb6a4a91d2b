"""Of what numbers the elements of an array are whole multiples: what decides an exact tie.

Whatever is added up and multiplied from floats and rational numbers is a multiple of some
``unit / denominator``, where the unit is a power of two. Two such multiples that lie nearer to each
other are the same number: so an error bound below it tells that a number *is* a midpoint, which no
error bound alone can.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, TypeAlias, final

from adamref.numbers.exact import Extended, is_special
from adamref.numbers.lanes import Lane, Number, smaller

if TYPE_CHECKING:
    from adamref.numbers.formats import Format

_DOWN = 1 - 2.0**-40
_ENORMOUS = 1000


@final
@dataclass(frozen=True)
class Grid:
    """Whole multiples of ``unit / denominator``, element by element.

    Attributes
    ----------
    denominator : int
    unit : Lane or float
        A power of two, infinite for the number 0; or 0, where nothing is known.
    """

    denominator: int
    unit: Number

    @property
    def share(self) -> float:
        """One over the denominator, rounded down; 0 if that is enormous."""
        return _DOWN / self.denominator if self.denominator.bit_length() < _ENORMOUS else 0.0

    def apart(self, other: Number = math.inf) -> Number:
        """Return how far they are, at least, from other multiples of powers of two; rounded down.

        Parameters
        ----------
        other : Lane or float
            A power of two for each: that of the others. At the least, 0 is one of them.
        """
        unit = self.unit if other == math.inf else smaller(self.unit, other)
        return unit * self.share


Known: TypeAlias = "Grid | None"
NOTHING: Known = None
"""Of what the numbers are multiples is not known."""


def grid_of(values: Lane, fmt: Format) -> Grid:
    """Return of what numbers of a format are multiples: each of its own unit in the last place."""
    return Grid(1, values.binade() * 2.0 ** (1 - fmt.precision))


@final
class Grids:
    """The arithmetic of grids; None where nothing is known.

    No unit may overflow: they are not larger than the numbers, which are followed by
    `adamref.numbers.columns`. One that underflows is 0.
    """

    refused: ClassVar[Mapping[str, str]] = {"total": "a grid is that of one element"}

    def lift(self, value: Extended) -> Known:
        """Take a rational number."""
        if is_special(value):
            return None
        number = Fraction(value)
        if number == 0:
            return Grid(1, math.inf)
        bottom = number.denominator
        twos = (bottom & -bottom).bit_length() - 1
        return Grid(bottom >> twos, math.ldexp(1.0, -twos)) if twos < _ENORMOUS else None

    def add(self, a: Known, b: Known) -> Known:
        """Add."""
        if a is None or b is None:
            return None
        denominator = math.lcm(a.denominator, b.denominator)
        return Grid(denominator, smaller(a.unit, b.unit))

    larger = smaller = add

    def chosen(self, a: Known, b: Known, c: Known) -> Known:
        """Take one of two."""
        del a
        return self.add(b, c)

    def signum(self, a: Known) -> Known:
        """Take -1, 0 or 1."""
        del a
        return Grid(1, 1.0)

    def multiply(self, a: Known, b: Known) -> Known:
        """Multiply."""
        if a is None or b is None:
            return None
        return Grid(a.denominator * b.denominator, a.unit * b.unit)

    def power(self, a: Known, exponent: Fraction) -> Known:
        """Raise to a whole exponent of at least 1."""
        if exponent.denominator != 1 or exponent < 1:
            return None
        found = a
        for _ in range(int(exponent) - 1):
            found = self.multiply(found, a)
        return found

    def magnitude(self, a: Known) -> Known:
        """Take the absolute value: the sign does not matter."""
        return a

    negate = magnitude

    def divide(self, *operands: object) -> Known:
        """Divide, take a root or a power of anything else: nothing is known."""
        del operands
        return NOTHING

    root = exponential = logarithm = exact_power = one_minus_power = divide
