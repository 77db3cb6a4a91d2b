"""Well-known claims in words, and the theorem that settles each: a pointer, and no verdict.

A claim is known by words that stand near each other in one sentence, in English, German, French or
Spanish. One that is denied there, or hedged by a word that makes it another claim, is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.prose.known import KNOWN, KnownClaim

if TYPE_CHECKING:
    from adamref.documents.prose.sentences import Sentence
    from adamref.documents.source import Source


@final
@dataclass(frozen=True)
class Pointer:
    """A sentence that says what a theorem settles.

    Attributes
    ----------
    line, column : int
        Where its words begin, 1-based.
    quote : str
        The line as it stands in the document.
    theorem : str
        The id of the theorem, which may prove the claim, bound it or refute it.
    where : str
        How a reader finds it, where a line number does not say it.
    """

    line: int
    column: int
    quote: str
    theorem: str
    where: str = ""


_ADAM = re.compile(r"\bAdam", re.IGNORECASE)
_NEAR = 160
"""How many characters the words of a claim may span."""
_BEFORE = 2
"""How many sentences before it may say what a sentence is about."""
_NOT = re.compile(
    r"\b(?:not|cannot|never|neither|nor|nicht|kein\w*|nie|ne|jamais|no|nunca|jamás|false|wrong"
    r"|myth|falsch|faux|fausse|falso|falsa|contrary|mistake\w*)\b|n['’]t\b|\bn['’]",
    re.IGNORECASE,
)
_AFFIRMED = re.compile(
    r"\b(?:never (?:exceeds?|larger|more)|(?:no|not) (?:larger|more|bigger|greater) than|no matter"
    r"|(?:does|do) not depend|not a function|no bias|not only)\b",
    re.IGNORECASE,
)
"""What denies nothing of what a claim says."""
_STOP = re.compile(r"[;:,]|\b(?:but|and|because|aber|und|weil|mais|et|pero|y)\b")
_STEMS = tuple(dict.fromkeys(stem for claim in KNOWN for stem in claim.stems))
_MARKS = str.maketrans("$*`", "   ")

_RATE = re.compile(
    r"(?:\\beta|β|\bbeta)_?\{?[12₁₂]?\}?\s*(?:=|≈|of|is|at|von|bei|de|à)\s*"
    r"(?P<rate>0[.,]\d{1,4})(?!\d)",
    re.IGNORECASE,
)
_UNIT = (
    r"(?:day|step|value|iteration|sample|gradient|observation|point|term|batch|tag|wert|schritt"
    r"|jour|valeur|pas\b|itération|día|paso|valor|iteraci)"
)
_WINDOW = re.compile(
    r"\b(?:last|previous|past|preceding|letzten|vergangenen|derni[eè]r\w*|[uú]ltim\w*)\s+"
    r"(?:about\s+|roughly\s+|~\s*|≈\s*)?(?P<count>\d{1,6}|ten|zehn|dix|diez)\b"
    r"|\b(?P<units>\d{1,6}|ten|zehn|dix|diez)\s*(?:-\s*)?"
    r"(?:last|previous|past|derni[eè]r\w*|[uú]ltim\w*)\b"
    r"|(?:averag\w+|mean|mittel\w*|moyenne|media|promedi\w+)\s[^.;]{0,25}?"
    rf"(?P<of>\d{1,6}|ten|zehn|dix|diez)[\s-]+(?:\w+\s+)?{_UNIT}",
    re.IGNORECASE,
)  # fmt: skip
WINDOWS = ("ten-days", "window-age-and-one")
"""The theorems on how many values an average averages: at beta = 0.9, and at any rate."""
_WORDS = {"ten": 10, "zehn": 10, "dix": 10, "diez": 10}


def pointers(source: Source, spoken: Sequence[Sentence]) -> Iterator[Pointer]:
    """Yield a pointer for each sentence that says what a theorem settles, in their order."""
    about_adam = _ADAM.search("\n".join(source.lines)) is not None
    texts = [sentence.text.translate(_MARKS) for sentence in spoken]
    whole = "\n".join(texts).lower()
    said = tuple(stem for stem in _STEMS if stem in whole)
    for i, sentence in enumerate(spoken):
        text = texts[i]
        lowered = text.lower()
        stems = frozenset([stem for stem in said if stem in lowered])
        rates = "beta" in lowered or "β" in lowered
        if not (stems or rates):
            continue
        last = texts[max(i - _BEFORE, 0) : i + 1]
        found = [*(_windows(text) if rates else ()), *_known(text, last, stems, of_adam=about_adam)]
        first: dict[str, tuple[int, int]] = {}
        for theorem, place in sorted(found, key=lambda one: one[1]):
            first.setdefault(theorem, place)
        for theorem, place in first.items():
            yield _pointer(source, sentence, theorem, place)


def _pointer(source: Source, sentence: Sentence, theorem: str, place: tuple[int, int]) -> Pointer:
    line = sentence.line(place[0])
    begin = sentence.text[slice(*place)].split("\n")[0]
    column = source.lines[line - 1].find(begin[:_NEAR].split("  ")[0]) + 1
    at, column = source.place(line, max(column, 1))
    return Pointer(at, column, source.quote(line)[:_NEAR], theorem, source.where(line))


def _known(
    text: str, around: Sequence[str], stems: frozenset[str], *, of_adam: bool
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the theorems whose words stand in a sentence, and where the first of them does."""
    for claim in KNOWN if stems else ():
        meant = (of_adam or claim.averages) and not stems.isdisjoint(claim.stems)
        if not meant or (place := _place(claim, text)) is None:
            continue
        if claim.about.search(" ".join(around)) and not claim.never.search(text):
            yield claim.theorem, place


def _place(claim: KnownClaim, text: str) -> tuple[int, int] | None:
    """Return where the words of a claim stand near each other, and nothing there denies it."""
    first, *others = claim.words
    for anchor in first.finditer(text):
        spans = [anchor.span()]
        for words in others:
            near = [m.span() for m in words.finditer(text)]
            if not near:
                return None
            spans.append(min(near, key=lambda span: _distance(span, anchor.span())))
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        if end - start <= _NEAR and not _denied(text, start, end):
            return anchor.span()
    return None


def _distance(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)


def _denied(text: str, start: int, end: int) -> bool:
    """Say whether what stands at a place of a sentence is denied, up to the stops around it."""
    before, after = _STOP.split(text[:start])[-1], _STOP.split(text[end:])[0]
    return _NOT.search(_AFFIRMED.sub("", before + text[start:end] + after)) is not None


def _windows(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Find the rate of an average and how many values it is said to average: 1/(1 - beta)."""
    for rate in _RATE.finditer(text):
        one_less = 1 - Fraction(rate["rate"].replace(",", "."))
        for window in _WINDOW.finditer(text):
            said = window["count"] or window["units"] or window["of"]
            count = _WORDS.get(said.lower()) or int(said)
            near = _distance(window.span(), rate.span()) <= _NEAR // 2
            if near and one_less and count == 1 / one_less and not _denied(text, *rate.span()):
                yield WINDOWS[count != _WORDS["ten"]], rate.span()
