"""Derivations as PDF, by Typst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.typst import pdf

if TYPE_CHECKING:
    from adamref.derive.document import Book


def write(book: Book) -> bytes:
    """Write one PDF."""
    return pdf(book.document)
