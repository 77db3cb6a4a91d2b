"""Getting at a document's text."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar, cast, final

from adamref.documents.decoding import decoded
from adamref.documents.formats import format_of, packed_format_of
from adamref.documents.formats.algorithms import with_formulas
from adamref.documents.formats.format import FormatRefused, Passage, Place
from adamref.errors import Unreadable

MAX_BYTES = 32 * 1024 * 1024

STANDARD_INPUT = "-"
"""The name by which standard input is read as a file."""


_Said = TypeVar("_Said")


@final
@dataclass(frozen=True)
class Source:
    """A document's name and its lines, ends of line removed.

    Only a line feed ends a line: a form feed or a carriage return inside one is damage that a
    reader of mathematics wants to see.

    Attributes
    ----------
    path : str
    lines : tuple of str
        As they are read.
    places : tuple
        For each of them the line and the column in the file of each character; empty where they
        are the file's own.
    file : tuple of str
        The lines of the file, where they are others and are what a reader sees.
    kinds : tuple of str
        For each line what it is (`adamref.documents.formats.format.Passage`); empty where the
        format does not say it.
    wheres : tuple of str
        For each line how a reader finds it in the file; empty where its number says it.
    refused : tuple of str
        For each line why it is not read; empty where it is.
    """

    path: str
    lines: tuple[str, ...]
    places: tuple[Sequence[Place], ...] = ()
    file: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    wheres: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    _said: dict[Callable[[Sequence[str]], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def says(self, it: Callable[[Sequence[str]], _Said]) -> _Said:
        """Ask something of all lines; a long document is gone through once for it."""
        if it not in self._said:
            self._said[it] = it(self.lines)
        return cast("_Said", self._said[it])

    def kind(self, line: int) -> str:
        """Return what a line is: text, code of a language, or output."""
        return self.kinds[line - 1] if self.kinds else "text"

    def where(self, line: int) -> str:
        """Return how a reader finds a line, where its number does not say it."""
        return self.wheres[line - 1] if self.wheres else ""

    def unread(self, line: int) -> str:
        """Return why a line is not read; empty where it is."""
        return self.refused[line - 1] if self.refused else ""

    def place(self, line: int, column: int = 1) -> tuple[int, int]:
        """Return where a place in the lines that are read stands in the file, both from 1."""
        if not self.places:
            return line, column
        row = self.places[line - 1]
        if row:
            return row[min(max(column, 1), len(row)) - 1]
        # An empty line stands nowhere: it comes after what stands before it.
        above = (self.places[at] for at in range(line - 2, -1, -1))
        return next((one[-1] for one in above if one), (1, 1))

    def quote(self, line: int) -> str:
        """Return a line as a reader sees it, in the file or as it is read; empty if none is."""
        if not 1 <= line <= len(self.lines):
            return ""
        return (self.file[self.place(line)[0] - 1] if self.file else self.lines[line - 1]).strip()


def from_text(text: str, path: str = "<text>") -> Source:
    """Take a document from a string.

    Raises
    ------
    Unreadable
        If the text is empty or blank, or binary, or not in the format that it is said to be in.
    """
    if "\0" in text:
        raise Unreadable(path, "this is a binary file (it holds NUL bytes), not text")
    unified = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not unified.strip():
        raise Unreadable(path, "the document is empty")
    if "\n" not in unified and unified.count("\r") > 2:
        unified = unified.replace("\r", "\n")
    lines = tuple(unified.split("\n"))
    found = format_of(path, unified)
    if found.read is None:
        return Source(path, lines)
    return _of_passages(path, found.read(lines), () if found.shown else lines)


def from_bytes(data: bytes, path: str) -> Source:
    """Read a document from the bytes of a file.

    Raises
    ------
    Unreadable
        If it is empty, in a format that is not read, or text in an encoding that nothing tells.
    """
    found = packed_format_of(data)
    if found is None or found.unpack is None:
        return from_text(decoded(data, path), path)
    read = _of_passages(path, found.unpack(data), ())
    if not any(line.strip() for line in read.lines):
        raise Unreadable(path, f"there is no text in this {found.name} document")
    return Source(path, read.lines, (), (), read.kinds, read.wheres, read.refused)


def _of_passages(path: str, passages: Iterable[Passage], file: tuple[str, ...]) -> Source:
    try:
        read = tuple(with_formulas(passages))
    except FormatRefused as error:
        raise Unreadable(path, str(error)) from None
    return Source(
        path,
        tuple(x.text for x in read),
        tuple(x.places for x in read),
        file,
        tuple(x.kind for x in read),
        tuple(x.where for x in read),
        tuple(x.unread for x in read),
    )


def from_file(path: str | os.PathLike[str]) -> Source:
    """Read a document from a file; ``-`` is standard input.

    Raises
    ------
    Unreadable
        If there is no such file, it is a directory, larger than 32 MiB, or as `from_bytes` says.
    """
    name = os.fspath(path)
    try:
        if name == STANDARD_INPUT:
            return from_bytes(_limited(sys.stdin.buffer, "<stdin>"), "<stdin>")
        with open(name, "rb", opener=_at_once) as file:
            return from_bytes(_begun(file, name) + _limited(file, name), name)
    except FileNotFoundError:
        raise Unreadable(name, "there is no such file") from None
    except IsADirectoryError:
        raise Unreadable(name, "this is a directory, but a document is wanted") from None
    except Unreadable:
        raise
    except OSError as error:
        raise Unreadable(name, error.strerror or "it cannot be read") from None


def _at_once(name: str, flags: int) -> int:
    """Open a file without waiting for whoever is to write into it."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has no such files


def _begun(file: IO[bytes], name: str) -> bytes:
    """Take the first byte of a pipe: nobody is waited for who does not have it open by now."""
    number = file.fileno()
    if not stat.S_ISFIFO(os.fstat(number).st_mode):
        return b""
    try:
        first = os.read(number, 1)
    except BlockingIOError:
        first = None  # somebody has it open, and is to write yet
    if first == b"":
        raise Unreadable(name, "this is a pipe, and nobody writes into it")
    if hasattr(os, "set_blocking"):
        os.set_blocking(number, True)
    return first or b""


def _limited(file: IO[bytes], name: str) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        size = max(os.fstat(file.fileno()).st_size, len(data))
        raise Unreadable(name, f"{size} bytes, but at most {MAX_BYTES} are read")
    return data
