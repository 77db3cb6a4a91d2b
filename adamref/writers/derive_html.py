"""Derivations as a page: formulas in MathML, no script and no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.html import html

if TYPE_CHECKING:
    from adamref.derive.document import Book


def write(book: Book) -> str:
    """Write one page that stands alone."""
    return html(book.document)
