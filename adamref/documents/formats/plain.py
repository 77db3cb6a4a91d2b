"""Plain text, Markdown and LaTeX, which are read as they stand, whatever is mixed in them."""

from __future__ import annotations

from adamref.documents.formats.format import DocumentFormat

FORMAT = DocumentFormat("plain", (), recognises=lambda _text: True)
