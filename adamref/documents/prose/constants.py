"""Published defaults that a sentence states and says whose they are.

A value that an author chooses is no claim. A claim names its owner: the authors of the optimizer,
or a framework. Where two could be meant, or several numbers stand for one letter, it claims
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.claims import Claim
from adamref.documents.prose.sentences import sentences
from adamref.rules.family import family
from adamref.rules.published import PUBLISHED, Published

if TYPE_CHECKING:
    from adamref.documents.prose.sentences import Sentence
    from adamref.documents.source import Source

NAMES = {
    "beta1": r"\\?beta[_ ]?\{?1\}?|β_?\{?[1₁]\}?|β<sub>1</sub>|b1",
    "beta2": r"\\?beta[_ ]?\{?2\}?|β_?\{?[2₂]\}?|β<sub>2</sub>|b2",
    "eps": r"\\?(?:var)?epsilon|ε|ϵ|eps",
    "alpha": r"\\?alpha|α|\\eta|η|(?:the )?(?:learning[- ]rate|step[- ]?size)|lr",
}
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = (
    r"(?P<number>(?:(?P<factor>\d+(?:\.\d+)?)\s*(?:\\times|\\cdot|[×·*x])\s*)?"
    r"10\s*(?:\^|\*\*)\s*[{(]?\s*(?P<power>[-−–]\s*\d+)\s*[})]?"
    r"|10(?P<raised>⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\d*\.?\d+[eE][-−]\d+|\d*\.\d+)"
)
_MATH = r"[\s$`*()\\]*"
_OF = r"(?:=|:=|:|≈|\bof\b|\bis\b|\bare\b|\bto\b|\bat\b|\bas\b|\\approx)"
_ANY_NAME = "|".join(f"(?P<{name}>(?<![A-Za-z]){words})" for name, words in NAMES.items())
_NAME_FIRST = re.compile(
    rf"(?:{_ANY_NAME}){_MATH}(?:(?:value|default)\s+)?{_OF}{_MATH}{NUMBER}", re.IGNORECASE
)
_NUMBER_FIRST = re.compile(
    rf"{NUMBER}{_MATH}(?:for|as)\s+(?:the\s+)?{_MATH}(?:{_ANY_NAME})(?![A-Za-z])", re.IGNORECASE
)
_LIST_GOES_ON = re.compile(
    r"[$`*)}\s]*(?:(?:,|or|to|–|-|\.\.\.|and)[$`*({\s]*)+(?:\d*\.\d|10\s*[\^⁻*])", re.IGNORECASE
)

_AUTHORS = re.compile(
    r"\b(?:the|its|their|Adam(?:['’]s)?)\s+(?:original\s+)?(?:Adam\s+)?(?:authors?|(?:paper|article))\b"
    r"|\bKingma\b|\boriginal (?:Adam )?(?:paper|article|publication)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\bKingma\b|\bAdam(?:['’]s)?\s+(?:authors?|paper)\b", re.IGNORECASE)
_GIVES = re.compile(
    r"\b(?:propos|recommend|suggest|advis|default|standard value|publish|giv(?:e|es|en)\b|sets?\b)",
    re.IGNORECASE,
)
_DEFAULT = re.compile(r"\bdefaults?\b", re.IGNORECASE)
_WORKS = (
    r"transformers?|attention|bert|gpt\S*|llama|vaswani|w?gans?|dcgan|adamw|nadam|adamax|amsgrad"
    r"|radam|lion|yogi|adabelief|lamb"
)
_NOT_THEIRS = re.compile(
    r"\b(?:we|I|our|my|here|instead|not|n[o']t|unlike|other than|rather than|differs?|whereas|while"
    r"|but|contrary|deviat\w+|chang\w+|rais\w+|lower\w*|smaller|larger|sometimes|between|range"
    rf"|{_WORKS}|rmsprop|adagrad|sgd|momentum|wrong\w*|mistake\w*"
    r"|if|would|theorem|convergence|previous\w*|older?|former\w*|version)\b",
    re.IGNORECASE,
)
_FOREIGN_AUTHORS = re.compile(
    r"(?<!本)论文|原文|作者|論文|\b(?:los|as|os|les|die|der|den)\s+(?:autor\w*|auteurs?)\b"
    r"|\bart[ií]culo\b|\bartigo\b|\bl['’]article\b|\b(?:das|im|dem)\s+(?:original\w*)?paper\b"
    r"|\boriginal(?:paper|arbeit|artikel)\b|\bавтор\w*|\bстать\w+",
    re.IGNORECASE,
)
_FOREIGN_GIVES = re.compile(
    r"推荐|默认|建议|缺省|推奨|\b(?:recom[ie]+nd\w*|recommand\w*|empfehl\w*|empfohlen\w*|sugier\w*"
    r"|propo\w*|vorschl\w*|vorgeschlagen\w*|standardwert\w*|рекоменд\w*|предлаг\w*)"
    r"|por (?:defecto|padrão)|par défaut|по умолчанию",
    re.IGNORECASE,
)
_FOREIGN_OTHERS = re.compile(
    r"我们|本文|不|而|但|改|若|如果|实际|这里|以前|错"
    r"|\b(?:nosotros|usamos|aqu[ií]|pero|lugar|no|si|cambia\w*|n[oó]s|aqui|mas|em vez|não"
    r"|nous|ici|mais|lieu|ne|pas|wir|hier|aber|statt\w*|nicht|wenn|anders|sondern"
    r"|мы|здесь|но|не|вместо|если|однако)\b",
    re.IGNORECASE,
)
_OTHER_WORKS = re.compile(rf"\b(?:{_WORKS}|et al|rmsprop paper)\b", re.IGNORECASE)
_ADAM = re.compile(r"\bAdam\b|Kingma")


def constants(source: Source) -> Iterator[Claim]:
    """Judge each default that a sentence gives to the paper or to a framework."""
    whole = "\n".join(source.lines)
    if not _ADAM.search(whole):
        return
    others = bool(_OTHER_WORKS.search(whole.replace("Kingma et al", "")))
    for sentence in sentences(source):
        for begin, clause in _clauses(sentence.text):
            owner = _owner(clause, alone=not others)
            if owner is None:
                continue
            for name, match in _values(clause):
                yield from _judged(source, sentence, begin, name, match, owner)


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for match in re.finditer(r"[;；]|,\s*(?=(?:but|while|whereas|we|I|here)\b)|$", text):
        yield begin, text[begin : match.start()]
        begin = match.end()


def _owner(clause: str, *, alone: bool) -> Published | None:
    """Return whose defaults a clause says it gives; None where it does not, or not clearly."""
    if _NOT_THEIRS.search(clause):
        return None
    frameworks = [
        one for one in PUBLISHED if re.search(rf"\b(?:{one.words})\b", clause, re.IGNORECASE)
    ]
    foreign = _FOREIGN_AUTHORS.search(clause) is not None
    if foreign and _FOREIGN_OTHERS.search(clause):
        return None
    authors = foreign or bool(_AUTHORS.search(clause))
    if len(frameworks) + authors != 1:
        return None
    if frameworks:
        return frameworks[0] if _DEFAULT.search(clause) else None
    gives = _GIVES.search(clause) or (foreign and _FOREIGN_GIVES.search(clause))
    if not gives or not (alone or _NAMED.search(clause)):
        return None
    return the_paper()


def the_paper() -> Published:
    """Return the defaults of the paper that Adam comes from."""
    values = {name: (value,) for name, value in family()["adam"].rule.defaults.items()}
    return Published("the paper", "", values)


def _values(clause: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield each hyperparameter that is given one number, once."""
    found = [*_NAME_FIRST.finditer(clause)] or [*_NUMBER_FIRST.finditer(clause)]
    named = [(next(n for n in NAMES if match[n]), match) for match in found]
    for name, match in named:
        if sum(other == name for other, _ in named) > 1:
            continue
        if not _LIST_GOES_ON.match(clause[match.end("number") :]):
            yield name, match


def _number(match: re.Match[str]) -> Fraction:
    """Return the number that stands in a match."""
    text = match["number"].replace("−", "-").replace("–", "-")
    power = match["power"] or (match["raised"] or "").translate(_SUPERSCRIPT)
    if not power:
        return Fraction(text)
    exponent = int(re.sub(r"\s", "", power).replace("−", "-").replace("–", "-"))
    if abs(exponent) > 400:
        return Fraction(0)
    return Fraction(match["factor"] or "1") * Fraction(10) ** exponent


def _judged(
    source: Source,
    sentence: Sentence,
    begin: int,
    name: str,
    match: re.Match[str],
    owner: Published,
) -> Iterator[Claim]:
    line = sentence.line(begin + match.start("number"))
    yield from held_against(source, line, name, match, owner)


def held_against(
    source: Source, line: int, name: str, match: re.Match[str], owner: Published
) -> Iterator[Claim]:
    """Judge a number that a text gives as somebody's default.

    Parameters
    ----------
    source : Source
    line : int
        Where it stands, from 1.
    name : str
        Of which hyperparameter.
    match : re.Match
        That holds the number.
    owner : Published
        Whose default it is said to be.
    """
    if name not in owner.values:
        return
    value, right = _number(match), [Fraction(one) for one in owner.values[name]]
    if value == 1 - right[0]:
        return  # a text may count the share of what is new
    column = max(source.lines[line - 1].find(match["number"]) + 1, 1)
    holds = value in right
    yield Claim(
        line,
        column,
        source.quote(line)[:160],
        "constant",
        "holds" if holds else "wrong",
        f"it is the default of {owner.who}"
        if holds
        else f"the default of {owner.who} is {owner.values[name][0]}",
        field=name,
        claimed=match["number"].strip(),
        expected=owner.values[name][0],
    )
