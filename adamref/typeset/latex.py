"""Documents as LaTeX that compiles with a plain installation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from adamref.typeset.markdown import numbers
from adamref.typeset.prose import label, pieces
from adamref.typeset.tex import escaped
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
    from adamref.typeset.tree import Block, Document, Inline

_PREAMBLE = r"""\documentclass{article}
\usepackage[a4paper,margin=2.15cm]{geometry}
\usepackage{amsmath,amssymb,graphicx}
\setlength{\parindent}{0pt}\setlength{\parskip}{0.5em}
\setcounter{tocdepth}{1}
\raggedright
\begin{document}"""


def latex(document: Document) -> str:
    """Write one document; it needs amsmath, amssymb and graphicx, and two runs to number.

    A figure is shown where its file, such as ``weights.pdf``, lies beside; its text and its numbers
    are there in any case.
    """
    ids = document.ids
    lines = [_PREAMBLE, rf"\title{{{_text((document.title,))}}}\date{{}}\maketitle"]
    lines += _blocks(document.opening, ids)
    if len(document.chapters) > 1:
        lines.append(r"\tableofcontents")
    for part, chapters in document.parts:
        if part:
            lines += ["", rf"\part{{{_text((part,))}}}"]
        for chapter in chapters:
            if chapter.title:
                lines += ["", rf"\section{{{_text((chapter.title,))}}}"]
            lines += _blocks(chapter.opening, ids)
            for section in chapter.sections:
                lines += ["", rf"\subsection{{{_text((section.title,))}}}"]
                if section.id:
                    lines.append(rf"\label{{{section.id}}}\texttt{{{escaped(section.id)}}}")
                for portion in section.portions:
                    lines += _blocks(labelled(portion), ids)
    lines += _blocks(document.closing, ids)
    return "\n".join([*lines, "", r"\end{document}", ""])


def _blocks(blocks: Iterable[Block], ids: Collection[str]) -> Iterator[str]:
    for block in blocks:
        yield ""
        yield from _block(block, ids)


def _block(block: Block, ids: Collection[str]) -> Iterator[str]:
    if isinstance(block, Display):
        yield rf"\[ {block.latex} \]"
    elif isinstance(block, Paragraph):
        lead = rf"\textbf{{{_text(label(block.label))}.}} " if block.label else ""
        yield lead + _text(block.parts, ids)
    elif isinstance(block, Numbered):
        yield r"\begin{enumerate}"
        for entry in block.entries:
            yield r"\item"
            for part in entry:
                yield from _block(part, ids)
                yield ""
        yield r"\end{enumerate}"
    elif isinstance(block, Bullets):
        yield r"\begin{itemize}"
        yield from (rf"\item {_text(entry, ids)}" for entry in block.entries)
        yield r"\end{itemize}"
    elif isinstance(block, DataTable):
        yield from _grid(block, ids)
    else:
        yield from _figure(block)


def _grid(grid: DataTable, ids: Collection[str]) -> Iterator[str]:
    # As wide as it is, but no wider than the page.
    yield r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
    yield rf"\begin{{tabular}}{{{'l' * len(grid.head)}}}"
    yield " & ".join(rf"\textbf{{{_text(cell, ids)}}}" for cell in grid.head) + r" \\ \hline"
    yield from (" & ".join(_text(cell, ids) for cell in row) + r" \\" for row in grid.rows)
    yield r"\end{tabular}}"


def _figure(figure: Figure) -> Iterator[str]:
    shown = rf"\includegraphics[width=\linewidth]{{{figure.name}.pdf}}\par"
    yield rf"\IfFileExists{{{figure.name}.pdf}}{{{shown}}}{{}}"
    yield from (rf"\textit{{{_text((figure.shown.caption,))}}}", "")
    yield from (r"{\footnotesize", *_grid(numbers(figure), ()), "}")


def _text(parts: Iterable[Inline], ids: Collection[str] = ()) -> str:
    written = []
    for part in pieces(parts):
        if isinstance(part, Math):
            written.append(f"${part.latex}$")
        elif isinstance(part, Reference):
            number = rf"\ref{{{part.id}}} " if part.id in ids else ""
            written.append(rf"{number}(\texttt{{{escaped(part.id)}}})")
        elif isinstance(part, Verbatim):
            written.append(rf"\texttt{{{escaped(part.text)}}}")
        else:
            written.append(escaped(part))
    return "".join(written)
