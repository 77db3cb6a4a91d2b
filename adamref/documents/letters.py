"""What a letter is by where it stands in the formulas of a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from adamref.documents.statements import Event, WrittenChain
from adamref.expressions.nodes import Binary, Call, Largest, Name, Node, Number, names, walk


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


def by_numbers(
    events: Sequence[Event], rates: Mapping[str, Fraction], known: Collection[str]
) -> dict[str, str]:
    """Find moments by the numbers they are worked with: ``q = 0.999 · 0.001 + 0.001 · 2²``.

    A letter is the moment whose rate stands before the one summand, and what is left of 1 before
    the other. What is squared is the second; where the two disagree nothing is said.

    Parameters
    ----------
    events : sequence of Event
    rates : mapping of str to Fraction
        The decay rate of each moment, as the document gives them.
    known : collection of str
        Letters that mean something else, or a moment beyond doubt.
    """
    found: dict[str, set[str]] = {}
    for event in events:
        if not isinstance(event, WrittenChain) or not isinstance(event.parts[0].node, Name):
            continue
        left = event.parts[0].node
        if left.hat or left.prime or left.base in known:
            continue
        for part in event.parts[1:]:
            found.setdefault(left.base, set()).update(_worked_as(part.node, rates))
    sure = {letter: its.pop() for letter, its in found.items() if len(its) == 1}
    return {x: field for x, field in sure.items() if list(sure.values()).count(field) == 1}


def _worked_as(made: Node, rates: Mapping[str, Fraction]) -> list[str]:
    if not isinstance(made, Binary) or made.sign not in "+-" or names(made):
        return []
    before, rest = list(_multiplied(made.left)), list(_multiplied(made.right))
    squared = any(_is_square(x) for x in rest) or (len(rest) == 3 and rest[1] == rest[2])
    values = [_number(x) for x in before], [_number(x) for x in rest]
    fits = [x for x, rate in rates.items() if rate in values[0] and 1 - rate in values[1]]
    if squared and fits == ["m"]:
        return ["m", "v"]  # a slip, or another letter: nothing is known
    return fits if len(rates) == len({*rates.values()}) else []


def _multiplied(node: Node) -> Iterator[Node]:
    if isinstance(node, Binary) and node.sign in ("*", "juxtaposed"):
        yield from _multiplied(node.left)
        yield from _multiplied(node.right)
    else:
        yield node


def _is_square(node: Node) -> bool:
    if not isinstance(node, Binary) or node.sign != "^":
        return False
    return isinstance(node.right, Number) and node.right.value == 2


def _number(node: Node) -> Fraction | None:
    """Return the value of a number, or of ``1 - 0.9``."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Binary) and node.sign == "-":
        one, rate = node.left, node.right
        if isinstance(one, Number) and isinstance(rate, Number):
            return one.value - rate.value
    return None
