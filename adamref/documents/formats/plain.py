"""Plain text and Markdown, whatever is mixed in them: mathematics in any notation, HTML, code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adamref.documents.formats import html
from adamref.documents.formats.format import DocumentFormat, Passage, as_it_stands
from adamref.documents.formats.languages import code_kind
from adamref.documents.formats.tabular import tables

_VERBATIM = r"\{(?:verbatim|lstlisting|minted)\}"
_FENCE = re.compile(rf"\s*(`{{3,}}|~{{3,}})\s*\{{?\.?([\w+#-]*)|\s*\\begin{_VERBATIM}")
_FENCE_ENDS = re.compile(rf"\s*(`{{3,}}|~{{3,}})\s*$|\s*\\end{_VERBATIM}")
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_TABLE_ENDS = re.compile(r"</table\s*>", re.IGNORECASE)


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read lines as they stand; a table in HTML or LaTeX becomes rows."""
    yield from laid_out(_with_html_tables(lines))


def laid_out(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Read passages of Markdown: what is fenced is code, and tables in LaTeX become rows."""
    yield from tables(_with_code(passages))


def _with_code(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Say what is code; the fences themselves are left out."""
    fence = kind = ""
    for one in passages:
        if fence and (end := _FENCE_ENDS.match(one.text)) and (end[1] or "\\").startswith(fence):
            fence = ""
        elif fence:
            yield replace(one, kind=kind)
        elif (begin := _FENCE.match(one.text)) is not None:
            fence = begin[1] or "\\"
            kind = "text" if begin[2] in ("math", "latex", "tex") else code_kind(begin[2] or "")
        else:
            yield one


def _with_html_tables(lines: tuple[str, ...]) -> Iterator[Passage]:
    number, closed = 1, max((i for i, x in enumerate(lines, 1) if _TABLE_ENDS.search(x)), default=0)
    while number <= len(lines):
        line = lines[number - 1]
        if number > closed or not _TABLE.search(line):
            yield as_it_stands(line, number)
            number += 1
            continue
        end = number
        while not _TABLE_ENDS.search(lines[end - 1]):
            end += 1
        yield from html.passages("\n".join(lines[number - 1 : end]), number)
        number = end + 1


FORMAT = DocumentFormat("plain", (), read, recognises=lambda _text: True)
