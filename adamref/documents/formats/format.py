"""What a format of documents is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Passage:
    """A line to be read.

    Attributes
    ----------
    text : str
    places : tuple of (int, int)
        The line and the column (from 1) of each of its characters in the file.
    kind : str
        ``"text"``; ``"code"``, with a colon and the language where it is known
        (``"code:python"``); or ``"output"``, what code has printed.
    where : str
        How a reader finds it, where a line number does not say it: ``"cell 3"``, ``"page 2"``.
    """

    text: str
    places: tuple[tuple[int, int], ...]
    kind: str = "text"
    where: str = ""


@final
@dataclass(frozen=True)
class DocumentFormat:
    """How a file becomes the lines that are read.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
        Of files' names, in lower case, with the point; none for the one that reads what is left.
    read : callable or None
        From the lines of a file to passages; None where the lines are read as they stand.
    recognises : callable
        Whether a text without a telling name is in this format.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Iterable[Passage]] | None = None
    recognises: Callable[[str], bool] = lambda _text: False
