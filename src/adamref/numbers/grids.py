"""Of what numbers the elements of an array are whole multiples: what decides an exact tie.

Whatever is added up and multiplied from floats and rational numbers is a multiple of some
``2**exponent / denominator``. Two such multiples that lie nearer to each other are the same number:
so an error bound below it tells that a number *is* a midpoint, which no error bound alone can.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np

from adamref.numbers.exact import is_special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.exact import Extended
    from adamref.numbers.formats import Format

_ANY = 1 << 20
"""The exponent of 0, which is a multiple of everything."""


@final
@dataclass(frozen=True)
class Grid:
    """Whole multiples of ``2**exponent / denominator``, element by element."""

    denominator: int
    exponent: NDArray[np.int64] | int

    def apart(self, unit: Any = math.inf) -> Any:
        """Return how far they are, at least, from other multiples of powers of two; rounded down.

        Parameters
        ----------
        unit : array or float
            A power of two for each: that of the others. At the least, 0 is one of them.
        """
        with np.errstate(all="ignore"):
            exponent = np.clip(self.exponent, -5000, 5000)
            return np.minimum(np.ldexp(1.0, exponent), unit) * ((1 - 2.0**-40) / self.denominator)


Known: TypeAlias = "Grid | None"
NOTHING: Known = None
"""Of what the numbers are multiples is not known."""


def grid_of(values: NDArray[np.float64], fmt: Format) -> Grid:
    """Return of what numbers of a format are multiples: each of its own unit in the last place."""
    exponent = np.frexp(values)[1].astype(np.int64) - fmt.precision
    exponent = np.maximum(exponent, fmt.min_exponent - fmt.precision + 1)
    return Grid(1, np.where(values == 0, _ANY, exponent))


@final
class Grids:
    """The arithmetic of grids; None where nothing is known."""

    def lift(self, value: Extended) -> Known:
        """Take a rational number."""
        if is_special(value):
            return None
        number = Fraction(value)
        if number == 0:
            return Grid(1, _ANY)
        bottom = number.denominator
        twos = (bottom & -bottom).bit_length() - 1
        return Grid(bottom >> twos, -twos)

    def add(self, a: Known, b: Known) -> Known:
        """Add."""
        if a is None or b is None:
            return None
        return Grid(math.lcm(a.denominator, b.denominator), np.minimum(a.exponent, b.exponent))

    def larger(self, a: Known, b: Known) -> Known:
        """Take one of two."""
        return self.add(a, b)

    def multiply(self, a: Known, b: Known) -> Known:
        """Multiply."""
        if a is None or b is None:
            return None
        return Grid(a.denominator * b.denominator, a.exponent + b.exponent)

    def power(self, a: Known, exponent: Fraction) -> Known:
        """Raise to a whole exponent of at least 1."""
        if a is None or exponent.denominator != 1 or exponent < 1:
            return None
        whole = int(exponent)
        return Grid(a.denominator**whole, a.exponent * whole)

    def negate(self, a: Known) -> Known:
        """Change the sign."""
        return a

    def magnitude(self, a: Known) -> Known:
        """Take the absolute value."""
        return a

    def divide(self, a: Known, b: Known) -> Known:
        """Divide: nothing is known."""
        del a, b
        return NOTHING

    def root(self, a: Known) -> Known:
        """Take the square root: nothing is known."""
        del a
        return NOTHING

    def exact_power(self, base: Extended, exponent: Fraction) -> Known:
        """Raise to an exponent: nothing is known."""
        del base, exponent
        return NOTHING

    def one_minus_power(self, base: Extended, exponent: Fraction) -> Known:
        """Subtract a power from 1: nothing is known."""
        del base, exponent
        return NOTHING
