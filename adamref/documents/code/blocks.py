"""Where a document has code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.documents.source import Source

_FENCE = re.compile(r"^(\s*)(```+|~~~+)\s*\{?\.?([\w+-]*)")
_LATEX = re.compile(r"\\begin\{(verbatim|lstlisting|minted|Verbatim)\}(.*)")
_NAMED = re.compile(r"\{([\w+-]+)\}\s*$|language\s*=\s*\{?(\w+)")
_RST_MATH = re.compile(r"^(\s*)\.\.\s+math::\s*$")
_MARKS = re.compile(r"&|\\\\|\\q?quad|\\(?=_)")
_WORDS = re.compile(r"(?<![\\\w])[A-Za-z]{4,}\w*\s*[-+*/]?=")
_RST = re.compile(r"^(\s*)\.\.\s+(?:code-block|code|sourcecode)::\s*([\w+-]*)\s*$")
_PRE = re.compile(r"<pre\b[^>]*>(?:\s*<code\b(?P<of>[^>]*)>)?", re.IGNORECASE)
_PRE_END = re.compile(r"</pre\s*>", re.IGNORECASE)
_CLASS = re.compile(r"(?:language|lang|brush)[-:]\s*(\w+)")
_NOT_CODE = frozenset(("text", "txt", "math", "latex", "tex", "output", "console", "csv", "json"))
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
    """Return all code of a document, in order; what code has printed is none."""
    found = _by_kind(source) if source.kinds else list(_by_marks(source.lines))
    made = []
    for block in found:
        if block.language not in _NOT_CODE and any(line.strip() for line in block.lines):
            before = source.lines[max(block.first - 6, 0) : block.first - 1]
            pseudo = any(_PSEUDO.search(line) for line in before)
            words = block.language == "words"
            its = tuple(map(_plain, block.lines)) if words else block.lines
            made.append(Block(block.first, its, block.language, pseudo or words))
    return made


def _by_kind(source: Source) -> list[Block]:
    """Read what the format says of each line; text may still hold fences."""
    made: list[Block] = []
    texts = [line if source.kind(i) == "text" else "" for i, line in enumerate(source.lines, 1)]
    start = 0
    for i in range(1, len(source.lines) + 2):
        here = source.kind(i) if i <= len(source.lines) else ""
        kind = source.kind(start) if start else ""
        if start and (here != kind or source.where(i) != source.where(start)):
            made.append(Block(start, source.lines[start - 1 : i - 1], kind.partition(":")[2]))
            start = 0
        if not start and here.startswith("code"):
            start = i
    return sorted([*made, *_by_marks(tuple(texts))], key=lambda block: block.first)


def _by_marks(lines: tuple[str, ...]) -> Iterator[Block]:
    """Find fences, verbatim environments, directives and preformatted text."""
    i = 0
    while i < len(lines):
        opened = _opened(lines, i)
        if opened is None:
            i += 1
            continue
        language, start, end = opened
        yield Block(start + 1, lines[start:end], language)
        i = max(end, i + 1)
        if i < len(lines) and _closes(lines[i]):
            i += 1


def _closes(line: str) -> bool:
    return bool(_FENCE.match(line) or _PRE_END.search(line) or "\\end{" in line)


def _opened(lines: tuple[str, ...], i: int) -> tuple[str, int, int] | None:
    """Return the language of the block that begins at a line, and where its lines start and end."""
    line = lines[i]
    if (fence := _FENCE.match(line)) is not None:
        mark = fence[2][:3]
        return fence[3].lower(), i + 1, _until(lines, i + 1, lambda x: x.strip().startswith(mark))
    if (latex := _LATEX.search(line)) is not None:
        named = _NAMED.search(latex[2])
        language = (named[1] or named[2]).lower() if named else ""
        end = f"\\end{{{latex[1]}}}"
        return language, i + 1, _until(lines, i + 1, lambda x: end in x)
    if (rst := _RST.match(line)) is not None:
        deep = len(rst[1])
        return (
            rst[2].lower(),
            i + 1,
            _until(lines, i + 1, lambda x: bool(x.strip()) and _depth(x) <= deep),
        )
    if (math := _RST_MATH.match(line)) is not None:
        deep = len(math[1])
        last = _until(lines, i + 1, lambda x: bool(x.strip()) and _depth(x) <= deep)
        return ("words", i + 1, last) if _in_words(lines[i + 1 : last]) else None
    if (pre := _PRE.search(line)) is not None and not _PRE_END.search(line):
        named = _CLASS.search(pre["of"] or "")
        language = named[1].lower() if named else ""
        return language, i + 1, _until(lines, i + 1, lambda x: bool(_PRE_END.search(x)))
    return None


def _in_words(lines: tuple[str, ...]) -> bool:
    """Say whether mathematics has words for symbols and no commands: it is read as a program."""
    plain = [_MARKS.sub("", line) for line in lines]
    return any(_WORDS.search(x) for x in plain) and not any("\\" in x for x in plain)


def _plain(line: str) -> str:
    """Take marks of mathematics, and a remark in brackets at the end, off a line."""
    return re.sub(r"\s+\([a-z_ ]+\)\s*$", "", _MARKS.sub("", line))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _until(lines: tuple[str, ...], start: int, ends: object) -> int:
    assert callable(ends)
    return next((i for i in range(start, len(lines)) if ends(lines[i])), len(lines))
