"""What surrounds a line, and what is thought of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from fractions import Fraction

    from adamref.documents.claims import Cause
    from adamref.documents.lines.trajectories import Fixed
    from adamref.rules.optimizer import Optimizer


@final
@dataclass(frozen=True)
class Around:
    """What the sentences around a line say of it.

    Attributes
    ----------
    gradients : {"", "constant", "last", "unread"}
        What they assume of the gradients: one for all steps, none but the last, something else.
    cases : bool
        Whether the line is one of several cases.
    without_eps : bool
        Whether epsilon is left out on purpose.
    others : tuple of Optimizer
        The other optimizer that is named last before it, as far as it may be meant.
    ancestor : str
        What the optimizer at hand came from, where the paragraph names that and not the optimizer.
    from_zero : bool
        Whether the text counts its steps from 0: it has a gradient g_0.
    said_gradients : tuple of Fraction
        The numbers that the text says the gradient to be, at all steps or in turn.
    """

    gradients: str = ""
    cases: bool = False
    without_eps: bool = False
    others: tuple[Optimizer, ...] = ()
    ancestor: str = ""
    from_zero: bool = False
    said_gradients: tuple[Fraction, ...] = ()


@final
@dataclass(frozen=True)
class Judged:
    """What is thought of a line.

    Attributes
    ----------
    verdict : {"holds", "dialect", "wrong", "unread"}
    because : str
    field : str
    dialect : str
        In which it holds.
    expected : str or None
        The line as it should stand, in the author's letters.
    causes : tuple of Cause
    optimizer : str
        By whose rule it was judged.
    numbers : tuple of (str, Fraction)
        What its numbers are: hyperparameters it has no letters for.
    """

    verdict: str
    because: str
    field: str
    dialect: str = ""
    expected: str | None = None
    causes: tuple[Cause, ...] = ()
    optimizer: str = ""
    numbers: Fixed = ()


@final
@dataclass(frozen=True)
class Setting:
    """What surrounds a line.

    Attributes
    ----------
    optimizer : Optimizer
        Of the text that it stands in.
    letters : mapping of str to str
        How other lines write the symbols of the rule.
    average : bool
        Whether the text calls what stands on the left an average.
    certain : bool
        Whether what stands on the left is known by words.
    code : bool
    alone : bool
        Whether what it stands in is about that optimizer, and mentions no other in passing.
    explains : bool
        Whether to look for what is wrong with it, which takes a while.
    around : Around
        What the sentences around it say of it.
    numbers : mapping of str to Fraction
        What hyperparameters are that other lines have as numbers.
    repeated : frozenset of str
        The letters of the line that stand in other lines too.
    """

    optimizer: Optimizer
    letters: Mapping[str, str]
    average: bool = False
    certain: bool = False
    code: bool = False
    alone: bool = False
    explains: bool = True
    around: Around = Around()
    numbers: Mapping[str, Fraction] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
