"""Worked sheets as documents without a format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.notation import WIDE, width
from adamref.typeset.tree import (
    Bullets,
    Chapter,
    DataTable,
    Display,
    Document,
    Math,
    Paragraph,
    Portion,
    Section,
    Verbatim,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamref.sheet import Row, Sheet, SheetStep
    from adamref.typeset.tree import Block, Inline

_CHECKED = """\
from adamref.worked import worked_sheet

{code}
assert [row.value for step in sheet.steps for row in step.rows] == {values}
sheet"""


def sheet_document(sheet: Sheet) -> Document:
    """Lay a sheet out: what is given, a section a step, and the key of what is blank."""
    sections = [
        Section(f"Step t = {step.t}", "", (Portion("", tuple(_blocks(step))),))
        for step in sheet.steps
    ]
    if sheet.blanks and sheet.key:
        answers = tuple((f"t = {t}: ", Math(row.answer)) for t, row in sheet.blanks)
        sections.append(Section("Key", "", (Portion("", (Bullets(answers),)),)))
    said: list[Block] = [Paragraph((f"Given: {sheet.given_in_words}.",)), Paragraph((sheet.note,))]
    if sheet.blanks:
        said.append(Paragraph(tuple(_sought(sheet))))
    code = (_again(sheet),) if sheet.code and (sheet.key or not sheet.blanks) else ()
    if code:
        *others, last = sections
        sections = [*others, Section(last.title, last.id, last.portions, code)]
    return Document(f"{sheet.title}, worked", (Chapter("", tuple(sections)),), tuple(said))


def _sought(sheet: Sheet) -> Iterator[Inline]:
    yield "To be found: "
    for at, (_, row) in enumerate(sheet.blanks):
        name, _, _ = row.answer.partition(" ")
        yield from (", ", Math(name)) if at else (Math(name),)
    yield "."


def _again(sheet: Sheet) -> str:
    values = [row.value for step in sheet.steps for row in step.rows]
    return _CHECKED.format(code=sheet.code, values=values)


def _blocks(step: SheetStep) -> Iterator[Block]:
    for row in step.rows:
        yield Display(_aligned(row))
    if any(row.hex for row in step.rows):
        rows = tuple(
            ((Verbatim(row.name),), (row.result,), (Verbatim("" if row.blank else row.hex),))
            for row in step.rows
        )
        yield DataTable((("field",), ("decimal",), ("hexadecimal",)), rows)


def _aligned(row: Row) -> str:
    """Write a row on one line, or where that is wide each relation on its own."""
    left, _, rest = row.latex.partition(" = ")
    if not rest or width(row.latex) <= WIDE:
        return row.latex
    rows = rest.replace(r" \approx ", " = \\approx ").split(" = ")
    written = [one if one.startswith(r"\approx") else f"= {one}" for one in rows]
    return (
        r"\begin{aligned} "
        + r" \\ ".join(f"{left if at == 0 else ''} &{one}" for at, one in enumerate(written))
        + r" \end{aligned}"
    )
