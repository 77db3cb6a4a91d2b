"""Reading Markdown tables of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Cell:
    """A statement made by a table: pieces to be joined by relations.

    Attributes
    ----------
    line : int
    pieces : tuple of (str, int)
        Text and 1-based column; first the quantity, then what it is said to be.
    parameter : str
        The parameter its column is about, or empty.
    time : int or None
        The step its row is about.
    component : bool
        Whether the number in the quantity's name counts parameters: the row says the step.
    """

    line: int
    pieces: tuple[tuple[str, int], ...]
    parameter: str = ""
    time: int | None = None
    component: bool = False


_RULE = re.compile(r"^[\s|:+-]+$")
_NUMERIC = re.compile(
    r"^[\s$*`]*[(\[]?[-+\u2212]?[\d.][\d.,eE×x^{}\\ timescdo\u2212+⁻⁰-⁹*-]*[)\]]?[\s$*`]*$"
)
_TIME = re.compile(r"^[\s$*`]*(?:t|step|iteration|iter|epoch|k|i|n)[\s$*`]*$", re.IGNORECASE)
_AT_TIME = re.compile(r"^[\s$*`]*(?:t\s*=|step|iteration)\s*(\d{1,6})[\s$*`]*$", re.IGNORECASE)
_HEAD = re.compile(r"^[^\W\d][\w\u0300-\u036f^\\{}]*(?: ?\([^()]*\))?$")
_FOR = re.compile(r"^\W*(?:for\s+)?(?:parameter\s+)?\$?(?P<name>w|b|θ|\\theta|theta|W)\W*$")


def read_table(rows: list[tuple[int, str]]) -> Iterator[Cell]:
    """Turn a table's rows into statements.

    A table with a row of names on top and numbers below makes a statement a cell; one with names in
    its first column makes a statement a row, or one for each parameter if the head names them.
    """
    split = [(line, _cells(text)) for line, text in rows if not _RULE.match(text)]
    if len(split) < 2:
        return
    head = [text for text, _ in split[0][1]]
    body = split[1:]
    if _is_grid(head, body):
        yield from _grid(head, body)
        return
    times = [_AT_TIME.match(text) for text in head[1:]]
    if times and all(times):
        yield from _by_time([int(m[1]) for m in times if m is not None], body)
        return
    parameters = [_FOR.match(text) for text in head[1:]]
    by_parameter = len(parameters) > 0 and all(parameters)
    for line, cells in body:
        if len(cells) < 2 or not cells[0][0].strip():
            continue
        if by_parameter:
            for match, cell in zip(parameters, cells[1:], strict=False):
                assert match is not None
                if cell[0].strip():
                    yield Cell(line, (cells[0], cell), match["name"].lstrip("\\"))
        else:
            for said in _statements([c for c in cells if c[0].strip()]):
                yield Cell(line, said)


_OWN_LEFT = re.compile(r"^[\s$*`]*\\?[^\W\d][^=]*=")


def _statements(cells: list[tuple[str, int]]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Part a row where a cell behind a number names what it gives a value itself."""
    start = 0
    for i in range(1, len(cells)):
        if _NUMERIC.match(cells[i - 1][0]) and _OWN_LEFT.match(cells[i][0]):
            yield tuple(cells[start:i])
            start = i
    yield tuple(cells[start:])


def _by_time(times: list[int], body: list[tuple[int, list[tuple[str, int]]]]) -> Iterator[Cell]:
    """Read a table with a column a step, step by step."""
    for i, time in enumerate(times):
        for line, cells in body:
            if len(cells) > i + 1 and cells[0][0].strip() and _NUMERIC.match(cells[i + 1][0]):
                yield Cell(line, (cells[0], cells[i + 1]), "", time)


def delimiter(line: str) -> str | None:
    """Return what separates the cells of a line of plain text, if it is the head of a table.

    Such a head names t and at least two quantities, separated by tabs, semicolons or commas.
    """
    for mark in ("\t", ";", ","):
        cells = [cell.strip().strip('"') for cell in line.split(mark)]
        if len(cells) >= 3 and _TIME.match(cells[0]) and all(_HEAD.match(c) for c in cells[1:]):
            return mark
    return None


def barred(line: str, mark: str) -> str:
    """Write a line of cells the way Markdown does, each character in its place or one further."""
    return "|" + line.replace(mark, "|") + "|"


def _is_grid(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> bool:
    """Say whether every cell below the head is a number (or empty)."""
    if len(head) < 3:
        return False
    cells = [text for _, row in body for text, _ in row if text.strip() not in ("", "-", "–", "—")]
    return bool(cells) and all(_NUMERIC.match(text) for text in cells)


def _grid(head: list[str], body: list[tuple[int, list[tuple[str, int]]]]) -> Iterator[Cell]:
    timed = bool(_TIME.match(head[0]))
    counted = _counted(head[1:]) if timed else set()
    for line, cells in body:
        time = None
        if timed and cells and re.fullmatch(r"\s*\d+\s*", cells[0][0]):
            time = int(cells[0][0])
        for name, cell in zip(head[timed:], cells[timed:], strict=False):
            if cell[0].strip() not in ("", "-", "–", "—"):
                yield Cell(line, ((name, cell[1]), cell), "", time, name in counted)


def _counted(head: list[str]) -> set[str]:
    """Find the columns that are numbered side by side: ``w1 | w2``."""
    found = [(text, m) for text in head if (m := _NUMBERED.match(text)) is not None]
    kinds = [m["name"] for _, m in found]
    return {text for text, m in found if kinds.count(m["name"]) > 1}


_NUMBERED = re.compile(r"^[\s$*`]*(?P<name>.*?[^\d₀-₉_{])_?\{?[\d₀-₉]\}?[\s$*`}]*$")


def _cells(row: str) -> list[tuple[str, int]]:
    """Split a row at its bars; an escaped bar does not split."""
    cells = []
    start = row.index("|") + 1
    for match in re.finditer(r"(?<!\\)\|", row):
        if match.start() < start:
            continue
        cells.append((row[start : match.start()], start + 1))
        start = match.end()
    if row[start:].strip():
        cells.append((row[start:], start + 1))
    return cells
