"""A worked sheet as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as Markdown with LaTeX formulas."""
    lines = [f"# {sheet.title}, worked", "", f"Given: {sheet.given_in_words}.", ""]
    for step in sheet.steps:
        lines += [f"## t = {step.t}", ""]
        for row in step.rows:
            lines += [f"$${row.latex}$$", ""]
    return "\n".join([*lines, sheet.note, ""])
