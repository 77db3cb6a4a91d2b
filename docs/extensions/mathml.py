"""Formulas as MathML, written when the site is built: browsers show it with no script and no font.

By the converter that the HTML reports of the package use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes

from adamref.pages import mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

_LONG = 30
"""Formulas of so many characters in a line of text may be scrolled where a screen is narrow."""


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    latex = node.astext()
    kind = "math wide" if len(latex) > _LONG else "math"
    writer.body.append(f'<span class="{kind}">{mathml(latex)}</span>')
    raise nodes.SkipNode


def _display(writer: HTML5Translator, node: nodes.math_block) -> None:
    formula = mathml(node.astext(), display=True)
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(f"{formula}</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
