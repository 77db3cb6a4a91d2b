"""Derivations as a LaTeX document that compiles with a plain installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.latex import latex

if TYPE_CHECKING:
    from adamref.derive.document import Book


def write(book: Book) -> str:
    """Write one document."""
    return latex(book.document)
