"""All adapters there are: a module each in `observe.adapters`, and those of other packages."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from adamref import elsewhere
from adamref.oracle.observe import adapters
from adamref.oracle.observe.calling.adapter import Adapter

GROUP = "adamref.adapters"
"""The group of entry points by which another package declares an adapter: a class."""


@functools.cache
def declared() -> dict[str, type[Adapter]]:
    """Return all adapters by name, in the order that they declare; other packages' come last.

    Raises
    ------
    CannotLoad
        If an entry point cannot be loaded, is no adapter, or has the name of another.
    """
    own = {kind.name: kind for kind in sorted(_own(), key=lambda kind: kind.order)}
    for _, kind in elsewhere.each(GROUP, _is_adapter, "adapter", lambda one: (one.name,), own):
        own[kind.name] = kind
    return own


def _own() -> Iterator[type[Adapter]]:
    for module in pkgutil.iter_modules(adapters.__path__, adapters.__name__ + "."):
        found = vars(importlib.import_module(module.name)).values()
        yield from (x for x in found if _is_adapter(x) and x.__module__ == module.name)


def _is_adapter(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Adapter) and kind is not Adapter
