"""Published defaults in programs: a number that a remark beside or above it gives to somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, final

from adamref.documents.code.words import DECAY, EPS, RATE1, RATE2, SIZE, by_name
from adamref.documents.prose.constants import another_in, held_against, the_paper
from adamref.documents.prose.hyperparameters import NUMBER
from adamref.documents.subjects import optimizers_named
from adamref.expressions.nodes import Name
from adamref.rules.published import PUBLISHED, Published

if TYPE_CHECKING:
    from adamref.documents.claims import Claim
    from adamref.documents.source import Source

_HYPERS = {RATE1: "beta1", RATE2: "beta2", EPS: "eps", SIZE: "alpha", DECAY: DECAY}
_FENCE = re.compile(r"\s*(?:```|~~~)")
_REMARK = re.compile(r"(?P<sign>#|//|--(?=\s)|/\*|%)(?P<said>.*)$")
_VALUE = rf"{NUMBER}[fF]?(?![\w.]|\s*[-+*/^])"
_ASSIGNED = re.compile(
    rf"(?P<name>(?<![\w.])[^\W\d][\w.]*)\s*(?::\s*[\w<>]+\s*)?(?<![=!<>])(?:=|:|<-|←)\s*{_VALUE}"
)
_PAIR = re.compile(
    r"(?P<names>(?<![\w.])(?:betas|[^\W\d][\w.]*\s*,\s*[^\W\d][\w.]*))\s*=\s*[(\[{]?\s*"
    r"(?P<one>\d*\.\d+)\s*,\s*(?P<number>\d*\.\d+)"
)
_PAPER = re.compile(
    r"\bKingma\b|\b(?:the|its|original|Ada(?:m|max)(?:['’]s)?) (?:Adam )?(?:paper|authors?)\b"
    r"|\b(?:paper|published|authors['’]?) (?:values?|defaults?|settings?)\b|\bals? im paper\b",
    re.IGNORECASE,
)
_USUAL = re.compile(
    r"\b(?:Adam(?:['’]s)?|usual|standard|common|the) default(?:s| values?| settings?)?\b"
    r"|\bdefaults? (?:of|for) Adam\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:not|our|ours|we|my|I|instead|unlike|tuned|was|were|used to|larger|smaller|lower|higher"
    r"|than|but|differs?|differ\w*|chang\w+|rather|except|old|except|try|bert|gpt\S*|gans?|transformers?"
    r"|attention)\b|n['’]t\b|[<>≠]|!=",
    re.IGNORECASE,
)


@final
@dataclass(frozen=True)
class _Row:
    """A row of a program: its code, and the remark behind it."""

    line: int
    code: str
    said: str
    said_line: int


def remarked(source: Source) -> Iterator[Claim]:
    """Judge each number of a program that a remark gives to the paper or to a framework.

    A remark stands behind a number; one that stands alone is about the rows below it, up to an
    empty one.
    """
    others = {
        subject.optimizers[0].name for line in source.lines for _, subject in optimizers_named(line)
    }
    alone = others <= {"adam"}
    above = ""
    for row in _rows(source):
        if not row.code.strip():
            above = row.said if row.said.strip() else ""
            continue
        given = list(_given(row.code))
        said = row.said if row.said.strip() else above
        owners = _owners(said, alone=alone) if given and said else ()
        for name, match in given:
            theirs = [one for one in owners if name in one.values]
            held = [c for one in theirs for c in held_against(source, row.line, name, match, one)]
            right = [claim for claim in held if claim.verdict == "holds"]
            yield from (right or held)[:1]


def _owners(said: str, *, alone: bool) -> tuple[Published, ...]:
    """Return whose numbers a remark says they are; those of none where several may be meant."""
    if _OTHERS.search(said):
        return ()
    another = another_in(said)
    named = another is not None or any(
        subject.optimizers[0].name == "adam" for _, subject in optimizers_named(said)
    )
    frameworks = [x for x in PUBLISHED if re.search(rf"\b(?:{x.words})\b", said, re.IGNORECASE)]
    paper = _PAPER.search(said) is not None
    if len(frameworks) + paper > 1 or not (named or alone):
        return ()
    theirs: tuple[Published, ...] = ()
    if paper:
        theirs = (the_paper(),)
    elif frameworks and re.search(r"\b(?:as in|like|from|defaults?|of|same as)\b|['’]s\b", said):
        theirs = tuple(frameworks)
    elif not frameworks and _USUAL.search(said):
        theirs = (the_paper(), *PUBLISHED)
    if another is None:
        return theirs
    own = (one.of(another.name, another.title) for one in theirs)
    return tuple(one for one in own if one is not None)


def _given(code: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the hyperparameters that a row of code gives numbers."""
    for match in _PAIR.finditer(code):
        kinds = [by_name(Name(one.strip())) for one in match["names"].split(",")]
        if kinds == [RATE1, RATE2] or match["names"] == "betas":
            first = re.compile(NUMBER).match(code, match.start("one"))
            second = re.compile(NUMBER).match(code, match.start("number"))
            yield from ((n, m) for n, m in (("beta1", first), ("beta2", second)) if m is not None)
    for match in _ASSIGNED.finditer(code):
        if (name := _HYPERS.get(by_name(Name(match["name"])))) is not None:
            yield name, match


def _rows(source: Source) -> Iterator[_Row]:
    """Yield the rows of the programs in a document, whatever its format makes of remarks."""
    fenced = False
    numbered = enumerate(source.lines, 1)
    is_program = any(kind.startswith("code") for kind in source.kinds)
    for _, lines in groupby(numbered, key=lambda one: (source.place(one[0])[0], one[1] == "")):
        group = list(lines)
        line, text = group[0]
        if _FENCE.match(text):
            fenced = not fenced
            yield _Row(line, "", "", line)
        elif source.kind(line).startswith("code") or fenced:
            found = _REMARK.search(text)
            code = text[: found.start()] if found is not None else text
            said = found["said"] if found is not None else " ".join(x for _, x in group[1:])
            yield _Row(line, code, said, group[-1][0])
        elif is_program:
            yield _Row(line, "", text, line)
