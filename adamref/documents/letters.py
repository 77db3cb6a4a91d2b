"""What a letter is by where it stands in the formulas of a document."""

from __future__ import annotations

from collections.abc import Sequence

from adamref.documents.statements import Event, WrittenChain
from adamref.expressions.nodes import Binary, Call, Largest, Name, names, walk


def maxima(events: Sequence[Event]) -> frozenset[str]:
    """Find the letters with a hat that are the largest of themselves and of another."""
    found = set()
    for event in events:
        if not isinstance(event, WrittenChain) or not isinstance(event.parts[0].node, Name):
            continue
        left = event.parts[0].node
        largest = [x for p in event.parts[1:] for x in walk(p.node) if isinstance(x, Largest)]
        if left.hat and any(n.base == left.base and n.hat for x in largest for n in names(x)):
            found.add(left.base)
    return frozenset(found)


def moving(events: Sequence[Event]) -> set[str]:
    """Find the letters from which a step is taken: a size times something over a root."""
    found = set()
    for event in events:
        if not isinstance(event, WrittenChain) or not isinstance(event.parts[0].node, Name):
            continue
        left = event.parts[0].node
        for part in event.parts[1:]:
            made = part.node
            if not isinstance(made, Binary) or made.sign != "-" or left.hat:
                continue
            before = made.left
            again = isinstance(before, Name) and before.base == left.base and not before.hat
            sized = any(n.base in ("alpha", "eta") for n in names(made.right))
            rooted = any(isinstance(x, Call) and x.function == "sqrt" for x in walk(made.right))
            if again and sized and rooted:
                found.add(left.base)
    return found


def is_beside_roots(events: Sequence[Event], letter: str) -> bool:
    """Say whether a letter is added to a root, or under one, wherever it stands in symbols."""
    sums = [
        (x.left, x.right)
        for event in events
        if isinstance(event, WrittenChain)
        for part in event.parts[1:]
        for x in walk(part.node)
        if isinstance(x, Binary) and x.sign == "+"
    ]
    return any(
        isinstance(one, Name)
        and (one.base, one.index) == (letter, "")
        and any(isinstance(x, Call) and x.function == "sqrt" for x in walk(other))
        for pair in sums
        for one, other in (pair, pair[::-1])
    )
