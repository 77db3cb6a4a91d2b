"""Derivations as JSON: ``adamref.derive/1``, for programs that typeset them in their own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.derive.document import Display, Math, Numbered, Paragraph, Reference

if TYPE_CHECKING:
    from adamref.derive.document import Block, Book, Inline


def write(book: Book) -> dict[str, Any]:
    """Return the JSON document; the schema ships with the package."""
    return {
        "schema": "adamref.derive/1",
        "title": book.title,
        "theorems": [
            {
                "id": section.id,
                "title": section.title,
                "chapter": chapter.title,
                "blocks": [_block(block) for block in section.blocks],
            }
            for chapter in book.chapters
            for section in chapter.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Display):
        return {"kind": "formula", "latex": block.latex}
    if isinstance(block, Paragraph):
        parts = [_inline(part) for part in block.parts]
        return {"kind": "paragraph", "label": block.label, "parts": parts}
    assert isinstance(block, Numbered)
    return {"kind": "steps", "entries": [[_block(b) for b in entry] for entry in block.entries]}


def _inline(part: Inline) -> dict[str, str]:
    if isinstance(part, Math):
        return {"latex": part.latex}
    return {"theorem": part.id} if isinstance(part, Reference) else {"text": part}
