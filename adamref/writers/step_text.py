"""A worked sheet as text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet for a terminal, the relations of a step below each other."""
    lines = [f"{sheet.title}: {sheet.given_in_words}", ""]
    for step in sheet.steps:
        lines.append(f"t = {step.t}")
        width = max(_cells(row.left) for row in step.rows)
        for row in step.rows:
            indent = "  " + row.left + " " * (width - _cells(row.left))
            pieces = [p for p in (row.symbols, row.numbers) if p and p != row.value]
            sign = "=" if row.exact else "≈"
            last = f"{sign} {row.value}" + (f"   {row.hex}" if row.hex else "")
            first, *rest = [*(f"= {p}" for p in pieces), last]
            lines.append(f"{indent} {first}")
            lines += [" " * (width + 3) + piece for piece in rest]
        lines.append("")
    lines.append(sheet.note)
    return "\n".join(lines)


def _cells(text: str) -> int:
    """Count the cells a text takes on a terminal; combining marks take none."""
    return sum(not combining(c) for c in text)
