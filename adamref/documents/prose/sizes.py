"""How many there are of something, where a text says it twice and the two do not agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from adamref.documents.claims import Claim
from adamref.documents.prose.sentences import MAX_LENGTH, sums

if TYPE_CHECKING:
    from adamref.documents.prose.sentences import Sentence
    from adamref.documents.source import Source

_DIGIT = re.compile(r"\d")
_ADAM = re.compile(r"\bAdam|\boptimi[sz]er", re.IGNORECASE)
_COUNT = r"\d{1,3}(?:[,.\u2009 ]\d{3}){1,4}|\d{1,12}"

_COUNTS = {
    word: i + 2
    for i, words in enumerate(
        ("two zwei deux dos", "three drei trois tres", "four vier quatre cuatro",
         "five fünf cinq cinco", "six sechs seis", "seven sieben sept", "eight acht huit ocho")
    )
    for word in words.split()
}  # fmt: skip
_A_NUMBER = r"\$?(?<![\d.])\d*[.,]?\d+(?:[eE][-+]?\d+)?(?![\d.,]*\d)\$?"
_ANNOUNCED = re.compile(
    rf"\b(?P<count>{'|'.join(_COUNTS)})\s+(?:[^\W\d]+[ -]){{0,2}}"
    r"(?:rates?|values?|factors?|lernraten|raten|werte|taux|valeurs|tasas|valores|probabilit\w+)"
    rf"(?:\s+[^\W\d][\w-]*){{0,3}}\s*[:(–—]\s*(?P<list>{_A_NUMBER}"
    rf"(?:(?:\s*[,;/]\s+(?:and\s+|or\s+)?|\s*/\s*|\s+(?:and|or|und|et|y)\s+){_A_NUMBER})+)\s*(?=[);]|[.](?![.\d])|$)",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"(?:rate|value|factor|wert|taux|valeur|tasa|valor|probabilit)\w*[^:(–—]*[:(–—]",
    re.IGNORECASE,
)
_ITEM = re.compile(_A_NUMBER)

_MEAN = re.compile(
    r"(?:\\[td]?frac\s*\{?\s*1\s*\}?\s*\{\s*(?P<divisor>\d[\d,]{0,15})\s*\}|(?<!\d)1\s*/\s*(?P<over>\d[\d,]{0,15}))"
    r"\s*(?:\\sum(?:\\limits)?|[Σ∑])\s*_\s*\{?\s*[a-z]\s*=\s*1\s*\}?\s*"
    r"\^\s*\{?\s*(?P<terms>\d[\d,]{0,15}|[A-Za-z](?![A-Za-z]))\s*\}?"
)
_CALLED_MEAN = re.compile(
    r"\b(?:cost|loss|mean|average|kosten|verlust|mittel\w*|coût|perte|moyenne|coste|costo|pérdida"
    r"|media|MSE)\b|(?:^|[\s$])J\b",
    re.IGNORECASE,
)
_LEAST_DIVISOR = 10
"""A smaller number before a sum may be a factor that goes away in the derivative."""

_EXAMPLES = re.compile(
    rf"(?P<count>{_COUNT})\s+(?:training\s+)?(?:examples|images|samples|observations|rows|pictures"
    r"|data points|beispiele\w*|bilder\w*|exemples|images|ejemplos|imágenes)\b",
    re.IGNORECASE,
)
_BATCH = re.compile(
    rf"\b(?:mini-?)?batch(?:es)?[ -]?(?:size\w*|größe)?\s+(?:(?:is|of|von|de)\s+|=\s*)+"
    rf"(?P<count>{_COUNT})\b",
    re.IGNORECASE,
)
_BATCHES = re.compile(
    rf"(?P<count>{_COUNT})\s+(?:mini-?)?(?:batches|iterations|steps|updates)"
    r"\s+(?:per|in an|in each|in one|an|each|every|pro|par|por)\s+(?:epoch|epoche|époque|época)\b",
    re.IGNORECASE,
)

_BYTES = {"32": 4, "16": 2, "64": 8, "single": 4, "half": 2, "double": 8}
_DTYPE = re.compile(
    r"\b(?:b?f(?:loat|p)?[ -]?(?P<bits>16|32|64)|(?P<word>single|half|double)[ -]precision)\b",
    re.IGNORECASE,
)
_BOTH_MOMENTS = re.compile(
    r"\b(?:exp_avg\s*(?:and|&|\+|,)\s*exp_avg_sq"
    r"|(?:both|two|2)\s+(?:moments?|states?|averages|moment estimates|extra \w+)"
    r"|[$`]?m[$`]?\s*(?:and|&|\+)\s*[$`]?v[$`]?)(?!\w)",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(?:each|apiece|per moment|per state|every one)\b|\b(?:2|two|twice)\s*[*×x]", re.IGNORECASE
)
_A_SIZE = r"\d[\d,]*(?:\.\d+)?(?:e\d{1,2}|\s?(?:million|billion|[MBkK]))?"
_MEMORY = re.compile(
    rf"\b(?P<first>{_A_SIZE})\s*(?:[*×x]|\\times|\\cdot)\s*"
    r"(?P<bytes>[248])(?:\s*bytes?|\s*B)\b"
)


def sizes(source: Source, spoken: Sequence[Sentence]) -> Iterator[Claim]:
    """Judge how many there are of what a text counts, in a text on an optimizer."""
    if not _ADAM.search("\n".join(source.lines)):
        return
    for sentence in (one for one in spoken if _DIGIT.search(one.text)):
        yield from _announced(source, sentence)
        yield from _batches(source, sentence)
    yield from _means(source)
    yield from _memory(source)


def _announced(source: Source, sentence: Sentence) -> Iterator[Claim]:
    """Count the numbers of a list that says how many it has."""
    if not _LISTED.search(sentence.text):
        return
    for match in _ANNOUNCED.finditer(sentence.text):
        said, there = _COUNTS[match["count"].lower()], len(_ITEM.findall(match["list"]))
        line = sentence.line(match.start())
        because = f"{there} are there" if said != there else "so many are there"
        yield _claim(source, line, match["count"], str(there), because, holds=said == there)


def _batches(source: Source, sentence: Sentence) -> Iterator[Claim]:
    """Divide examples by the size of a batch, where a sentence says how many batches there are."""
    text = sentence.text
    if "batch" not in text.lower():
        return
    found = [pattern.search(text) for pattern in (_EXAMPLES, _BATCH, _BATCHES)]
    examples, batch, batches = (x and int(re.sub(r"\D", "", x["count"])) for x in found)
    if not examples or not batch or not batches or found[2] is None:
        return
    exact = Fraction(examples, batch)
    right = str(exact) if exact.denominator == 1 else f"{-(-examples // batch)}"
    because = f"{examples} in batches of {batch} are {right}"
    holds = batches in (examples // batch, -(-examples // batch))
    line = sentence.line(found[2].start("count"))
    yield _claim(source, line, found[2]["count"], right, because, holds=holds)


def _memory(source: Source) -> Iterator[Claim]:
    """Count the bytes of both moments, where a line has them by the bytes of one number each.

    ``exp_avg and exp_avg_sq, fp32, 7e9 * 4 bytes`` has half of them: two numbers are eight bytes.
    """
    for number, line in enumerate(source.lines, 1):
        if not ("byte" in line or "B" in line):
            continue
        if len(line) > MAX_LENGTH or source.kind(number) != "text":
            continue
        both, of = _BOTH_MOMENTS.search(line), _DTYPE.search(line)
        match = _MEMORY.search(line, both.end()) if both is not None else None
        if match is None or of is None or _EACH.search(line):
            continue
        width = _BYTES[(of["bits"] or of["word"]).lower()]
        counted = int(match["bytes"])
        if counted in (width, 2 * width):
            because = f"two numbers of {width} bytes each are {2 * width} bytes"
            right = f"{match['first']} * {2 * width} bytes"
            holds = counted == 2 * width
            yield _claim(source, number, match[0], right, because, holds=holds)


def _means(source: Source) -> Iterator[Claim]:
    """Hold what a mean is divided by against how many terms it has."""

    @cache
    def meant(letter: str) -> tuple[frozenset[str], bool]:
        text = _MEAN.sub(" ", "\n".join(source.lines)).replace(",", "")
        given = re.findall(rf"(?<![A-Za-z\\]){letter}\s*=\s*(\d+)", text)
        counts = re.search(rf"[_^]\s*\{{?\s*\(\s*{letter}\s*\)", text)
        return frozenset(given), counts is not None

    for number, line in enumerate(source.lines, 1):
        is_short = len(line) <= MAX_LENGTH and source.kind(number) == "text"
        if not is_short or not sums(line) or not _CALLED_MEAN.search(line):
            continue
        for match in _MEAN.finditer(line):
            said, terms = match["divisor"] or match["over"], match["terms"].replace(",", "")
            divisor = said.replace(",", "")
            if int(divisor) < _LEAST_DIVISOR or divisor == terms:
                continue
            given, counts = (frozenset({terms}), True) if terms.isdigit() else meant(terms)
            if divisor not in given and (given or counts):
                because = f"it is divided by {divisor}, and {terms} terms are summed"
                yield _claim(source, number, said, None, because, holds=False)


def _claim(
    source: Source, line: int, said: str, right: str | None, because: str, *, holds: bool
) -> Claim:
    column = max(source.lines[line - 1].find(said) + 1, 1)
    verdict = "holds" if holds else "wrong"
    quote = source.quote(line)[:160]
    return Claim(line, column, quote, "size", verdict, because, claimed=said, expected=right)
