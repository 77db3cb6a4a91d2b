"""Tables with an optimizer a row, or a column: cheat sheets, comparisons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from adamref.documents.subjects import Subject, announced, runs_named
from adamref.documents.tables import Cell, is_ruled, split_rows

_RELATION = re.compile(r"[=←≔]|\\(?:gets|leftarrow|coloneqq|Leftarrow)(?![a-zA-Z])")
_SYMBOLIC = re.compile(r"[^\W\d_]_|[₀-₉ₜₙₖᵢ]|\\(?:frac|sqrt)(?![a-z])")
_LONGEST = 60
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@final
@dataclass(frozen=True)
class RowOfOptimizer:
    """What such a table says of one optimizer in one row.

    Attributes
    ----------
    about : Subject
    line : int
    statements : tuple of Cell
        Each a cell alone, where it says itself what it gives a value; else with its head.
    """

    about: Subject
    line: int
    statements: tuple[Cell, ...]


def by_optimizer(rows: Sequence[tuple[int, str]]) -> list[RowOfOptimizer]:
    """Read a table whose rows, or columns, are headed by the names of optimizers.

    Returns
    -------
    list of RowOfOptimizer
        Empty for a table of another kind, or without formulas.
    """
    split = split_rows(rows)
    if len(split) < 3 or not any(_is_formula(text) for _, text in rows):
        return []
    head, body = split[0][1], split[1:]
    for at in range(min(2, len(head) - 1)):
        labels = [_named(cells[at][0]) if len(cells) > at else None for _, cells in body]
        if sum(label is not None for label in labels) > 1:
            return [
                RowOfOptimizer(about, line, tuple(_said(head, cells, at, line)))
                for about, (line, cells) in zip(labels, body, strict=True)
                if about is not None
            ]
    columns = [_named(text) for text, _ in head]
    if sum(about is not None for about in columns) < max(2, len(columns) - 1):
        return []
    return [
        RowOfOptimizer(about, line, tuple(_pieces(cells[0], cells[i], line)))
        for i, about in enumerate(columns)
        if about is not None and i
        for line, cells in body
        if len(cells) > i
    ]


def runs_of_optimizers(
    rows: Sequence[tuple[int, str]],
) -> list[tuple[Subject, list[tuple[int, str]]]]:
    """Part a table of steps, whose first column names the optimizer of each row, into theirs.

    Returns
    -------
    list of (Subject, rows)
        With each optimizer the head and its rows, that column left empty; nothing for a table of
        another kind.
    """
    whole = [(line, row) for line, row in rows if not is_ruled(row)]
    if not whole or any(row.count("|") < 3 for _, row in whole):
        return []
    names = [row.split("|")[1].strip(" `*_") for _, row in whole[1:]]
    head, *body = [(line, _without_first(row)) for line, row in whole]
    return [(about, [head, *body[at]]) for about, at in runs_named(names)]


def _without_first(row: str) -> str:
    """Return a row without its first cell, what is left in its place."""
    at = row.index("|", row.index("|") + 1)
    return " " * at + row[at:]


def _is_formula(text: str) -> bool:
    return _RELATION.search(text) is not None or _SYMBOLIC.search(text) is not None


def _named(text: str) -> Subject | None:
    """Return the optimizer that a cell names; a cell with arithmetic in it heads nothing."""
    plain = re.sub(r"[*`_#]", " ", text)
    return announced(plain) if len(plain) <= _LONGEST and not _is_formula(text) else None


def _said(
    head: Sequence[tuple[str, int]], cells: Sequence[tuple[str, int]], at: int, line: int
) -> list[Cell]:
    made: list[Cell] = []
    for i, cell in enumerate(cells):
        if i != at:
            name = head[i] if i < len(head) else ("", 1)
            made += _pieces(name, cell, line)
    return made


def _pieces(head: tuple[str, int], cell: tuple[str, int], line: int) -> list[Cell]:
    """Part a cell at the ends of its lines; give what is no statement yet to its head."""
    text, column = cell
    made: list[Cell] = []
    start = 0
    for end in [*(m.span() for m in _BREAK.finditer(text)), (len(text), len(text))]:
        piece = text[start : end[0]]
        its = (piece, column + start)
        if _RELATION.search(piece):
            made.append(Cell(line, (its,)))
        elif piece.strip() and _SYMBOLIC.search(piece):
            made.append(Cell(line, ((head[0], column), its)))
        start = end[1]
    return made
