"""A normal form by another library: fractions of FLINT's polynomials over the rationals.

Symbols, values of functions, powers with an unknown exponent, roots and whatever else is no
polynomial are variables. Roots of one radicand are reduced by their square. What comes out as 0 is
0 wherever it is defined; of what does not, nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from flint import Ordering, fmpq, fmpq_mpoly_ctx
from sympy import Add, Expr, Integer, Mul, Pow, Sum, Symbol, expand
from sympy.core.function import AppliedUndef

if TYPE_CHECKING:
    from collections.abc import Callable

Fraction: TypeAlias = "tuple[Any, Any]"
"""A numerator and a denominator, polynomials of FLINT."""

_MOST_TERMS = 20_000


class TooLarge(ValueError):
    """A polynomial has outgrown what is tried here."""


def is_zero(expr: Expr) -> bool:
    """Say whether an expression is decided to be 0; False says nothing.

    Raises
    ------
    TooLarge
        If it takes too long to say.
    """
    known = _Variables()
    known.collect(expr)
    top, _ = known.fraction(expr)
    return bool(known.reduced(top) == 0)


class _Variables:
    """The variables of an expression, and the polynomials over them."""

    def __init__(self) -> None:
        self._names: dict[object, int] = {}
        self._roots: dict[int, Expr] = {}
        self._context: Any = None

    def collect(self, expr: Expr) -> None:
        """Find every variable, before polynomials are made."""
        self._walk(expr, self._noted)

    def _noted(self, key: object) -> Fraction:
        self._names.setdefault(key, len(self._names))
        return None, None

    def _walk(self, expr: Expr, variable: Callable[[object], Any]) -> None:
        if expr.is_Rational:
            return
        if isinstance(expr, Add | Mul):
            for part in expr.args:
                self._walk(part, variable)
        elif isinstance(expr, Pow):
            base, exponent = expr.base, expand(expr.exp)
            if exponent.is_Integer:
                self._walk(base, variable)
            elif exponent.is_Rational and exponent.q == 2:
                variable(("root", expand(base)))
                self._roots[self._names["root", expand(base)]] = base
                self._walk(base, variable)
            elif exponent.is_integer:
                for factor, power in _factors(base, exponent):
                    self._walk(factor, variable)
                    for part in Add.make_args(power):
                        if not part.is_Integer:
                            variable(("power", factor, part.as_coeff_Mul()[1]))
            else:
                variable(_key(expr))
        else:
            variable(_key(expr))

    @property
    def context(self) -> Any:
        """What FLINT knows the variables by."""
        if self._context is None:
            names = [f"x{k}" for k in range(max(1, len(self._names)))]
            self._context = fmpq_mpoly_ctx.get(names, Ordering.degrevlex)
        return self._context

    def fraction(self, expr: Expr) -> Fraction:
        """Write an expression as a fraction."""
        if expr.is_Rational:
            return self._number(int(expr.p), int(expr.q))
        if isinstance(expr, Add):
            top, bottom = self._number(0, 1)
            for part in expr.args:
                a, b = self.fraction(part)
                top, bottom = (
                    (top + a, bottom) if b == bottom else (top * b + a * bottom, bottom * b)
                )
                _small(top)
            return top, bottom
        if isinstance(expr, Mul):
            return self._product([self.fraction(part) for part in expr.args])
        if isinstance(expr, Pow):
            return self._power(expr)
        return self._variable(_key(expr))

    def _power(self, expr: Pow) -> Fraction:
        base, exponent = expr.base, expand(expr.exp)
        if exponent.is_Integer:
            return self._raised(self.fraction(base), int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            return self._raised(self._variable(("root", expand(base))), int(exponent.p))
        if not exponent.is_integer:
            return self._variable(_key(expr))
        made = []
        for factor, power in _factors(base, exponent):
            for part in Add.make_args(power):
                if part.is_Integer:
                    made.append(self._raised(self.fraction(factor), int(part)))
                    continue
                times, rest = part.as_coeff_Mul()
                variable = self._variable(("power", factor, rest))
                made.append(self._raised(variable, int(times)))
        return self._product(made)

    def reduced(self, top: Any) -> Any:
        """Put the radicand in for the square of every root, until there is none."""
        for at, radicand in self._roots.items():
            a, b = self.fraction(radicand)
            degree = top.degrees()[at]
            if degree < 2:
                continue
            result, root = self._number(0, 1)[0], self.context.gen(at)
            for powers, coefficient in top.terms():
                twice, once = divmod(powers[at], 2)
                rest = tuple(0 if k == at else p for k, p in enumerate(powers))
                term = self.context.from_dict({rest: coefficient}) * root**once
                result += term * a**twice * b ** (degree // 2 - twice)
                _small(result)
            top = result
        return top

    def _number(self, top: int, bottom: int) -> Fraction:
        return self.context.constant(fmpq(top, bottom)), self.context.constant(fmpq(1))

    def _variable(self, key: object) -> Fraction:
        return self.context.gen(self._names[key]), self.context.constant(fmpq(1))

    def _product(self, parts: list[Fraction]) -> Fraction:
        top, bottom = self._number(1, 1)
        for a, b in parts:
            top, bottom = top * a, bottom * b
            _small(top)
            _small(bottom)
        return top, bottom

    @staticmethod
    def _raised(fraction: Fraction, power: int) -> Fraction:
        a, b = fraction if power >= 0 else fraction[::-1]
        if max(len(a), len(b)) > 1 and abs(power) > 64:
            raise TooLarge
        return a ** abs(power), b ** abs(power)


def _key(expr: Expr) -> object:
    """Return what tells one variable from another, the same for what is clearly the same."""
    if isinstance(expr, Sum):
        index, low, high = expr.limits[0]
        function = expand(expr.function.subs(index, Symbol("index", integer=True)))
        return "sum", function, expand(low), expand(high)
    if isinstance(expr, AppliedUndef):
        return "value", expr.func.__name__, tuple(expand(part) for part in expr.args)
    if not expr.args:
        return expr
    return expr.func.__name__, frozenset(expand(part) for part in expr.args)


def _factors(base: Expr, exponent: Expr) -> list[tuple[Expr, Expr]]:
    """Split a power of a product, or of a power, into powers of what is neither."""
    made: list[tuple[Expr, Expr]] = []
    for factor in Mul.make_args(base):
        if isinstance(factor, Pow) and factor.exp.is_Integer:
            made += _factors(factor.base, expand(exponent * factor.exp))
        elif factor.is_Rational and not factor.is_Integer:
            made += [(Integer(factor.p), exponent), (Integer(factor.q), expand(-exponent))]
        else:
            made.append((factor, exponent))
    return made


def _small(polynomial: Any) -> None:
    if len(polynomial) > _MOST_TERMS:
        raise TooLarge
