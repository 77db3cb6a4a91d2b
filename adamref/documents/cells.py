"""Names in the cells of a table: which step and which parameter they are of."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.lists import element
from adamref.expressions.nodes import Name

if TYPE_CHECKING:
    from adamref.documents.regions import Placed


def of_element(placed: Placed, number: int) -> Placed:
    """Read a name in a table that says of its rows or columns which parameter they are about."""
    name = placed.token.value
    if not isinstance(name, Name):
        return placed
    return replace(
        placed, token=replace(placed.token, value=element(replace(name, index=""), number))
    )


def dated(placed: Placed, t: int) -> Placed:
    """Put the step of a row into an index that says the current one, or one beside it.

    Of names without an index only the gradient gets one: it is that of its row, wherever else
    the document has it; a parameter without one may be that before the step.
    """
    name = placed.token.value
    if not isinstance(name, Name):
        return placed
    found = _CURRENT.fullmatch(name.index)
    if found is None or (not name.index and name.base not in ("g", "grad")):
        return placed
    if t == 0 and found[1] == "-1":
        return placed
    beside = {"": 0, "+1": 1, "-1": -1}[found[1]]
    return replace(placed, token=replace(placed.token, value=replace(name, index=str(t + beside))))


_CURRENT = re.compile(r"[tkni]?((?<=[tkni])[+-]1|)")


def numbered(placed: Placed) -> Placed:
    """Read the number of a column, as in ``w1``, as that of a parameter."""
    name = placed.token.value
    if not isinstance(name, Name) or not name.index.isdigit():
        return placed
    numbered = element(replace(name, index=""), int(name.index))
    return replace(placed, token=replace(placed.token, value=numbered))


def without_remark(tokens: list[Placed]) -> list[Placed]:
    """Take words in brackets off the name of a quantity: "m (moving average)"."""
    kinds = [p.token.kind for p in tokens]
    if kinds[-1:] != ["RPAR"] or "LPAR" not in kinds[1:]:
        return tokens
    opened = kinds.index("LPAR")
    worded = any(kind in ("TEXT", "PHRASE") for kind in kinds[opened:])
    return tokens[:opened] if worded else tokens
