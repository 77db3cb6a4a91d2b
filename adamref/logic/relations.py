"""Relations that stay as they are written, and what is put into them.

SymPy decides what it believes it knows. In a theorem everything that is known must be said, so a
relation is made, read and put into without being evaluated.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import And, Basic, Eq, Expr, Ge, Gt, Integer, Le, Limit, Lt, Ne, Rational, Sum, Symbol
from sympy.core.relational import Relational

from adamref.logic.refusal import Captured, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Relational",
    "bound_in",
    "eq",
    "excess",
    "expression",
    "ge",
    "gt",
    "instead",
    "is_strict",
    "le",
    "lt",
    "ne",
    "parts_of",
    "slack",
    "substituted",
    "total",
]


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


def excess(relation: Relational) -> Expr | None:
    """Return what a relation says to be >= 0 or > 0."""
    left, right = relation.args
    if isinstance(relation, Ge | Gt):
        return left - right
    if isinstance(relation, Le | Lt):
        return right - left
    return None


def is_strict(relation: Relational) -> bool:
    """Say whether a relation is > or <."""
    return isinstance(relation, Gt | Lt)


def slack(relation: Relational) -> Expr:
    """Return what a relation other than an equation says to be >= 0 or > 0."""
    difference = excess(relation)
    if difference is None:
        raise Refused(f"{relation} is not an inequality")
    return difference


def parts_of(relation: Any) -> tuple[Any, ...]:
    """Return the relations of which a conjunction is made, or the one there is."""
    return relation.args if isinstance(relation, And) else (relation,)


def bound_in(expr: Any) -> set[Symbol]:
    """Return the symbols that sums and limits bind somewhere in an expression or a relation."""
    found = {index for whole in expr.atoms(Sum) for index, *_ in whole.limits}
    return found | {limit.args[1] for limit in expr.atoms(Limit)}


def substituted(relation: Any, values: Mapping[Symbol, Expr]) -> Any:
    """Put expressions in for symbols of a relation, which is not decided on the way."""
    if isinstance(relation, And):
        return And(*(substituted(part, values) for part in relation.args), evaluate=False)
    bound = bound_in(relation)
    if limited := {limit.args[1] for limit in relation.atoms(Limit)} & set(values):
        raise Captured(f"{limited.pop()} is bound by a limit")
    for value in values.values():
        if captured := bound & value.free_symbols:
            raise Captured(f"{value} put in for a symbol: {captured.pop()} is bound by a sum there")
    # What binds one of the symbols must be asked, which takes longer.
    left, right = (
        side.subs(values, simultaneous=True) if bound & set(values) else side.xreplace(values)
        for side in relation.args
    )
    return relation.func(left, right, evaluate=False)


def instead(relation: Relational, value: Expr, other: Expr) -> Relational:
    """Put an expression in for another one in a relation, which is not decided on the way."""
    left, right = (side.xreplace({value: other}) for side in relation.args)
    return relation.func(left, right, evaluate=False)
