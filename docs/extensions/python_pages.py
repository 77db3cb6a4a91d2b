"""The pages of the Python interface: what `adamref.public` lists, as its docstrings say it."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import reference

from adamref.public import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

_LITERAL = re.compile(r"(``.*?``|`[^`]+`)")
_MARKUP = re.compile(r"([*|]|(?<=\w)_(?!\w))")

_HEAD = """(python-interface)=
# Python

What is public, module by module; `adamref/public.py` has the list. All else is internal, and may change at any time.
Each name says what it takes, what it gives, what it raises, and how far off its numbers may be.
"""


def pages() -> dict[str, str]:
    """Return a page for each public module, and one that lists them."""
    names = reference.modules()
    listed, made, entries = [_HEAD], {}, []
    for title, part in PUBLIC.items():
        listed.append(f"## {title}\n")
        for module in part:
            says = (inspect.getdoc(import_module(module)) or "").partition("\n\n")[0]
            listed.append(f"- [`{module}`](python/{module}.md): {' '.join(says.split())}")
            entries.append(f"python/{module}")
            made[f"python/{module}.md"] = "\n".join(_page(module, names[module]))
        listed.append("")
    hidden = "\n".join(entries)
    listed.append(f"```{{toctree}}\n:hidden:\n\n{hidden}\n```\n")
    return {"python.md": "\n".join(listed), **made}


def _page(module: str, names: list[str]) -> Iterator[str]:
    yield f"# `{module}`\n\n```{{eval-rst}}\n.. automodule:: {module}\n   :no-members:\n"
    for name in names:
        thing = getattr(import_module(module), name)
        if inspect.ismodule(thing):
            continue
        if isinstance(thing, type):
            kind = "exception" if issubclass(thing, BaseException) else "class"
            shown = ", ".join(reference.methods(thing))
            members = f"   :members: {shown}" if shown else "   :no-members:"
            yield f".. auto{kind}:: {module}.{name}\n{members}\n"
        elif inspect.isroutine(thing):
            yield f".. autofunction:: {module}.{name}\n"
        else:
            title = getattr(thing, "title", None)
            says = title if isinstance(title, str) else f"Of type ``{type(thing).__name__}``."
            yield f".. py:data:: {module}.{name}\n\n   {says}\n"
    yield "```\n"


def plain(
    _app: Sphinx, _what: str, _name: str, _thing: object, _options: object, lines: list[str]
) -> None:
    """Keep stars and bars of a docstring what they are: it is read at a prompt as well."""
    in_session = False
    for at, line in enumerate(lines):
        in_session = line.lstrip().startswith(">>>") or (in_session and bool(line.strip()))
        if not in_session and not line.startswith("*"):
            parts = _LITERAL.split(line)
            parts[::2] = [_MARKUP.sub(r"\\\1", part) for part in parts[::2]]
            lines[at] = "".join(parts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Read docstrings so, before their sections are."""
    app.connect("autodoc-process-docstring", plain, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
