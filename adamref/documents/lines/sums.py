"""Sums that start or end one off, or whose powers are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.expressions.nodes import (
    Binary,
    Call,
    Largest,
    Negative,
    Node,
    Number,
    Sum,
    names,
    walk,
)

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine


def mended(line: WrittenLine) -> Iterator[tuple[str, WrittenLine]]:
    """Yield a line with a sum in it one off, and what was wrong if that is right."""
    for says, right in (*with_other_ends(line.right), *other_powers(line.right)):
        yield says, replace(line, right=right)


def with_other_ends(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield a tree with the end of a sum moved by one, and what was wrong if that is right."""
    for total in [x for x in walk(node) if isinstance(x, Sum)]:
        for by in (1, -1):
            # A start that is to be moved on was too early, an end too.
            told = "early" if by == 1 else "late"
            low = replace(total, low=_moved(total.low, by))
            high = replace(total, high=_moved(total.high, by))
            yield f"the sum starts one term too {told}", _put(node, total, low)
            yield f"the sum ends one term too {told}", _put(node, total, high)


def other_powers(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield a tree with an exponent in a sum moved by one, and what was wrong if that is right."""
    for total in [x for x in walk(node) if isinstance(x, Sum)]:
        for power in [x for x in walk(total.of) if isinstance(x, Binary) and x.sign == "^"]:
            if total.index not in {n.base for n in names(power.right)}:
                continue
            for by, told in ((1, "small"), (-1, "large")):
                other = replace(power, right=_shifted(power.right, total.index, by))
                changed = replace(total, of=_put(total.of, power, other))
                yield f"the exponent in the sum is one too {told}", _put(node, total, changed)


def _shifted(node: Node, index: str, by: int) -> Node:
    """Move what counts in an exponent: in ``p(t-i)`` the second factor."""
    if isinstance(node, Binary) and node.sign in ("*", "juxtaposed"):
        if index in {n.base for n in names(node.right)}:
            return replace(node, right=_shifted(node.right, index, by))
        return replace(node, left=_shifted(node.left, index, by))
    return _moved(node, by)


def _moved(node: Node, by: int) -> Node:
    last = node.right if isinstance(node, Binary) and node.sign in ("+", "-") else node
    rest = node.left if last is not node and isinstance(node, Binary) else None
    if isinstance(last, Number) and last.value.denominator == 1 and (rest or node is last):
        minus = isinstance(node, Binary) and node.sign == "-"
        value = (-last.value if minus else last.value) + by
        number = Number(abs(value), Fraction(1), str(abs(value)))
        if rest is None:
            return number if value >= 0 else Negative(number)
        return rest if value == 0 else Binary("+" if value > 0 else "-", rest, number)
    return Binary("+" if by > 0 else "-", node, Number(Fraction(1), Fraction(1), "1"))


def _put(node: Node, old: Node, new: Node) -> Node:
    if node is old:
        return new
    if isinstance(node, Binary | Largest):
        return replace(node, left=_put(node.left, old, new), right=_put(node.right, old, new))
    if isinstance(node, Negative | Call | Sum):
        return replace(node, of=_put(node.of, old, new))
    return node
