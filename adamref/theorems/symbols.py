"""The symbols that theorems about Adam speak with: real numbers or integers, and no more.

What is known of one besides is part of a statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Function, Symbol

from adamref.logic.relations import ge, lt

if TYPE_CHECKING:
    from sympy.core.relational import Relational

t, i, j, n = (Symbol(name, integer=True) for name in ("t", "i", "j", "n"))
"""Indices; t counts steps and is 1 for the first."""

alpha, beta, beta1, beta2, eps, weight_decay = (
    Symbol(name, real=True) for name in ("alpha", "beta", "beta1", "beta2", "eps", "weight_decay")
)

g = Function("g", real=True)
"""The gradients, by step."""


def decay_rate(symbol: Symbol) -> tuple[Relational, Relational]:
    """Return the domain of a decay rate: 0 <= beta < 1."""
    return ge(symbol, 0), lt(symbol, 1)
