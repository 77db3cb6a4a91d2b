"""A worked sheet as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.sheets import sheet_document
from adamref.typeset.html import html

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as one self-contained HTML page."""
    return html(sheet_document(sheet))
