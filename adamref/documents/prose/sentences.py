"""The sentences of a document, each with the place where it begins."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.documents.source import Source

_END = re.compile(
    r"[.!?。！？](?<!\bal.)(?<!\be\.g.)(?<!\bi\.e.)(?<!\bcf.)"
    r"(?:(?<=[。！？])|(?=[\s\"')]+(?=\S)|$))"
)
_FENCE = re.compile(r"\s*(?:```|~~~)")
_APART = re.compile(r"\s*(?:$|[-*+•]\s|\d+[.)]\s|\#|\|)")
MAX_LENGTH = 1000


def sums(text: str) -> bool:
    """Say whether there is a sign of a sum in a text: most have none, and this is soon seen."""
    return "\\sum" in text or "Σ" in text or "∑" in text


@final
@dataclass(frozen=True)
class Sentence:
    """A sentence, its lines joined by blanks.

    Attributes
    ----------
    text : str
    starts : tuple of (int, int)
        Where each line of it begins: the offset in the text, and the line, from 1.
    """

    text: str
    starts: tuple[tuple[int, int], ...]

    def line(self, offset: int) -> int:
        """Return the line in which an offset lies."""
        return next(line for start, line in reversed(self.starts) if start <= offset)


def sentences(source: Source) -> Iterator[Sentence]:
    """Yield the sentences of the text; code, output and very long ones are left out."""
    gathered: list[tuple[int, str]] = []
    fenced = False
    for number, text in enumerate(source.lines, 1):
        first = text.lstrip()[:1]
        fence = first in ("`", "~") and bool(_FENCE.match(text))
        fenced ^= fence
        passed = fence or fenced or source.kind(number) != "text"
        if passed or (not first.isalpha() and _APART.match(text)):
            if gathered:
                yield from _of_paragraph(gathered)
            gathered = []
        if not passed and first:
            gathered.append((number, text))
    yield from _of_paragraph(gathered)


def _of_paragraph(lines: list[tuple[int, str]]) -> Iterator[Sentence]:
    if not lines:
        return
    bare = [line.rstrip() for _, line in lines]
    text = " ".join(bare) + " "
    starts = list(accumulate((len(line) + 1 for line in bare[:-1]), initial=0))
    begin = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        part = text[begin:end]
        if not begin and end == len(text) <= MAX_LENGTH:  # all of it, as most are
            yield Sentence(text, tuple((at, n) for at, (n, _) in zip(starts, lines, strict=True)))
        elif part.strip() and len(part) <= MAX_LENGTH:
            first, last = bisect_right(starts, begin) - 1, bisect_left(starts, end)
            places = ((max(starts[i] - begin, 0), lines[i][0]) for i in range(first, last))
            yield Sentence(part, tuple(places))
        begin = end
