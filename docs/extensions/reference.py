"""What is public and has docstrings: for the pages that show it, and the test that reads it."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from adamref.public import ALL, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator


def modules() -> dict[str, list[str]]:
    """Return the names of the public modules, each with its public names."""
    return {
        module: sorted(import_module(module).__all__ if names == ALL else names)
        for part in PUBLIC.values()
        for module, names in part.items()
    }


def public() -> Iterator[tuple[str, str, Any]]:
    """Yield the module, the name and what it is, of all that is public and has docstrings."""
    for module, names in modules().items():
        for name in names:
            thing = getattr(import_module(module), name)
            if inspect.isroutine(thing) or isinstance(thing, type):
                yield module, name, thing


def methods(kind: type) -> dict[str, Any]:
    """Return the public methods and properties that a class defines itself, by name."""
    return {
        # A property may have words of its own: what gets it may be a partial, with those of Python.
        name: getattr(x, "__func__", x if isinstance(x, property) else getattr(x, "func", x))
        for name, x in vars(kind).items()
        if not name.startswith("_")
        and name not in getattr(kind, "__dataclass_fields__", ())
        and (inspect.isroutine(x) or hasattr(x, "fget") or hasattr(x, "func"))
    }
