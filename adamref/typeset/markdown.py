"""Documents as Markdown, with formulas in LaTeX between dollar signs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from adamref.typeset.prose import label, pieces, typeset
from adamref.typeset.tree import (
    Bullets,
    DataTable,
    Display,
    Figure,
    Math,
    Numbered,
    Paragraph,
    Reference,
    Verbatim,
)

if TYPE_CHECKING:
    from adamref.typeset.tree import Block, Document, Inline, Portion, Section

Place: TypeAlias = "Callable[[Figure], str]"
"""Says where the file of a figure is; an empty string for none."""


def markdown(document: Document, place: Place = lambda _: "") -> str:
    """Write a document; a section that is named is linked to if it is in it.

    Parameters
    ----------
    document : Document
    place : callable, optional
        Says where the file of a figure is. Without one its text and its numbers stand for it.
    """
    ids = document.ids
    lines = [f"# {inline(typeset(document.title))}", ""]
    lines += blocks(document.opening, ids, place)
    chapters = document.chapters
    if len(chapters) > 1:
        for number, chapter in enumerate(chapters, 1):
            lines.append(f"{number}. [{inline(typeset(chapter.title))}](#chapter-{number})")
        lines.append("")
    number = 0
    for part, within in document.parts:
        lines += [f"# {inline(typeset(part))}", ""] if part else []
        for chapter in within:
            number += 1
            lines += [f'<a id="chapter-{number}"></a>', ""] if len(chapters) > 1 else []
            lines += [f"## {inline(typeset(chapter.title))}", ""] if chapter.title else []
            lines += blocks(chapter.opening, ids, place)
            for section in chapter.sections:
                lines += [f'<a id="{section.id}"></a>', ""] if section.id else []
                lines += section_lines(section, ids, place)
    lines += blocks(document.closing, ids, place)
    return "\n".join(lines).rstrip() + "\n"


def section_lines(
    section: Section, ids: Collection[str] = (), place: Place = lambda _: "", depth: int = 3
) -> list[str]:
    """Return the lines of a section."""
    lines = [f"{'#' * depth} {inline(typeset(section.title))}", ""]
    lines += [f"`{section.id}`", ""] if section.id else []
    for portion in section.portions:
        lines += portion_lines(portion, ids, place)
    return lines


def portion_lines(portion: Portion, ids: Collection[str], place: Place) -> Iterator[str]:
    """Yield the lines of a portion."""
    from adamref.typeset.tree import labelled

    yield from blocks(labelled(portion), ids, place)


def blocks(
    given: Iterable[Block], ids: Collection[str] = (), place: Place = lambda _: ""
) -> Iterator[str]:
    """Yield the lines of blocks, an empty one after each."""
    for block in given:
        yield from _block(block, ids, place)


def _block(block: Block, ids: Collection[str], place: Place) -> Iterator[str]:
    if isinstance(block, Display):
        yield from (*f"$${block.latex}$$".split("\n"), "")
    elif isinstance(block, Paragraph):
        lead = f"**{inline(label(block.label))}.** " if block.label else ""
        yield from ((lead + inline(pieces(block.parts), ids)).rstrip(), "")
    elif isinstance(block, Numbered):
        for number, entry in enumerate(block.entries, 1):
            yield from _entry(f"{number}. ", blocks(entry, ids, place))
    elif isinstance(block, Bullets):
        yield from (f"- {inline(pieces(entry), ids)}" for entry in block.entries)
        yield ""
    elif isinstance(block, DataTable):
        yield from _grid(block, ids)
    else:
        yield from _figure(block, place)


def _entry(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield ((mark if at == 0 else " " * len(mark)) + line).rstrip()


def _grid(grid: DataTable, ids: Collection[str]) -> Iterator[str]:
    yield "| " + " | ".join(inline(pieces(cell), ids) for cell in grid.head) + " |"
    yield "|" + " --- |" * len(grid.head)
    for row in grid.rows:
        yield "| " + " | ".join(inline(pieces(cell), ids) for cell in row) + " |"
    yield ""


def _figure(figure: Figure, place: Place) -> Iterator[str]:
    if where := place(figure):
        yield from (f"![{inline((figure.shown.alt,))}]({where})", "")
    else:
        yield from (f"*{inline(typeset(figure.shown.caption))}*", "")
    yield from _grid(numbers(figure), ())


def numbers(figure: Figure) -> DataTable:
    """Return what a figure shows as a table."""
    head, rows = figure.shown.table()

    def cells(texts: Iterable[str]) -> tuple[tuple[Inline, ...], ...]:
        return tuple((text,) for text in texts)

    return DataTable(cells(head), tuple(map(cells, rows)))


def inline(parts: Iterable[Inline], ids: Collection[str] = ()) -> str:
    """Write a sentence."""
    written = []
    for part in parts:
        if isinstance(part, Math):
            written.append(f"${part.latex}$")
        elif isinstance(part, Reference):
            name = f"`{part.id}`"
            written.append(f"[{name}](#{part.id})" if part.id in ids else name)
        elif isinstance(part, Verbatim):
            written.append(f"`{part.text}`")
        else:
            for sign in ("\\", "*", "_", "|", "[", "]", "<"):
                part = part.replace(sign, f"\\{sign}")  # noqa: PLW2901
            written.append(part)
    return "".join(written)
