"""The entries of a state by name: which of them adamref knows, and what becomes of each.

A state may be a mapping, a NamedTuple or a dataclass; nested ones are trees of these and of tuples
and lists.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from adamref.oracle.observe.sessions.session import Failed, Held


def entries(state: Any) -> dict[str, Any] | None:
    """Return the entries of a state by name; None if they have no names."""
    if isinstance(state, Mapping):
        return {str(name): value for name, value in state.items()}
    if hasattr(state, "_asdict"):  # a NamedTuple
        return dict(state._asdict())
    if is_dataclass(state) and not isinstance(state, type):
        return {x.name: getattr(state, x.name) for x in fields(state)}
    return None


def replaced(state: Any, changes: Mapping[str, Any]) -> Any:
    """Return a copy of a state in which some entries are others."""
    if isinstance(state, Mapping):
        other = copy.deepcopy(state)
        if hasattr(other, "update"):
            other.update(changes)
            return other
        return {**other, **changes}
    if hasattr(state, "_replace"):
        return copy.deepcopy(state)._replace(**changes)
    return replace(copy.deepcopy(state), **changes)


def named(
    wanted: Sequence[str], known: Mapping[str, Sequence[str]], found: Mapping[str, Any]
) -> dict[str, str]:
    """Return which entry is which state: their names by adamref's, each of theirs for one state.

    >>> named(["m", "u"], {"m": ["mu"], "u": ["nu"], "v": ["nu"]}, {"mu": 1, "nu": 2})
    {'m': 'mu', 'u': 'nu'}

    Parameters
    ----------
    wanted : sequence of str
        adamref's names; where two may stand for one entry, the first has it.
    known : mapping of str to sequence of str
        Theirs by adamref's; adamref's own name goes without saying.
    found : mapping
    """
    which: dict[str, str] = {}
    for ours in wanted:
        for theirs in (*known.get(ours, ()), ours):
            if found.get(theirs) is not None and theirs not in which.values():
                which[ours] = theirs
                break
    return which


def one_for_all(tensors: Sequence[Held], largest: int) -> None:
    """Hold all tensors to have taken as many steps, no more than one counter holds.

    Raises
    ------
    Failed
        A refusal.
    """
    counts = sorted({held.t for held in tensors if held.t is not None})
    if len(counts) > 1:
        says = f"it has one counter for all tensors, and cannot hold t = {counts}"
        raise Failed("refusal", says)
    if counts and counts[0] > largest:
        says = f"its counter holds at most {largest}, and cannot hold t = {counts[0]}"
        raise Failed("refusal", says)


def same(one: Any, two: Any) -> bool:
    """Say whether two values, of any kind, are the same to the bit."""
    if one is two:
        return True
    try:
        a, b = np.asarray(one), np.asarray(two)
    except (TypeError, ValueError):
        return False
    if a.dtype.kind == "O" or b.dtype.kind == "O":
        return repr(one) == repr(two)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def _nothing(tree: Any) -> bool:
    del tree
    return False


def flat(tree: Any, left: Callable[[Any], bool] = _nothing) -> dict[str, Any]:
    """Return the fields of all nodes by name; of two of one name, that beside a moment.

    The counter of a schedule, too, is called count.

    Parameters
    ----------
    tree : object
    left : callable
        Says of a part of it whether it is left out.
    """
    nodes = sorted(_nodes(tree, left), key=lambda x: not {"mu", "nu", "m", "v"} & set(x))
    return {name: x for node in reversed(nodes) for name, x in node.items()}


def rewritten(tree: Any, name: str, value: Any, left: Callable[[Any], bool] = _nothing) -> Any:
    """Return a tree in which every field of a name has another value, but in what is left."""
    fields = entries(tree)
    if left(tree):
        return tree
    if fields is not None:
        new = {
            k: value if k == name else rewritten(x, name, value, left) for k, x in fields.items()
        }
        return replaced(tree, {k: x for k, x in new.items() if x is not fields[k]})
    if isinstance(tree, tuple | list):
        return type(tree)(rewritten(x, name, value, left) for x in tree)
    return tree


def each(tree: Any, name: str) -> Iterator[Any]:
    """Yield every field of a name, at any depth."""
    return (node[name] for node in _nodes(tree, _nothing) if name in node)


def lists(tree: Any) -> Iterator[Sequence[Any]]:
    """Yield all lists and tuples of a tree that are no nodes with named fields."""
    fields = entries(tree)
    if fields is None and isinstance(tree, tuple | list):
        yield tree
    below = tree if fields is None and isinstance(tree, tuple | list) else (fields or {}).values()
    for x in below:
        yield from lists(x)


def _nodes(tree: Any, left: Callable[[Any], bool]) -> list[dict[str, Any]]:
    """Return all nodes of a tree that have named fields."""
    fields = entries(tree)
    if left(tree):
        return []
    if fields is not None:
        return [fields, *(node for x in fields.values() for node in _nodes(x, left))]
    if isinstance(tree, tuple | list):
        return [node for x in tree for node in _nodes(x, left)]
    return []
