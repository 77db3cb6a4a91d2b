"""Plain text, Markdown and LaTeX, which are read as they stand, whatever is mixed in them."""

from __future__ import annotations

from adamref.documents.formats.format import DocumentFormat


def _any(_text: str) -> bool:
    return True


FORMAT = DocumentFormat("plain", (), recognises=_any)
