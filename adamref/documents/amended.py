"""What a text works wrongly to put it right below: the question and its answer, the common slip."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.documents.claims import Claim
    from adamref.documents.source import Source

_ADMITTED = re.compile(
    r"\b(?:wrong|mistake|slip|error|falsch|fehler|erreur|faux|fausse|mal)\b[^.?]*[?？]"
    r"|\b(?:is|are|was|were|it's|that's|this is)\s+(?:not\s+(?:right|correct|what)|wrong\b"
    r"|incorrect|false\b|a (?:mistake|slip))"
    r"|\b(?:ist|sind|war)\s+(?:falsch|nicht\s+richtig|ein\s+fehler)"
    r"|\best\s+(?:faux|fausse|incorrecte?)|\b(?:es|está)\s+(?:mal\b|incorrect[oa])|错",
    re.IGNORECASE,
)
"""How a text says, or asks, that what stands above is wrong."""
_BELOW = 14
"""How many lines below a number may say so."""


def amended(claims: Sequence[Claim], source: Source) -> Iterator[Claim]:
    """Yield claims; what is wrong, said to be so and worked rightly below that is no claim."""
    right = {}
    for one in claims:
        if one.kind == "value" and one.verdict == "holds":
            right[_about(one)] = one.line  # the last of them
    for one in claims:
        said = _said_wrong(source, one.line) if one.verdict in ("wrong", "follows") else None
        line = right.get(_about(one), 0)
        if one.kind != "value" or said is None or line < said:
            yield one
            continue
        says, puts = source.place(said)[0], source.place(line)[0]
        because = f"the text says in line {says} that it is wrong, and what is right in line {puts}"
        yield replace(one, verdict="unread", because=because, causes=(), links=())


def _about(claim: Claim) -> tuple[str | None, str | None, int | None]:
    return claim.field, claim.parameter, claim.t


def _said_wrong(source: Source, line: int) -> int | None:
    """Return the line, not far below another, in which a text says that this is wrong."""
    below = range(line + 1, min(line + _BELOW, len(source.lines)) + 1)
    said = (n for n in below if source.kind(n) == "text" and _ADMITTED.search(source.lines[n - 1]))
    return next(said, None)
