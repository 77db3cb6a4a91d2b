"""Plain text, Markdown and LaTeX, which are read as they stand, whatever is mixed in them."""

from __future__ import annotations

from adamref.documents.formats.format import Format


def _any(_text: str) -> bool:
    return True


FORMAT = Format("plain", (), recognises=_any)
