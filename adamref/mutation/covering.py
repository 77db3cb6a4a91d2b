"""The smallest number of sets that together have everything: exact, by depth and exclusion."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

_Each = TypeVar("_Each", bound=Hashable)


def smallest_cover(told: Mapping[_Each, frozenset[int]], cost: Mapping[int, float]) -> list[int]:
    """Return the fewest sets, and of as few the cheapest found, that tell everything.

    Parameters
    ----------
    told : mapping of object to frozenset of int
        For each thing the sets that have it; things that none has are left out.
    cost : mapping of int to float
        Of each set.

    >>> smallest_cover({"a": frozenset({1, 2}), "b": frozenset({2, 3})}, {1: 1, 2: 1, 3: 1})
    [2]
    """
    # What is told by more sets than another thing is told where that one is.
    kinds = sorted({x for x in told.values() if x}, key=len)
    left = [x for i, x in enumerate(kinds) if not any(y < x for y in kinds[:i])]
    for most in range(len(left) + 1):
        found = _cover(left, most, cost)
        if found is not None:
            return sorted(found)
    return []


def _cover(left: list[frozenset[int]], most: int, cost: Mapping[int, float]) -> list[int] | None:
    """Return at most so many sets that tell all that is left; None if there are none."""
    if not left:
        return []
    if most == 0:
        return None
    hardest = min(left, key=len)
    for one in sorted(hardest, key=lambda i: (-sum(i in x for x in left), cost.get(i, 0.0))):
        found = _cover([x for x in left if one not in x], most - 1, cost)
        if found is not None:
            return [one, *found]
    return None
