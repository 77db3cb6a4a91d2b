"""How many elements vectors have, where one has more or fewer than all that it goes with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adamref.documents.claims import Claim
from adamref.documents.statements import WrittenChain
from adamref.expressions.nodes import Name

if TYPE_CHECKING:
    from adamref.documents.roles import Notation
    from adamref.documents.source import Source
    from adamref.documents.statements import Event

_ELEMENT = re.compile(r"(?P<step>.*),\[(?P<element>\d+)\]")
_CUT_OFF = re.compile(
    r"…|\.\.\.|\\[lcv]?dots|\b(?:etc|first|last|only|some|components?|left out)\b"
)
_FEWEST = 3
"""How many others of one length it takes to tell that a vector is not of theirs."""


def lengths(source: Source, events: Sequence[Event], named: Notation) -> Iterator[Claim]:
    """Call a vector wrong that alone has another length than all others of the rule's fields.

    Vectors that are cut off, as ``(1, 2, …)``, say nothing of how many elements there are.
    """
    counted: dict[tuple[tuple[str, str, bool, bool], int, int], int] = {}
    for event in events:
        left = event.parts[0].node if isinstance(event, WrittenChain) else None
        if not isinstance(event, WrittenChain) or not isinstance(left, Name):
            continue
        match, line = _ELEMENT.fullmatch(left.index), event.parts[0].line
        if match is None or named.meaning(left).kind != "field":
            continue
        vector = (left.base, match["step"], left.hat, left.prime), line, event.parts[0].column
        counted[vector] = max(counted.get(vector, 0), int(match["element"]))
    whole = {v: n for v, n in counted.items() if not _CUT_OFF.search(source.lines[v[1] - 1])}
    for vector, count in whole.items():
        others = [n for other, n in whole.items() if other != vector]
        if len(others) < _FEWEST or len({*others}) > 1 or count == others[0]:
            continue
        _, line, column = vector
        because = f"{count} elements stand there, and all other vectors have {others[0]}"
        quote = source.quote(line)[:160]
        yield Claim(
            line,
            column,
            quote,
            "size",
            "wrong",
            because,
            claimed=str(count),
            expected=str(others[0]),
        )
