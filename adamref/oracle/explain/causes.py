"""What was solved for: what stands in lines in place of the right thing, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.faults import Fault
    from adamref.oracle.explain.conditions import Condition
    from adamref.solving.solution import Solution


@final
@dataclass(frozen=True)
class LineCause:
    """Something else in a line.

    Attributes
    ----------
    lines : tuple of str
        The fields in which it is.
    where : Condition
    formulas : tuple of sympy.Expr
        What each of them is there, in what was shown; empty where nothing was found.
    says : str
        The same, written.
    change : str
        Only what is another: ``g is multiplied by 8``.
    wrong, explained : int
        How many values of these lines are wrong, and how many it accounts for.
    spared : int
        How many rows are right where the condition does not hold.
    solution : Solution or None
    stored : bool
        Whether these lines are worked right, as theta shows, and what is kept is another.
    confirmed : bool
        Whether exact arithmetic gives what was seen, on rows that could have refused it.
    faults : tuple of Fault
        Those of the catalogue that make the same of the line, the usual name first.
    """

    lines: tuple[str, ...]
    where: Condition
    formulas: tuple[Expr, ...]
    says: str
    change: str
    wrong: int
    explained: int
    spared: int
    solution: Solution | None = None
    stored: bool = False
    confirmed: bool = False
    faults: tuple[Fault, ...] = ()
