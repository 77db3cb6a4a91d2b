"""What a text works wrongly to put it right below: the question and its answer, the common slip."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.documents.claims import Claim
    from adamref.documents.source import Source

_ADMITTED = re.compile(
    r"\b(?:wrong|mistake|slip|error|falsch|fehler|erreur|faux|fausse|mal)\b[^.?]*[?？]"
    r"|\b(?:is|are|was|were|it's|that's|this is)\s+(?:not\s+(?:right|correct)|wrong\b"
    r"|incorrect|false\b|a (?:mistake|slip))"
    r"|\b(?:ist|sind|war)\s+(?:falsch|nicht\s+richtig|ein\s+fehler)"
    r"|\best\s+(?:faux|fausse|incorrecte?)|\b(?:es|está)\s+(?:mal\b|incorrect[oa])|(?<!不)错",
    re.IGNORECASE,
)
"""How a text says, or asks, that what stands above is wrong."""


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


def _about(claim: Claim) -> tuple[str | None, str | None, str, int | None]:
    return claim.optimizer, claim.field, claim.parameter, claim.t


def _said_wrong(source: Source, line: int) -> int | None:
    """Return the line in which the paragraph below a number says that this is wrong."""
    numbers = range(line + 1, len(source.lines) + 1)
    rest = dropwhile(lambda n: source.lines[n - 1].strip(), numbers)
    below = dropwhile(lambda n: not source.lines[n - 1].strip(), rest)
    paragraph = takewhile(lambda n: source.lines[n - 1].strip(), below)
    return next((n for n in paragraph if _ADMITTED.search(source.lines[n - 1])), None)
