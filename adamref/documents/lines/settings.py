"""What surrounds a line, and what is thought of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.documents.claims import Cause
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
    """

    gradients: str = ""
    cases: bool = False
    without_eps: bool = False
    others: tuple[Optimizer, ...] = ()


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
    """

    verdict: str
    because: str
    field: str
    dialect: str = ""
    expected: str | None = None
    causes: tuple[Cause, ...] = ()
    optimizer: str = ""


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
    explains : bool
        Whether to look for what is wrong with it, which takes a while.
    around : Around
        What the sentences around it say of it.
    """

    optimizer: Optimizer
    letters: Mapping[str, str]
    average: bool = False
    certain: bool = False
    code: bool = False
    explains: bool = True
    around: Around = Around()
