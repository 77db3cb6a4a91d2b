"""A worked sheet as Markdown, with formulas in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.sheets import sheet_document
from adamref.typeset.markdown import markdown

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as Markdown."""
    return markdown(sheet_document(sheet))
