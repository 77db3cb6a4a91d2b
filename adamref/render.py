"""Results in every format: a writer is found by the kind of a result and the name of a format.

A result knows no writer, and no list names them. A writer is the function ``write`` of a module
``KIND_FORMAT`` in `adamref.writers`; or an entry point ``KIND.FORMAT`` of the group
``adamref.writers``; or what `register` was given. It takes the result, and returns text, bytes,
the dict of a JSON document, or something that rich lays out. None is imported before it is asked
for.
"""

from __future__ import annotations

import math
import reprlib
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar

from adamref import elsewhere
from adamref.errors import OutOfDomain, UnknownName
from adamref.output import as_text
from adamref.pages import fragment
from adamref.spelling import printable_here

WRITERS = "adamref.writers"
"""The package of the writers, and the group of entry points that add to it."""

_FIRST = ("text", "md", "json", "html", "latex")
_registered: dict[tuple[str, str], Callable[[Any], Any]] = {}


class Result(ABC):
    """What a command finds or a function returns: plain data that can be written down.

    Attributes
    ----------
    kind : str
        By which its writers are found: the name of the command.
    """

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON document of the command's ``--format json``, as a dict."""
        made: dict[str, Any] = written(self, "json")
        return made

    def to_html(self) -> str:
        """Return a self-contained HTML page: no script, no network."""
        return render(self, "html")

    def _repr_html_(self) -> str:
        return fragment(self.to_html())

    def __str__(self) -> str:
        return printable_here(render(self, formats(self.kind)[0]))


def render(result: Result, format_: str = "text", *, width: int = 100) -> str:
    """Write a result in a format, as text without colours.

    Parameters
    ----------
    result : Result
    format_ : str
        One of `formats`.
    width : int
        In characters, of what is laid out.

    Raises
    ------
    UnknownName
        If no writer for it is known.
    CannotLoad
        If a writer of another package cannot be loaded, or has the name of another.
    OutOfDomain
        If the format is no text; `written` returns its bytes.
    """
    made = written(result, format_)
    if isinstance(made, bytes):
        raise OutOfDomain("format", format_, "one of text; written() returns the bytes of others")
    return as_text(made, width)


def written(result: Result, format_: str) -> Any:
    """Return what the writer makes of a result: text, bytes, a dict, or what rich lays out.

    Raises
    ------
    UnknownName
        If no writer for it is known.
    """
    if format_ not in (known := formats(result.kind)):
        raise UnknownName(f"format of {result.kind}", format_, known)
    return _writers(result.kind)[format_]()(result)


def formats(kind: str) -> tuple[str, ...]:
    """Return the names of the formats in which results of a kind can be written."""
    order = {name: at for at, name in enumerate(_FIRST)}
    return tuple(sorted(_writers(kind), key=lambda name: (order.get(name, len(order)), name)))


def register(kind: str, format_: str, writer: Callable[[Any], Any]) -> None:
    """Add a writer, or put one in the place of another."""
    _registered[kind, format_] = writer


def _writers(kind: str) -> dict[str, Callable[[], Callable[[Any], Any]]]:
    """Return how the writer for each format is got."""
    found = {**_packaged(), **_brought()}
    found |= {key: lambda writer=writer: writer for key, writer in _registered.items()}  # type: ignore[misc]
    return {format_: got for (one, format_), got in found.items() if one == kind}


@cache
def _packaged() -> dict[tuple[str, str], Callable[[], Callable[[Any], Any]]]:
    names = (module.name for module in iter_modules(import_module(WRITERS).__path__))
    parted = ((name, *name.partition("_")[::2]) for name in names)
    return {
        (kind, format_): lambda name=name: import_module(f"{WRITERS}.{name}").write  # type: ignore[misc]
        for name, kind, format_ in parted
        if format_
    }


@cache
def _brought() -> dict[tuple[str, str], Callable[[], Callable[[Any], Any]]]:
    found: dict[tuple[str, str], Callable[[], Callable[[Any], Any]]] = {}
    for entry in elsewhere.brought(WRITERS):
        kind, _, format_ = entry.name.partition(".")
        if not (kind and format_):
            raise entry.refused("its name should be KIND.FORMAT")
        if (kind, format_) in {**_packaged(), **found}:
            raise entry.refused(f"there is another writer {entry.name}")
        found[kind, format_] = partial(_writer, entry)
    return found


def _writer(entry: elsewhere.Brought) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = entry.load()
    if not callable(made):
        raise entry.refused(f"{reprlib.repr(made)} is no writer")
    return made


def as_data(value: Any) -> Any:
    """Return a value as JSON can hold it.

    Records become dicts by the names of their fields, sequences lists. JSON has no infinity and no
    NaN: these numbers are the strings "inf", "-inf" and "nan".
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if is_dataclass(value):
        return {one.name: as_data(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(item) for item in value]
    return str(value)
