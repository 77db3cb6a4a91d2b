"""HTML pages: self-contained, no script, no network, everything escaped."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from adamref.output import printable
from adamref.version import VERSION


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
    environment.filters["printable"] = printable
    return environment.get_template(template).render(version=VERSION, **values)


def fragment(page: str) -> str:
    """Return of a page what a notebook shows among other things: its body, with its own style."""
    start, end = page.index("<style>"), page.index("</style>") + len("</style>")
    return page[start:end] + page[page.index("<body>") + len("<body>") : page.index("</body>")]


def mathml(latex: str) -> Any:
    """Turn LaTeX into MathML, which browsers show without any script."""
    from latex2mathml.converter import convert
    from markupsafe import Markup

    return Markup(convert(latex))  # noqa: S704 - the converter escapes what it is given
