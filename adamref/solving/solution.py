"""What stands at a place of a formula in place of the right thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy import Expr

    from adamref.solving.inversion import Path

Kind: TypeAlias = Literal["expression", "constant", "varying"]


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
