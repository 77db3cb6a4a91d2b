"""Plain text and Markdown, whatever is mixed in them: mathematics in any notation, HTML, code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adamref.documents.formats import html
from adamref.documents.formats.algorithms import with_algorithms
from adamref.documents.formats.format import DocumentFormat, Passage, as_it_stands
from adamref.documents.formats.languages import code_kind
from adamref.documents.formats.tabular import tables

_VERBATIM = r"\{(?:verbatim|lstlisting|minted)\}"
_LANGUAGE = r"(?:.*?(?:language\s*=\s*\{?|\{))?([\w+#-]*)"
_FENCE = re.compile(rf"\s*(`{{3,}}|~{{3,}})\s*\{{?\.?([\w+#-]*)|\s*\\begin{_VERBATIM}{_LANGUAGE}")
_FENCE_ENDS = re.compile(rf"\s*(`{{3,}}|~{{3,}})\s*$|\s*\\end{_VERBATIM}")
_MARKED = re.compile(r"<(table|pre)\b", re.IGNORECASE)
_ENDS = re.compile(r"</(table|pre)\s*>", re.IGNORECASE)


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read lines as they stand; tables in HTML or LaTeX become rows, what is in ``<pre>`` code."""
    yield from laid_out(_with_html(lines))


def laid_out(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Read passages of Markdown: what is fenced is code, and tables in LaTeX become rows."""
    yield from tables(with_algorithms(_with_code(passages)))


def _with_code(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Say what is code; the fences themselves are left out."""
    fence = kind = ""
    for one in passages:
        if fence and (end := _FENCE_ENDS.match(one.text)) and (end[1] or "\\").startswith(fence):
            fence = ""
        elif fence:
            yield replace(one, kind=kind)
        elif _may_fence(one.text) and (begin := _FENCE.match(one.text)) is not None:
            fence = begin[1] or "\\"
            named = begin[2] or begin[3] or ""
            kind = "text" if named in ("math", "latex", "tex") else code_kind(named)
        else:
            yield one


def _may_fence(text: str) -> bool:
    return "```" in text or "~~~" in text or "\\begin" in text


def _with_html(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read elements of HTML that have a form of their own; they end where their tag is closed."""
    last = dict.fromkeys(("table", "pre"), 0)
    for number, line in enumerate(lines, 1):
        if "<" in line:
            last |= {match[1].lower(): number for match in _ENDS.finditer(line)}
    number = 1
    while number <= len(lines):
        line = lines[number - 1]
        begun = _MARKED.search(line) if "<" in line else None
        if begun is None or number > last[begun[1].lower()]:
            yield as_it_stands(line, number)
            number += 1
            continue
        tag, end = begun[1].lower(), number
        while tag not in (match[1].lower() for match in _ENDS.finditer(lines[end - 1])):
            end += 1
        yield from html.passages("\n".join(lines[number - 1 : end]), number)
        number = end + 1


FORMAT = DocumentFormat("plain", (), read, recognises=lambda _text: True)
