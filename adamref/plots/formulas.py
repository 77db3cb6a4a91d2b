"""The numbers that a theorem's formula gives."""

from __future__ import annotations

from typing import Any

from mpmath import libmp

from adamref.numbers.multiprecision import Multiprecision
from adamref.theorems.evaluation import Evaluation
from adamref.theorems.library import theorem
from adamref.theorems.points import Point, Space

_BITS = 120


def value(name: str, side: Any, **given: Any) -> float:
    """Return what an expression of a theorem is worth, rounded to a float.

    Parameters
    ----------
    name : str
        The theorem, whose space says what its functions mean.
    side : Expr
    **given : number or tuple of number
        Values for its symbols, and its sequences.
    """
    return float(libmp.to_float(evaluation(name, **given).value(side)))


def evaluation(name: str, **given: Any) -> Evaluation:
    """Return the values of a theorem's expressions at a point, to about 36 digits."""
    one = theorem(name)
    space: Space = one.space
    return Evaluation(Multiprecision(_BITS), space, Point.of(**given), one.statement.meanings)


def sides(name: str) -> tuple[Any, Any]:
    """Return the two sides of a theorem's claim, or of the first part of it."""
    claim = theorem(name).statement.claim
    part = claim.args[0] if claim.args[0].is_Boolean or claim.args[0].is_Relational else claim
    left, right = part.args
    return left, right
