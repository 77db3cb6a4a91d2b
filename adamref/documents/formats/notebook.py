"""Jupyter notebooks: Markdown and code cells, and what the code has printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adamref.documents.formats import html
from adamref.documents.formats.format import (
    DocumentFormat,
    FormatRefused,
    Passage,
    Places,
    Writing,
    rewritten,
)
from adamref.documents.formats.languages import code_kind
from adamref.documents.formats.located import Located, located_json, string_lines
from adamref.documents.formats.plain import laid_out

_SHOWN = ("text/latex", "text/markdown", "text/html", "text/plain")
"""What of an output is read: the first that it has."""


def read(lines: tuple[str, ...]) -> Iterator[Passage]:
    """Read the cells of a notebook, one after the other.

    Raises
    ------
    FormatRefused
        If it is no notebook.
    """
    notebook = located_json("\n".join(lines))
    cells = notebook["cells"].items() or _old_cells(notebook)
    if not cells:
        raise FormatRefused("it is a notebook without cells, or no notebook")
    metadata = notebook["metadata"]
    said = metadata["language_info"]["name"].string() or metadata["kernelspec"]["language"].string()
    kinds = {"code": code_kind(said or "python"), "markdown": "text"}
    for number, cell in enumerate(cells, 1):
        kind = kinds.get(cell["cell_type"].string(), "text")
        source = cell["source"] if cell["source"].value is not None else cell["input"]
        yield from _numbered(source, kind, f"cell {number}")
        for output in cell["outputs"].items():
            yield from _output(output, f"cell {number}, output")


def _old_cells(notebook: Located) -> list[Located]:
    """Return the cells as they stood before version 4 of the format."""
    return [cell for sheet in notebook["worksheets"].items() for cell in sheet["cells"].items()]


def _output(output: Located, where: str) -> Iterator[Passage]:
    if output["output_type"].string() in ("error", "pyerr"):
        return
    data = output["data"]
    name = next((x for x in _SHOWN if data[x].value is not None), "")
    shown = data[name] if name else output["text"]
    if name == "text/html":
        yield from _page(shown, where)
    else:
        yield from _numbered(shown, "output", where)


def _numbered(source: Located, kind: str, where: str) -> Iterator[Passage]:
    """Give the lines of a cell, and a blank one after them: nothing goes on in the next cell."""
    rows = (
        row.passage(kind, f"{where}, line {number}") for number, row in enumerate(_lines(source), 1)
    )
    yield from laid_out(rows) if kind == "text" else rows
    yield Passage("", Places((), 0), kind, where)


def _lines(source: Located) -> Iterator[Writing]:
    """Return the lines of a string, or of strings that are to be put together."""
    strings = source.items() or [source]
    row = Writing()
    for string in strings:
        if not string.is_text:
            continue
        first, *others = string_lines(string)
        row.extend(first)
        for other in others:
            yield row
            row = other
    if row.pieces:
        yield row


def _page(source: Located, where: str) -> Iterator[Passage]:
    """Read a page of HTML that an output holds: its places are those of the lines of the page."""
    rows = list(_lines(source))
    places = [row.passage().places for row in rows]
    for found in html.passages("\n".join(row.text for row in rows)):
        if not found.places:
            yield replace(found, kind="output", where=where)
            continue
        moved = Writing()
        for text, number, at, width in rewritten(found).pieces:
            row = places[min(number, len(places)) - 1]
            moved.add(text, *(row[min(at, len(row)) - 1] if row else (1, 1)), width)
        number = found.places[0][0]
        yield moved.passage("output", f"{where}, line {number}")


FORMAT = DocumentFormat(
    "Jupyter notebook",
    (".ipynb",),
    read,
    lambda text: text.lstrip()[:1] == "{" and '"nbformat"' in text and '"cell' in text,
    shown=True,
)
