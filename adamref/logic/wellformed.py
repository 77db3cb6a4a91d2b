"""What a theorem may be written in: real numbers, and nothing that SymPy knows more about.

A symbol that is positive by its own assumptions would be a hypothesis that no statement shows; an
infinity or a float is no real number; what binds a symbol in a way that is not known here could
capture another one.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Add,
    And,
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    Le,
    Limit,
    Lt,
    Max,
    Min,
    Mod,
    Mul,
    Ne,
    Pow,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    oo,
    sin,
)
from sympy.core.function import AppliedUndef

_MADE_OF = (Abs, Add, Max, Min, Mod, Mul, Pow, cos, exp, log, sin)


_RELATIONS = (Eq, Ge, Gt, Le, Lt, Ne)


_PLAIN = (Symbol("x", real=True).assumptions0, Symbol("x", integer=True).assumptions0)


def objection(said: Any) -> str | None:
    """Say what is wrong with a relation, or an expression, if anything is."""
    if isinstance(said, And):
        return next((found for part in said.args if (found := objection(part))), None)
    if isinstance(said, _RELATIONS):
        left, right = said.args
        if isinstance(said, Eq) and isinstance(left, Limit) and right is oo:
            return objection(left)
        return objection(left) or objection(right)
    if not isinstance(said, Expr):
        return f"{said} is no relation between real numbers"
    return _of_expression(said)


def _of_expression(expr: Expr) -> str | None:
    if expr.is_Rational:
        return None
    if isinstance(expr, Symbol):
        if expr.assumptions0 in _PLAIN:
            return None
        return f"the symbol {expr} assumes more than that it is real or an integer"
    parts = expr.args
    if isinstance(expr, AppliedUndef):
        if expr.func != Function(expr.func.__name__, real=True):
            return f"the function {expr.func} assumes more than that its values are real"
    elif isinstance(expr, Sum):
        if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
            return f"{expr} has more than one index"
        index, low, high = expr.limits[0]
        if not (index.is_integer and low.is_integer and high.is_integer):
            return f"{expr} is not a sum over whole numbers"
        parts = (expr.function, index, low, high)
    elif isinstance(expr, Limit):
        function, index, point = expr.args[:3]
        if point is not oo:
            return f"{expr} is not at infinity"
        parts = (function, index)
    elif not isinstance(expr, _MADE_OF):
        return f"{expr} is not a real number of a kind that is known"
    return next((found for part in parts if (found := _of_expression(part))), None)
