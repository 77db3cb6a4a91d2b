"""Values of expressions at a point: exact rationals, and balls where there are roots."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from flint import arb, ctx, fmpq
from sympy import (
    Abs,
    Add,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Le,
    Lt,
    Max,
    Min,
    Mod,
    Mul,
    Ne,
    Pow,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.function import AppliedUndef

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BITS = 500
_LONGEST_SUM = 400
_GREATEST_POWER = 4000


class Undefined(ValueError):
    """There is no value, or it would be too large."""


class Sample:
    """Numbers for symbols, and for the values of functions as they are asked for.

    Parameters
    ----------
    symbols : mapping of Symbol to Fraction
    drawn : callable
        Returns a number for the value of a function that was not asked for before.
    """

    def __init__(self, symbols: Mapping[Symbol, Fraction], drawn: Callable[[], Fraction]) -> None:
        self.symbols = dict(symbols)
        self._drawn = drawn
        self._values: dict[tuple[str, int], Fraction] = {}

    def value(self, expr: Expr) -> Any:
        """Return the value of an expression.

        Raises
        ------
        Undefined
            If it has none.
        """
        if expr.is_Rational:
            return Fraction(int(expr.p), int(expr.q))
        if isinstance(expr, Symbol):
            return self.symbols[expr]
        if isinstance(expr, Sum):
            return self._sum(expr)
        parts = [self.value(part) for part in expr.args]
        if isinstance(expr, AppliedUndef):
            key = expr.func.__name__, _whole(parts[0])
            if key not in self._values:
                self._values[key] = self._drawn()
            return self._values[key]
        if isinstance(expr, Pow):
            return _power(*parts)
        if expr.func not in _WORKED:
            raise Undefined(expr.func.__name__)
        return _WORKED[expr.func](parts)

    def _sum(self, whole: Sum) -> Any:
        index, *ends = whole.limits[0]
        low, high = (_whole(self.value(end)) for end in ends)
        if high - low > _LONGEST_SUM:
            raise Undefined("a long sum")
        before, found = self.symbols.get(index), Fraction(0)
        for k in range(low, high + 1):
            self.symbols[index] = Fraction(k)
            found = _plus(found, self.value(whole.function))
        if before is None:
            self.symbols.pop(index, None)
        else:
            self.symbols[index] = before
        return found

    def holds(self, relation: Any) -> bool | None:
        """Say whether a relation holds; None where a ball cannot tell."""
        if isinstance(relation, And):
            found = [self.holds(part) for part in relation.args]
            return False if False in found else None if None in found else True
        left, right = (self.value(side) for side in relation.args)
        sign = _sign(_plus(left, _times(Fraction(-1), right)))
        if sign is None:
            return None
        return {
            Eq: sign == 0,
            Ne: sign != 0,
            Le: sign <= 0,
            Lt: sign < 0,
            Ge: sign >= 0,
            Gt: sign > 0,
        }[relation.func]


def _ball(x: Any) -> arb:
    ctx.prec = _BITS
    return x if isinstance(x, arb) else arb(fmpq(x.numerator, x.denominator))


def _plus(a: Any, b: Any) -> Any:
    return a + b if isinstance(a, Fraction) and isinstance(b, Fraction) else _ball(a) + _ball(b)


def _times(a: Any, b: Any) -> Any:
    return a * b if isinstance(a, Fraction) and isinstance(b, Fraction) else _ball(a) * _ball(b)


def _sign(x: Any) -> int | None:
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    return 1 if x > 0 else -1 if x < 0 else None


def _whole(x: Any) -> int:
    if not (isinstance(x, Fraction) and x.denominator == 1):
        raise Undefined(f"{x} is no whole number")
    return int(x)


def _power(base: Any, exponent: Any) -> Any:
    if not isinstance(exponent, Fraction):
        return _positive(base) ** exponent
    if exponent.denominator == 1:
        if abs(exponent) > _GREATEST_POWER:
            raise Undefined("a great power")
        if exponent < 0 and _sign(base) in (0, None):
            raise Undefined("a division by 0")
        return base ** int(exponent)
    if exponent.denominator == 2 and isinstance(base, Fraction):
        if base < 0 or (base == 0 and exponent < 0):
            raise Undefined("a root of what is negative")
        ends = [_exact_root(x) for x in (base.numerator, base.denominator)]
        if None not in ends:
            return Fraction(ends[0] or 0, ends[1] or 1) ** exponent.numerator
    return _positive(base) ** _ball(exponent)


def _exact_root(x: int) -> int | None:
    root = arb(x).sqrt().unique_fmpz()
    return int(root) if root is not None and int(root) ** 2 == x else None


def _positive(x: Any) -> arb:
    if _sign(x) != 1:
        raise Undefined("a real power of what is not positive")
    return _ball(x)


def _mod(parts: list[Any]) -> Any:
    if not all(isinstance(x, Fraction) for x in parts) or parts[1] == 0:
        raise Undefined("a remainder")
    return parts[0] % parts[1]


def _greatest(a: Any, b: Any) -> Any:
    sign = _sign(_plus(a, _times(Fraction(-1), b)))
    if sign is None:
        raise Undefined("which is greater is not known")
    return a if sign >= 0 else b


def _least(a: Any, b: Any) -> Any:
    return b if _greatest(a, b) is a else a


_WORKED: dict[Any, Callable[[list[Any]], Any]] = {
    Abs: lambda parts: abs(parts[0]),
    Add: lambda parts: reduce(_plus, parts),
    Mul: lambda parts: reduce(_times, parts),
    Max: lambda parts: reduce(_greatest, parts),
    Min: lambda parts: reduce(_least, parts),
    Mod: _mod,
    exp: lambda parts: _ball(parts[0]).exp(),
    log: lambda parts: _positive(parts[0]).log(),
}
