"""HTML pages: self-contained, no script, no network, everything escaped."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files
from typing import Any

from adamref.output import printable
from adamref.version import VERSION

_LONGEST, _DEEPEST = 2000, 30
"""Of formulas that are turned into MathML: characters, and braces in one another."""


def rendered(template: str, **values: Any) -> str:
    """Fill a template of this folder in."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(
            lambda name: files("adamref.pages").joinpath(name).read_text(encoding="utf-8")
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["mathml"] = mathml
    environment.filters["shown"] = shown
    environment.filters["printable"] = printable
    environment.filters["worded"] = worded
    environment.filters["raised"] = raised
    return stacked(environment.get_template(template).render(version=VERSION, **values))


def stacked(html: str) -> str:
    """Put before each cell the name of its column, which is seen where rows are lists of cells.

    Those of tables whose class is ``stacks`` are, on a narrow screen.
    """
    return _STACKS.sub(_labelled, html)


_STACKS = re.compile(r'<div class="scroll stacks"[^>]*><table>.*?</table>', re.DOTALL)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<td\b[^>]*>(?P<empty></td>)?")


def _named(cell: re.Match[str], name: str) -> str:
    if cell["empty"] or "colspan" in cell[0]:
        return cell[0]
    return f'{cell[0]}<span class="label">{name}</span>'


def _labelled(table: re.Match[str]) -> str:
    headings = _HEADING.findall(table[0])

    def row(one: re.Match[str]) -> str:
        names = iter(headings)
        return _CELL.sub(lambda cell: _named(cell, next(names)), one[0])

    return _ROW.sub(row, table[0])


def fragment(page: str) -> str:
    """Return of a page what a notebook shows among other things: its body, with its own style."""
    start, end = page.index("<style>"), page.index("</style>") + len("</style>")
    return page[start:end] + page[page.index("<body>") + len("<body>") : page.index("</body>")]


def mathml(latex: str, *, display: bool = False) -> Any:
    """Turn LaTeX into MathML, which browsers show without any script."""
    from latex2mathml.converter import convert
    from markupsafe import Markup

    # The converter knows this environment by its other name alone.
    plain = latex.replace("{aligned}", "{align*}")
    made = convert(plain, display="block" if display else "inline")
    return Markup(made)  # noqa: S704 - the converter escapes what it is given


def raised(text: str) -> Any:
    """Set indices and exponents of plain text, as in ``w_{k-1}``, below and above the line."""
    from markupsafe import Markup, escape

    html = str(escape(printable(text)))
    for sign, tag in (("_", "sub"), (r"\^", "sup")):
        html = re.sub(rf"(?<=\S){sign}\{{([^{{}}]{{1,30}})\}}", rf"<{tag}>\1</{tag}>", html)
    return Markup(html)  # noqa: S704 - it was escaped before


def shown(latex: str) -> Any:
    """Turn somebody else's LaTeX into MathML; what the converter cannot do stands as it is."""
    from markupsafe import Markup

    source = Markup("<code>{}</code>").format(latex)
    deep = max(itertools.accumulate({"{": 1, "}": -1}.get(c, 0) for c in latex), default=0)
    if len(latex) > _LONGEST or deep > _DEEPEST:
        return source
    try:
        return mathml(latex)
    except Exception:  # noqa: BLE001 - of what is no LaTeX it raises all kinds of errors
        return source


_COMMAND = r"[^\s]*(?:\\[A-Za-z]+|[_^]\{)[^\s]*"
_GOES_ON = r"\s+(?:[^\s]*[\\{}_^][^\s]*|[-+=&/]|[\d.]+|[()\]]+|[b-zA-HJ-Z](?=[\s.,;]|$))"
_IN_WORDS = re.compile(rf"(?:[^\s\\]+ = )?{_COMMAND}(?:{_GOES_ON})*")
"""LaTeX among words: what has a command or a braced index, with the operators between."""


def worded(text: str) -> Any:
    """Turn what is LaTeX in a sentence into MathML, a full stop behind it left out of it."""
    from markupsafe import Markup, escape

    made, at = Markup(""), 0
    for match in _IN_WORDS.finditer(text):
        said = match[0].rstrip(".,;:")
        made += escape(printable(text[at : match.start()])) + shown(said)
        at = match.start() + len(said)
    return made + escape(printable(text[at:]))
