"""What a token is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.expressions.nodes import Name, Number


@final
@dataclass(frozen=True)
class Token:
    """A piece of a line.

    Attributes
    ----------
    kind : str
        A terminal of the grammar (NUMBER, NAME, PLUS, …), or one of TEXT (a word), COMMA, COLON,
        STOP (other punctuation), MATH (``$``), BREAK (a new row), ELLIPSIS.
    text : str
        As written.
    start, end : int
        Offsets in the line.
    value : Number, Name or None
        What a NUMBER or NAME stands for; a REL carries "=" or "≈" in ``text``.
    """

    kind: str
    text: str
    start: int
    end: int
    value: Number | Name | None = None
