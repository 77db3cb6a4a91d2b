"""Algorithms in plain text, which are code; and formulas that are set like code, which are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.documents.formats.format import Passage

_LOOP = re.compile(r"\s*(?:\d+[.:]?\s+)?(?:while|for|repeat|until|loop)\b", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:\d+[.:]?\s+)?(?:end\b|until\b|return\b|output\b)", re.IGNORECASE)
_ASSIGNED = re.compile(r"\s*[^\W\d]\w*(?:\[\w+\])?\s*(?:<-|←|:=|=(?!=))\s*\S")
_PRODUCT = re.compile(r"[\w)\]]\s*\*\s*[\w(]")
_MATHEMATICAL = re.compile(r"[\\$]|_\{|\^\{")

_FEWEST = 4
"""Assignments that an algorithm has at least; one that is called so needs two."""
_CALLED = re.compile(r"\s*(?:procedure|algorithm|function|subroutine)\b", re.IGNORECASE)


def with_algorithms(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Say what is an algorithm in plain text: it is code.

    Its paragraph has a line that begins a loop, some assignments, and products with a sign.
    """
    paragraph: list[Passage] = []
    for one in passages:
        if one.text.strip() and one.kind == "text":
            paragraph.append(one)
            continue
        yield from _told(paragraph)
        paragraph = []
        yield one
    yield from _told(paragraph)


def _told(paragraph: list[Passage]) -> Iterator[Passage]:
    texts = [one.text for one in paragraph]
    loops = [i for i, text in enumerate(texts) if _LOOP.match(text)]
    if not loops:
        yield from paragraph
        return
    assigned = [text for text in texts if _ASSIGNED.match(text)]
    is_one = (
        len(assigned) >= (2 if _CALLED.match(texts[0]) else _FEWEST)
        and any(_PRODUCT.search(text) for text in assigned)
        and not any(_MATHEMATICAL.search(text) for text in texts)
    )
    for one in paragraph:
        inside = is_one and (
            _ASSIGNED.match(one.text) or _LOOP.match(one.text) or _ENDS.match(one.text)
        )
        yield replace(one, kind="code") if inside else one


_SIGN = re.compile("[α-ωϵ∇√₀-₉ₜₖₙᵢᵗ⊙²\u0302]")
_RELATED = re.compile(r"=|←|≈")
_PROGRAM = re.compile(
    r";\s*$|[{}]\s*$|[-+*/=!<>]=|\*\*|//|^\s*#|\w\[\w+\]|\w\.\w+\(|^\s*(?:\d+[.:]\s+)?(?:def|return|import"
    r"|class|function|procedure|algorithm|end|repeat|until|while|for|if|else)\b",
    re.IGNORECASE,
)
_SIDE_BY_SIDE = re.compile(r"[₀-₉ₜₖₙᵢα-ω]\s*(?:\((?!\w+\))|[^\W\d_₀-ₜ])|\)\s*[^\W\d_]")


def with_formulas(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Read formulas as text that stand where code does, in no language: most have its signs.

    A program stays one, unless factors stand side by side in it, as they do in no language.
    """
    for where, group in groupby(passages, _where_code_stands):
        block = list(group)
        is_text = where is not None and _holds_formulas([one.text for one in block])
        yield from (replace(one, kind="text") for one in block) if is_text else block


def _where_code_stands(one: Passage) -> str | None:
    """Return in which block of code in no language a passage stands; None: in none."""
    return one.where.partition(", line")[0] if one.kind == "code" else None


def _holds_formulas(texts: list[str]) -> bool:
    related = [text for text in texts if _RELATED.search(text)]
    signed = [text for text in related if _SIGN.search(text)]
    if 2 * len(signed) <= len(related):
        return False
    beside = [text for text in signed if _SIDE_BY_SIDE.search(text)]
    return len(beside) > 1 or not any(map(_PROGRAM.search, texts))
