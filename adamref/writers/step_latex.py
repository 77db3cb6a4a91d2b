"""A worked sheet as LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.sheets import sheet_document
from adamref.typeset.latex import latex

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as a LaTeX document that compiles on its own."""
    return latex(sheet_document(sheet))
