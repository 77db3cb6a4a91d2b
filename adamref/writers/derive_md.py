"""Derivations as Markdown, with formulas in LaTeX between dollar signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.markdown import markdown

if TYPE_CHECKING:
    from adamref.derive.document import Book


def write(book: Book) -> str:
    """Write one document; a theorem that is cited is linked to if it is in it."""
    return markdown(book.document)
