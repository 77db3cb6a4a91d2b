"""Derivations as JSON: ``adamref.derive/1``, for programs that typeset them in their own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.typeset.tree import (
    Bullets,
    DataTable,
    Display,
    Math,
    Numbered,
    Paragraph,
    Reference,
    Verbatim,
)

if TYPE_CHECKING:
    from adamref.derive.document import Book
    from adamref.typeset.tree import Block, Inline, Sentence


def write(book: Book) -> dict[str, Any]:
    """Return the JSON document; the schema ships with the package."""
    return {
        "schema": "adamref.derive/1",
        "title": book.document.title,
        "theorems": [
            {
                "id": section.id,
                "title": section.title,
                "chapter": chapter.title,
                "part": chapter.part,
                "blocks": [_block(block) for block in section.blocks],
            }
            for chapter in book.document.chapters
            for section in chapter.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Display):
        return {"kind": "formula", "latex": block.latex}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "label": block.label, "parts": _sentence(block.parts)}
    if isinstance(block, Numbered):
        return {"kind": "steps", "entries": [[_block(b) for b in entry] for entry in block.entries]}
    if isinstance(block, Bullets):
        return {"kind": "list", "entries": [_sentence(entry) for entry in block.entries]}
    if isinstance(block, DataTable):
        rows = [[_sentence(cell) for cell in row] for row in block.rows]
        return {"kind": "table", "head": [_sentence(cell) for cell in block.head], "rows": rows}
    return {
        "kind": "picture",
        "name": block.name,
        "title": block.shown.title,
        "alt": block.shown.alt,
    }


def _sentence(parts: Sentence) -> list[dict[str, str]]:
    return [_inline(part) for part in parts]


def _inline(part: Inline) -> dict[str, str]:
    if isinstance(part, Math):
        return {"latex": part.latex}
    if isinstance(part, Verbatim):
        return {"code": part.text}
    return {"theorem": part.id} if isinstance(part, Reference) else {"text": part}
