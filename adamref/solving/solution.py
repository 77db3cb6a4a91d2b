"""What stands at a place of a formula in place of the right thing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from sympy import Add, Expr, Mul, Pow, Symbol

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from adamref.solving.inversion import Path

Kind: TypeAlias = Literal["expression", "constant", "varying"]


@final
@dataclass(frozen=True)
class SoFar:
    """What is multiplied up over steps.

    Attributes
    ----------
    factor : sympy.Expr
        Of each step.
    back : int
        1 where that of the step itself is not among them yet.
    """

    factor: Expr
    back: int


@final
@dataclass(frozen=True)
class Solution:
    """What stands at a place of a formula.

    Attributes
    ----------
    place : tuple of int
    old, new : sympy.Expr
        What should stand there, and what does; a number that varies is a symbol ``by_GROUP``.
    formula : sympy.Expr
        The whole, as it is.
    kind : {"expression", "constant", "varying"}
    cost : float
        How much of it there is: the least is the simplest.
    by : str
        Of a number that varies, with what.
    room : mapping of float to float
        By how much each of its numbers may be off.
    numbers : mapping of float to float
        And which it is for which.
    so_far : SoFar, optional
        What they are the product of.
    """

    place: Path
    old: Expr
    new: Expr
    formula: Expr
    kind: Kind
    cost: float
    by: str = ""
    room: Mapping[float, float] = field(default_factory=dict)
    numbers: Mapping[float, float] = field(default_factory=dict)
    so_far: SoFar | None = None


def preferred(old: Expr) -> float:
    """Return by how much less what is about one symbol costs: of two alike it is meant."""
    if not isinstance(old, Symbol):
        return 0.0
    return 0.15 if old.name in ("g", "alpha", "t") else 0.05


def hidden(expr: Expr, one: Solution) -> float:
    """Return by how much more a 0 in a product or a power costs: the whole of it is missing."""
    if one.new != 0 or not one.place:
        return 0.0
    for i in one.place[:-1]:
        expr = expr.args[i]
    if isinstance(expr, Pow):
        return _NO_PRODUCT
    # What is taken from something is one thing, and no product.
    is_product = isinstance(expr, Mul) and not (len(expr.args) == 2 and -1 in expr.args)
    return _NO_PRODUCT if is_product else 0.0


_NO_PRODUCT = 0.3
"""What it costs to say so of one factor alone."""


def shape_of(expr: Expr) -> Hashable:
    """Return what formulas have in common that differ in the order and the brackets of a sum.

    Of a product too. What SymPy would print is no such thing: where nothing is evaluated it asks
    for signs and sizes to sort by, and may find that they contradict each other.
    """
    if not isinstance(expr, Add | Mul):
        return (expr.func, *map(shape_of, expr.args)) if expr.args else expr
    counts = Counter(shape_of(x) for x in _parts(expr, expr.func))
    return expr.func, frozenset(counts.items())


def _parts(expr: Expr, kind: type[Expr]) -> Iterator[Expr]:
    for x in expr.args:
        if isinstance(x, kind):
            yield from _parts(x, kind)
        else:
            yield x
