"""Headings of a text: marked, underlined, set off by signs, or a name that begins a paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.documents.subjects import announced, is_name

if TYPE_CHECKING:
    from adamref.documents.subjects import Subject

LOWEST = 8
"""The level of a heading without a mark that says it."""

_HEADING = re.compile(
    r"^\s*(?:(?P<marks>#{1,6})\s+\S|\*\*[^*]+\*\*:?\s*$"
    r"|\\(?P<subs>(?:sub)*)(?:section|paragraph)\*?\{|(?P<title>\\title\{)"
    r"|(?P<fence>={2,6}|-{2,6}|\*{2,6}|~{2,6}|\u2014{1,3}|\u2500{2,6})\s*(?P<fenced>[^\W\d_][^=|]{0,78}?)\s*(?P=fence)\s*$"
    r"|\d{1,2}[.)]\s+[A-Z][^=.:]{0,40}$)"
)
_RUN_IN = re.compile(r"^\s*(?:\*\*|__|\\textbf\{|\\emph\{)([\w -]{3,30}?)[.:]?(?:\*\*|__|\})")
_UNDERLINE = re.compile(r"^ {0,3}(?:(?P<first>={3,})|(?P<second>-{3,}|\u2500{3,}))\s*$")
_TITLE = re.compile(r"^ {0,3}(?:[^\W_]|[(\"'`*])(?!.*(?: {2,}|\t)\S)[^|=]{2,78}$")


def level_of(raw: str, below: str) -> int | None:
    """Return the level of the heading that a line is; None if it is none.

    Parameters
    ----------
    raw, below : str
        The line, and the next one, which may underline it.
    """
    found = _HEADING.match(raw)
    if found is None:
        underline = _UNDERLINE.match(below)
        if underline is None or not _TITLE.match(raw):
            return None
        return 1 if underline["first"] else 2
    if found["marks"]:
        return len(found["marks"])
    if found["title"] is not None:
        return 0  # above all sections
    return LOWEST if found["subs"] is None else 1 + len(found["subs"]) // 3


def bared(raw: str) -> str:
    """Put blanks in the place of the signs that set a heading off: they are no relations."""
    found = _HEADING.match(raw)
    if found is None or not found["fence"]:
        return raw
    start, end = found.span("fenced")
    return " " * start + raw[start:end]


def run_in(raw: str) -> Subject | None:
    """Return the optimizer whose name, set off, begins a paragraph about it."""
    found = _RUN_IN.match(raw)
    about = announced(found[1]) if found else None
    return about if found and about and is_name(found[1], about) else None
