"""What a checkpoint holds as a tree: dicts and lists of arrays, numbers and text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

from adamref.errors import Unreadable
from adamref.replay.checkpoint import StoredArray

MOST_NODES = 4_000_000
MOST_DEPTH = 64
"""Above what any checkpoint has; a pickle of some bytes can name itself without end."""


@final
@dataclass(frozen=True)
class NotRead:
    """Stands where something could not be read.

    Attributes
    ----------
    because : str
    """

    because: str


Path = tuple[str, ...]


def leaves(tree: Any, path: str) -> Iterator[tuple[Path, Any]]:
    """Yield what is neither a dict nor a list, with the keys that lead to it, in order.

    Raises
    ------
    Unreadable
        If there is more of it, or it is nested deeper, than in any checkpoint.
    """
    nodes = 0
    left: list[tuple[Path, Any]] = [((), tree)]
    while left:
        at, node = left.pop()
        nodes += 1
        if nodes > MOST_NODES or len(at) > MOST_DEPTH:
            raise Unreadable(path, "what it holds is nested without end")
        below = children(node)
        if below is None:
            yield at, node
        else:
            left += [((*at, str(key)), value) for key, value in below[::-1]]


def children(node: Any) -> list[tuple[Any, Any]] | None:
    """Return keys and values of a dict or a list; None for what is neither."""
    if isinstance(node, Mapping):
        return list(node.items())
    if isinstance(node, list | tuple):
        return list(enumerate(node))
    return None


def number(leaf: Any) -> float | None:
    """Return a number that stands in the tree, or in an array of one element; None if it is none.

    Raises
    ------
    Unreadable
        If the array cannot be read.
    """
    if isinstance(leaf, StoredArray) and leaf.size == 1 and not leaf.dtype.startswith("complex"):
        leaf = leaf.read(0, 1)[0].item()
    return leaf if isinstance(leaf, int | float) else None


def count(leaf: Any) -> int | None:
    """Return a number of steps; None if it is no whole number from 0 on.

    >>> count(3.0), count(2.5), count(True), count("3")
    (3, None, None, None)
    """
    found = number(leaf)
    if found is None or isinstance(found, bool) or not 0 <= found < 1 << 63 or found % 1:
        return None
    return int(found)
