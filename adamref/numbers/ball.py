"""Balls: every value is a midpoint and a rigorous radius, so its digits can be certified.

Arb does the work, through python-flint. Each operation encloses the true result whatever the
precision; more bits make the radius smaller.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from flint import arb, ctx, fmpq

from adamref.errors import Unworkable
from adamref.numbers.carrier import Carrier, Finite, Unknown, knowing
from adamref.numbers.multiprecision import guard_bits

if TYPE_CHECKING:
    from adamref.numbers.exact import Extended

_LARGEST_EXPONENT = 1 << 24
_INVERSES = 1 << 12


@final
class Ball(Carrier):
    """Balls whose midpoints are binary floats of a given precision.

    Parameters
    ----------
    bits : int
        Working precision of the midpoints. It holds inside ``with ball.working():``; elsewhere
        the enclosures are as rigorous, but of Arb's own default precision.
    """

    def __init__(self, bits: int) -> None:
        self.bits, self.finite = bits, _FINITE
        self._inverses: dict[int, Any] = {}
        self._bases: dict[tuple[int, tuple[int, int]], Any] = {}

    def working(self) -> AbstractContextManager[Any]:
        """Set Arb's precision for a block."""
        return _precision(self.bits)

    @property
    def plain(self) -> Mapping[str, Callable[..., Any]]:
        """The operations as Arb has them.

        None of them makes a finite ball of one that is not: a division by a ball around 0 and a
        root of what may be negative are seen at the end.
        """
        return _PLAIN

    def all_finite(self, values: Iterable[Any]) -> bool:
        """Say whether some values are bounded balls, all of them."""
        values = list(values)
        # A float is inf or nan. Arb's method does not look at what it is given before it reads it.
        return set(map(type, values)) <= {arb} and all(map(arb.is_finite, values))

    def lift_finite(self, value: Fraction) -> Any:
        """Enclose a rational number; exactly, where it is a float of this precision."""
        return arb(fmpq(*value.as_integer_ratio()))

    def lift_all(self, values: Sequence[Extended]) -> list[Any]:
        """Represent many inputs; those that are not finite stay as they are."""
        try:
            ratios = list(map(_ratio, values))
        except AttributeError:  # a float, which is inf or nan
            return super().lift_all(values)
        inverses = self._inverses
        try:
            return Finite([inverses[bottom] * top for top, bottom in ratios])
        except KeyError:
            if len(inverses) > _INVERSES:
                inverses.clear()
            inverses.update((bottom, 1 / arb(bottom)) for _, bottom in ratios)
        return Finite([inverses[bottom] * top for top, bottom in ratios])

    @staticmethod
    def ends(a: Any) -> tuple[Fraction, Fraction]:
        """Return the exact ends of a ball.

        Raises
        ------
        Unworkable
            If they have exponents so large that they would not fit into memory as fractions.
        """
        middle = _exact(a.mid())
        if a.is_exact():
            return middle, middle
        radius = _exact(a.rad())
        return middle - radius, middle + radius

    def sign(self, a: Any) -> int | None:
        """Return the sign where the whole ball has it."""
        if isinstance(a, Unknown):
            return a.sign
        if a > 0:
            return 1
        if a < 0:
            return -1
        return 0 if a.is_zero() else None

    def exact_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Raise a rational base at a precision that the exponent cannot spoil."""
        return +self._raised(base, exponent, abs(exponent.numerator).bit_length() + 8)

    def one_minus_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Subtract the power from 1 at a precision chosen from base and exponent."""
        return 1 - self._raised(base, exponent, guard_bits(base, exponent))

    def _raised(self, base: Fraction, exponent: Fraction, more: int) -> Any:
        key = more, base.as_integer_ratio()
        outside, ctx.prec = ctx.prec, self.bits + more
        try:
            # The steps of a trajectory ask for few different ones.
            lifted = self._bases.get(key)
            if lifted is None:
                lifted = self._bases[key] = arb(fmpq(*key[1]))
            if exponent.denominator == 1:
                return lifted**exponent.numerator
            return (self.lift_finite(exponent) * lifted.log()).exp()
        finally:
            ctx.prec = outside


_ratio: Callable[[Any], tuple[int, int]] = Fraction.as_integer_ratio
_PLAIN: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "inverse": lambda a: 1 / a,
    "negate": operator.neg,
    "root": arb.sqrt,
    "magnitude": abs,
    "larger": arb.max,
}


def _exponential(a: Any) -> Any:
    found = a.exp()
    if not found.is_finite():
        raise Unworkable
    return found


_OTHERS: dict[str, Callable[..., Any]] = {
    "whole_power": operator.pow,
    "exponential": _exponential,
    "logarithm": arb.log,
}
_FINITE = {name: knowing(x) for name, x in (_PLAIN | _OTHERS).items()}
"""The same and others, where a value may be unknown."""


def _exact(value: Any) -> Fraction:
    """Return the exact value of a ball of radius 0."""
    digits, exponent = (int(x) for x in value.man_exp())
    if abs(exponent) > _LARGEST_EXPONENT:
        raise Unworkable
    return Fraction(digits << exponent) if exponent >= 0 else Fraction(digits, 1 << -exponent)


def _precision(bits: int) -> AbstractContextManager[Any]:
    context: AbstractContextManager[Any] = ctx.workprec(bits)
    return context
