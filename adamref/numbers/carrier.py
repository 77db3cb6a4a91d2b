"""What an arithmetic must be able to do for a rule to be run in it.

A *carrier* represents real numbers in its own way: exactly, as multiprecision floats, as
enclosures. Infinities and NaN are the Python floats inf, -inf and nan in every carrier, and follow
IEEE 754's conventions (section 6); they are handled here, once, so that a concrete carrier only
meets finite numbers. A carrier that cannot tell a value says `Unknown`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from fractions import Fraction
from functools import wraps
from typing import Any, ClassVar, final

from adamref.numbers.exact import INF, NAN, Extended, is_special

_ZERO = Fraction(0)
_ONE = Fraction(1)


@final
@dataclass(frozen=True)
class Unknown:
    """A real number that the carrier cannot represent, of which little is known.

    Attributes
    ----------
    sign : int or None
    square : Fraction or None
        Its square, where that is known: a root that is irrational may still cancel another.
    """

    sign: int | None = None
    square: Fraction | None = field(default=None, compare=False)


@final
class Finite(list[Any]):
    """Values that are finite and known, all of them: they need not be looked at again."""


class Carrier(ABC):
    """An arithmetic. Values are opaque to everything but the carrier that made them."""

    refused: ClassVar[Mapping[str, str]] = {}
    """Operations (`adamref.numbers.operations`) that it does not have, and why: none."""

    finite: Mapping[str, Callable[..., Any]]
    """What it does with finite values, by name.

    add, multiply, negate, magnitude, larger; divide by a value of a known sign that is not 0; root
    of one that is not below 0; whole_power to an exponent of at least 1; exponential; logarithm of
    a value above 0.
    """

    def working(self) -> AbstractContextManager[Any]:
        """Return the context in which the carrier has its precision; most need none."""
        return nullcontext()

    @property
    def plain(self) -> Mapping[str, Callable[..., Any]]:
        """Operations on finite values, without a look at them, by name; a carrier may have none.

        What is not finite must stay so through all of them; then a look at the results is enough.
        """
        return {}

    def all_finite(self, values: Iterable[Any]) -> bool:
        """Say whether some values are finite and known, so that they may be written so."""
        return not any(isinstance(a, float | Unknown) for a in values)

    @abstractmethod
    def lift_finite(self, value: Fraction) -> Any:
        """Represent an exact rational number."""

    @abstractmethod
    def sign(self, a: Any) -> int | None:
        """Return -1, 0 or 1 for a finite value, None where it cannot be told."""

    @abstractmethod
    def exact_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Raise a base > 0, exactly known, to a rational exponent."""

    @abstractmethod
    def one_minus_power_finite(self, base: Fraction, exponent: Fraction) -> Any:
        """Return ``1 - base**exponent`` without cancellation, for 0 < base < 1, exponent >= 1."""

    # What a program calls. Each handles infinities, NaN and Unknown, then asks the carrier.

    @final
    def lift(self, value: Extended) -> Any:
        """Represent an input."""
        return value if is_special(value) else self.lift_finite(value)  # type: ignore[arg-type]

    def lift_all(self, values: Sequence[Extended]) -> list[Any]:
        """Represent many inputs."""
        return [self.lift(value) for value in values]

    @final
    def add(self, a: Any, b: Any) -> Any:
        """Add."""
        if isinstance(a, float) or isinstance(b, float):
            if isinstance(a, float) and isinstance(b, float):
                return a + b
            return a if isinstance(a, float) else b
        return self.finite["add"](a, b)

    @final
    def multiply(self, a: Any, b: Any) -> Any:
        """Multiply; 0 times an infinity is NaN."""
        if isinstance(a, float) or isinstance(b, float):
            return self._by_sign(lambda x, y: x * y, a, b)
        return self.finite["multiply"](a, b)

    @final
    def divide(self, a: Any, b: Any) -> Any:
        """Divide; x/0 is an infinity of the sign of x, 0/0 and inf/inf are NaN."""
        if isinstance(b, float) and not isinstance(a, float):
            return NAN if math.isnan(b) else self.lift_finite(_ZERO)
        if isinstance(a, float):
            return self._by_sign(_ieee_divide, a, b)
        below = self.sign(b)
        if below is None:
            return Unknown()
        if below == 0:
            above = self.sign(a)
            if above is None:
                return Unknown()
            return NAN if above == 0 else above * INF
        return self.finite["divide"](a, b)

    @final
    def negate(self, a: Any) -> Any:
        """Change the sign."""
        return -a if isinstance(a, float) else self.finite["negate"](a)

    @final
    def root(self, a: Any) -> Any:
        """Take the square root; of a negative number it is NaN."""
        if isinstance(a, float):
            return NAN if a < 0 else a
        sign = self.sign(a)
        if sign is None:
            return Unknown()
        return NAN if sign < 0 else self.finite["root"](a)

    @final
    def magnitude(self, a: Any) -> Any:
        """Take the absolute value."""
        return abs(a) if isinstance(a, float) else self.finite["magnitude"](a)

    @final
    def larger(self, a: Any, b: Any) -> Any:
        """Take the greater of two; NaN if one of them is NaN."""
        if isinstance(a, float) or isinstance(b, float):
            if any(isinstance(x, float) and math.isnan(x) for x in (a, b)):
                return NAN
            if isinstance(a, float) and (a > 0 or isinstance(b, float)):
                return a if a > 0 else b
            return a if isinstance(b, float) and b < 0 else b
        return self.finite["larger"](a, b)

    @final
    def smaller(self, a: Any, b: Any) -> Any:
        """Take the lesser of two; NaN if one of them is NaN."""
        return self.negate(self.larger(self.negate(a), self.negate(b)))

    @final
    def signum(self, a: Any) -> Any:
        """Return -1, 0 or 1, as the sign is; NaN of NaN."""
        if isinstance(a, float):
            return a if math.isnan(a) else self.lift_finite(Fraction(int(math.copysign(1, a))))
        sign = self.sign(a)
        return Unknown() if sign is None else self.lift_finite(Fraction(sign))

    @final
    def chosen(self, a: Any, b: Any, c: Any) -> Any:
        """Return b where a > 0, else c: also where a is NaN, as a comparison with it fails."""
        if isinstance(a, float):
            return b if a > 0 else c
        sign = self.sign(a)
        if sign is None:
            return b if b is c else Unknown()
        return b if sign > 0 else c

    @final
    def total(self, column: Sequence[Any]) -> Any:
        """Add up the elements of a tensor."""
        found = self.lift_finite(_ZERO)
        for a in column:
            found = self.add(found, a)
        return found

    @final
    def power(self, a: Any, exponent: Fraction) -> Any:
        """Raise to a constant rational exponent; ``x**0`` is 1."""
        if exponent == 0:
            return self.lift_finite(_ONE)
        if exponent < 0:
            return self.divide(self.lift_finite(_ONE), self.power(a, -exponent))
        if exponent.denominator == 1:
            if isinstance(a, float):
                return a ** int(exponent)
            return self.finite["whole_power"](a, int(exponent))
        if exponent.denominator % 2 == 0:
            return self.power(self.root(a), exponent * 2)
        return self.exponential(self.multiply(self.lift(exponent), self.logarithm(a)))

    @final
    def exponential(self, a: Any) -> Any:
        """Take e to the power of a value."""
        if isinstance(a, float):
            return self.lift_finite(_ZERO) if a < 0 else a
        return self.finite["exponential"](a)

    @final
    def logarithm(self, a: Any) -> Any:
        """Take the natural logarithm; of 0 it is -inf, of a negative number NaN."""
        if isinstance(a, float):
            return NAN if a < 0 else a
        sign = self.sign(a)
        if sign is None:
            return Unknown()
        if sign <= 0:
            return NAN if sign < 0 else -INF
        return self.finite["logarithm"](a)

    @final
    def exact_power(self, base: Extended, exponent: Fraction) -> Any:
        """Raise an exactly known base to an exactly known exponent."""
        if is_special(base) or base <= 0 or exponent < 0:
            return self.power(self.lift(base), exponent)
        return self.exact_power_finite(base, exponent)  # type: ignore[arg-type]

    @final
    def one_minus_power(self, base: Extended, exponent: Fraction) -> Any:
        """Return ``1 - base**exponent`` to the carrier's full precision."""
        inside = not is_special(base) and 0 < base.numerator < base.denominator  # type: ignore[union-attr]
        if not inside or exponent.numerator < exponent.denominator:
            one = self.lift_finite(_ONE)
            return self.add(one, self.negate(self.exact_power(base, exponent)))
        return self.one_minus_power_finite(base, exponent)  # type: ignore[arg-type]

    @final
    def _by_sign(self, operation: Callable[[float, float], float], a: Any, b: Any) -> Any:
        """Apply an operation to inf or nan; of a finite operand only the sign counts."""
        seen = []
        for x in (a, b):
            if isinstance(x, float):
                seen.append(x)
                continue
            sign = self.sign(x)
            if sign is None:
                poisoned = any(isinstance(y, float) and math.isnan(y) for y in (a, b))
                return NAN if poisoned else Unknown()
            seen.append(float(sign))
        result = operation(*seen)
        # A finite number over an infinity is a true zero; nothing else here is finite.
        return result if not math.isfinite(result) else self.lift_finite(_ZERO)


def _ieee_divide(a: float, b: float) -> float:
    if b == 0:
        return NAN if a == 0 or math.isnan(a) else math.copysign(INF, a)
    return a / b


def knowing(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Let an operation of finite values give `Unknown` where an operand is."""

    @wraps(operation)
    def done(*operands: Any) -> Any:
        if any(isinstance(x, Unknown) for x in operands):
            return Unknown()
        return operation(*operands)

    return done
