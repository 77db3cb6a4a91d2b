"""Derivations as Markdown, with formulas in LaTeX between dollar signs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from adamref.derive.document import Display, Math, Numbered, Paragraph, Reference
from adamref.derive.prose import label, pieces, typeset

if TYPE_CHECKING:
    from adamref.derive.document import Block, Book, Inline


def write(book: Book) -> str:
    """Write one document; a theorem that is cited is linked to if it is in it."""
    lines = [f"# {book.title}", ""]
    if len(book.chapters) > 1:
        for number, chapter in enumerate(book.chapters, 1):
            lines.append(f"{number}. [{_text(typeset(chapter.title))}](#chapter-{number})")
        lines.append("")
    for number, chapter in enumerate(book.chapters, 1):
        lines += [f'<a id="chapter-{number}"></a>', ""]
        lines += [f"## {_text(typeset(chapter.title))}", ""]
        for section in chapter.sections:
            lines += [f'<a id="{section.id}"></a>', "", f"### {_text(typeset(section.title))}", ""]
            lines += [f"`{section.id}`", ""]
            for block in section.blocks:
                lines += _block(block, "", book.ids)
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block, indent: str, ids: Collection[str]) -> Iterator[str]:
    if isinstance(block, Display):
        yield f"{indent}$${block.latex}$$"
    elif isinstance(block, Paragraph):
        lead = f"**{_text(label(block.label))}.** " if block.label else ""
        yield (indent + lead + _text(pieces(block.parts), ids)).rstrip()
    else:
        assert isinstance(block, Numbered)
        for number, entry in enumerate(block.entries, 1):
            mark = f"{number}. "
            inner = [line for part in entry for line in _block(part, "", ids)]
            for at, line in enumerate(inner):
                lead = mark if at == 0 else " " * len(mark)
                yield (indent + lead + line).rstrip()
        return
    yield ""


def _text(parts: Iterable[Inline], ids: Collection[str] = ()) -> str:
    written = []
    for part in parts:
        if isinstance(part, Math):
            written.append(f"${part.latex}$")
        elif isinstance(part, Reference):
            name = f"`{part.id}`"
            written.append(f"[{name}](#{part.id})" if part.id in ids else name)
        else:
            written.append(part.replace("*", r"\*").replace("_", r"\_").replace("|", r"\|"))
    return "".join(written)
