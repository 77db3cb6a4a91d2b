"""All adapters there are: a module each in `observe.adapters`, and those of other packages."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

from adamref.errors import CannotLoad, OutOfDomain
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
        If an entry point names no adapter.
    OutOfDomain
        If two adapters have one name.
    """
    own = {kind.name: kind for kind in sorted(_own(), key=lambda kind: kind.order)}
    for entry in entry_points(group=GROUP):
        try:
            kind = entry.load()
        except (Exception, SystemExit) as error:  # somebody's module may raise anything
            says = f"the entry point {entry.name} of {GROUP} raised {type(error).__name__}: {error}"
            raise CannotLoad(entry.value, " ".join(says.split())) from error
        if not _is_adapter(kind):
            says = f"the entry point {entry.name} of {GROUP} should be a subclass of Adapter"
            raise CannotLoad(entry.value, says)
        if own.setdefault(kind.name, kind) is not kind:
            raise OutOfDomain(f"the name of {entry.value}", kind.name, "no other adapter's")
    return own


def _own() -> Iterator[type[Adapter]]:
    for module in pkgutil.iter_modules(adapters.__path__, adapters.__name__ + "."):
        found = vars(importlib.import_module(module.name)).values()
        yield from (x for x in found if _is_adapter(x) and x.__module__ == module.name)


def _is_adapter(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Adapter) and kind is not Adapter
