"""Settling what a token is by its neighbours: a word or a relation, a letter or a sign."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from adamref.documents.phrases import ABOUT, FILLERS, VERBS
from adamref.expressions.nodes import Name, Number

if TYPE_CHECKING:
    from adamref.expressions.token import Token


_MAGNITUDES = {
    **dict.fromkeys("thousand tausend mille mil".split(), 3),
    **dict.fromkeys("million millions millionen mio millones millón".split(), 6),
    **dict.fromkeys("billion billions milliarde milliarden mrd milliard milliards".split(), 9),
}
_COUNTED = frozenset(
    "bytes byte bits floats numbers parameters weights moments values octets".split()
)
"""What numbers count, between the signs of a calculation."""


def in_numbers(tokens: list[Token]) -> list[Token]:
    """Write "7 million" as a number, and leave out what is counted: "12 weights * 4 bytes"."""
    made: list[Token] = []
    for i, token in enumerate(tokens):
        word = token.text.lower() if token.kind == "TEXT" else ""
        before = made[-1] if made else None
        after = tokens[i + 1].kind if i + 1 < len(tokens) else ""
        if before is None or not isinstance(before.value, Number) or not word:
            made.append(token)
        elif word in _MAGNITUDES:
            made[-1] = replace(before, value=times(before.value, Fraction(10) ** _MAGNITUDES[word]))
        elif word not in _COUNTED or after not in ("TIMES", "SLASH", "PLUS", "REL"):
            made.append(token)
    return made


def times(number: Number, scale: Fraction) -> Number:
    """Return a printed number in units of a larger one."""
    return replace(number, value=number.value * scale, unit=number.unit * scale)


def tidied(tokens: list[Token]) -> list[Token]:
    """Settle what a token is by its neighbours."""
    tokens = in_numbers(tokens)
    made: list[Token] = []
    for i, token in enumerate(tokens):
        before = made[-1] if made else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        made.append(_settled(token, before, after, tokens, i))
    return made


def _is_range(before: Token | None, after: list[Token]) -> bool:
    """Say whether an equality says what a letter runs over, ``k = 1, 2, …``: it has no value."""
    kinds = [token.kind for token in after]
    count = next((i for i, x in enumerate(kinds) if x not in ("NUMBER", "COMMA")), len(kinds))
    some = [x.value.value for x in after[:count] if isinstance(x.value, Number)]
    if before is None or before.kind != "NAME" or kinds[:3] != ["NUMBER", "COMMA", "NUMBER"]:
        return False
    goes_on = kinds[count : count + 1] == ["ELLIPSIS"] or before.text in _COUNTERS
    return goes_on and all(b - a == 1 for a, b in pairwise(some))


_COUNTERS = ("t", "k", "n", "i", "j")


def _settled(
    token: Token, before: Token | None, after: Token | None, tokens: list[Token], i: int
) -> Token:
    kinds = (before.kind if before else "", after.kind if after else "")
    if (
        token.kind == "NAME"
        and token.text in ("x", "X")
        and (
            kinds[0] in ("NUMBER", "RPAR", "RBRACE")
            and kinds[1] in ("NUMBER", "LPAR", "MINUS", "SQRT")
            and not (kinds[1] == "MINUS" and _is_difference(token, before, after, tokens[i + 2 :]))
        )
    ):
        return replace(token, kind="TIMES")
    if (
        token.kind == "NAME"
        and token.text in ("a", "A", "I")
        and kinds[1] in ("TEXT", "PHRASE", "")
    ):
        return replace(token, kind="TEXT", value=None)
    if token.kind == "REL" and _is_range(before, tokens[i + 1 :]):
        return replace(token, kind="TEXT", value=None)
    if token.kind == "COLON" and _is_division(token, before, after, tokens[:i]):
        return replace(token, kind="SLASH")
    if (
        token.kind == "COLON"
        and kinds[0] in ("NAME", "PHRASE", "RPAR")
        and (kinds[1] in ("NUMBER", "MINUS", "LPAR", "SQRT", "FRAC"))
    ):
        return replace(token, kind="REL", text="=")
    if token.kind == "TEXT" and kinds[0] in ("REL", "VERB") and token.text.lower() in ABOUT:
        return replace(token, kind="VERB", text="≈")
    words = FILLERS if kinds[0] == "VERB" else VERBS
    if token.kind == "TEXT" and token.text.lower() in words and _is_quantity(before):
        rest = [t for t in tokens[i + 1 : i + 5] if t.kind != "MATH"]
        while rest and rest[0].kind == "TEXT" and rest[0].text.lower() in FILLERS:
            rest.pop(0)
        if rest and rest[0].kind == "MINUS":
            rest.pop(0)
        if rest and rest[0].kind == "NUMBER":
            return replace(token, kind="VERB", text="=")
    return token


def _is_difference(
    token: Token, before: Token | None, after: Token | None, rest: list[Token]
) -> bool:
    """Say whether an x before a minus is a letter: ``9x - 6`` has no blank before it."""
    assert before is not None
    assert after is not None
    apart = bool(rest) and rest[0].start > after.end
    return token.start == before.end or apart


def _is_division(
    token: Token, before: Token | None, after: Token | None, earlier: list[Token]
) -> bool:
    """Read ``1.5 : 0.1`` in a chain as a quotient, as much of Europe writes it."""
    return (
        before is not None
        and after is not None
        and before.kind in ("NUMBER", "RPAR")
        and after.kind in ("NUMBER", "LPAR")
        and token.start > before.end
        and any(t.kind == "REL" for t in earlier)
    )


def _is_quantity(token: Token | None) -> bool:
    """Say whether a verb after this token may give it a number: a hyperparameter or parameter."""
    if token is None:
        return False
    if token.kind in ("PHRASE", "VERB"):
        return True
    name = token.value
    return (
        token.kind == "NAME"
        and isinstance(name, Name)
        and (
            name.base in ("alpha", "beta", "epsilon", "eta", "theta", "w", "rho", "grad")
            or (name.base in ("m", "v") and (name.hat or name.index.isdigit()))
        )
    )
