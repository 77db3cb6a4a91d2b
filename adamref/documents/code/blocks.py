"""Where a document has code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.documents.source import Source

_MARKS = re.compile(r"&|\\\\|\\q?quad|\\(?=_)")
_WORDS = re.compile(r"(?<![\\\w])[A-Za-z]{4,}\w*\s*[-+*/]?=")
_DISPLAYS = {r"\[": r"\]", "$$": "$$"}
_PYTHON = re.compile(r"^\s*(?:import \w|from \w+ import|def \w+\(.*:|class \w+.*:)|\bnp\.\w|\*\*")
_PSEUDO = re.compile(r"pseudo", re.IGNORECASE)


@final
@dataclass(frozen=True)
class Block:
    """A stretch of code.

    Attributes
    ----------
    first : int
        The number of its first line in the document.
    lines : tuple of str
    language : str
        In small letters; empty where it is not said.
    pseudo : bool
        Whether the text before it calls it pseudo-code.
    """

    first: int
    lines: tuple[str, ...]
    language: str = ""
    pseudo: bool = False

    @property
    def is_python(self) -> bool:
        """Whether it is said, or seen, to be Python."""
        if self.language:
            return self.language in ("python", "py", "python3", "ipython", "ipython3")
        return not self.pseudo and any(_PYTHON.search(line) for line in self.lines)


def code_blocks(source: Source) -> list[Block]:
    """Return all code of a document, in order; what code has printed is none.

    The format says which lines are code. Displayed mathematics that has words for symbols and no
    commands is a program as well.
    """
    found = sorted([*_by_kind(source), *_in_displays(source)], key=lambda block: block.first)
    made = []
    for block in found:
        if any(line.strip() for line in block.lines):
            before = source.lines[max(block.first - 6, 0) : block.first - 1]
            pseudo = any(_PSEUDO.search(line) for line in before)
            words = block.language == "words"
            its = tuple(map(_plain, block.lines)) if words else block.lines
            made.append(Block(block.first, its, block.language, pseudo or words))
    return made


def _by_kind(source: Source) -> Iterator[Block]:
    """Yield the stretches of lines that the format calls code: those of a cell together."""
    start, what = 0, ("", "")
    for i in range(1, len(source.lines) + 2):
        inside = i <= len(source.lines)
        here = (source.kind(i), source.where(i).partition(", line")[0]) if inside else ("", "")
        if start and here != what:
            yield Block(start, source.lines[start - 1 : i - 1], what[0].partition(":")[2])
            start = 0
        if not start and here[0].startswith("code"):
            start, what = i, here


def _in_displays(source: Source) -> Iterator[Block]:
    """Yield displays whose mathematics is in words."""
    i = 0
    while i < len(source.lines):
        closes = _DISPLAYS.get(source.lines[i].strip()) if source.kind(i + 1) == "text" else None
        i += 1
        if closes is not None:
            ends = (k for k in range(i, len(source.lines)) if source.lines[k].strip() == closes)
            last = next(ends, len(source.lines))
            if _in_words(source.lines[i:last]):
                yield Block(i + 1, source.lines[i:last], "words")
            i = last + 1


def _in_words(lines: tuple[str, ...]) -> bool:
    """Say whether mathematics has words for symbols and no commands: it is read as a program."""
    plain = [_MARKS.sub("", line) for line in lines]
    return any(_WORDS.search(x) for x in plain) and not any("\\" in x for x in plain)


def _plain(line: str) -> str:
    """Take marks of mathematics, and a remark in brackets at the end, off a line."""
    return re.sub(r"\s+\([a-z_ ]+\)\s*$", "", _MARKS.sub("", line))
