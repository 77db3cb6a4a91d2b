"""A worked sheet as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as one self-contained HTML page."""
    return rendered("step.html", sheet=sheet)
