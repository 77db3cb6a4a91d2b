"""reStructuredText: mathematics, code, and its four kinds of tables."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import pairwise

from adamref.documents.formats.algorithms import with_algorithms
from adamref.documents.formats.format import (
    DocumentFormat,
    Passage,
    Writing,
    barred,
    written,
)
from adamref.documents.formats.languages import code_kind

_ADORNED = re.compile(r"([=\-`:.'\"~^_*+#])\1{2,}\s*$")
_DIRECTIVE = re.compile(r"(\s*)\.\.\s+(?:\|[^|]*\|\s+)?([\w:-]+)::\s*(.*)")
_COMMENT = re.compile(r"(\s*)\.\.(?:\s+(?!_|\[|\|)\S.*)?\s*$")
_OPTION = re.compile(r"\s*:[\w-]+:(?:\s|$)")
_ROLE = re.compile(r":(?:\w+:)?(\w+):`((?:[^`\\]|\\.)+)`|``([^`]+)``")
_CODE = frozenset("code code-block sourcecode highlight prompt".split())
_DROPPED = frozenset(
    "image figure raw toctree contents include literalinclude index only meta rubric".split()
)
_GRID = re.compile(r"\s*\+(?:[-=]+\+)+\s*$")
_SIMPLE = re.compile(r"\s*=+(?:\s+=+)+\s*$")
_LEVELS = "=-~^\"'`:.*+#_"


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read the lines of a document; what stands in it as it is may be an algorithm."""
    yield from with_algorithms(_passages(lines))


def _passages(lines: tuple[str, ...]) -> Iterator[Passage]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if (directive := _DIRECTIVE.match(line)) is not None:
            end = _block_end(lines, at + 1, len(directive[1]))
            yield from _directive(lines, at, end, directive)
        elif _COMMENT.match(line) and not line.strip().startswith(".. _"):
            end = _block_end(lines, at + 1, _indent(line))
        elif line.lstrip().startswith(">>> "):
            end = _paragraph_end(lines, at)
            yield from _doctest(lines, at, end)
        elif _GRID.match(line) or _SIMPLE.match(line):
            end = _table_end(lines, at)
            yield from (_grid if _GRID.match(line) else _simple)(lines, at, end)
        else:
            end = at + 1
            yield from _line(lines, at)
        at = max(end, at + 1)


def _line(lines: tuple[str, ...], at: int) -> Iterator[Passage]:
    line, below = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
    if _ADORNED.match(line):
        return
    row = _plain(line, at)
    if line.strip() and (adornment := _ADORNED.match(below)) and len(below) >= len(line.rstrip()):
        level = 1 + min(_LEVELS.find(adornment[1]), 5)
        heading = written("#" * level + " ", at + 1, 1, 1)
        heading.extend(row)
        row = heading
    yield row.passage()


def _plain(line: str, at: int) -> Writing:
    """Write a line with its roles as Markdown and LaTeX have them."""
    made, done = Writing(), 0
    for match in _ROLE.finditer(line):
        made.add(line[done : match.start()], at + 1, done + 1)
        around = {"math": "${}$", "sub": "_{{{}}}", "sup": "^{{{}}}"}.get(match[1] or "", "{}")
        before, after = around.replace("{{", "{").replace("}}", "}").split("{}")
        group = 3 if match[3] is not None else 2
        made.add(before, at + 1, match.start() + 1, 1)
        made.add(match[group], at + 1, match.start(group) + 1)
        made.add(after, at + 1, match.end(), 1)
        done = match.end()
    made.add(line[done:].replace("\\ ", "  "), at + 1, done + 1)
    return made


def _directive(
    lines: tuple[str, ...], at: int, end: int, directive: re.Match[str]
) -> Iterator[Passage]:
    name, argument = directive[2], directive[3]
    body = at + 1
    while body < end and _OPTION.match(lines[body]):
        body += 1
    if name == "math":
        yield from _mathematics(lines, at, body, end, directive)
    elif name in _CODE or name == "parsed-literal":
        margin = min((_indent(x) for x in lines[body:end] if x.strip()), default=0)
        kind = code_kind(argument) if name in _CODE else "code"
        for row in range(body, end):
            yield written(lines[row][margin:], row + 1, margin + 1).passage(kind)
    elif name == "list-table":
        yield from _list_table(lines, body, end)
    elif name == "csv-table":
        yield from _csv_table(lines, at, body, end)
    elif name not in _DROPPED:
        if argument:
            yield written(argument, at + 1, directive.start(3) + 1).passage()
        yield written("", at + 1).passage()
        yield from read_part(lines, body, end)


def read_part(lines: tuple[str, ...], start: int, end: int) -> Iterator[Passage]:
    """Read what is set in: the body of a note or a table's caption."""
    margin = min((_indent(x) for x in lines[start:end] if x.strip()), default=0)
    for row in range(start, end):
        made = _plain(lines[row], row)
        yield made.part(margin, len(made.text)).passage()


def _mathematics(
    lines: tuple[str, ...], at: int, body: int, end: int, directive: re.Match[str]
) -> Iterator[Passage]:
    column = directive.start(2) + 1
    yield written("\\[", at + 1, column, 1).passage()
    if directive[3]:
        yield written(directive[3], at + 1, directive.start(3) + 1).passage()
    for row in range(body, end):
        if lines[row].strip():
            yield written(lines[row], row + 1).passage()
        elif row + 1 < end:  # a blank line parts two formulas
            yield written("\\]", row + 1, 1, 1).passage()
            yield written("\\[", row + 1, 1, 1).passage()
    yield written("\\]", end, 1, 1).passage()
    yield written("", end).passage()


def _doctest(lines: tuple[str, ...], at: int, end: int) -> Iterator[Passage]:
    for row in range(at, end):
        prompt = re.match(r"\s*(?:>>>|\.\.\.) ?", lines[row])
        start = prompt.end() if prompt else 0
        kind = "code:python" if prompt else "output"
        yield written(lines[row][start:], row + 1, start + 1).passage(kind)
    yield written("", end).passage()


def _grid(lines: tuple[str, ...], at: int, end: int) -> Iterator[Passage]:
    """Read a table drawn with lines: those of a cell are put together."""
    bounds = [i for i, sign in enumerate(lines[at]) if sign == "+"]
    cells: list[Writing] = []
    for row in range(at, end):
        line = lines[row]
        if _GRID.match(line) or line.strip().startswith("+"):
            if cells:
                yield barred(cells, row).passage()
            cells = []
            continue
        cells = cells or [Writing() for _ in bounds[1:]]
        for cell, (left, right) in zip(cells, pairwise(bounds), strict=True):
            _set_in(cell, line, row, left + 1, right)
    yield written("", end).passage()


def _simple(lines: tuple[str, ...], at: int, end: int) -> Iterator[Passage]:
    """Read a table whose columns stand below the signs of its rules."""
    starts = [match.start() for match in re.finditer("=+", lines[at])]
    for row in range(at, end):
        line = lines[row]
        if _SIMPLE.match(line) or not line.strip() or _ADORNED.match(line):
            continue
        cells = [Writing() for _ in starts]
        for cell, left, right in zip(cells, starts, [*starts[1:], len(line)], strict=True):
            _set_in(cell, line, row, left, right)
        yield barred(cells, row + 1).passage()
    yield written("", end).passage()


def _set_in(cell: Writing, line: str, row: int, left: int, right: int) -> None:
    text = line[left:right]
    inner = text.strip()
    if inner:
        start = left + len(text) - len(text.lstrip())
        cell.add(" " if cell.pieces else "", row + 1, start + 1, 1)
        made = _plain(line[:start] + inner, row)
        cell.extend(made.part(len(_plain(line[:start], row).text), len(made.text)))


def _list_table(lines: tuple[str, ...], start: int, end: int) -> Iterator[Passage]:
    """Read a table written as a list of lists."""
    cells: list[Writing] = []
    first = start
    for row in range(start, end):
        item = re.match(r"(\s*)(\*\s+)?(-\s+|-$)?", lines[row])
        assert item is not None
        if item[2]:
            if cells:
                yield barred(cells, first + 1).passage()
            cells, first = [], row
        if item[3]:
            cells.append(Writing())
        if cells and lines[row].strip():
            _set_in(cells[-1], lines[row], row, item.end(), len(lines[row]))
    if cells:
        yield barred(cells, first + 1).passage()
    yield written("", end).passage()


def _csv_table(lines: tuple[str, ...], at: int, body: int, end: int) -> Iterator[Passage]:
    for row in range(at + 1, end):
        head = re.match(r"\s*:header:\s*", lines[row]) if row < body else None
        if (row < body and head is None) or not lines[row].strip():
            continue
        start = head.end() if head else _indent(lines[row])
        cells, left = [], start
        for said in next(csv.reader([lines[row][start:]], skipinitialspace=True), []):
            column = max(lines[row].find(said, left), left)
            cells.append(written(said, row + 1, column + 1))
            left = column + len(said)
        yield barred(cells, row + 1).passage()
    yield written("", end).passage()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _block_end(lines: tuple[str, ...], at: int, margin: int) -> int:
    """Return where what is set in further than a margin ends."""
    end = at
    while at < len(lines) and (not lines[at].strip() or _indent(lines[at]) > margin):
        at += 1
        end = at if lines[at - 1].strip() else end
    return end


def _paragraph_end(lines: tuple[str, ...], at: int) -> int:
    while at < len(lines) and lines[at].strip():
        at += 1
    return at


def _table_end(lines: tuple[str, ...], at: int) -> int:
    """Return where a table ends: a simple one has three rules, or two where it has no head."""
    if _GRID.match(lines[at]):
        return _paragraph_end(lines, at)
    rules = [at]
    row = at + 1
    while row < len(lines) and len(rules) < 3:
        if _SIMPLE.match(lines[row]):
            rules.append(row)
            if row + 1 >= len(lines) or not lines[row + 1].strip():
                break
        row += 1
    return rules[-1] + 1


FORMAT = DocumentFormat(
    "reStructuredText",
    (".rst", ".rest"),
    read,
    lambda text: (
        re.search(r"^\.\. (?:math|code-block|list-table)::", text, re.MULTILINE) is not None
    ),
)
