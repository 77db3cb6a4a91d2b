"""What a format of documents is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias, final

Passage: TypeAlias = tuple[str, tuple[tuple[int, int], ...]]
"""A line to be read, and the line and the column (from 1) of each of its characters in the file."""


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
