"""Conditions on indices: integer expressions that are >= 0."""

from __future__ import annotations

from sympy import Expr, Symbol, expand


def in_the_end(condition: Expr, over: Symbol) -> bool:
    """Say whether a condition, ``c t + d >= 0`` with c > 0, holds for all large t."""
    slope = expand(condition).coeff(over)
    rest = expand(condition - slope * over)
    return bool(slope.is_Integer and slope > 0 and not rest.has(over))
