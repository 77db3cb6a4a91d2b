"""Published defaults that a sentence states and says whose they are.

A value that an author chooses is no claim. A claim names its owner: the authors of the optimizer,
or a framework. What is said to be usual is somebody's. Where two could be meant, or several numbers
stand for one letter, it claims nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Claim
from adamref.documents.prose.hyperparameters import (
    NAMES,
    given_in,
    named_in,
    number,
    only_number,
)
from adamref.documents.subjects import optimizers_named
from adamref.rules.family import family
from adamref.rules.published import PUBLISHED, Published

if TYPE_CHECKING:
    from adamref.documents.prose.sentences import Sentence
    from adamref.documents.source import Source
    from adamref.documents.subjects import Heading

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
_USUAL = re.compile(
    r"\b(?:usual|common|normal|typical|general|standard)(?:ly)?\s+(?:\w+\s+)?default", re.IGNORECASE
)
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
_OWNED = re.compile(
    "kingma|author|paper|article|publication|default|论文|原文|作者|論文|autor|artículo"
    "|articulo|artigo|arbeit|artikel|автор|стать|auteur|" + "|".join(one.words for one in PUBLISHED)
)
"""What stands, in lower case, in a sentence that gives somebody's defaults."""
_OTHER_WORKS = re.compile(rf"\b(?:{_WORKS}|et al|rmsprop paper)\b", re.IGNORECASE)
_FRAMEWORKS = "|".join(one.words for one in PUBLISHED)
_NAMES = "|".join(NAMES.values())
_USES = r"(?:uses|has|sets|takes|picks|chooses|keeps|ships\s+with|goes\s+with|defaults?\s+to)"
_SAYS = (
    rf"(?:{_FRAMEWORKS})(?:\s*/\s*(?:{_FRAMEWORKS}))?"
    rf"(?:(?:['’]s\s+Adam)?(?:\s+(?:itself|currently|today|still|now))?\s+{_USES}\b"
    rf"|['’]s\s+(?=(?:default\s+)?(?:{_NAMES})))"
)
_STATES = re.compile(
    rf"(?:^|[,(:]|\b(?:and|that|only|where))\W*{_SAYS}"
    rf"[^.,;]{{0,25}}?(?:{_NAMES}|10\s*[\^⁻*]|\d*\.\d|\d[eE]-)",
    re.IGNORECASE,
)
_NEXT_CLAUSE = re.compile(
    r"[;；]|,\s*(?=(?:but|while|whereas|we|I|here)\b)"
    rf"|(?:,\s*(?:and\s+)?|[\s,]+(?:while|whereas|where|but|and)\s+)(?={_SAYS})|$",
    re.IGNORECASE,
)
_CLAIMS = re.compile(r"\d|th\b|\bten\b", re.IGNORECASE)
_ADAM = re.compile(r"\bAdam\b|Kingma|\bAda[Mm]ax\b")
_OF_ADAM = re.compile(
    r"\bAdam(?:['’]s)?\s+(?:authors?|paper|article)\b|\b(?:paper|authors|article) (?:of|on) Adam\b"
)
PAPER = ("adam", "adamax")
"""Those whose defaults the paper gives that Adam comes from."""


def constants(
    source: Source, spoken: Sequence[Sentence], headings: Sequence[Heading]
) -> Iterator[Claim]:
    """Judge each default that a sentence gives to the paper, to a framework or to everybody.

    Whose a question asks for, the sentence after it gives.
    """
    if not _ADAM.search("\n".join(source.lines)):
        return
    others = _lines_of(_OTHER_WORKS, "\n".join(source.lines).replace("Kingma et al", ""))
    named = [heading.line for heading in headings if heading.about is not None]
    asked: tuple[Published, ...] = ()
    for sentence in spoken:
        is_question = sentence.text.rstrip()[-1:] in "?？"
        says_something = is_question or _CLAIMS.search(sentence.text)
        if not says_something or not (asked or _OWNED.search(sentence.text.lower())):
            asked = ()
            continue
        here = bisect_left(named, sentence.line(0) + 1)
        start, end = [1, *named][here], [*named, len(source.lines) + 1][here]
        alone = bisect_left(others, start) == bisect_left(others, end)
        clauses = list(_clauses(sentence.text))
        theirs = [_owners(clause, asked, alone=alone) for _, clause in clauses]
        # Most sentences give nobody's: what they say of numbers need not be looked for.
        for begin, name, match, owners in _given(clauses, theirs) if any(theirs) else ():
            yield from _judged(source, sentence, begin, name, match, owners)
        asked = theirs[-1] if is_question else ()


def _lines_of(pattern: re.Pattern[str], text: str) -> list[int]:
    """Return the lines, from 1, in which a pattern begins that fits within one."""
    found, line, at = [], 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        found.append(line)
    return found


def _owners(clause: str, asked: tuple[Published, ...], *, alone: bool) -> tuple[Published, ...]:
    """Return whose defaults a clause gives: those that it says, or was asked for."""
    if (another := another_in(clause)) is not None:
        rest = clause.replace(another.text, " ")
        theirs = (one.of(another.name, another.title) for one in owners_in(rest, alone=True))
        return tuple(one for one in theirs if one is not None)
    said = owners_in(clause, alone=alone)
    return said if said or not asked or _says_otherwise(clause) else asked


def _given(
    clauses: Sequence[tuple[int, str]], theirs: Sequence[tuple[Published, ...]]
) -> Iterator[tuple[int, str, re.Match[str], tuple[Published, ...]]]:
    """Yield the numbers that the clauses of a sentence give, and whose defaults these are."""
    about = ""
    for (begin, clause), owners in zip(clauses, theirs, strict=True):
        given = list(given_in(clause))
        if not given and about and _STATES.search(clause):
            given = [(about, match) for match in only_number(clause)]
        about = given[-1][0] if given else named_in(clause)
        yield from ((begin, name, match, owners) for name, match in given if owners)


def _says_otherwise(clause: str) -> bool:
    """Say whether an answer speaks of others than it was asked for."""
    others = (
        _NOT_THEIRS,
        _FOREIGN_OTHERS,
        *(re.compile(one.words, re.IGNORECASE) for one in PUBLISHED),
    )
    return any(words.search(clause) for words in others)


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for match in _NEXT_CLAUSE.finditer(text):
        yield begin, text[begin : match.start()]
        begin = match.end()


def owners_in(clause: str, *, alone: bool) -> tuple[Published, ...]:
    """Return whose defaults a clause says it gives; none where it does not, or not clearly.

    What it calls the usual default may be anybody's.
    """
    if _NOT_THEIRS.search(clause):
        return ()
    frameworks = [
        one for one in PUBLISHED if re.search(rf"\b(?:{one.words})\b", clause, re.IGNORECASE)
    ]
    foreign = _FOREIGN_AUTHORS.search(clause) is not None
    if foreign and _FOREIGN_OTHERS.search(clause):
        return ()
    authors = foreign or bool(_AUTHORS.search(clause))
    if not frameworks and not authors and alone and _USUAL.search(clause):
        return (the_paper(), *PUBLISHED)
    if len(frameworks) + authors != 1:
        return ()
    if frameworks:
        return tuple(frameworks) if _DEFAULT.search(clause) or _STATES.search(clause) else ()
    gives = _GIVES.search(clause) or (foreign and _FOREIGN_GIVES.search(clause))
    return (the_paper(),) if gives and (alone or _NAMED.search(clause)) else ()


@final
@dataclass(frozen=True)
class NamedOptimizer:
    """The one optimizer that some words name, and how they do.

    Attributes
    ----------
    name, title : str
    text : str
        As it stands there.
    """

    name: str
    title: str
    text: str


def another_in(text: str) -> NamedOptimizer | None:
    """Return the one optimizer that some words name beside the authors, if it is not Adam."""
    named = optimizers_named(_OF_ADAM.sub(" ", text))
    names = {subject.optimizers[0].name: said for said, subject in named}
    if len(names) != 1 or "adam" in names:
        return None
    ((name, said),) = names.items()
    return NamedOptimizer(name, named[0][1].optimizers[0].title, said)


def the_paper() -> Published:
    """Return the defaults of the paper that Adam comes from, and AdaMax with it."""
    adam, adamax = (
        {name: (value,) for name, value in family()[one].rule.defaults.items()} for one in PAPER
    )
    return Published("the paper", "", adam, {PAPER[1]: adamax})


def _judged(
    source: Source,
    sentence: Sentence,
    begin: int,
    name: str,
    match: re.Match[str],
    owners: Sequence[Published],
) -> Iterator[Claim]:
    line, value = sentence.line(begin + match.start("number")), number(match)
    theirs = (x for x in owners if value in map(Fraction, x.values.get(name, ())))
    yield from held_against(source, line, name, match, next(theirs, owners[0]))


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
    value, right = number(match), [Fraction(one) for one in owner.values[name]]
    text = "\n".join(source.lines)
    if value in right[1:] and re.search(owner.today, text, re.IGNORECASE):
        right = right[:1]  # it speaks of the releases of today
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
