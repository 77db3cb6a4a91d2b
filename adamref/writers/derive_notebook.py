"""Derivations as a Jupyter notebook that works and checks them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.notebook import notebook

if TYPE_CHECKING:
    from adamref.derive.document import Book


def write(book: Book) -> str:
    """Write one notebook, not yet run."""
    return notebook(book.document)
