"""Derivations as a LaTeX document that compiles with a plain installation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.derive.document import Display, Math, Numbered, Paragraph, Reference
from adamref.derive.prose import greek, label, typeset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from adamref.derive.document import Block, Chapter, Inline

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}


def as_latex(chapters: Sequence[Chapter], title: str) -> str:
    """Write chapters as one document; it needs amsmath and amssymb, and two runs to number."""
    lines = [
        r"\documentclass{article}",
        r"\usepackage[a4paper,margin=2.5cm]{geometry}",
        r"\usepackage{amsmath,amssymb}",
        r"\setlength{\parindent}{0pt}\setlength{\parskip}{0.5em}",
        r"\setcounter{tocdepth}{1}",
        r"\raggedright",
        r"\begin{document}",
        rf"\title{{{escaped(title)}}}\date{{}}\maketitle",
    ]
    if len(chapters) > 1:
        lines.append(r"\tableofcontents")
    ids = {section.id for chapter in chapters for section in chapter.sections}
    for chapter in chapters:
        lines += ["", rf"\section{{{_text(typeset(chapter.title))}}}"]
        for section in chapter.sections:
            lines += ["", rf"\subsection{{{_text(typeset(section.title))}}}"]
            lines.append(rf"\label{{{section.id}}}\texttt{{{escaped(section.id)}}}")
            for block in section.blocks:
                lines += ["", *_block(block, ids)]
    return "\n".join([*lines, "", r"\end{document}", ""])


def escaped(text: str) -> str:
    """Write plain text so that LaTeX prints it."""
    written = []
    for character in text:
        formula = greek(character)
        if formula is not None:
            written.append(f"${formula}$")
        else:
            written.append(_ESCAPES.get(character, character))
    # LaTeX does not break long numbers by itself.
    return re.sub(r"\d{20}(?=\d)", r"\g<0>\\allowbreak ", "".join(written))


def _block(block: Block, ids: set[str]) -> Iterator[str]:
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


def _text(parts: Iterable[Inline], ids: Iterable[str] = ()) -> str:
    written = []
    for part in parts:
        if isinstance(part, Math):
            written.append(f"${part.latex}$")
        elif isinstance(part, Reference):
            number = rf"\ref{{{part.id}}} " if part.id in ids else ""
            written.append(rf"{number}(\texttt{{{escaped(part.id)}}})")
        else:
            made = (
                f"${p.latex}$" if isinstance(p, Math) else escaped(str(p)) for p in typeset(part)
            )
            written += made
    return "".join(written)
