"""What the sentences around a formula say of it: assumptions, cases, what is left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.dialects import rates
from adamref.documents.lines.settings import Around
from adamref.documents.subjects import Subject, ancestor_named, named_last
from adamref.expressions.nodes import names

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.documents.source import Source
    from adamref.documents.statements import Part

_GRADIENTS = r"(?:gradient\w*|gradienten?|grad|g_\{?[a-z1]\}?|градиент\w*|梯度|勾配)"
_IF = (
    r"(?:if|suppose|suppos\w+|assum\w+|let|when|consider\w*|imagine|say|for|wenn|falls"
    r"|angenommen|si|sea|cuando|supongamos|supposons|soit|lorsque|если|пусть|若|如果|假设|设|当)"
)
_ASSUMES = re.compile(
    rf"(?<!\w){_IF}(?!\w).*?{_GRADIENTS}|{_GRADIENTS}.*?(?<!\w){_IF}(?!\w)"
    r"|(?<!non-)(?<!not )(?<!no )\b(?:constant|konstant\w*) gradient|\bgradient constant",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(?:constant|same|identical|equal|konstant\w*|gleich\w*|constante?s?|m[êé]me|misma?o?"
    r"|постоян\w+|одинаков\w+)\b|常数|相同|恒定"
    r"|g_?\{?[a-z]\}? ?(?:=|≡|\\equiv) ?g\b[^.]{0,20}(?:\b(?:all|every|each|any)\b|∀|\\forall)"
    r"|g_?\{?1\}? ?= ?(?:g_?\{?2\}?|\\dots|\\cdots|\\ldots|…|\.\.\.)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:zero|0|vanish\w*)\b[^.]{0,40}\b(?:except|but|apart from|save)\b[^.]{0,25}"
    r"\b(?:last|latest|final|current|present|this)\b",
    re.IGNORECASE,
)
_ODD = (
    r"(?:zero|vanish\w*|alternat\w*|sparse|bounded|rare|spike\w*|non-?zero|null\w*|cero"
    r"|z[eé]ro|except|until|unless|нул\w+)"
)
_SPECIAL = re.compile(
    rf"{_GRADIENTS}[^.,;]{{0,40}}\b{_ODD}\b|\b{_ODD}\b[^.,;]{{0,20}}{_GRADIENTS}"
    r"|\bg_?\{?\w*\}? ?= ?0\b(?!\.)|梯度[^。，]{0,8}零|零[^。，]{0,4}梯度",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:except|but|until|unless|from|after|before|alternat\w*|non-?zero|sign|then on|almost"
    r"|nearly|approximately|slowly|direction)\b",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"\b(?:if|otherwise|else|when|whenever|unless|case|cases|falls|sonst|wenn|sinon|si|sino"
    r"|otherwise|если|иначе)\b|否则|如果|当",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"\b(?:leav\w+ out|left out|without|ignor\w+|forget\w*|neglect\w*|dropp?\w*|omit\w*|skip\w*"
    r"|(?:is|be|with|set|take|let) (?:to )?(?:zero|0))\b[^.]{0,40}(?:epsilon|ε|ϵ)"
    r"|(?:epsilon|ε|ϵ)[^.]{0,20}(?:\b(?:is|are|was|be)\b )?(?:\bwe\b )?"
    r"\b(?:left out|ignored|forgotten|neglected|dropped|omitted|skipped)\b"
    r"|(?:epsilon|ε|ϵ) ?(?:=|:=|→|\\to) ?0\b(?!\.)",
    re.IGNORECASE,
)
_FROM_ZERO = re.compile(
    r"[tknijg](?<![^\W\d_].)"  # a set in front: it is soon seen where it is not
    r"(?:(?<!g) ?(?:=|∈|:) ?\{?0 ?, ?(?:1\b|\\[lc]?dots|…|\.\.)"
    r"|(?<=g)(?:_\{?0\}?|₀)(?! ?=? ?0(?![.,]\d))(?![^\W_]))"
)
_EACH_STEP = re.compile(
    r"\b(?:constant\w*|konstant\w*|same|always|(?:every|each|any|all|in) (?:step|iteration|t)s?"
    r"|everywhere|forever|alternat\w*|immer|gleich\w*|jede[mnrs]? \w+|toujours|chaque|siempre"
    r"|cada)\b"
    r"|\\[lc]?dots|…|\.\.\.|±|\\pm",
    re.IGNORECASE,
)
_SAID_GRADIENT = re.compile(
    rf"(?:{_GRADIENTS}|(?<![^\W\d_])g)(?:_\{{?[a-z]\}}?)?(?![^\W_])[^.;]{{0,50}}?"
    r"(?P<list>(?:(?<![\w^.])(?:±|\\pm)? ?[-+−]?\d+(?:[.,]\d+)?(?![\w^]| ?[/*])(?:,? |\}|$)?)+)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(±|\\pm ?|[-+−])? ?(\d+(?:[.,]\d+)?)")
_SENTENCE = re.compile(r"(?<=[.!?;。；])\s+|(?<=[。；])")
_AVERAGE = re.compile(r"\b(?:moving|weighted|running|decaying)\s+average", re.IGNORECASE)


def around(source: Source, line: int, subject: Subject) -> Around:
    """Read what the text around a line says of the formulas in it.

    Parameters
    ----------
    source : Source
    line : int
        Where the formula stands, from 1.
    subject : Subject
        What the text is about there.
    """
    own = _paragraph(source.lines, line)
    near = _plain(" ".join(own))
    cases = bool(_CASES.search(_plain(" ".join(source.lines[max(line - 4, 0) : line]))))
    other, ancestor = named_last(own, subject), ancestor_named(own, subject)
    return Around(
        _assumed(near),
        cases,
        source.says(leaves_out_epsilon),
        () if other is None else other.optimizers,
        "" if ancestor is None else ancestor.name,
        source.says(counts_from_zero),
        source.says(said_gradients),
    )


def counts_from_zero(lines: Sequence[str]) -> bool:
    """Say whether a text counts its steps from 0: it says so, or has a gradient g_0."""
    return _FROM_ZERO.search(_plain("\n".join(lines))) is not None


def said_gradients(lines: Sequence[str]) -> tuple[Fraction, ...]:
    """Return the numbers that a text says the gradient to be at all steps, or in turn."""
    found: list[Fraction] = []
    for sentence in _SENTENCE.split(_plain(" ".join(lines))):
        if not _EACH_STEP.search(sentence):
            continue
        for said in _SAID_GRADIENT.finditer(sentence):
            for sign, digits in _LISTED.findall(said["list"]):
                size = Fraction(digits.replace(",", "."))
                both = sign.strip() in ("±", "\\pm")
                found += [size, -size] if both else [-size if sign in ("-", "−") else size]
    return tuple(dict.fromkeys(found))


def leaves_out_epsilon(lines: Sequence[str]) -> bool:
    """Say whether a text leaves epsilon out of its formulas, or sets it to zero."""
    return _LEFT_OUT.search(_plain(" ".join(lines))) is not None


def is_average(source: Source, line: int) -> bool:
    """Say whether the lines around call what is defined here an average."""
    return any(_AVERAGE.search(text) for text in source.lines[max(line - 6, 0) : line + 8])


def _paragraph(lines: Sequence[str], line: int) -> list[str]:
    """Return the lines of a paragraph up to a line; those before it too if they lead to it."""
    start = line - 1
    if lines[start].lstrip().startswith("|"):
        return [lines[start]]  # a row speaks for itself
    while start > 0 and lines[start - 1].strip():
        start -= 1
    before = start - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    begins = _plain(lines[start]).lstrip(" \\[$")[:1]
    leads = before >= 0 and lines[before].rstrip()[-1:] in ":,"
    displayed = before >= 0 and lines[start].lstrip()[:2] in ("$$", "\\[", "\\b")
    if (leads or displayed or begins.islower()) and not lines[before].lstrip().startswith("#"):
        while before > 0 and lines[before - 1].strip():
            before -= 1
        start = max(before, 0)
    if lines[start].lstrip().startswith("#"):
        start += 1
    return [text for text in lines[start:line] if text.strip()]


def _assumed(text: str) -> str:
    """Say what is assumed of the gradients in one of some sentences."""
    found = ""
    for sentence in _SENTENCE.split(text):
        if not _ASSUMES.search(sentence):
            continue
        if _LAST.search(sentence):
            return "last"
        if _SAME.search(sentence):
            found = "unread" if _EXCEPT.search(sentence) else (found or "constant")
        elif _SPECIAL.search(sentence):
            found = "unread"
    return found


def _plain(text: str) -> str:
    """Take the marks of mathematics and of print away that part words."""
    text = unicodedata.normalize("NFC", text).replace(r"\varepsilon", "ε").replace(r"\epsilon", "ε")
    return re.sub(r"[ \t]{2,}|\t", " ", re.sub(r"[$*`]|\\[,;:! ]", " ", text))


def rates_at(case: Case, line: WrittenLine) -> dict[str, Fraction]:
    """Return the decay rates of a document, for a line that is about one of its steps."""
    if line.moment.letter or line.moment.shift is None:
        return {}
    return {rate: case.world.hypers[rate] for rate in rates(case.rule)}


def repeated(source: Source, part: Part) -> frozenset[str]:
    """Return the letters of an expression that stand in other lines of the document too."""
    others = [x for i, x in enumerate(source.lines, 1) if i != part.line]
    own = {n.base: n.text.strip() for n in names(part.node) if n.text.strip()}
    # Not inside of a word.
    alone = {x: re.compile(rf"(?<![^\W\d_]){re.escape(y)}(?![^\W\d_])") for x, y in own.items()}
    return frozenset(x for x, said in alone.items() if any(said.search(y) for y in others))
