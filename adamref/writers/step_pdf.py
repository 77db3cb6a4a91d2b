"""A worked sheet as PDF, by Typst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.sheets import sheet_document
from adamref.typeset.typst import pdf

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> bytes:
    """Write a sheet as PDF."""
    return pdf(sheet_document(sheet))
