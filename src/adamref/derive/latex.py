"""Derivations as a LaTeX document that compiles with a plain installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.derive.document import Display, Math, Numbered, Paragraph
from adamref.derive.prose import greek, typeset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.derive.document import Block, Inline, Section

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


def as_latex(sections: Sequence[Section], title: str) -> str:
    """Write sections as one document; it needs amsmath and amssymb."""
    lines = [
        r"\documentclass{article}",
        r"\usepackage{amsmath,amssymb}",
        r"\setlength{\parindent}{0pt}\setlength{\parskip}{0.5em}",
        r"\sloppy",
        r"\begin{document}",
        rf"\title{{{escaped(title)}}}\date{{}}\maketitle",
    ]
    for section in sections:
        lines += ["", rf"\section{{{escaped(section.title)}}}"]
        lines.append(rf"\texttt{{{escaped(section.id)}}}")
        for block in section.blocks:
            lines += ["", *_block(block)]
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
    return "".join(written)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Display):
        yield rf"\[ {block.latex} \]"
    elif isinstance(block, Paragraph):
        label = rf"\textbf{{{escaped(block.label)}.}} " if block.label else ""
        yield label + "".join(map(_inline, block.parts))
    else:
        assert isinstance(block, Numbered)
        yield r"\begin{enumerate}"
        for entry in block.entries:
            yield r"\item"
            for part in entry:
                yield from _block(part)
                yield ""
        yield r"\end{enumerate}"


def _inline(part: Inline) -> str:
    if isinstance(part, Math):
        return f"${part.latex}$"
    made = (f"${p.latex}$" if isinstance(p, Math) else escaped(p) for p in typeset(part))
    return "".join(made)
