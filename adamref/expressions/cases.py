"""Expressions that hold under conditions: ``a if t > 1, else b``, and the cases of LaTeX.

Both are written in one way before they are parsed: OPEN, then value IF condition ALSO for every
case, then what holds otherwise, and CLOSE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.expressions.token import Token

COMPARISONS = {
    ">": ">", "<": "<", ">=": "≥", "<=": "≤", "≥": "≥", "≤": "≤",
    r"\ge": "≥", r"\geq": "≥", r"\le": "≤", r"\leq": "≤",
}  # fmt: skip
"""Signs of comparison, as they are written; the text of a COMPARE is one of them."""

_BEGIN, _END = r"\begin{cases}", r"\end{cases}"


def with_cases(tokens: list[Token]) -> list[Token]:
    """Mark the choices in a line; what is not one from end to end stays as it is."""
    if not any(token.kind == "TEXT" and _word(token) == "if" for token in tokens):
        return tokens
    made = _with_side(tokens, 0)
    at = len(made) and _side(tokens, 0)
    while at < len(tokens):
        end = _closing(tokens, at)
        if end:
            inside = _marked(tokens[at + 1 : end], ("BREAK",))
            choice = inside and [
                replace(tokens[at], kind="OPEN"),
                *inside,
                replace(tokens[end], kind="CLOSE"),
            ]
            made += choice or tokens[at : end + 1]
            at = end + 1
            continue
        made.append(tokens[at])
        at += 1
        if made[-1].kind == "REL":
            choice = _with_side(tokens, at)
            made += choice
            at = _side(tokens, at) if choice else at
    return made


def _with_side(tokens: Sequence[Token], at: int) -> list[Token]:
    """Mark the side of a chain that begins at a place, if it is a choice; else return nothing."""
    side = tokens[at : _side(tokens, at)]
    inside = _marked(side, ("COMMA",))
    if not inside:
        return []
    first, last = side[0], side[-1]
    opened = replace(first, kind="OPEN", text="", end=first.start, value=None)
    return [opened, *inside, replace(last, kind="CLOSE", text="", start=last.end, value=None)]


def _word(token: Token) -> str:
    """Return a word, as it stands in a text or in a command of LaTeX."""
    return token.text.removeprefix(r"\text").strip("{} ").lower()


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Return where the cases end that begin at a place; 0 if none do."""
    if tokens[at].text.replace(" ", "") != _BEGIN:
        return 0
    ends = (i for i in range(at, len(tokens)) if tokens[i].text.replace(" ", "") == _END)
    return next(ends, 0)


def _side(tokens: Sequence[Token], at: int) -> int:
    """Return where a side of a chain ends."""
    ends = (i for i in range(at, len(tokens)) if _ends(tokens[i]))
    return next(ends, len(tokens))


def _ends(token: Token) -> bool:
    stops = token.kind == "STOP" and token.text not in COMPARISONS
    return stops or token.kind in ("REL", "BREAK", "MATH")


def _marked(tokens: Sequence[Token], between: tuple[str, ...]) -> list[Token]:
    """Mark the parts of a choice; empty if it is none."""
    cases: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.kind in ("LPAR", "LBRACE")) - (token.kind in ("RPAR", "RBRACE"))
        if token.kind in between and depth == 0:
            cases.append([])
        else:
            cases[-1].append(token)
    *under, last = cases
    otherwise = [x for x in last if not (x.kind == "TEXT" and _word(x) in ("else", "otherwise"))]
    if not under or len(otherwise) != len(last) - 1 or any(x.kind == "TEXT" for x in otherwise):
        return []
    made: list[Token] = []
    for case in under:
        said = [i for i, x in enumerate(case) if x.kind == "TEXT"]
        compared = [i for i, x in enumerate(case) if x.text in COMPARISONS]
        if len(said) != 1 or _word(case[said[0]]) != "if" or len(compared) != 1:
            return []
        if compared[0] < said[0]:
            return []
        case[said[0]] = replace(case[said[0]], kind="IF")
        case[compared[0]] = replace(case[compared[0]], kind="COMPARE")
        end = case[-1]
        also = replace(end, kind="ALSO", text="", start=end.end, value=None)
        made += [*case, also]
    return [*made, *otherwise]
