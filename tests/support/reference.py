"""Writes docs/reference.md: what is public, from its docstrings.

``python tests/support/reference.py`` writes it again; a test compares.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

from adamref.public import ALL, PUBLIC

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference.md"
_HEAD = """# Reference

Do not edit: `python tests/support/reference.py` writes this page from the docstrings.

What is public, module by module; the list is `adamref/public.py`. All else is internal, and may
change at any time. The commands are described by `adamref COMMAND --help`.
"""
_DOCTEST = re.compile(r"\n\n(?=>>> )")


def modules():
    """Return the names of the public modules, each with its public names."""
    return {
        module: sorted(import_module(module).__all__ if names == ALL else names)
        for part in PUBLIC.values()
        for module, names in part.items()
    }


def public():
    """Yield the module, the name and what it is, of all that is public and has docstrings."""
    for module, names in modules().items():
        for name in names:
            thing = getattr(import_module(module), name)
            if inspect.isroutine(thing) or isinstance(thing, type):
                yield module, name, thing


def methods(kind):
    """Return the public methods and properties that a class defines itself, by name."""
    return {
        # A property may have words of its own: what gets it may be a partial, with those of Python.
        name: getattr(x, "__func__", x if isinstance(x, property) else getattr(x, "func", x))
        for name, x in vars(kind).items()
        if not name.startswith("_")
        and name not in getattr(kind, "__dataclass_fields__", ())
        and (inspect.isroutine(x) or hasattr(x, "fget") or hasattr(x, "func"))
    }


def page():
    """Return the page."""
    parts = [_HEAD]
    names = modules()
    for title, part in PUBLIC.items():
        parts.append(f"## {title}\n")
        for module in part:
            parts.append(f"### `{module}`\n")
            parts.append(_as_text(import_module(module)))
            parts += [_entry(module, name) for name in names[module]]
    return "\n".join(parts)


def _entry(module, name):
    thing = getattr(import_module(module), name)
    if inspect.ismodule(thing):
        return f"- `{name}`: the module, below.\n"
    if not inspect.isroutine(thing) and not isinstance(thing, type):
        return f"- `{name}`: {_of_data(thing)}\n"
    lines = [f"#### `{module}.{name}`\n", _as_text(thing)]
    for of, method in methods(thing).items() if isinstance(thing, type) else ():
        said = inspect.getdoc(method) or ""
        lines.append(f"- `{of}`: {_first(said)}")
    return "\n".join(lines) + ("\n" if not lines[-1].endswith("\n") else "")


def _of_data(thing):
    title = getattr(thing, "title", None)
    return title if isinstance(title, str) else f"of type `{type(thing).__name__}`."


def _first(doc):
    return " ".join(doc.partition("\n\n")[0].split())


def _as_text(thing):
    """Write a docstring: its sentence as prose, what follows as it stands."""
    doc = _DOCTEST.split(inspect.getdoc(thing) or "")[0].strip()
    first, _, rest = doc.partition("\n\n")
    prose = " ".join(first.split())
    return f"{prose}\n" + (f"\n```text\n{rest.rstrip()}\n```\n" if rest.strip() else "")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
