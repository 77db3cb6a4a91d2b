"""Which hyperparameter a clause gives which number: one by one, or lists in the same order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

NAMES = {
    "beta1": r"\\?beta[_ ]?\{?1\}?|β_?\{?[1₁]\}?|β<sub>1</sub>|b1",
    "beta2": r"\\?beta[_ ]?\{?2\}?|β_?\{?[2₂]\}?|β<sub>2</sub>|b2",
    "eps": r"\\?(?:var)?epsilon|ε|ϵ|eps",
    "alpha": r"\\?alpha|α|\\eta|η|(?:the )?(?:learning[- ]rate|step[- ]?size)|lr",
    "weight_decay": r"weight[_ -]decay",
}
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_PARTS = {"tenth": 1, "hundredth": 2, "thousandth": 3, "millionth": 6, "billionth": 9}
_TENS = {"ten": 1, "hundred": 2}
_COUNTS = {
    word: i
    for i, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_WORDS = (
    r"(?:(?<![A-Za-z])(?:(?:one|an?|1)[ -])?(?:(?P<tens>ten|hundred)[ -])?"
    rf"(?P<part>{'|'.join(_PARTS)})"
    rf"|(?:ten|10)\s+to\s+the\s+(?:power\s+(?:of\s+)?)?(?:minus\s+|-)(?P<count>{'|'.join(_COUNTS)}|\d+))"
    r"(?![A-Za-z])"
)
NUMBER = (
    rf"(?P<number>{_WORDS}|"
    r"(?:(?P<factor>\d+(?:\.\d+)?)\s*(?:\\times|\\cdot|[×·*x])\s*)?"
    r"10\s*(?:\^|\*\*|<sup>)\s*[{(]?\s*(?P<power>[-−–]\s*\d+)\s*(?:[})]|</sup>)?"
    r"|10(?P<raised>⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\d*\.?\d+[eE][-−]\d+|\d*\.\d+)"
)
_MATH = r"[\s$`*()\\]*"
_OF = r"(?:=|:=|:|≈|\bof\b|\bis\b|\bare\b|\bto\b|\bat\b|\bas\b|\\approx)"
_ANY_NAME = "|".join(f"(?P<{name}>(?<![A-Za-z]){words})" for name, words in NAMES.items())
_NAME_FIRST = re.compile(
    rf"(?:{_ANY_NAME}){_MATH}"
    rf"(?:(?:(?:value|default)\s+)?{_OF}|[^.,;:]{{0,60}}\bdefault(?:s|ed)?\s+(?:to|of|is)\b)"
    rf"{_MATH}{NUMBER}",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(
    rf"{NUMBER}{_MATH}(?:for|as)\s+(?:the\s+)?{_MATH}(?:{_ANY_NAME})(?![A-Za-z])", re.IGNORECASE
)
_LIST_GOES_ON = re.compile(
    r"[$`*)}\s]*(?:(?:,|or|to|–|-|\.\.\.|and)[$`*({\s]*)+(?:\d*\.\d|10\s*[\^⁻*])", re.IGNORECASE
)
_A_NAME = re.compile(rf"(?:{_ANY_NAME})(?![A-Za-z])", re.IGNORECASE)
_A_NUMBER = re.compile(rf"(?<![\d.]){NUMBER}")
_AND = re.compile(r"[\s$`*(){}\\,，、]*(?:(?:and|und|et|y|e|&|和)[\s$`*({\\]+)?", re.IGNORECASE)


def given_in(clause: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield each hyperparameter that is given one number, with the match that holds it."""
    names, numbers = list(_A_NAME.finditer(clause)), list(_A_NUMBER.finditer(clause))
    listed, values = list(_lists(clause, names)), list(_lists(clause, numbers))
    if listed and values:
        alone = len(listed) == len(values) == 1 and len(numbers) == len(values[0])
        if alone and len(listed[0]) == len(values[0]):
            yield from zip(map(_named, listed[0]), values[0], strict=True)
        return
    found = [*_NAME_FIRST.finditer(clause)] or [*_NUMBER_FIRST.finditer(clause)]
    named = [(_named(match), match) for match in found]
    for name, match in named:
        if sum(other == name for other, _ in named) > 1:
            continue
        if not _LIST_GOES_ON.match(clause[match.end("number") :]):
            yield name, match


def named_in(clause: str) -> str:
    """Return the one hyperparameter that a clause names; empty for none, and for several."""
    found = {_named(match) for match in _A_NAME.finditer(clause)}
    return found.pop() if len(found) == 1 else ""


def only_number(clause: str) -> list[re.Match[str]]:
    """Return the number in a clause, if there is one alone."""
    found = list(_A_NUMBER.finditer(clause))
    return found if len(found) == 1 else []


def _lists(clause: str, matches: Iterable[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Yield the runs of two or more with nothing but commas between; "the rate α" is one."""
    runs: list[list[re.Match[str]]] = []
    end = -1
    for match in matches:
        joined = runs and _AND.fullmatch(clause, end, match.start())
        if not joined:
            runs.append([])
        elif match.lastgroup in NAMES and _named(runs[-1][-1]) == _named(match):
            runs[-1].pop()
        runs[-1].append(match)
        end = match.end()
    return (run for run in runs if len(run) > 1)


def _named(match: re.Match[str]) -> str:
    return next(name for name in NAMES if match[name])


def number(match: re.Match[str]) -> Fraction:
    """Return the number that stands in a match."""
    text = match["number"].replace("−", "-").replace("–", "-")
    if match["part"]:
        return Fraction(
            1, 10 ** (_PARTS[match["part"].lower()] + _TENS.get((match["tens"] or "").lower(), 0))
        )
    if count := match["count"]:
        return Fraction(1, 10 ** min(_COUNTS.get(count.lower()) or int(count), 400))
    power = match["power"] or (match["raised"] or "").translate(_SUPERSCRIPT)
    if not power:
        return Fraction(text)
    exponent = int(re.sub(r"\s", "", power).replace("−", "-").replace("–", "-"))
    if abs(exponent) > 400:
        return Fraction(0)
    return Fraction(match["factor"] or "1") * Fraction(10) ** exponent
