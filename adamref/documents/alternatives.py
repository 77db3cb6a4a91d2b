"""The ways to read a chain that is damaged, or has its digits in groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from adamref.documents.neighbours import times
from adamref.documents.regions import Placed
from adamref.documents.repair import Repair
from adamref.expressions.nodes import Number
from adamref.expressions.token import Token

_OPERAND_END = frozenset(("NUMBER", "NAME", "RPAR", "RBRACE"))
_OPERAND_START = frozenset(("NUMBER", "NAME", "LPAR", "FRAC", "SQRT"))


def alternatives(
    tokens: Sequence[Placed], unit: str = ""
) -> Iterable[tuple[list[Placed], tuple[Repair, ...]]]:
    """Yield the ways to read a chain, each with what is mended for it; the likeliest come first.

    Behind it stands a word, which may be the ``unit`` of its last number.
    """
    if not tokens:
        return
    shorter = _without_reference(tokens)
    if shorter:
        yield shorter, ()
    grouped, groups = _with_grouped_digits(tokens)
    if groups:
        yield grouped, groups
    pointed, points = _with_grouping_points(tokens)
    forced = _gaps(tokens, certain=True)
    if not forced:
        yield list(tokens), ()
        yield from ((scaled, ()) for scaled in _in_units(tokens, unit))
    if points and not forced:
        yield pointed, points
    raised, raises = _with_exponents(tokens)
    if raises and not forced:
        yield raised, raises
    gaps = _gaps(tokens, certain=False)
    if gaps:
        signed, signs = _with_minus(tokens, gaps)
        yield signed, signs
        if raises:
            both, more = _with_exponents(signed)
            yield both, signs + more


_PREFIXES = {"k": 1, "m": 2, "g": 3, "t": 4}


def _in_units(tokens: Sequence[Placed], unit: str) -> Iterator[list[Placed]]:
    """Yield a chain whose last number counts larger units: 56 GB are 56·10^9 bytes, or 56·2^30."""
    match = re.fullmatch(r"([kmgt])i?(?:b|bytes|o)", unit, re.IGNORECASE)
    number = tokens[-1].token.value
    if match is None or not isinstance(number, Number):
        return
    for base in (1000, 1024):
        value = times(number, Fraction(base) ** _PREFIXES[match[1].lower()])
        yield [*tokens[:-1], replace(tokens[-1], token=replace(tokens[-1].token, value=value))]


def _without_reference(tokens: Sequence[Placed]) -> list[Placed]:
    """Leave an equation number, a citation or a repetition in brackets out at the end.

    ``= 1.5   (6.11)`` is 1.5 and not a product. Empty if nothing of the kind stands there.
    """
    kinds = [p.token.kind for p in tokens]
    if "REL" not in kinds:
        return []
    last = len(kinds) - 1 - kinds[::-1].index("REL")
    number = last + 1 + (kinds[last + 1 : last + 2] == ["MINUS"])
    opened = number + 1
    if kinds[number : number + 1] != ["NUMBER"] or opened >= len(kinds):
        return []
    tail = kinds[opened:]
    bracketed = tail[0] == "LPAR" and tail[-1] == "RPAR"
    bracketed = bracketed and all(kind in ("NUMBER", "MINUS") for kind in tail[1:-1])
    unit = tail == ["NAME", "SLASH", "NAME"]  # "0.9 m/s"
    apart = tokens[opened].token.start > tokens[number].token.end
    return list(tokens[:opened]) if apart and (bracketed or unit) else []


def _with_grouped_digits(
    tokens: Sequence[Placed],
) -> tuple[list[Placed], tuple[Repair, ...]]:
    """Read ``24 576`` as one number whose digits are grouped by a blank."""
    made: list[Placed] = []
    repairs = []
    for placed in tokens:
        token = placed.token
        before = made[-1].token if made else None
        if (
            before is not None
            and token.kind == before.kind == "NUMBER"
            and re.fullmatch(r"\d{1,3}( \d{3})*", before.text)
            and re.fullmatch(r"\d{3}(\.\d+)?", token.text)
            and token.start - before.end == 1
        ):
            text = f"{before.text} {token.text}"
            digits = text.replace(" ", "")
            places = len(digits.partition(".")[2])
            number = Number(Fraction(digits), Fraction(1, 10**places), digits)
            made[-1] = replace(
                made[-1], token=Token("NUMBER", text, before.start, token.end, number)
            )
            repairs.append(Repair(placed.line, text, digits))
            continue
        made.append(placed)
    return made, tuple(repairs)


def _with_grouping_points(
    tokens: Sequence[Placed],
) -> tuple[list[Placed], tuple[Repair, ...]]:
    """Read ``25.088`` as the whole number that much of Europe writes so."""
    made: list[Placed] = []
    repairs = []
    for placed in tokens:
        token = placed.token
        if token.kind == "NUMBER" and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", token.text):
            digits = token.text.replace(".", "")
            number = Number(Fraction(digits), Fraction(1), digits)
            made.append(replace(placed, token=replace(token, value=number)))
            repairs.append(Repair(placed.line, token.text, digits))
        else:
            made.append(placed)
    return made, tuple(repairs)


def _gaps(tokens: Sequence[Placed], *, certain: bool) -> list[int]:
    """List the places where a minus may have stood between two operands."""
    places = []
    for i in range(1, len(tokens)):
        left, right = tokens[i - 1].token, tokens[i].token
        if left.kind not in _OPERAND_END or right.kind not in _OPERAND_START:
            continue
        blank = right.start - left.end
        if left.kind == right.kind == "NUMBER":
            if certain or blank >= 2:
                places.append(i)
            continue
        if certain or tokens[i - 1].line != tokens[i].line:
            continue
        if blank >= 2 or (left.kind == right.kind == "NAME" and blank == 1):
            places.append(i)
    return places


def _with_minus(
    tokens: Sequence[Placed], gaps: list[int]
) -> tuple[list[Placed], tuple[Repair, ...]]:
    made: list[Placed] = []
    repairs = []
    for i, placed in enumerate(tokens):
        if i in gaps:
            left = tokens[i - 1].token
            made.append(Placed(Token("MINUS", "-", left.end, left.end), placed.line, placed.column))
            repairs.append(
                Repair(
                    placed.line,
                    f"{left.text} {placed.token.text}",
                    f"{left.text} - {placed.token.text}",
                )
            )
        made.append(placed)
    return made, tuple(repairs)


def _with_exponents(tokens: Sequence[Placed]) -> tuple[list[Placed], tuple[Repair, ...]]:
    """Read ``10-8``, written without blanks, as a power of ten whose exponent was flattened."""
    made: list[Placed] = []
    repairs = []
    i = 0
    while i < len(tokens):
        here = tokens[i].token
        if (
            here.kind == "NUMBER"
            and here.text == "10"
            and i + 2 < len(tokens)
            and tokens[i + 1].token.kind == "MINUS"
            and tokens[i + 2].token.kind == "NUMBER"
            and here.end == tokens[i + 1].token.start
            and tokens[i + 1].token.end == tokens[i + 2].token.start
            and tokens[i + 2].token.text.isdigit()
        ):
            at = here.end
            power = Token("POW", "^", at, at)
            made += [tokens[i], replace(tokens[i], token=power), tokens[i + 1], tokens[i + 2]]
            exponent = tokens[i + 2].token.text
            repairs.append(Repair(tokens[i].line, f"10-{exponent}", f"10^(-{exponent})"))
            i += 3
            continue
        made.append(tokens[i])
        i += 1
    return made, tuple(repairs)
