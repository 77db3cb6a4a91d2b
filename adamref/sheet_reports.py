"""Writing a worked sheet as text, Markdown, LaTeX or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def as_text(sheet: Sheet) -> str:
    """Write a sheet for a terminal, the relations of a step below each other."""
    given = ", ".join(f"{name} = {value}" for name, value in sheet.given.items())
    lines = [f"{sheet.title}: {given}", ""]
    for step in sheet.steps:
        lines.append(f"t = {step.t}")
        width = max(_width(row.left) for row in step.rows)
        for row in step.rows:
            indent = "  " + row.left + " " * (width - _width(row.left))
            pieces = [p for p in (row.symbols, row.numbers) if p and p != row.value]
            sign = "=" if row.exact else "≈"
            last = f"{sign} {row.value}" + (f"   {row.hex}" if row.hex else "")
            first, *rest = [*(f"= {p}" for p in pieces), last]
            lines.append(f"{indent} {first}")
            lines += [" " * (width + 3) + piece for piece in rest]
        lines.append("")
    lines.append(sheet.note)
    return "\n".join(lines)


def as_markdown(sheet: Sheet) -> str:
    """Write a sheet as Markdown with LaTeX formulas."""
    given = ", ".join(f"{name} = {value}" for name, value in sheet.given.items())
    lines = [f"# {sheet.title}, worked", "", f"Given: {given}.", ""]
    for step in sheet.steps:
        lines += [f"## t = {step.t}", ""]
        for row in step.rows:
            lines += [f"$${row.latex}$$", ""]
    return "\n".join([*lines, sheet.note, ""])


def as_latex(sheet: Sheet) -> str:
    """Write a sheet as a LaTeX document that compiles on its own."""
    given = ", ".join(f"{_escaped(name)} = {value}" for name, value in sheet.given.items())
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


def as_json(sheet: Sheet) -> dict[str, Any]:
    """Return a sheet as the JSON document ``adamref.step/1``."""
    return {
        "schema": "adamref.step/1",
        "title": sheet.title,
        "given": dict(sheet.given),
        "note": sheet.note,
        "steps": [
            {
                "t": step.t,
                "lines": [
                    {
                        "name": row.name,
                        "left": row.left,
                        "symbols": row.symbols,
                        "numbers": row.numbers,
                        "latex": row.latex,
                        "value": row.value,
                        "exact": row.exact,
                        "hex": row.hex or None,
                    }
                    for row in step.rows
                ],
            }
            for step in sheet.steps
        ],
    }


def as_html(sheet: Sheet) -> str:
    """Write a sheet as one self-contained HTML page."""
    from adamref.pages import rendered
    from adamref.version import VERSION

    return rendered("sheet.html", sheet=sheet, version=VERSION)


def _width(text: str) -> int:
    """Count the cells a text takes on a terminal; combining marks take none."""
    import unicodedata

    return sum(not unicodedata.combining(c) for c in text)


def _aligned(latex: str) -> str:
    left, _, rest = latex.partition(" = ")
    if not rest:
        return latex.replace(r" \approx ", r" &\approx ", 1)
    return f"{left} &= " + rest.replace(" = ", " \\\\\n &= ").replace(
        r" \approx ", " \\\\\n &\\approx "
    )


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")
