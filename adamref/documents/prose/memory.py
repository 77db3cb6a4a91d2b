"""How much memory a number of parameters takes, where a text says all that it follows from.

So many bytes a parameter, so many parameters, so many gigabytes: where one of them is not said,
nothing is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.claims import Claim
from adamref.documents.prose.sentences import MAX_LENGTH

if TYPE_CHECKING:
    from adamref.documents.source import Source

_NUMBER = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
_PER = r"(?:per|a|an|each|every|for (?:each|every)|/)\s*(?:model\s+|single\s+)?"
_BYTES = re.compile(
    rf"(?<![\w.])(?P<bytes>{_NUMBER})[ -]?(?:bytes?|B)\s+(?:of\s+(?:[\w-]+\s+){{1,3}})?{_PER}"
    r"(?:parameter|param|weight|number in the model)s?\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"(?<![\w.])(?P<count>{_NUMBER})(?P<power>[eE]\d{{1,2}})?[ -]?"
    r"(?P<scale>billion|million|bn|B|M|K)?[ -]?(?:model\s+|trainable\s+)?"
    r"(?P<what>parameters?|params?|weights?|model)\b"
)
_SIZE = re.compile(rf"(?<![\w.])(?P<size>{_NUMBER})\s*(?P<unit>[KMGT]i?B)\b")
_BETWEEN = re.compile(
    r"[\s,;:.()=~≈→*_-]*(?:(?:so|that|this|is|are|makes?|gives?|hence|thus|about|roughly|or|i\.e"
    r"|in total|total|for|a|the|of|on|with|model|which|takes?|needs?|comes?|to)[\s,;:.()=~≈→*_-]+)*"
)
_SHARED = re.compile(
    r"\b(?:per|each|shard\w*|cards?|gpus?|devices?|nodes?|ranks?|(?:b?f(?:loat|p)?|int)[ -]?\d{1,2}"
    r"|\d-bit)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:about|roughly|around|some|nearly|almost|over|approximately|~|≈|ca\.?)\s*$")
_OR = re.compile(r"\d\s*(?:or|to|and|oder|bis|[-\u2013/])\s*$", re.IGNORECASE)
_NEAR = Fraction(1, 20)
_SCALES = {"billion": 9, "bn": 9, "B": 9, "million": 6, "M": 6, "K": 3}
_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
_LINES_BELOW = 2


def memory(source: Source) -> Iterator[Claim]:
    """Judge sizes in bytes by the bytes of a parameter and the number of parameters."""
    spoken = [
        (n, line)
        for n, line in enumerate(source.lines, 1)
        if len(line) <= MAX_LENGTH and source.kind(n) == "text"
    ]
    found = [(n, line, m) for n, line in spoken if "yte" in line or "B" in line
             for m in _BYTES.finditer(line)]  # fmt: skip
    if not found:
        return
    counts = {_counted(m) for _, line in spoken for m in _COUNT.finditer(line)}
    exact = any(re.search(r"10\s*(?:\^|\*\*)\s*\{?9|10⁹", line) for _, line in spoken)
    below = dict(spoken)
    for n, line, bytes_each in found:
        if _OR.search(line[: bytes_each.start()]):
            continue
        said, at = _beside(line, bytes_each.end(), counts), n
        ends = not line[bytes_each.end() :].strip(" .;:*_`)")
        for lower in range(n + 1, n + 1 + _LINES_BELOW) if said is None and ends else ():
            said = _alone(below.get(lower, ""))
            at = lower
            if said is not None:
                break
        if said is not None:
            yield _claim(source, at, Fraction(_plain(bytes_each["bytes"])), *said, exact=exact)


def _beside(line: str, at: int, counts: set[Fraction]) -> tuple[Fraction, re.Match[str]] | None:
    """Find the size that follows the bytes of a parameter at once, the number said before."""
    rest = line[at:]
    size = _SIZE.search(rest)
    if size is None:
        return None
    between = rest[: size.start()]
    own = list(_COUNT.finditer(between))
    if len(own) == 1:
        between, counts = _COUNT.sub(" ", between), {_counted(own[0])}
    if len(counts) != 1 or _BETWEEN.fullmatch(between) is None:
        return None
    found = _SIZE.search(line, at)
    assert found is not None
    return next(iter(counts)), found


def _alone(line: str) -> tuple[Fraction, re.Match[str]] | None:
    """Find a number of parameters and a size in a line: "7 billion weights: 28 GB"."""
    counts, found = list(_COUNT.finditer(line)), list(_SIZE.finditer(line))
    if len(counts) != 1 or len(found) != 1 or _SHARED.search(line) or _BYTES.search(line):
        return None
    between = line[counts[0].end() : found[0].start()]
    return (_counted(counts[0]), found[0]) if _BETWEEN.fullmatch(between) else None


def _plain(number: str) -> str:
    return number.replace(",", "")


def _counted(match: re.Match[str]) -> Fraction:
    power = int((match["power"] or "e0")[1:])
    zeros = 10 ** (power + _SCALES.get(match["scale"] or "", 0))
    return Fraction(_plain(match["count"])) * Fraction(zeros)


def _claim(
    source: Source,
    line: int,
    each: Fraction,
    count: Fraction,
    said: re.Match[str],
    *,
    exact: bool,
) -> Claim:
    """Hold a size against a product; GB may be 2^30 bytes, where nothing says 10^9."""
    power, binary = _UNITS[said["unit"][0]], said["unit"][1] == "i"
    bases = [1024] if binary else [1000] if exact else [1000, 1024]
    rights = [each * count / Fraction(base**power) for base in bases]
    claimed = Fraction(_plain(said["size"]))
    unit = Fraction(10) ** int(Decimal(_plain(said["size"])).as_tuple().exponent)
    about = _ABOUT.search(source.lines[line - 1][: said.start()]) is not None
    near = [max(unit, abs(right) * _NEAR * about) for right in rights]
    holds = any(abs(claimed - x) < reach for x, reach in zip(rights, near, strict=True))
    right = f"{float(rights[0]):.4g} {said['unit']}"
    because = f"{float(each):g} bytes for each of {float(count):g} parameters are {right}"
    verdict = "holds" if holds else "wrong"
    quote = source.quote(line)[:160]
    return Claim(
        line, said.start() + 1, quote, "size", verdict, because, claimed=said[0], expected=right
    )
