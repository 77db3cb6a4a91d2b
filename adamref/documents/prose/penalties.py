"""The sums of penalties that a text calls L1 or L2: of absolute values, or of squares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adamref.documents.claims import Claim
from adamref.documents.prose.sentences import MAX_LENGTH, sums

if TYPE_CHECKING:
    from adamref.documents.source import Source

_ADAM = re.compile(r"\bAdam|\bweight[- ]decay", re.IGNORECASE)
_NAMED = re.compile(
    r"(?<![\w^])(?:\\?ell|[Lℓ])\s*_?\{?\s*(?P<one>[1₁])\}?(?![\w.])|\blasso\b"
    r"|(?<![\w^])(?:\\?ell|[Lℓ])\s*_?\{?\s*(?P<two>[2₂²])\}?(?![\w.])|\bridge\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"regulari[sz]|penal|norm|weights|gewicht|\babsolut|poids|pesos|lasso|ridge", re.IGNORECASE
)
_ABOVE = 4
"""How many lines above a formula may say what it is."""
_LETTER = r"\\?[^\W\d_]+(?:\s*_\s*(?:\{[^{}]*\}|\w))?"
_SUM = re.compile(
    r"\+[^+=]*?(?:\\sum(?:\\limits)?|[Σ∑])\s*(?:_\s*(?:\{[^{}]*\}|\w))?\s*(?:\^\s*(?:\{[^{}]*\}|\w))?"
    rf"[\s{{]*(?:(?P<size>(?:\\left|\\bigl?)?\s*(?:\\?\||\\lvert|\\vert)\s*(?P<of>{_LETTER})"
    r"\s*(?:\\right|\\bigr?)?\s*(?:\\?\||\\rvert|\\vert))"
    rf"|(?P<square>{_LETTER}\s*(?:\^\s*\{{?2\}}?|²))|(?P<plain>{_LETTER}))\s*\}}?\s*(?=[$,.;)\]&\\]|$)"
)


def penalties(source: Source) -> Iterator[Claim]:
    """Judge each penalty that the lines above it call L1 or L2, in a text on Adam or decay."""
    text = "\n".join(source.lines)
    if not sums(text) or not _ADAM.search(text):
        return
    above: list[str] = []
    for number, line in enumerate(source.lines, 1):
        if not line.strip() or len(line) > MAX_LENGTH or source.kind(number) != "text":
            continue
        above = [*above[-_ABOVE:], line]
        match = _SUM.search(line)
        kind = _called(above) if match is not None else 0
        if match is not None and kind:
            yield _judged(source, number, match, kind)


def _called(above: list[str]) -> int:
    """Return 1 or 2 for L1 or L2, whichever is named last before a formula; else 0."""
    if not _ABOUT.search(" ".join(above)):
        return 0
    for line in reversed(above):
        named = {1 if (x["one"] or x[0].lower() == "lasso") else 2 for x in _NAMED.finditer(line)}
        if named:
            return named.pop() if len(named) == 1 else 0
    return 0


def _judged(source: Source, number: int, match: re.Match[str], kind: int) -> Claim:
    stands = "size" if match["size"] else "square" if match["square"] else "plain"
    right = "size" if kind == 1 else "square"
    letter = match["of"] or match["plain"] or re.split(r"\s*(?:\^|²)", match["square"])[0]
    letter = letter.strip()
    what = "absolute values" if kind == 1 else "squares"
    holds = stands == right
    says = f"L{kind} is the sum of the {what}"
    return Claim(
        number,
        match.start(stands) + 1,
        source.quote(number)[:160],
        "formula",
        "holds" if holds else "wrong",
        says,
        claimed=match[stands].strip(),
        expected=None if holds else (f"|{letter}|" if kind == 1 else f"{letter}^2"),
    )
