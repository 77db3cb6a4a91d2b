"""Nested states: NamedTuples, dataclasses, mappings, tuples and lists."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def field(tree: Any, known: Sequence[str]) -> tuple[str, Any]:
    """Return the first field of one of some names, and its name; ("", None) if there is none.

    The counter of a schedule, too, is called count: that beside a moment comes first.
    """
    found = [x for x in _named(tree) if any(name in x for name in known)]
    found.sort(key=lambda x: not {"mu", "nu", "m", "v"} & set(x))
    for entries in found:
        for name in known:
            if name in entries:
                return name, entries[name]
    return "", None


def replaced(tree: Any, name: str, value: Any) -> Any:
    """Return a tree in which every field of a name has another value."""
    if hasattr(tree, "_asdict"):
        old = tree._asdict()
        new = {key: value if key == name else replaced(x, name, value) for key, x in old.items()}
        return tree._replace(**new)
    if is_dataclass(tree) and not isinstance(tree, type):
        old = {x.name: getattr(tree, x.name) for x in fields(tree)}
        new = {key: value if key == name else replaced(x, name, value) for key, x in old.items()}
        return replace(tree, **new)
    if isinstance(tree, dict):
        return {k: value if k == name else replaced(x, name, value) for k, x in tree.items()}
    if isinstance(tree, tuple | list):
        return type(tree)(replaced(x, name, value) for x in tree)
    return tree


def _named(tree: Any) -> list[dict[str, Any]]:
    """Return all nodes of a tree that have named fields."""
    if hasattr(tree, "_asdict"):
        entries = dict(tree._asdict())
    elif is_dataclass(tree) and not isinstance(tree, type):
        entries = {x.name: getattr(tree, x.name) for x in fields(tree)}
    elif isinstance(tree, dict):
        entries = {str(key): x for key, x in tree.items()}
    elif isinstance(tree, tuple | list):
        return [node for x in tree for node in _named(x)]
    else:
        return []
    return [entries, *(node for x in entries.values() for node in _named(x))]
