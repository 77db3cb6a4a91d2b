"""The first difference of two traces as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.trace import Difference


def write(difference: Difference) -> str:
    """Write a difference as one self-contained HTML page: a sentence."""
    return rendered("trace.html", title=str(difference), header=(), rows=())
