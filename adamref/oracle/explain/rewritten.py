"""Lines in another shape: two hyperparameters exchanged, a state written over as in place."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from sympy import Expr, Symbol, count_ops, evaluate, preorder_traversal

from adamref.oracle.explain.formulas import whole, written
from adamref.rules.hyper import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def exchanged(expr: Expr) -> Iterator[tuple[Expr, str]]:
    """Yield a formula with two of its hyperparameters exchanged, and what is said of that."""
    its = sorted((x for x in expr.free_symbols if x.name in COMMON), key=str)
    for one, other in combinations(its, 2):
        with evaluate(False):
            formula = expr.xreplace({one: other, other: one})
        yield formula, f"{written(one)} and {written(other)} are exchanged"


def overwritten(
    lines: Mapping[str, Expr], name: str, update: Expr, shown: frozenset[str]
) -> Iterator[tuple[Expr, str]]:
    """Yield what the line of theta makes of a state, part by part, the smallest first.

    Parameters
    ----------
    lines : mapping of str to sympy.Expr
        The right ones.
    name : str
        The state's.
    update : sympy.Expr
        Its own line.
    shown : frozenset of str
        What is a column of its own.

    Yields
    ------
    tuple of (sympy.Expr, str)
        The part with the state's own line in it, and what is said of it.
    """
    theta = whole(lines, "theta", shown | {name})
    its = next((x for x in theta.free_symbols if x.name == name), None)
    if its is None:
        return
    parts = {x for x in preorder_traversal(theta) if _is_made_of(x, its)} - {theta}
    for part in sorted(parts, key=lambda x: (count_ops(x), str(x))):
        with evaluate(False):
            formula = part.xreplace({its: update})
        yield formula, f"{written(part)} is written over {written(its)}"


def _is_made_of(part: Expr, its: Symbol) -> bool:
    """Say whether a part is made of a state; what is divided by it is made of something else."""
    is_inverse = part.is_Pow and part.exp.is_negative
    return part != its and its in part.free_symbols and not is_inverse
