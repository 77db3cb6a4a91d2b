"""Nested states: NamedTuples, dataclasses, mappings, tuples and lists."""

from __future__ import annotations

from typing import Any

from adamref.oracle.observe.calling.entries import entries, replaced


def flat(tree: Any) -> dict[str, Any]:
    """Return the fields of all nodes by name; of two of one name, that beside a moment.

    The counter of a schedule, too, is called count.
    """
    nodes = sorted(_nodes(tree), key=lambda x: not {"mu", "nu", "m", "v"} & set(x))
    return {name: x for node in reversed(nodes) for name, x in node.items()}


def rewritten(tree: Any, name: str, value: Any) -> Any:
    """Return a tree in which every field of a name has another value."""
    fields = entries(tree)
    if fields is not None:
        new = {k: value if k == name else rewritten(x, name, value) for k, x in fields.items()}
        return replaced(tree, {k: x for k, x in new.items() if x is not fields[k]})
    if isinstance(tree, tuple | list):
        return type(tree)(rewritten(x, name, value) for x in tree)
    return tree


def _nodes(tree: Any) -> list[dict[str, Any]]:
    """Return all nodes of a tree that have named fields."""
    fields = entries(tree)
    if fields is not None:
        return [fields, *(node for x in fields.values() for node in _nodes(x))]
    if isinstance(tree, tuple | list):
        return [node for x in tree for node in _nodes(x)]
    return []
