"""A worked sheet as LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.typeset.tex import escaped

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Write a sheet as a LaTeX document that compiles on its own."""
    given = ", ".join(f"{escaped(name)} = {value}" for name, value in sheet.given.items())
    lines = [
        r"\documentclass{article}",
        r"\usepackage{amsmath}",
        r"\begin{document}",
        rf"\section*{{{sheet.title}, worked}}",
        rf"Given: {given}.",
    ]
    for step in sheet.steps:
        lines += [rf"\subsection*{{$t = {step.t}$}}", r"\begin{align*}"]
        lines.append(" \\\\\n".join(_aligned(row.latex) for row in step.rows))
        lines.append(r"\end{align*}")
    return "\n".join([*lines, sheet.note, r"\end{document}", ""])


def _aligned(latex: str) -> str:
    left, _, rest = latex.partition(" = ")
    if not rest:
        return latex.replace(r" \approx ", r" &\approx ", 1)
    return f"{left} &= " + rest.replace(" = ", " \\\\\n &= ").replace(
        r" \approx ", " \\\\\n &\\approx "
    )
