"""Documents as Jupyter notebooks: what is said in Markdown, and cells that work it again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adamref.typeset.markdown import blocks, inline, section_lines
from adamref.typeset.prose import typeset
from adamref.typeset.tree import Figure, labelled

if TYPE_CHECKING:
    from adamref.typeset.tree import Block, Document, Section


def notebook(document: Document) -> str:
    """Write a notebook in the format 4.5, not yet run; a figure is a cell that draws it."""
    cells = [_said([f"# {inline(typeset(document.title))}", "", *blocks(document.opening)])]
    cells += map(_worked, document.code)
    for part, chapters in document.parts:
        cells += [_said([f"# {inline(typeset(part))}"])] if part else []
        for chapter in chapters:
            if chapter.title:
                said = [f"## {inline(typeset(chapter.title))}", "", *blocks(chapter.opening)]
                cells.append(_said(said))
            for section in chapter.sections:
                cells += _cells(section)
    if document.closing:
        cells.append(_said(blocks(document.closing)))
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _cells(section: Section) -> Iterator[dict[str, Any]]:
    together: list[Block] = []
    said = section_lines(replace(section, portions=()))
    for block in (block for portion in section.portions for block in labelled(portion)):
        if isinstance(block, Figure):
            yield _said([*said, *blocks(together)])
            yield _worked(f'from adamref import plots\n\nplots.picture("{block.name}")')
            said, together = [], []
        else:
            together.append(block)
    if said or together:
        yield _said([*said, *blocks(together)])
    yield from map(_worked, section.code)


def _said(lines: Iterable[str]) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": "\n".join(lines).strip()}


def _worked(code: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": code.strip(),
    }
