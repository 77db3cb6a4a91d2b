"""Where a document has code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, final

from adamref.documents.formats.languages import LANGUAGES

if TYPE_CHECKING:
    from adamref.documents.source import Source

_MARKS = re.compile(r"&|\\\\|\\q?quad|\\(?=_)")
_WORDS = re.compile(r"(?<![\\\w])[A-Za-z]{4,}\w*\s*[-+*/]?=")
_DISPLAYS = {r"\[": r"\]", "$$": "$$"}
_PYTHON = re.compile(r"^\s*(?:import \w|from \w+ import|def \w+\(.*:|class \w+.*:)|\bnp\.\w|\*\*")
_FUNCTION = re.compile(
    r"\b(?:function|fn|func|sub)\s+\w+[!\w.]*\s*[(<]"
    r"|\b(?:void|__global__|public|private|protected|internal|static)\s[^;=(]*\("
    r"|^\s*(?!(?:if|for|while|switch|catch|else|elseif|return)\b)(?:\w+\s+)*\w+\s*\([^;{}=]*\)\s*\{\s*$"
    r"|=>\s*\{|<-\s*function\b"
)
_PSEUDO = re.compile(r"pseudo", re.IGNORECASE)
_QUOTED = re.compile(
    r"\b(?:do(?:n['’]t| not) (?:do|write|use)|never (?:do|write)|nor (?:this|that)|wrong(?:ly)?|bad"
    r"|buggy|bug|incorrect(?:ly)?|mistaken?s?|broken|pitfalls?|traps?|if you write|as in the bug"
    r"|falsch\w*|fehler\w*|pièges?|erreurs?|erróne\w*|mal escrito)\b|[✗❌]",
    re.IGNORECASE,
)


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
    quoted : bool
        Whether the text before it gives it as a mistake.
    leads : str
        The last line of text before it.
    """

    first: int
    lines: tuple[str, ...]
    language: str = ""
    pseudo: bool = False
    quoted: bool = False
    leads: str = ""

    @property
    def functions(self) -> list[int]:
        """Where functions begin, by the words of several languages; 0 comes first."""
        return [0, *(self.first + i for i, x in enumerate(self.lines) if _FUNCTION.search(x))]

    @property
    def is_python(self) -> bool:
        """Whether it is said, or seen, to be Python."""
        if self.language:
            return self.language in ("python", "py", "python3", "ipython", "ipython3")
        return not self.pseudo and any(_PYTHON.search(line) for line in self.lines)


def is_quoted(said: str) -> bool:
    """Say whether a remark on code, or the line that leads to it, gives it as a mistake."""
    return _QUOTED.search(said) is not None


def code_blocks(source: Source) -> list[Block]:
    """Return all code of a document, in order; what code has printed is none.

    The format says which lines are code. Displayed mathematics that has words for symbols and no
    commands is a program as well.
    """
    kinds = _of_program(source) if _is_program(source) else _by_kind(source)
    found = sorted([*kinds, *_in_displays(source)], key=lambda block: block.first)
    made = []
    for block in found:
        if any(line.strip() for line in block.lines):
            before = source.lines[max(block.first - 6, 0) : block.first - 1]
            pseudo = any(_PSEUDO.search(line) for line in before)
            words = block.language == "words"
            its = tuple(map(_plain, block.lines)) if words else block.lines
            leads = next((line for line in reversed(before) if line.strip("`~ \t")), "")
            made.append(
                replace(
                    block, lines=its, pseudo=pseudo or words, quoted=is_quoted(leads), leads=leads
                )
            )
    return made


def _is_program(source: Source) -> bool:
    """Say whether a file is a program by its name: what is text in it are its remarks."""
    endings = {ending for its in LANGUAGES.values() for ending in its.split()}
    return PurePath(source.path).suffix.removeprefix(".") in endings


def _of_program(source: Source) -> Iterator[Block]:
    """Yield a whole program, empty lines in the place of remarks."""
    kinds = [source.kind(i) for i in range(1, len(source.lines) + 1)]
    lines = [
        line if kind.startswith("code") else ""
        for line, kind in zip(source.lines, kinds, strict=True)
    ]
    written = [i for i, line in enumerate(lines) if line.strip()]
    for i, after in pairwise((*written, len(lines))):
        below = lines[after] if after < len(lines) else ""
        empty = lines[i].rstrip().endswith(":") and _depth(below) <= _depth(lines[i])
        if empty and after > i + 1:  # there is a remark in it alone
            lines[i + 1] = " " * (_depth(lines[i]) + 1) + "pass"
    if written:
        yield Block(1, tuple(lines), kinds[written[0]].partition(":")[2])


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _by_kind(source: Source) -> Iterator[Block]:
    """Yield the stretches of lines that the format calls code: those of a cell together."""
    if not any(kind.startswith("code") for kind in source.kinds):
        return
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
