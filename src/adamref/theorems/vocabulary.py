"""The symbols that theorems speak with, and relations that stay as they are written.

SymPy simplifies what it believes it knows about a symbol. In a theorem everything that is known
must be said, so these symbols are real numbers or integers and no more; a domain is part of a
statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Eq, Ge, Gt, Le, Lt, Ne, Sum, Symbol, sympify

if TYPE_CHECKING:
    from sympy import Expr
    from sympy.core.relational import Relational

t, i, j, n = (Symbol(name, integer=True) for name in ("t", "i", "j", "n"))
"""Indices; t counts steps and is 1 for the first."""

alpha, beta, beta1, beta2, eps, weight_decay = (
    Symbol(name, real=True) for name in ("alpha", "beta", "beta1", "beta2", "eps", "weight_decay")
)


def eq(left: Any, right: Any) -> Relational:
    """Write ``left = right``."""
    return Eq(sympify(left), sympify(right), evaluate=False)


def ne(left: Any, right: Any) -> Relational:
    """Write ``left != right``."""
    return Ne(sympify(left), sympify(right), evaluate=False)


def ge(left: Any, right: Any) -> Relational:
    """Write ``left >= right``."""
    return Ge(sympify(left), sympify(right), evaluate=False)


def gt(left: Any, right: Any) -> Relational:
    """Write ``left > right``."""
    return Gt(sympify(left), sympify(right), evaluate=False)


def le(left: Any, right: Any) -> Relational:
    """Write ``left <= right``."""
    return Le(sympify(left), sympify(right), evaluate=False)


def lt(left: Any, right: Any) -> Relational:
    """Write ``left < right``."""
    return Lt(sympify(left), sympify(right), evaluate=False)


def total(term: Any, index: Symbol, low: Any, high: Any) -> Expr:
    """Write the sum of a term over an index from low to high; empty where high < low."""
    return Sum(sympify(term), (index, sympify(low), sympify(high)))


def decay_rate(symbol: Symbol) -> tuple[Relational, Relational]:
    """Return the domain of a decay rate: 0 <= beta < 1."""
    return ge(symbol, 0), lt(symbol, 1)
