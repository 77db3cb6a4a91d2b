"""Formats of documents: one file a format, found by being here, or by an entry point.

A package adds its own by the entry point ``adamref.formats``: an
`adamref.documents.formats.format.DocumentFormat`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import PurePath
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from adamref import elsewhere
from adamref.documents.formats.format import DocumentFormat

if TYPE_CHECKING:
    from types import ModuleType

GROUP = "adamref.formats"
"""The entry points that other packages name their formats by."""


@cache
def formats() -> tuple[DocumentFormat, ...]:
    """Return every format: those of other packages first, the one that reads anything last.

    Raises
    ------
    CannotLoad
        If an entry point cannot be loaded, is no format, or has the name of another.
    """
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    own = [one for module in modules for one in _of(module)]
    taken = [one.name for one in own]
    given = elsewhere.each(
        GROUP, lambda x: isinstance(x, DocumentFormat), "format", lambda x: (x.name,), taken
    )
    return tuple(sorted([*(one for _, one in given), *own], key=lambda one: not one.suffixes))


def _of(module: ModuleType) -> tuple[DocumentFormat, ...]:
    """Return the ``FORMAT`` of a module, or its ``FORMATS``; what has none helps the others."""
    if hasattr(module, "FORMAT"):
        return (module.FORMAT,)
    return getattr(module, "FORMATS", ())


def format_of(path: str, text: str) -> DocumentFormat:
    """Return the format of a text: by the suffix of its name, else by what it looks like."""
    suffix = PurePath(path).suffix.lower()
    texts = [one for one in formats() if one.unpack is None]
    named = (one for one in texts if suffix and suffix in one.suffixes)
    looks = (one for one in texts if one.recognises(text))
    return next(named, None) or next(looks)


def packed_format_of(data: bytes) -> DocumentFormat | None:
    """Return the format of a file that is no text, if it is known: by how its bytes begin."""
    return next((one for one in formats() if one.unpack and one.signature(data)), None)
