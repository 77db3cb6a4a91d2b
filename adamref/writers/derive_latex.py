"""Derivations as a LaTeX document that compiles with a plain installation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from adamref.derive.document import Display, Math, Numbered, Paragraph, Reference
from adamref.derive.prose import label, pieces
from adamref.writers.tex import escaped

if TYPE_CHECKING:
    from adamref.derive.document import Block, Book, Inline


def write(book: Book) -> str:
    """Write one document; it needs amsmath and amssymb, and two runs to number."""
    lines = [
        r"\documentclass{article}",
        r"\usepackage[a4paper,margin=2.5cm]{geometry}",
        r"\usepackage{amsmath,amssymb}",
        r"\setlength{\parindent}{0pt}\setlength{\parskip}{0.5em}",
        r"\setcounter{tocdepth}{1}",
        r"\raggedright",
        r"\begin{document}",
        rf"\title{{{escaped(book.title)}}}\date{{}}\maketitle",
    ]
    if len(book.chapters) > 1:
        lines.append(r"\tableofcontents")
    for chapter in book.chapters:
        lines += ["", rf"\section{{{_text((chapter.title,))}}}"]
        for section in chapter.sections:
            lines += ["", rf"\subsection{{{_text((section.title,))}}}"]
            lines.append(rf"\label{{{section.id}}}\texttt{{{escaped(section.id)}}}")
            for block in section.blocks:
                lines += ["", *_block(block, book.ids)]
    return "\n".join([*lines, "", r"\end{document}", ""])


def _block(block: Block, ids: Collection[str]) -> Iterator[str]:
    if isinstance(block, Display):
        yield rf"\[ {block.latex} \]"
    elif isinstance(block, Paragraph):
        lead = rf"\textbf{{{_text(label(block.label))}.}} " if block.label else ""
        yield lead + _text(block.parts, ids)
    else:
        assert isinstance(block, Numbered)
        yield r"\begin{enumerate}"
        for entry in block.entries:
            yield r"\item"
            for part in entry:
                yield from _block(part, ids)
                yield ""
        yield r"\end{enumerate}"


def _text(parts: Iterable[Inline], ids: Collection[str] = ()) -> str:
    written = []
    for part in pieces(parts):
        if isinstance(part, Math):
            written.append(f"${part.latex}$")
        elif isinstance(part, Reference):
            number = rf"\ref{{{part.id}}} " if part.id in ids else ""
            written.append(rf"{number}(\texttt{{{escaped(part.id)}}})")
        else:
            written.append(escaped(part))
    return "".join(written)
