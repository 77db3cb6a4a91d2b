"""A worked sheet as a Jupyter notebook that works it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.sheets import sheet_document
from adamref.typeset.notebook import notebook

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as a notebook, not yet run."""
    return notebook(sheet_document(sheet))
