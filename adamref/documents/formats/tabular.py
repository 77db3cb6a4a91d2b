r"""Tables in LaTeX, ``tabular`` and ``array``, read as rows, or column by column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adamref.documents.formats.format import Passage, Writing, barred, rewritten

_BEGIN = re.compile(r"\\begin\s*\{(tabular\*?|tabularx|tabulary|longtable|tabu|array)\}")
_EDGE = re.compile(r"[\s$]*(?:\\[\[\](){}]|\\(?:left|right)\W?|\\centering)?[\s$.]*")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfoot|centering)\b|\\(?:cline|cmidrule)"
    r"(?:\([lr]*\))?\s*\{[^{}]*\}|\\(?:rowcolor|caption|label)\s*\{[^{}]*\}"
)
_SPAN = re.compile(r"\\multi(?:column|row)\s*\{[^{}]*\}\s*\{[^{}]*\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_SPLIT = re.compile(r"\\\\(?:\s*\[[^\]]*\])?|\\tabularnewline\b|(?<!\\)&")
_STEP = re.compile(
    r"\W*(?:\\(?:text\w*|mathrm|mathbf)\s*\{)?\W*(?:epoch|step|iteration|iter\.?|t\s*=)\W*(\d{1,6})\W*",
    re.IGNORECASE,
)
_LONGEST = 400
"""Lines of a table; what is longer is no table."""


def tables(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Put the rows of each table in the place of its lines."""
    waiting: list[Passage] = []
    name = ""
    for one in passages:
        begins = None if name or "\\begin" not in one.text else _BEGIN.search(one.text)
        if begins is not None and one.kind == "text":
            name = begins[1]
        if not name:
            yield one
            continue
        waiting.append(one)
        if f"\\end{{{name}}}" in one.text.replace(" ", ""):
            yield from _table(waiting, name)
            waiting, name = [], ""
        elif len(waiting) > _LONGEST:
            yield from waiting
            waiting, name = [], ""
    yield from waiting


def _table(lines: list[Passage], name: str) -> Iterator[Passage]:
    whole = Writing()
    for at, one in enumerate(lines):
        if at:
            whole.add(" ", 1, 1, 1)
        whole.extend(rewritten(one))
    text = whole.text
    begin = _BEGIN.search(text)
    end = re.search(rf"\\end\s*\{{{re.escape(name)}\}}", text)
    if begin is None or end is None or _BEGIN.search(text, begin.end(), end.start()):
        yield from lines
        return
    start = _after_arguments(text, begin.end(), 2 if name in ("tabular*", "tabularx") else 1)
    rows = [row for row in _rows(whole.part(start, end.start())) if row]
    made = list(_made(rows, is_array=name == "array"))
    if not made:
        yield from lines
        return
    where, kind = lines[0].where, lines[0].kind
    for edge in (whole.part(0, begin.start()), *made, whole.part(end.end(), len(text))):
        if edge.pieces and not _EDGE.fullmatch(edge.text):
            here = _where(lines, edge) or where
            yield edge.passage(kind, here)
    yield replace(Writing().passage(kind, where))


def _where(lines: list[Passage], row: Writing) -> str:
    """Return how the line is found on which a row begins."""
    first = row.pieces[0][1:3]
    found = [one for one in lines if one.places and one.places[0][0] == first[0]]
    before = [one for one in found if one.places[0] <= first]
    return (before or found or lines)[-1 if before else 0].where


def _made(rows: list[list[Writing]], *, is_array: bool) -> Iterator[Writing]:
    """Return a table's rows; where its columns are the steps, what stands in each of them."""
    if len(rows) < 2:
        return
    steps = [_STEP.fullmatch(cell.text) for cell in rows[0]]
    related = any("=" in cell.text for row in rows[1:] for cell in row)
    if len(steps) > 1 and all(steps) and related:
        for column, step in enumerate(steps):
            assert step is not None
            head = Writing()
            head.add(f"Step {step[1]}", *rows[0][column].pieces[0][1:3], 1)
            yield head
            yield from (_in_mathematics(row[column]) for row in rows[1:] if column < len(row))
        return
    if is_array and (len(rows[0]) < 3 or related):
        return
    yield from (barred(row, row[0].pieces[0][1]) for row in rows)


def _in_mathematics(cell: Writing) -> Writing:
    if not cell.pieces:
        return cell
    made = Writing()
    made.add("$", *cell.pieces[0][1:3], 1)
    made.extend(cell)
    made.add("$", *cell.pieces[-1][1:3], 1)
    return made


def _rows(body: Writing) -> Iterator[list[Writing]]:
    text = body.text
    row: list[Writing] = []
    start = 0
    for match in [*_SPLIT.finditer(text), None]:
        end = match.start() if match else len(text)
        row.append(_cell(body.part(start, end)))
        if match is None or match[0] != "&":
            if any(cell.pieces for cell in row):
                yield [cell if cell.pieces else _blank(row) for cell in row]
            row = []
        start = match.end() if match else end


def _blank(row: list[Writing]) -> Writing:
    place = next(cell.pieces[0][1:3] for cell in row if cell.pieces)
    made = Writing()
    made.add(" ", *place, 1)
    return made


def _cell(cell: Writing) -> Writing:
    """Take rules and spans off a cell."""
    for pattern, kept in ((_RULES, False), (_SPAN, True)):
        while (match := pattern.search(cell.text)) is not None:
            text = cell.text
            made = cell.part(0, match.start())
            if kept:
                made.extend(cell.part(match.start(1), match.end(1)))
            made.extend(cell.part(match.end(), len(text)))
            cell = made
    text = cell.text
    return cell.part(len(text) - len(text.lstrip()), len(text.rstrip()))


def _after_arguments(text: str, at: int, count: int) -> int:
    """Return where the arguments of an environment end: its columns, and a width."""
    for _ in range(count):
        optional = re.compile(r"\s*\[[^\]]*\]").match(text, at)
        at = optional.end() if optional else at
        opening = re.compile(r"\s*\{").match(text, at)
        if opening is None:
            return at
        depth, at = 1, opening.end()
        while at < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
    return at
