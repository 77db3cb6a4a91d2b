"""Expressions put in for others, where no sum or limit binds a symbol of them."""

from __future__ import annotations

from functools import lru_cache

from sympy import Dummy, Expr, Function, Limit, Pow, Sum, expand

ROOT = Function("√", real=True)
"""Marks a root that SymPy is not to square."""


def marked(expr: Expr) -> Expr:
    """Write square roots as values of a function that SymPy knows nothing of."""
    return expr.replace(
        lambda e: isinstance(e, Pow) and e.exp.is_Rational and e.exp.q == 2,
        lambda e: ROOT(e.base) ** e.exp.p,
    )


def span_of(whole: Sum) -> Expr:
    """Return how many terms a sum has, less one."""
    _, low, high = whole.limits[0]
    return high - low


def any_term(whole: Sum) -> tuple[Expr, tuple[Expr, Expr]]:
    """Return a term of a sum, at an index about which only its range is known, and that range."""
    index, low, high = whole.limits[0]
    any_ = Dummy(index.name, integer=True)
    return whole.function.subs(index, any_), (any_ - low, high - any_)


def replaced(expr: Expr, left: Expr, right: Expr) -> Expr:
    """Put one expression in for another, but not where a sum binds a symbol of them."""
    if expr == left:
        return right
    if not expr.args or not expr.has(left):
        return expr
    if isinstance(expr, Limit) and expr.args[1] in left.free_symbols | right.free_symbols:
        return expr
    if isinstance(expr, Sum):
        bound = {index for index, *_ in expr.limits}
        if bound & (left.free_symbols | right.free_symbols):
            return expr
        index, low, high = expr.limits[0]
        return Sum(
            replaced(expr.function, left, right),
            (index, replaced(low, left, right), replaced(high, left, right)),
        )
    return expr.func(*(replaced(a, left, right) for a in expr.args))


@lru_cache(maxsize=4096)
def expanded(expr: Expr) -> Expr:
    """Multiply out; the same few expressions are asked for again and again."""
    return expand(expr)


@lru_cache(maxsize=4096)
def unit(expr: Expr) -> Expr:
    """Multiply out, and take out the content, a positive number."""
    primitive: Expr = expanded(expr).primitive()[1]
    return primitive
