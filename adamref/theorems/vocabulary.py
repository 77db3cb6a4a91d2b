"""The symbols that theorems speak with, and relations that stay as they are written.

SymPy simplifies what it believes it knows about a symbol. In a theorem everything that is known
must be said, so these symbols are real numbers or integers and no more; a domain is part of a
statement.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Basic, Eq, Ge, Gt, Integer, Le, Lt, Ne, Rational, Sum, Symbol

if TYPE_CHECKING:
    from sympy import Expr
    from sympy.core.relational import Relational

t, i, j, n = (Symbol(name, integer=True) for name in ("t", "i", "j", "n"))
"""Indices; t counts steps and is 1 for the first."""

alpha, beta, beta1, beta2, eps, weight_decay = (
    Symbol(name, real=True) for name in ("alpha", "beta", "beta1", "beta2", "eps", "weight_decay")
)


def expression(value: Any) -> Any:
    """Take a whole number or a fraction as an expression; text is never evaluated.

    Raises
    ------
    TypeError
        If it is none of them, nor an expression.
    """
    if isinstance(value, Basic):
        return value
    if isinstance(value, int):
        return Integer(value)
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    raise TypeError(f"{value!r} is no expression, whole number or fraction")


def eq(left: Any, right: Any) -> Relational:
    """Write ``left = right``."""
    return Eq(expression(left), expression(right), evaluate=False)


def ne(left: Any, right: Any) -> Relational:
    """Write ``left != right``."""
    return Ne(expression(left), expression(right), evaluate=False)


def ge(left: Any, right: Any) -> Relational:
    """Write ``left >= right``."""
    return Ge(expression(left), expression(right), evaluate=False)


def gt(left: Any, right: Any) -> Relational:
    """Write ``left > right``."""
    return Gt(expression(left), expression(right), evaluate=False)


def le(left: Any, right: Any) -> Relational:
    """Write ``left <= right``."""
    return Le(expression(left), expression(right), evaluate=False)


def lt(left: Any, right: Any) -> Relational:
    """Write ``left < right``."""
    return Lt(expression(left), expression(right), evaluate=False)


def total(term: Any, index: Symbol, low: Any, high: Any) -> Expr:
    """Write the sum of a term over an index from low to high; empty where high < low."""
    return Sum(expression(term), (index, expression(low), expression(high)))


def decay_rate(symbol: Symbol) -> tuple[Relational, Relational]:
    """Return the domain of a decay rate: 0 <= beta < 1."""
    return ge(symbol, 0), lt(symbol, 1)
