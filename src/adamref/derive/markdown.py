"""Derivations as Markdown, with formulas in LaTeX between dollar signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.document import Display, Math, Numbered, Paragraph
from adamref.derive.prose import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.derive.document import Block, Inline, Section


def as_markdown(sections: Sequence[Section], title: str) -> str:
    """Write sections as one document."""
    lines = [f"# {title}", ""]
    for section in sections:
        lines += [f"## {section.title}", "", f"`{section.id}`", ""]
        for block in section.blocks:
            lines += _block(block, "")
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block, indent: str) -> Iterator[str]:
    if isinstance(block, Display):
        yield f"{indent}$${block.latex}$$"
    elif isinstance(block, Paragraph):
        label = f"**{block.label}.** " if block.label else ""
        yield (indent + label + "".join(map(_inline, _typeset(block.parts)))).rstrip()
    else:
        assert isinstance(block, Numbered)
        for number, entry in enumerate(block.entries, 1):
            mark = f"{number}. "
            inner = [line for part in entry for line in _block(part, "")]
            for at, line in enumerate(inner):
                lead = mark if at == 0 else " " * len(mark)
                yield (indent + lead + line).rstrip()
        return
    yield ""


def _typeset(parts: tuple[Inline, ...]) -> Iterator[Inline]:
    for part in parts:
        if isinstance(part, str):
            yield from typeset(part)
        else:
            yield part


def _inline(part: Inline) -> str:
    if isinstance(part, Math):
        return f"${part.latex}$"
    return part.replace("*", r"\*").replace("_", r"\_").replace("|", r"\|")
