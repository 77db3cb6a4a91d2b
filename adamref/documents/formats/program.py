"""Source files: code, and the comments and docstrings in it, which are text."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from adamref.documents.formats.format import DocumentFormat, Passage, written
from adamref.documents.formats.languages import LANGUAGES

Spans = dict[int, tuple[int, int]]
"""For lines, by their number, between which columns they are text, all from 0."""

_MARKS = {
    **dict.fromkeys("python r julia ruby".split(), "#"),
    **dict.fromkeys("lua haskell".split(), "--"),
    "matlab": "%",
    "fortran": "!",
}
_MOST_LINES = 100_000
"""Longer files of Python are read for the signs of comments only, without their docstrings."""
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"' + r"|'(?:[^'\\]|\\.){1,8}'|`[^`\\]*(?:\\.[^`\\]*)*`"
_DOCSTRING = re.compile(r"[rRuU]?(?:\"\"\"|''')")
_BEGINS = re.compile(r"\s*(?://[/!]?|/\*+!?|\*(?![*/\w])|#+|--+|%+|!+|[rRuU]?(?:\"\"\"|'''))?")
_ENDS = re.compile(r"(?:\*+/|\"\"\"|''')\s*$")


def _format(name: str) -> DocumentFormat:
    def read(lines: tuple[str, ...]) -> Iterator[Passage]:
        whole = name == "python" and len(lines) < _MOST_LINES
        texts = _of_python(lines) if whole else None
        yield from _passages(lines, name, _by_marks(lines, name) if texts is None else texts)

    endings = (ending for ending in LANGUAGES[name].split() if ending.isalnum())
    return DocumentFormat(name, tuple(f".{ending}" for ending in endings), read)


def _passages(lines: tuple[str, ...], name: str, texts: Spans) -> Iterator[Passage]:
    """Give each line as code or as text, or first its code and then its comment."""
    for row, line in enumerate(lines):
        start, end = texts.get(row, (len(line), len(line)))
        code = line[:start] if start < len(line) else line
        if code.strip() or row not in texts:
            yield written(code, row + 1).passage(f"code:{name}")
        if row in texts:
            begins = _BEGINS.match(line, start, end)
            start = begins.end() if begins else start
            yield written(_ENDS.sub("", line[start:end]), row + 1, start + 1).passage()


def _of_python(lines: tuple[str, ...]) -> Spans | None:
    """Find the comments and docstrings of Python; None where it is no Python."""
    found: Spans = {}
    fresh = True
    try:
        for one in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            (first, start), (last, end) = one.start, one.end
            if one.type == tokenize.COMMENT:
                found[first - 1] = (start, end)
            elif one.type == tokenize.STRING and fresh and _DOCSTRING.match(one.string):
                for row in range(first - 1, last):
                    after = end if row == last - 1 else len(lines[row])
                    found[row] = (start if row == first - 1 else 0, after)
            quiet = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
            fresh = one.type == tokenize.NEWLINE or (fresh and one.type in quiet)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    return found


def _by_marks(lines: tuple[str, ...], name: str) -> Spans:
    """Find the comments of a language by the signs that begin and end them."""
    mark = _MARKS.get(name, "//")
    sign = re.compile(rf"{_STRING}|{re.escape(mark)}|/\*" if mark == "//" else f"{_STRING}|{mark}")
    found: Spans = {}
    inside = False
    for row, line in enumerate(lines):
        at = 0
        if inside:
            at = line.find("*/") + 2
            inside = at < 2
            found[row] = (0, len(line) if inside else at)
        while not inside and (match := sign.search(line, at)) is not None:
            at = match.end()
            if match[0] == "/*":
                at = line.find("*/", at) + 2
                inside = at < 2
                found.setdefault(row, (match.start(), len(line) if inside else at))
            elif match[0] == mark:
                found.setdefault(row, (match.start(), len(line)))
                break
    return found


FORMATS = tuple(_format(name) for name in LANGUAGES)
