"""Which optimizer the remarks of a program are about: the one whose definition they stand at."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from adamref.documents.subjects import announced

if TYPE_CHECKING:
    from adamref.documents.source import Source
    from adamref.documents.subjects import Subject

_DEFINES = re.compile(
    r"\b(?:class|struct|def|fn|func|function|impl|interface|void)\s+(?P<name>\w+)"
)
_PASSED = re.compile(r"\s*(?:@|\[|#\[|template\b|$)")


def remarks_on(source: Source) -> dict[int, Subject]:
    """Find where the remarks on each optimizer begin, in a program that defines several.

    Returns
    -------
    dict of int to Subject
        By the number of the first line: of the remarks before a definition, or of itself.
    """
    if not any(kind.startswith("code") for kind in source.kinds) or any(source.wheres):
        return {}
    runs = [
        (is_code, [row for row, _ in rows])
        for is_code, rows in groupby(
            enumerate(source.kinds, 1), key=lambda one: one[1].startswith("code")
        )
    ]
    found: dict[int, Subject] = {}
    before: list[int] = []
    for is_code, rows in runs:
        if not is_code:
            before = rows
            continue
        first = next((row for row in rows if not _PASSED.match(source.lines[row - 1])), 0)
        for row in rows:
            match = _DEFINES.search(source.lines[row - 1])
            about = announced(match["name"]) if match is not None else None
            if about is not None:
                found[before[0] if before and row == first else row] = about
    return found if len({about.name for about in found.values()}) > 1 else {}
