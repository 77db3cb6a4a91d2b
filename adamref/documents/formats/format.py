"""What a format of documents is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, final, overload

from adamref.errors import AdamrefError


@final
class FormatRefused(AdamrefError, ValueError):
    """A file cannot be read in its format; the message says why."""


Place = tuple[int, int]
"""A line and a column, both from 1."""


@final
class Stretch(NamedTuple):
    """Characters of a passage that stand side by side in the file.

    Attributes
    ----------
    start : int
        Where in the passage they begin.
    line, column : int
        Where in the file they begin.
    width : int
        So many characters of the file they were read from: an entity of five may be read as one.
    """

    start: int
    line: int
    column: int
    width: int


@final
@dataclass(frozen=True, slots=True)
class Places(Sequence[Place]):
    """The place of each character of a passage, kept by stretches."""

    stretches: tuple[Stretch, ...]
    length: int

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> Place: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Place, ...]: ...
    def __getitem__(self, at: int | slice) -> Place | tuple[Place, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(self.length)))
        if at < 0:
            at += self.length
        if not 0 <= at < self.length:
            raise IndexError(at)
        one = self.stretches[bisect_right(self.stretches, at, key=lambda s: s.start) - 1]
        return one.line, one.column + min(at - one.start, max(one.width - 1, 0))


BREAK = "<br>"
"""What parts the statements in a cell of a table, as Markdown has it."""


PROBLEM = "problem"
"""The kind of a line that heads a problem of its own, as each of several test cases is."""


@final
@dataclass(frozen=True, slots=True)
class Passage:
    """A line to be read.

    Attributes
    ----------
    text : str
    places : sequence of (int, int)
        The line and the column (from 1) of each of its characters in the file.
    kind : str
        ``"text"``; ``"code"``, with a colon and the language where it is known
        (``"code:python"``); ``"output"``, what code has printed; or `PROBLEM`.
    where : str
        How a reader finds it, where a line number does not say it: ``"cell 3"``, ``"page 2"``.
    unread : str
        Why it is not read, if it is not: the report lists it.
    """

    text: str
    places: Sequence[Place]
    kind: str = "text"
    where: str = ""
    unread: str = ""


@final
@dataclass
class Writing:
    """A line in the making, piece by piece, each with its place in the file."""

    pieces: list[tuple[str, int, int, int]] = field(default_factory=list)

    def add(self, text: str, line: int, column: int, width: int | None = None) -> None:
        """Add what stands at a place; ``width`` where it stands there in other characters."""
        if text:
            self.pieces.append((text, line, column, len(text) if width is None else width))

    def extend(self, other: Writing) -> None:
        """Add all that another line has."""
        self.pieces.extend(other.pieces)

    def part(self, start: int, end: int) -> Writing:
        """Return the characters from one to another."""
        made, at = Writing(), 0
        for text, line, column, width in self.pieces:
            low, high = max(start - at, 0), min(end - at, len(text))
            if low < high:
                side_by_side = width == len(text)
                moved = low if side_by_side else 0
                made.add(text[low:high], line, column + moved, None if side_by_side else width)
            at += len(text)
        return made

    @property
    def text(self) -> str:
        """What stands in it so far."""
        return "".join(piece[0] for piece in self.pieces)

    def passage(self, kind: str = "text", where: str = "", unread: str = "") -> Passage:
        """Return it as a passage."""
        if len(self.pieces) == 1:
            ((text, line, column, width),) = self.pieces
            whole = Places((Stretch(0, line, column, width),), len(text))
            return Passage(text, whole, kind, where, unread)
        stretches, start = [], 0
        for text, line, column, width in self.pieces:
            stretches.append(Stretch(start, line, column, width))
            start += len(text)
        return Passage(self.text, Places(tuple(stretches), start), kind, where, unread)


def written(text: str, line: int, column: int = 1, width: int | None = None) -> Writing:
    """Begin a line with what stands at a place."""
    made = Writing()
    made.add(text, line, column, width)
    return made


def as_it_stands(text: str, line: int, kind: str = "text") -> Passage:
    """Return a line of the file as a passage."""
    return Passage(text, Places((Stretch(0, line, 1, len(text)),), len(text)), kind)


def rewritten(passage: Passage) -> Writing:
    """Return a passage as a line that can be taken to pieces."""
    places = passage.places
    assert isinstance(places, Places)
    ends = [*(one.start for one in places.stretches[1:]), places.length]
    return Writing(
        [
            (passage.text[one.start : end], one.line, one.column, one.width)
            for one, end in zip(places.stretches, ends, strict=True)
            if one.start < end
        ]
    )


def barred(cells: Iterable[Writing], line: int) -> Writing:
    """Write the cells of a table's row as Markdown does; a bar inside a cell is escaped."""
    made = written("|", line, 1, 1)
    for cell in cells:
        for text, row, column, width in cell.pieces or [(" ", line, 1, 1)]:
            made.add(text.replace("|", "\\|"), row, column, width)
        _, row, column, width = made.pieces[-1]
        made.add("|", row, column + max(width - 1, 0), 1)
    return made


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
        From the lines of a file to passages; None where the lines are read as they stand. Raises
        `FormatRefused` for what is not read at all.
    recognises : callable
        Whether a text without a telling name is in this format.
    unpack : callable or None
        For files that are no text: from their bytes to passages, which then have no place but
        their own number and ``where``. Raises `FormatRefused` as ``read`` does.
    signature : callable
        Whether bytes are a file in this format that is no text.
    shown : bool
        Whether a reader sees what is read rather than the characters of the file: then that is
        what is quoted.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Iterable[Passage]] | None = None
    recognises: Callable[[str], bool] = lambda _text: False
    unpack: Callable[[bytes], Iterable[Passage]] | None = None
    signature: Callable[[bytes], bool] = lambda _data: False
    shown: bool = False
