"""Documents as PDF, by Typst: the extra ``typst`` brings it, and what turns LaTeX into its own.

Both are packages with all that they need in them: fonts, and no installation of TeX.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from adamref.errors import MissingPackage
from adamref.typeset.markdown import numbers
from adamref.typeset.prose import label, pieces
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
    figures,
    labelled,
)

if TYPE_CHECKING:
    from adamref.typeset.tree import Block, Document, Inline

_HEAD = """\
#set document(title: {title})
#set page(paper: "a4", margin: 2.4cm, numbering: "1")
#set text(font: "New Computer Modern", size: 10.5pt, lang: "en")
#set par(justify: false)
#set enum(numbering: "1.1.", full: true)
#set table(stroke: (x, y) => if y == 0 {{ (bottom: 0.5pt) }}, inset: (x: 5pt, y: 3pt))
#show heading: set block(above: 1.5em, below: 0.8em)
#show raw: set text(font: "DejaVu Sans Mono", size: 0.9em)
#let check(x) = math.accent(x, sym.caron) // the converter leaves LaTeX's name
#show link: set text(fill: rgb("#0b57d0"))
"""


def pdf(document: Document) -> bytes:
    """Write a PDF.

    Raises
    ------
    MissingPackage
        If Typst, or the converter, is not installed.
    """
    source, files = typst(document)
    compiler = _package("typst")
    inputs = {"main.typ": source.encode(), **files}
    made: bytes = compiler.compile(inputs, format="pdf")
    return made


def typst(document: Document) -> tuple[str, dict[str, bytes]]:
    """Return the source of a document for Typst, and the pictures that it includes, by name.

    Raises
    ------
    MissingPackage
        If the converter is not installed.
    """
    ids = document.ids
    lines = [_HEAD.format(title=_string(document.title))]
    lines.append(f"#align(center)[#text(size: 1.7em, weight: 600)[{_text((document.title,))}]]")
    lines += _blocks(document.opening, ids)
    several = len(document.parts) > 1
    if len(document.ids) > 1:
        lines.append("#outline(depth: 2)")
    for part, chapters in document.parts:
        lines += ["", f"= {_text((part,))}"] if part and several else []
        deeper = "=" * (bool(part) and several)
        for chapter in chapters:
            lines += ["", f"{deeper}= {_text((chapter.title,))}"] if chapter.title else []
            lines += _blocks(chapter.opening, ids)
            for section in chapter.sections:
                named = f" <{section.id}>" if section.id else ""
                lines += ["", f"{deeper}== {_text((section.title,))}{named}"]
                lines += [f"#raw({_string(section.id)})"] if section.id else []
                for portion in section.portions:
                    lines += _blocks(labelled(portion), ids)
    lines += _blocks(document.closing, ids)
    return "\n".join(lines) + "\n", dict(_pictures(document))


def _pictures(document: Document) -> Iterator[tuple[str, bytes]]:
    for one in figures(document):
        try:
            yield f"{one.name}.svg", one.shown.svg().encode()
        except MissingPackage:
            return


def _blocks(blocks: Iterable[Block], ids: Collection[str], depth: int = 0) -> Iterator[str]:
    for block in blocks:
        yield ""
        yield from _block(block, ids, depth)


def _block(block: Block, ids: Collection[str], depth: int) -> Iterator[str]:
    if isinstance(block, Display):
        yield f"$ {_math(block.latex)} $"
    elif isinstance(block, Paragraph):
        lead = f"*{_text(label(block.label))}.* " if block.label else ""
        yield lead + _text(block.parts, ids)
    elif isinstance(block, Numbered):
        yield "#enum("
        for entry in block.entries:
            yield from ("[", *_blocks(entry, ids, depth + 1), "],")
        yield ")"
    elif isinstance(block, Bullets):
        yield from (f"- {_text(entry, ids)}" for entry in block.entries)
    elif isinstance(block, DataTable):
        yield from _grid(block, ids)
    else:
        yield from _figure(block)


def _grid(grid: DataTable, ids: Collection[str]) -> Iterator[str]:
    yield f"#table(columns: {len(grid.head)},"
    yield ", ".join(f"[*{_text(cell, ids)}*]" for cell in grid.head) + ","
    yield from (", ".join(f"[{_text(cell, ids)}]" for cell in row) + "," for row in grid.rows)
    yield ")"


def _figure(figure: Figure) -> Iterator[str]:
    alt = _string(figure.shown.alt)
    try:
        figure.shown.svg()
    except MissingPackage:
        yield f"#emph[{_text((figure.shown.caption,))}]"
    else:
        yield f"#image({_string(figure.name + '.svg')}, width: 75%, alt: {alt})"
        yield f"#text(size: 0.85em)[{_text((figure.shown.caption,))}]"
    yield from ("#text(size: 0.8em)[", *_grid(numbers(figure), ()), "]")


@cache
def _math(latex: str) -> str:
    converted: str = _package("tylax").latex_to_typst(f"${latex}$")
    return converted.strip().removeprefix("$").removesuffix("$").strip()


def _package(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as missing:
        raise MissingPackage(name, "a PDF", "typst") from missing


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_SPECIAL = re.compile(r"([\\#$*_`<>@\[\]~=/+-])")


def _text(parts: Iterable[Inline], ids: Collection[str] = ()) -> str:
    written = []
    for part in pieces(parts):
        if isinstance(part, Math):
            # A space on either side would make it stand alone.
            written.append(f"${_math(part.latex)}$")
        elif isinstance(part, Reference):
            # The semicolon ends what is code: what follows is text.
            name = f"#raw({_string(part.id)});"
            written.append(f"#link(<{part.id}>)[{name}];" if part.id in ids else name)
        elif isinstance(part, Verbatim):
            written.append(f"#raw({_string(part.text)});")
        else:
            written.append(_SPECIAL.sub(r"\\\1", part))
    return "".join(written)
