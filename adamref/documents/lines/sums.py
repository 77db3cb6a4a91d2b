"""Sums that start or end one off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Binary, Call, Largest, Negative, Node, Number, Sum, walk

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine


def other_ends(line: WrittenLine) -> Iterator[tuple[str, WrittenLine]]:
    """Yield a line with a sum in it one off, and what was wrong if that is right."""
    for total in [node for node in walk(line.right) if isinstance(node, Sum)]:
        for by in (1, -1):
            # A start that is to be moved on was too early, an end too.
            told = "early" if by == 1 else "late"
            low = replace(total, low=_moved(total.low, by))
            high = replace(total, high=_moved(total.high, by))
            yield f"the sum starts one term too {told}", _with(line, total, low)
            yield f"the sum ends one term too {told}", _with(line, total, high)


def _with(line: WrittenLine, old: Sum, new: Sum) -> WrittenLine:
    return replace(line, right=_put(line.right, old, new))


def _moved(node: Node, by: int) -> Node:
    return Binary("+", node, Number(Fraction(by), Fraction(1), str(by)))


def _put(node: Node, old: Node, new: Node) -> Node:
    if node is old:
        return new
    if isinstance(node, Binary | Largest):
        return replace(node, left=_put(node.left, old, new), right=_put(node.right, old, new))
    if isinstance(node, Negative | Call):
        return replace(node, of=_put(node.of, old, new))
    return node
