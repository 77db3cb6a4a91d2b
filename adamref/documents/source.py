"""Getting at a document's text."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from pathlib import Path
from typing import final

from adamref.documents.formats import format_of
from adamref.errors import Unreadable

MAX_BYTES = 32 * 1024 * 1024


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
        The lines of the file, where they are others.
    kinds : tuple of str
        For each line what it is (`adamref.documents.formats.format.Passage`); empty where the
        format does not say it.
    wheres : tuple of str
        For each line how a reader finds it in the file; empty where its number says it.
    """

    path: str
    lines: tuple[str, ...]
    places: tuple[tuple[tuple[int, int], ...], ...] = ()
    file: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    wheres: tuple[str, ...] = ()

    def kind(self, line: int) -> str:
        """Return what a line is: text, code of a language, or output."""
        return self.kinds[line - 1] if self.kinds else "text"

    def where(self, line: int) -> str:
        """Return how a reader finds a line, where its number does not say it."""
        return self.wheres[line - 1] if self.wheres else ""

    def place(self, line: int, column: int = 1) -> tuple[int, int]:
        """Return where a place in the lines that are read stands in the file, both from 1."""
        if not self.places:
            return line, column
        row = self.places[line - 1]
        return row[min(max(column, 1), len(row)) - 1] if row else (line, column)

    def quote(self, line: int) -> str:
        """Return the line of the file that a line was read from; empty where there is none."""
        if not 1 <= line <= len(self.lines):
            return ""
        return (self.file or self.lines)[self.place(line)[0] - 1].strip()


def from_text(text: str, path: str = "<text>") -> Source:
    """Take a document from a string.

    Raises
    ------
    Unreadable
        If the text is empty or blank, or binary.
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
    passages = list(found.read(lines))
    return Source(
        path,
        tuple(x.text for x in passages),
        tuple(x.places for x in passages),
        lines,
        tuple(x.kind for x in passages),
        tuple(x.where for x in passages),
    )


def from_file(path: str | os.PathLike[str]) -> Source:
    """Read a document in UTF-8.

    Raises
    ------
    Unreadable
        If there is no such file, it is a directory, larger than 32 MiB, binary, empty, or not
        UTF-8.
    """
    name = os.fspath(path)
    try:
        with Path(name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable(name, "there is no such file") from None
    except IsADirectoryError:
        raise Unreadable(name, "this is a directory, but a document is wanted") from None
    except OSError as error:
        raise Unreadable(name, error.strerror or "it cannot be read") from None
    if len(data) > MAX_BYTES:
        raise Unreadable(name, f"{max(size, len(data))} bytes, but at most {MAX_BYTES} are read")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(name, "this is UTF-16, but UTF-8 is wanted")
    if b"\0" in data:
        raise Unreadable(name, "this is a binary file (it holds NUL bytes), not text")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            name, f"not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start})"
        ) from None
    return from_text(text, name)
