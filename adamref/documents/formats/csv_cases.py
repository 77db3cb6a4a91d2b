"""Tables of numbers: values separated by commas, semicolons or tabs, a head of names on top."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from adamref.documents.formats.format import (
    DocumentFormat,
    FormatRefused,
    Passage,
    as_it_stands,
    written,
)
from adamref.documents.formats.located import Located
from adamref.documents.formats.records import HYPER, MOST_RECORDS, named, read_rows

_MARKS = ("\t", ";", ",")
_WIDEST = 20_000


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read a table, and the lines above and below it as text.

    Raises
    ------
    FormatRefused
        If it has too many lines.
    """
    if len(lines) > MOST_RECORDS:
        raise FormatRefused(f"{len(lines)} lines, but at most {MOST_RECORDS} are read")
    head = next((i for i, line in enumerate(lines) if _is_head(line)), len(lines))
    mark = next((m for m in _MARKS if m in lines[head]), ",") if head < len(lines) else ","
    for row, line in enumerate(lines[:head], 1):
        yield _remark(line, row)
    if head == len(lines):
        return
    keys = [cell for cell, _ in _cells(lines[head], mark)]
    rows: list[Located] = []
    after = head + 1
    while after < len(lines) and lines[after].count(mark) == lines[head].count(mark):
        cells = _cells(lines[after], mark)
        rows.append(Located(_record(keys, cells, after + 1, mark), (after + 1, 1)))
        after += 1
    yield from read_rows(rows, keys) if rows else ()
    for row, line in enumerate(lines[after:], after + 1):
        yield _remark(line, row)


def _remark(line: str, row: int) -> Passage:
    """Read a line beside the table: a number behind the name of a hyperparameter is its value.

    Two numbers are those of both decay rates behind ``beta`` alone.
    """
    if not _GIVEN.search(line):
        return as_it_stands(re.sub(r"^\s*#", " ", line), row)
    made, at = written("", row), 0
    for found in _GIVEN.finditer(line):
        both = found["name"].lower() in ("beta", "betas") and found["second"]
        names = ("beta1", "beta2") if both else (named(found["name"]),)
        if not {*names} <= HYPER:
            continue
        made.add(line[at : found.start("name")].replace("#", " "), row, at + 1)
        for name, group in zip(names, ("number", "second"), strict=False):
            made.add(f"{name} = ", row, found.start(group) + 1, 1)
            made.add(f"{found[group]}, ", row, found.start(group) + 1, len(found[group]))
        at = found.end() if both else found.end("number")
    made.add(line[at:].replace("#", " "), row, at + 1)
    return made.passage()


_GIVEN = re.compile(
    r"(?P<name>[A-Za-z]\w*)[: ]\s*(?P<number>\d*\.?\d+(?:[eE][-+]?\d+)?)(?![\w.])"
    r"(?:\s*[/,]\s*(?P<second>\d*\.?\d+)(?![\w.]))?"
)


def _record(
    keys: list[str], cells: list[tuple[str, int]], line: int, mark: str
) -> dict[str, Located]:
    """Return a row by the names of its columns; where commas part no cells, they are points."""
    made = {}
    for key, (said, column) in zip(keys, cells, strict=False):
        point = mark != "," and re.fullmatch(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?", said)
        made[key] = Located(said.replace(",", ".") if point else said, (line, column))
    return made


def _is_head(line: str) -> bool:
    mark = next((m for m in _MARKS if m in line), None)
    if mark is None or line.lstrip().startswith("#") or len(line) > _WIDEST:
        return False
    cells = [cell.strip() for cell, _ in _cells(line, mark)]
    return all(re.match(r"[^\W\d]", cell) and "=" not in cell for cell in cells)


def _cells(line: str, mark: str) -> list[tuple[str, int]]:
    """Return the cells of a line with their columns."""
    if len(line) > _WIDEST:
        return []
    made, left = [], 0
    plain = line.replace("\r", " ")  # which is no end of a line here, but is one to csv
    for said in next(csv.reader([plain], delimiter=mark, skipinitialspace=True), []):
        start = max(line.find(said, left), left)
        made.append((said.strip(), start + 1))
        left = start + len(said)
    return made


FORMAT = DocumentFormat("CSV", (".csv", ".tsv"), read)
