"""Parting the tokens of a line into statements: side by side, in brackets, in columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import dropwhile
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Name
from adamref.expressions.token import Token

if TYPE_CHECKING:
    from adamref.documents.regions import Placed

_OPERANDS = ("NUMBER", "NAME", "RPAR", "RBRACE")
_FAR = 3
"""How many blanks part two statements that stand side by side."""
_COLUMN = 5
"""How many part two expressions, each in a chain of its own."""
_CANNOT_START = frozenset(("TIMES", "SLASH", "PLUS", "POW", "RPAR", "RBRACE"))
_CANNOT_END = frozenset(
    ("TIMES", "SLASH", "PLUS", "MINUS", "POW", "LPAR", "LBRACE", "REL", "SQRT", "FRAC")
)


def separate(tokens: list[Placed]) -> Iterator[list[Placed]]:
    """Split what stands side by side without a comma: ``lr=0.1  b1=0.9`` and ``a = 1 / b = 2``."""
    start = 0
    for sign in _between_settings(tokens):
        yield from bracket_free(tokens[start:sign])
        start = sign + 1
    tokens, start = tokens[start:], 0
    for i in range(1, len(tokens) - 1):
        here, after = tokens[i].token, tokens[i + 1].token
        if i - start >= 3 and _is_column(tokens[start:], i - start):
            yield from bracket_free(tokens[start:i])
            start = i
            continue
        if here.kind != "NAME" or after.kind != "REL" or i - start < 3:
            continue
        if not any(p.token.kind == "REL" for p in tokens[start:i]):
            continue
        left = tokens[i - 1].token
        end = i
        before, inside = here.start - left.end, after.start - here.end
        if left.kind == "SLASH" and tokens[i - 2].token.kind == "NUMBER" and left.end < here.start:
            end = i - 1
        elif before >= _FAR and before > inside and left.kind in _OPERANDS:
            pass  # columns of a remark
        elif (
            left.kind != "NUMBER"
            or not _is_result(tokens[:i])
            or (
                # "0.1  b1=0.9" are two; "g = 2 w_0 = 6" is one chain with a product in it.
                before <= inside
                and tokens[i - 1].line == tokens[i].line
                and not (before > 0 and _is_row(tokens[start:], i - start))
            )
        ):
            continue
        yield from bracket_free(tokens[start:end])
        start = i
    yield from bracket_free(tokens[start:])


def _between_settings(tokens: list[Placed]) -> list[int]:
    """Find the signs in ``η = 0.02 · β₁ = 0.9 · ε = 10⁻⁸``: a list, and no chain of products.

    Each piece is a name and a number. Two of them are a list only where the first is a setting:
    ``g = 2 · x = 6`` is a chain.
    """
    kinds = [p.token.kind for p in tokens]
    signs: list[int] = []
    start = 0
    for i in range(3, len(tokens) - 2):
        if kinds[i] not in _PARTING or kinds[i + 1 : i + 3] != ["NAME", "REL"]:
            continue
        if kinds[start : start + 2] != ["NAME", "REL"] or not {*kinds[start + 2 : i]} <= _VALUE:
            break
        signs.append(i)
        start = i + 1
    return signs if len(signs) > 1 or _begins_with_setting(tokens[:1]) else []


def _begins_with_setting(tokens: list[Placed]) -> bool:
    name = tokens[0].token.value if tokens else None
    return isinstance(name, Name) and (name.base in _SETTINGS or name.index == "0")


_PARTING = frozenset(("TIMES", "SLASH", "MINUS"))
_VALUE = frozenset(("NUMBER", "MINUS", "POW", "TIMES", "SLASH", "LBRACE", "RBRACE"))
_SETTINGS = frozenset("alpha eta beta epsilon lambda rho gamma mu lr".split())


def _is_column(tokens: list[Placed], at: int) -> bool:
    """Say whether an expression far to the right of a chain begins another: ``m = 2   v = 4``."""
    left, here = tokens[at - 1], tokens[at]
    wide = here.token.start - left.token.end >= _COLUMN and left.line == here.line
    sides = left.token.kind in _OPERANDS and here.token.kind in ("NAME", "FRAC", "SQRT")
    if not wide or not sides:
        return False
    if any("\\" in p.token.text for p in tokens):
        return False  # what parts them may be a command for a small blank
    kinds = [p.token.kind for p in tokens if p.line == here.line]
    behind = [p.token.kind for p in tokens[at:] if p.line == here.line]
    return "REL" in kinds[: len(kinds) - len(behind)] and "REL" in behind


def _is_row(tokens: list[Placed], at: int) -> bool:
    """Say whether decimals and names take turns: ``m = -1.125 v = 2.578``, and no product."""
    kinds = [p.token.kind for p in tokens if p.token.kind != "MINUS"]
    rest = [p.token for p in tokens[at:] if p.token.kind != "MINUS"]
    before = [p.token for p in tokens[:at]]
    turns = kinds[:3] == ["NAME", "REL", "NUMBER"] and [t.kind for t in rest[:3]] == kinds[:3]
    return turns and len(before) <= 4 and all("." in t.text for t in (before[-1], rest[2]))


def _is_result(tokens: list[Placed]) -> bool:
    """Say whether a number at the end is all that stands behind a relation."""
    kinds = [p.token.kind for p in tokens[-3:]]
    return kinds[-2:-1] == ["REL"] or kinds[:2] == ["REL", "MINUS"]


def bracket_free(tokens: list[Placed]) -> Iterator[list[Placed]]:
    """Split where a bracket has no partner, and take out brackets that hold a relation."""
    waiting = [tokens]
    while waiting:
        here = waiting.pop()
        parts, whole = _parted(here)
        if parts:
            waiting.extend(reversed(parts))
        elif whole and (trimmed := _as_given(_trimmed(here))):
            yield trimmed
        elif not whole:
            yield here


def _parted(tokens: list[Placed]) -> tuple[list[list[Placed]], bool]:
    """Part tokens at a bracket; say of what is not parted whether its brackets have partners."""
    stack: list[int] = []
    for i, placed in enumerate(tokens):
        kind = placed.token.kind
        if kind in ("LPAR", "LBRACE"):
            stack.append(i)
        elif kind in ("RPAR", "RBRACE"):
            if not stack:
                return [tokens[:i], tokens[i + 1 :]], True
            opened = stack.pop()
            inside = tokens[opened + 1 : i]
            if any(p.token.kind == "REL" for p in inside):
                return [tokens[:opened], inside, tokens[i + 1 :]], True
    if not stack:
        return [], True
    parts: list[list[Placed]] = []
    start = 0
    for opened in stack:
        if opened - start > 1 and tokens[opened - 1].token.kind in ("REL", "TIMES", "PLUS"):
            # A vector, most likely: what stands before it would be cut off in the middle.
            cut = tokens[start : opened + 1]
            return ([], False) if len(cut) == len(tokens) else ([*parts, cut], True)
        parts.append(tokens[start:opened])
        start = opened + 1
    return [*parts, tokens[start:]], True


def _as_given(tokens: list[Placed]) -> list[Placed]:
    """Read ``alpha 0.1``, standing alone, as ``alpha = 0.1``."""
    if len(tokens) == 2 and tokens[1].token.kind == "NUMBER":
        name, blank = tokens[0].token.value, tokens[1].token.start - tokens[0].token.end
        rate = isinstance(name, Name) and name.base == "b" and name.index in ("1", "2")
        named = isinstance(name, Name) and name.base in ("alpha", "beta", "epsilon")
        if blank > 0 and (rate or named):
            relation = Token("REL", "=", tokens[0].token.end, tokens[0].token.end)
            return [tokens[0], replace(tokens[0], token=relation), tokens[1]]
    return tokens


def _trimmed(tokens: list[Placed]) -> list[Placed]:
    inner = list(dropwhile(lambda x: x.token.kind in _CANNOT_START, tokens))
    backwards = dropwhile(lambda x: x.token.kind in _CANNOT_END, reversed(inner))
    return list(backwards)[::-1]
