"""A worked sheet as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, final

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from adamref.sheet import Sheet


def write(sheet: Sheet) -> WrittenSheet:
    """Write a sheet for a terminal, the relations of a step below each other."""
    lines = [_Line(("", f"{sheet.title}: {sheet.given_in_words}"), 0), _EMPTY]
    for step in sheet.steps:
        lines.append(_Line(("", f"t = {step.t}"), 0))
        for row in step.rows:
            pieces = [p for p in (row.symbols, row.numbers) if p and p != row.result]
            hex_ = f"   {row.hex}" if row.hex and not row.blank else ""
            last = f"{row.sign} {row.result}{hex_}"
            relations = (*(f"= {p}" for p in pieces), last)
            lines.append(_Line((row.left, *relations), step.t))
        lines.append(_EMPTY)
    lines.append(_Line(("", sheet.note), 0))
    if sheet.blanks and sheet.key:
        lines += [_EMPTY, _Line(("", "Key"), 0)]
        for t, row in sheet.blanks:
            sign = "=" if row.exact else "≈"
            lines.append(
                _Line((row.left, f"{sign} {row.value}" + f"   {row.hex}" * bool(row.hex)), t)
            )
    return WrittenSheet(tuple(lines))


@final
@dataclass(frozen=True)
class _Line:
    """What stands on the left, and what follows it; the t of the step to which it belongs, or 0."""

    parts: tuple[str, ...]
    t: int


_EMPTY = _Line(("", ""), 0)


@final
@dataclass(frozen=True)
class WrittenSheet:
    """The lines of a sheet; rich gives the width, and none is broken but between words."""

    lines: tuple[_Line, ...]

    def spelled_out(self, spell: Callable[[str], str]) -> WrittenSheet:
        """Return the same in other letters."""
        return WrittenSheet(tuple(replace(x, parts=tuple(map(spell, x.parts))) for x in self.lines))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out."""
        # In a file a line is whole, as programs and audits read it; a terminal breaks it otherwise.
        narrow = options.is_terminal or options.max_width < _IN_FILES
        width = options.max_width if narrow else _WITHOUT_END
        widths: dict[int, int] = {}
        for line in self.lines:
            if line.t:
                widths[line.t] = max(widths.get(line.t, 0), cell_len(line.parts[0]))
        for line in self.lines:
            left, *rest = line.parts
            indent = widths[line.t] + 3 if line.t else 0
            begun = f"  {left}{' ' * (indent - 2 - cell_len(left))}" if line.t else ""
            broken = (_broken(piece, width - indent, "  " * bool(line.t)) for piece in rest)
            for i, piece in enumerate(chain.from_iterable(broken)):
                text = (begun if i == 0 else " " * indent) + piece
                yield Text(text, no_wrap=True, overflow="ignore")


_IN_FILES, _WITHOUT_END = 100, 1 << 30
"""Cells of a line that nobody asked to be narrower, and of one that is not to be broken."""


def _broken(text: str, width: int, indent: str) -> list[str]:
    """Break a text between words, a long one before a sign: numbers are left whole."""
    lines = [""]
    for word in re.split(r"(?= )", text):
        pieces = [word] if cell_len(word) <= width - len(indent) else _BEFORE_A_SIGN.split(word)
        for piece in pieces:
            if lines == [""] or cell_len(lines[-1]) + cell_len(piece) <= width:
                lines[-1] += piece
            else:
                # What goes on stands below what it goes on from, not below its sign.
                lines.append(indent + piece.lstrip(" "))
    return lines


_BEFORE_A_SIGN = re.compile(r"(?<=.)(?=[·*/(√])")
