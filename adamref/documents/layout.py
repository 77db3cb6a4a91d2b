"""From lines to regions: the stretches of a document that may be mathematics.

A region is a run of tokens without a word in between. Lines are followed across soft wraps, display
mathematics and tables; headings and step markers are noted as they pass.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.cells import dated, numbered, of_element, without_remark
from adamref.documents.headings import LOWEST, bared, level_of, run_in
from adamref.documents.lists import elements
from adamref.documents.neighbours import tidied
from adamref.documents.phrases import counted_step, later_markers, step_marker, with_phrases
from adamref.documents.problems import labels
from adamref.documents.regions import (
    Component,
    Layout,
    Marker,
    Placed,
    ProblemLine,
    Region,
    State,
    UnreadLine,
)
from adamref.documents.remarks import remarks_on
from adamref.documents.repair import Mended, counts_in_brackets, mend, with_square_brackets
from adamref.documents.segments import RUN, continues, flush, open_ended, segment
from adamref.documents.separate import bracket_free
from adamref.documents.sheets import by_optimizer, runs_of_optimizers
from adamref.documents.subjects import ROW, Heading, announced, names_another
from adamref.documents.tables import (
    Cell,
    barred,
    cells_of,
    delimiter,
    is_ruled,
    read_table,
    unboxed,
)
from adamref.errors import Unparsable
from adamref.expressions.token import Token
from adamref.expressions.tokens import tokenize

if TYPE_CHECKING:
    from adamref.documents.source import Source

MAX_LINE = 20_000
MAX_REGIONS = 10_000

_BULLET = re.compile(r"^\s*(?:>\s?)*\s*(?:[-+•·▪–]\s+|\*\s+|\(?(?:\d{1,2}|[a-z])[.)]\s+|#+\s+)?")
_MATHEMATICAL = re.compile(r"[=≈$\\|:←≃~]|\d")
_COMPONENT = re.compile(
    r"^\W*(?:for|parameter|weight|component|coordinate)\s+\W*(?:θ|theta|w|x)_?\{?([0-9₀-₉]+)\}?\W*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*&?\s*(?:=|≈|\\approx\b)(?!=)")
_MOST_HELD = 400
"""Of how many tokens lines are put together that a relation joins."""

_EATEN_NABLA = re.compile(r"abla(?![a-z])")
_COMMA = re.compile(r"0(?<![\d.,]0)(?:,|\{,\})\d")
# 25.088 may be either: it says nothing.
_POINT = re.compile(r"(?<![\d.,])(?![1-9]\d{0,2}(?:\.\d{3})+(?![\d.]))\d*\.\d")
_OPENERS = re.compile(
    r"\\begin\{(align|equation|gather|multline|eqnarray|split|aligned|displaymath|math)\w*\*?\}|\\\["
)
_CLOSERS = re.compile(
    r"\\end\{(align|equation|gather|multline|eqnarray|split|aligned|displaymath|math)\w*\*?\}|\\\]"
)


def lay_out(source: Source) -> Layout:
    """Find every region of a document."""
    layout, problems = Layout(), labels(source)
    decimal_comma = uses_decimal_comma(source.lines)
    defined = remarks_on(source)
    state = State(counted=counts_in_brackets(source.lines))
    for number, raw in enumerate(source.lines, 1):
        if len(layout.events) > MAX_REGIONS:
            layout.events.append(
                UnreadLine(
                    number,
                    "",
                    f"the document holds more than {MAX_REGIONS} statements; "
                    "from here on it was not read",
                )
            )
            break
        if because := source.unread(number):
            flush(state, layout)
            layout.events.append(UnreadLine(number, raw.strip()[:60], because))
            continue
        if number in defined:
            flush(state, layout)
            layout.events.append(Heading(number, defined[number], LOWEST, defines=True))
        if number in problems:
            flush(state, layout)
            _flush_table(state, layout, decimal_comma)
            layout.events.append(ProblemLine(number, problems[number]))
        if source.kind(number) != state.kind:
            flush(state, layout)
            state.kind = source.kind(number)
            state.code = state.kind.startswith("code")
        below = source.lines[number] if number < len(source.lines) else ""
        _line(raw, below, number, state, layout, decimal_comma)
    flush(state, layout)
    _flush_table(state, layout, decimal_comma)
    return layout


def uses_decimal_comma(lines: tuple[str, ...]) -> bool:
    """Say whether a document writes 0,9 for nine tenths."""
    text = "\n".join(lines)
    commas = len(_COMMA.findall(text))
    return commas > 0 and commas > len(_POINT.findall(text))


def _line(
    raw: str, below: str, number: int, state: State, layout: Layout, decimal_comma: bool
) -> None:
    held, state.held = state.held, []
    if not raw.strip():
        flush(state, layout)
        _flush_table(state, layout, decimal_comma)
        # A blank line inside display mathematics that was never closed ends it all the same.
        state.paragraph += 1
        state.phrase = None
        state.begins = True
        return
    raw = raw if state.code else unboxed(raw)
    if raw.lstrip().startswith("|") and raw.count("|") >= 2 and not state.code:
        flush(state, layout)
        state.table.append((number, raw))
        return
    if not state.code and _in_plain_table(raw, number, state, layout):
        return
    _flush_table(state, layout, decimal_comma)
    if len(raw) > MAX_LINE:
        flush(state, layout)
        layout.events.append(
            UnreadLine(number, raw[:60], f"a line of {len(raw)} characters is not read")
        )
        return
    if not state.code:
        _heading(raw, below, number, state, layout)
    state.begins = False
    mended = _mended(raw, number, state, layout)
    if (named := _COMPONENT.match(mended.text)) is not None:
        flush(state, layout)
        layout.events.append(Component(number, named[1]))
        return
    head = None if state.code or state.pending_display else counted_step(mended.text)
    marker = head[0] if head is not None else step_marker(mended.text)
    if marker is not None:
        flush(state, layout)
        layout.events.append(Marker(number, marker))
    if not _MATHEMATICAL.search(mended.text) and not state.pending:
        state.phrase = None
        return
    if _OPENERS.search(raw):
        state.display = True
    body = _BULLET.match(mended.text)
    skip = head[1] if head is not None else body.end() if body else 0
    if skip and _keeps_sign(state, mended.text):
        skip = 0
    try:
        tokens = tokenize(mended.text[skip:], decimal_comma=decimal_comma)
    except Unparsable as error:
        layout.events.append(UnreadLine(number, raw.strip()[:60], error.because))
        return
    placed = [*held, *_placed(mended, skip, tokens, number)]
    if _GOES_ON.match(below) and _has_list(placed) and len(placed) < _MOST_HELD:
        state.held = placed
        return
    # A line that starts with "abla" is what a newline left of \nabla: it carries on.
    eaten = _EATEN_NABLA.match(raw) is not None
    display = state.pending_display
    if state.pending and not eaten and not continues(state.pending, placed, display=display):
        flush(state, layout)
    _clauses(placed, mended, number, state, layout)
    if _CLOSERS.search(raw):
        state.display = state.dollars


def _clauses(
    placed: list[Placed], mended: Mended, number: int, state: State, layout: Layout
) -> None:
    """Cut a line into regions, clause by clause where these name steps."""
    for column, t in _later(mended, state):
        before = [p for p in placed if p.line != number or p.column < column]
        segment(before, state, layout)
        flush(state, layout)
        layout.events.append(Marker(number, t))
        placed = placed[len(before) :]
    segment(placed, state, layout)


def _later(mended: Mended, state: State) -> list[tuple[int, int]]:
    """Return where later clauses of a line of text begin that name a step, and which."""
    if state.code or state.display:
        return []
    return [(mended.column(start), t) for start, t in later_markers(mended.text)]


def _mended(raw: str, number: int, state: State, layout: Layout) -> Mended:
    """Mend a line, its steps in square brackets and no signs around a heading."""
    if not state.code:
        raw = bared(with_square_brackets(raw) if state.counted else raw)
    mended, repairs = mend(raw, number)
    layout.repairs.extend(repairs)
    return mended


def _has_list(placed: list[Placed]) -> bool:
    """Say whether a vector stands there: its elements are parted only where all of it is seen."""
    kinds = [p.token.kind for p in placed]
    return "REL" in kinds and "LPAR" in kinds and "COMMA" in kinds[kinds.index("LPAR") :]


def _placed(
    mended: Mended, skip: int, tokens: list[Token], line: int, column: int = 1
) -> list[Placed]:
    """Say of each token of a line, or of a cell at a column, where it stands."""
    said = with_phrases(mended.text[skip:], tokens)
    return [Placed(t, line, mended.column(t.start + skip) + column - 1) for t in tidied(said)]


def _heading(raw: str, below: str, number: int, state: State, layout: Layout) -> None:
    """Note a heading, the name that begins a paragraph about an optimizer, and where that ends."""
    if (marked := level_of(raw, below)) is not None:
        about, level = announced(raw), marked
        state.run_in = None
    elif (about := run_in(raw)) is not None:
        state.run_in, level = about, LOWEST
    elif state.run_in is not None and state.begins and names_another(raw, state.run_in):
        state.run_in, level = None, LOWEST
    else:
        return
    flush(state, layout)
    layout.events.append(Heading(number, about, level))


def _in_plain_table(raw: str, number: int, state: State, layout: Layout) -> bool:
    """Collect a table of plain text: a head of names, then lines with as many cells."""
    if state.table and is_ruled(raw):
        return True
    if state.mark is None:
        state.mark = delimiter(raw) if len(raw) < MAX_LINE else None
        if state.mark is None:
            return False
        flush(state, layout)
        state.width = len(cells_of(raw, state.mark))
    elif len(its := cells_of(raw, state.mark)) != state.width or not any(
        re.match(r'\s*"?\d', cell) for cell in its[:2]
    ):
        state.mark = None
        return False
    state.table.append((number, barred(raw, state.mark)))
    return True


def _keeps_sign(state: State, text: str) -> bool:
    """Say whether a leading minus continues the line before rather than being a bullet."""
    first = text.lstrip()[:1]
    if not state.pending or first not in ("-", "+", "–"):
        return False
    # A plus at the start of a line adds to a chain above it; a minus may be a bullet.
    chain = any(p.token.kind == "REL" for p in state.pending)
    return open_ended(state.pending) or (first == "+" and chain)


def _flush_table(state: State, layout: Layout, decimal_comma: bool) -> None:
    if not state.table:
        return
    rows, state.table, state.mark = state.table, [], None
    state.paragraph += 1
    entries = by_optimizer(rows)
    for entry in entries:
        layout.events.append(Heading(entry.line, entry.about, ROW, defines=True))
        for cell in entry.statements:
            if len(cell.pieces) == 1:
                _cell_as_line(cell, state, layout, decimal_comma)
            else:
                _table_cell(cell, state, layout, decimal_comma)
        state.paragraph += 1
    runs = [] if entries else runs_of_optimizers(rows)
    for about, its in runs:
        layout.events.append(Heading(its[1][0], about, ROW, defines=True))
        _steps(its, state, layout, decimal_comma)
    if entries or runs:
        layout.events.append(Heading(rows[-1][0], None, ROW))
    else:
        _steps(rows, state, layout, decimal_comma)


def _steps(rows: list[tuple[int, str]], state: State, layout: Layout, decimal_comma: bool) -> None:
    for cell in read_table(rows):
        _table_cell(cell, state, layout, decimal_comma)
    state.paragraph += 1


def _cell_as_line(cell: Cell, state: State, layout: Layout, decimal_comma: bool) -> None:
    """Read a cell that says itself what it gives a value, as a line of text is read."""
    ((text, column),) = cell.pieces
    mended, repairs = mend(text, cell.line)
    layout.repairs.extend(repairs)
    try:
        tokens = tokenize(mended.text, decimal_comma=decimal_comma)
    except Unparsable as error:
        layout.events.append(UnreadLine(cell.line, text.strip()[:60], error.because))
        return
    segment(_placed(mended, 0, tokens, cell.line, column), state, layout)
    flush(state, layout)
    state.phrase = None


def _table_cell(cell: Cell, state: State, layout: Layout, decimal_comma: bool) -> None:
    """Make one region out of what a table cell says about the quantity it stands for."""
    if cell.because:
        said = _cell_tokens(*cell.pieces[0], cell.line, layout, decimal_comma)
        if said and said[0].token.kind in ("NAME", "PHRASE"):
            quote = " | ".join(text.strip() for text, _ in cell.pieces)
            layout.events.append(UnreadLine(cell.line, quote, cell.because))
        return
    if cell.element and cell.time is None:
        cell = replace(cell, time=_last_step(layout))
    placed: list[Placed] = []
    for at, (text, column) in enumerate(cell.pieces):
        tokens = _cell_tokens(text, column, cell.line, layout, decimal_comma)
        if tokens is not None and at == 0:
            tokens = without_remark(tokens)
            named = [p.token.text for p in tokens[:2] if p.token.kind == "NAME"]
            if len(named) == 2 and " " in named[0].strip():
                tokens = tokens[1:]  # the same thing twice, in words and as a symbol
            if cell.element:
                tokens = [of_element(p, cell.element) for p in tokens]
            elif cell.time is not None and not cell.component:
                tokens = [dated(p, cell.time) for p in tokens]
        if tokens is not None and at > 0 and placed:
            relation = Placed(Token("REL", "=", 0, 0), cell.line, column)
            vector = elements([placed[-1], relation, *tokens], 1, RUN)
            if vector is not None:
                for statement in vector[1]:
                    _cell_region(statement, cell, state, layout)
                return
        if tokens is None or any(p.token.kind not in RUN for p in tokens):
            if at == 0:
                continue  # a word of explanation: the next cell may name the quantity
            return
        if placed and tokens:
            placed.append(Placed(Token("REL", "=", 0, 0), cell.line, column))
        placed += tokens
    if cell.component:
        placed = [numbered(p) for p in placed]
    for region in bracket_free(placed):
        _cell_region(region, cell, state, layout)


def _cell_region(tokens: list[Placed], cell: Cell, state: State, layout: Layout) -> None:
    layout.events.append(
        Region(
            tuple(tokens),
            None,
            False,
            False,
            state.paragraph,
            cell.parameter,
            cell.time,
            method=cell.method,
        )
    )


def _last_step(layout: Layout) -> int | None:
    """Return the step that the last marker above a table says."""
    return next((e.t for e in reversed(layout.events) if isinstance(e, Marker)), None)


def _cell_tokens(
    text: str, column: int, line: int, layout: Layout, decimal_comma: bool
) -> list[Placed] | None:
    mended, repairs = mend(text, line)
    layout.repairs.extend(repairs)
    try:
        tokens = tokenize(mended.text, decimal_comma=decimal_comma)
    except Unparsable:
        return None
    return [
        Placed(
            replace(t, kind="NAME") if t.kind == "PHRASE" else t,
            line,
            column + mended.column(t.start) - 1,
        )
        for t in tidied(with_phrases(mended.text, tokens))
        if t.kind != "MATH"
    ]
