"""What stands inside a line of a rule: what somebody who works it by hand writes down."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

from sympy import Add, Expr, Mul, preorder_traversal
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

_MOST_OPERANDS = 4


@lru_cache(maxsize=1024)
def subexpressions(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions inside one, but for single symbols, itself, and what has a minus.

    Of a product or a sum of up to four operands each part of it counts as well: ``alpha*m_hat`` and
    ``m_hat/(sqrt(v_hat) + eps)`` stand both in the step.
    """
    found: dict[Expr, None] = {}
    for part in preorder_traversal(expr):
        if not part.args or isinstance(part, Boolean | ExprCondPair):
            continue
        found.setdefault(part)
        if isinstance(part, Add | Mul):
            operands = type(part).make_args(part.func(*part.args))
            if len(operands) <= _MOST_OPERANDS:
                for count in range(2, len(operands)):
                    for some in combinations(operands, count):
                        found.setdefault(part.func(*some))
    return tuple(one for one in found if one != expr and not _is_negative(one))


def _is_negative(expr: Expr) -> bool:
    return isinstance(expr, Mul) and -1 in expr.args
