"""Derivations as slides in HTML, one idea each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.slides import slides

if TYPE_CHECKING:
    from adamref.derive.document import Book


def write(book: Book) -> str:
    """Write one page whose sections are slides."""
    return slides(book.document)
