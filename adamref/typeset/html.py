"""Documents as HTML: formulas in MathML, pictures inside, no script and no network."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from adamref.errors import MissingPackage
from adamref.pages import mathml, rendered
from adamref.typeset.markdown import numbers
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
    labelled,
)

if TYPE_CHECKING:
    from adamref.typeset.tree import Block, Document, Inline, Portion, Section

_FEW = 3
"""Rows of a table that is read row by row on a phone; a longer one is read down its columns."""


def html(document: Document) -> str:
    """Write a page that stands alone; what is folded opens by a click or a key."""
    from markupsafe import Markup

    body = Markup("\n".join(_body(document)))  # noqa: S704 - each piece was escaped
    return rendered("document.html", title=document.title, body=body)


def _body(document: Document) -> Iterator[str]:
    ids = document.ids
    yield f"<h1>{inline(typeset(document.title))}</h1>"
    yield from blocks(document.opening, ids)
    if len(document.ids) > 1:
        yield from _contents(document)
    several = len(document.parts) > 1
    for number, (part, chapters) in enumerate(document.parts, 1):
        if part and several:
            yield f'<h2 id="part-{number}">{inline(typeset(part))}</h2>'
        for chapter in chapters:
            depth = 3 if part and several else 2
            if chapter.title:
                yield f"<h{depth}>{inline(typeset(chapter.title))}</h{depth}>"
            yield from blocks(chapter.opening, ids)
            for section in chapter.sections:
                yield from section_lines(section, ids, depth + 1)
    yield from blocks(document.closing, ids)


def _contents(document: Document) -> Iterator[str]:
    yield '<nav aria-label="Contents"><details open><summary>Contents</summary>'
    for part, chapters in document.parts:
        if part and len(document.parts) > 1:
            yield f'<p class="soft">{inline(typeset(part))}</p>'
        yield "<ul>"
        for section in (section for chapter in chapters for section in chapter.sections):
            yield f'<li><a href="#{section.id}">{inline(typeset(section.title))}</a></li>'
        yield "</ul>"
    yield "</details></nav>"


def section_lines(section: Section, ids: Collection[str] = (), depth: int = 3) -> Iterator[str]:
    """Yield the lines of a section."""
    named = f' id="{section.id}"' if section.id else ""
    said = f" <code>{section.id}</code>" if section.id else ""
    yield f"<section{named}>"
    yield f"<h{depth}>{inline(typeset(section.title))}{said}</h{depth}>"
    for portion in section.portions:
        yield from portion_lines(portion, ids)
    yield "</section>"


def portion_lines(portion: Portion, ids: Collection[str]) -> Iterator[str]:
    """Yield the lines of a portion, folded if it is to be."""
    if not portion.folded:
        yield from blocks(labelled(portion), ids)
        return
    yield f"<details><summary>{inline(label(portion.title))}</summary>"
    yield from blocks(portion.blocks, ids)
    yield "</details>"


def blocks(given: Iterable[Block], ids: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines of blocks."""
    for block in given:
        yield from _block(block, ids)


def _block(block: Block, ids: Collection[str]) -> Iterator[str]:
    if isinstance(block, Display):
        yield f'<div class="scroll display" tabindex="0">{mathml(block.latex, display=True)}</div>'
    elif isinstance(block, Paragraph):
        lead = f"<b>{inline(label(block.label))}.</b> " if block.label else ""
        yield f"<p>{lead}{inline(pieces(block.parts), ids)}</p>"
    elif isinstance(block, Numbered):
        yield "<ol>"
        for entry in block.entries:
            yield from ("<li>", *blocks(entry, ids), "</li>")
        yield "</ol>"
    elif isinstance(block, Bullets):
        entries = (f"<li>{inline(pieces(entry), ids)}</li>" for entry in block.entries)
        yield from ("<ul>", *entries, "</ul>")
    elif isinstance(block, DataTable):
        yield from grid(block, ids)
    else:
        yield from figure(block)


def grid(table: DataTable, ids: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines of a table."""
    kind = "scroll stacks" if len(table.rows) <= _FEW else "scroll"
    yield f'<div class="{kind}" tabindex="0"><table><thead><tr>'
    yield from (f"<th>{inline(pieces(cell), ids)}</th>" for cell in table.head)
    yield "</tr></thead><tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{inline(pieces(cell), ids)}</td>' for cell in row)}</tr>"
    yield "</tbody></table></div>"


def figure(one: Figure) -> Iterator[str]:
    """Yield the lines of a figure: a picture for each ground, its text, and its numbers."""
    shown = one.shown
    yield "<figure>"
    try:
        light, dark = (_data(shown.svg(dark=dark)) for dark in (False, True))
    except MissingPackage:
        yield f"<p>{inline(pieces((shown.alt,)))}</p>"
    else:
        yield f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        yield f'<img src="{light}" alt="{escape(shown.alt)}"></picture>'
    yield f"<figcaption>{inline(pieces((shown.caption,)))}</figcaption>"
    yield "<details><summary>In words and numbers</summary>"
    yield f"<p>{inline(pieces((shown.alt,)))}</p>"
    yield from grid(numbers(one))
    yield "</details></figure>"


def _data(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def inline(parts: Iterable[Inline], ids: Collection[str] = ()) -> str:
    """Write a sentence."""
    written = []
    for part in parts:
        if isinstance(part, Math):
            written.append(str(mathml(part.latex)))
        elif isinstance(part, Reference):
            name = f"<code>{part.id}</code>"
            written.append(f'<a href="#{part.id}">{name}</a>' if part.id in ids else name)
        elif isinstance(part, Verbatim):
            written.append(f"<code>{escape(part.text)}</code>")
        else:
            written.append(escape(part))
    return "".join(written)
