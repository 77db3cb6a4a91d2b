"""What a letter is by where it stands in the formulas of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.dialects import moments, rates
from adamref.documents.statements import Event, WrittenChain
from adamref.expressions.nodes import (
    Binary,
    Call,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    names,
    walk,
)

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

RATES = ("beta", "rho", "gamma", "B")
"""Letters of decay rates."""


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


def differential(name: Name) -> str:
    """Return the letters of ``dx``, ``dw_1`` and ``dtheta`` without what counts; else nothing."""
    match = _DIFFERENTIAL.match(name.text) if name.base == "grad" else None
    return match[0] if match is not None else ""


_DIFFERENTIAL = re.compile(r"d(?:[a-zA-Z]|theta|θ)(?![^\W\d_])")


def steps(events: Sequence[Event], size: Callable[[Node], bool]) -> frozenset[str]:
    """Find the differentials that are no gradient, but the step that is taken: ``dx = lr·m/s``.

    That is a product with the size of the step, in a document whose gradient has another name.

    Parameters
    ----------
    events : sequence of Event
    size : callable
        Says of a name or a number whether it is the size of the step.
    """
    found, gradients = set(), set()
    for event in events:
        if not isinstance(event, WrittenChain) or not isinstance(event.parts[0].node, Name):
            continue
        left = event.parts[0].node
        if _is_gradient(left):
            gradients.add(differential(left))
        if not (letters := differential(left)):
            continue
        for part in event.parts[1:]:
            factors = list(_numerator(part.node))
            if len(factors) > 1 and any(map(size, factors)):
                found.add(letters)
    return frozenset(found if gradients - found else ())


def _numerator(node: Node) -> Iterator[Node]:
    """List what is multiplied above the line, without signs; what is divided counts as two."""
    if isinstance(node, Negative):
        yield from _numerator(node.of)
    elif isinstance(node, Binary) and node.sign in ("*", "juxtaposed"):
        yield from _numerator(node.left)
        yield from _numerator(node.right)
    elif isinstance(node, Binary) and node.sign == "/":
        yield from _numerator(node.left)
        yield node
    else:
        yield node


def averages_squares(events: Sequence[Event]) -> bool:
    """Say whether the squares of gradients are averaged: that is Adam's second moment."""
    return any(
        _is_square_of_gradient(node)
        for event in events
        if isinstance(event, WrittenChain)
        for part in event.parts
        for node in walk(part.node)
    )


def _is_square_of_gradient(node: Node) -> bool:
    if not isinstance(node, Binary):
        return False
    if node.sign in ("*", "juxtaposed"):
        factors = list(_multiplied(node))
        return factors[-1] in factors[:-1] and _is_gradient(factors[-1])
    return _is_square(node) and _is_gradient(node.left)


def _is_gradient(node: Node) -> bool:
    return isinstance(node, Name) and node.base in ("g", "G", "grad")


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


def unusual_letters(
    events: Sequence[Event], letters: set[str], tracks: set[str], *, small_delta: bool
) -> dict[tuple[str, str], str]:
    """Find the hyperparameters that have an unusual letter."""
    bound: dict[tuple[str, str], str] = {}
    if "rho" in letters and "beta" not in letters and small_delta:
        bound = {("epsilon", ""): "alpha", ("delta", ""): "eps"}
    elif small_delta and "epsilon" not in letters and is_beside_roots(events, "delta"):
        bound = {("delta", ""): "eps"}
    if "b" not in tracks and not letters & {"beta", "rho"}:
        bound |= {("b", "1"): "beta1", ("b", "2"): "beta2"}
    if "gamma" in letters and letters & {"beta", "rho", "mu"} and not letters & {"alpha", "eta"}:
        # PyTorch's pages: where the rates have another letter, this is the step size.
        bound |= {("gamma", ""): "alpha"}
    return bound


def has_elements(events: Sequence[Event], *, timed: bool) -> bool:
    """Say whether vectors are given by their elements; in the rows of a table, or outside."""
    chains = [event for event in events if isinstance(event, WrittenChain)]
    return any(
        re.fullmatch(r"(.+,)?\[\d+\]", name.index) is not None
        for chain in chains
        if (chain.time is not None) == timed
        for name in names(chain.parts[0].node)
    )


def by_rates(
    events: Sequence[Event], rule: Rule, known: Collection[str], loose: Collection[str]
) -> dict[str, str]:
    """Find letters by their recurrence: what is made of itself and of a gradient is a moment.

    Which one, the decay rate says. Two letters for one moment say nothing. A letter that some
    convention has (``loose``) is another moment than there only if the square agrees.
    """
    if not {"m", "v"} <= {*moments(rule)} or not {"beta1", "beta2"} <= {*rates(rule)}:
        return {}
    found: dict[str, set[str]] = {"m": set(), "v": set()}
    for event in events:
        if not isinstance(event, WrittenChain) or not isinstance(event.parts[0].node, Name):
            continue
        left = event.parts[0].node
        used = [n for part in event.parts[1:] for n in names(part.node)]
        again = any(n.base == left.base and not n.hat for n in used)
        plain = left.base not in {*known, *RATES, "delta", "t"} and not left.hat
        averages = any(n.base in ("g", "G", "grad") for n in used)
        indices = {n.index for n in used if n.base in RATES} & {"1", "2"}
        squared = averages_squares([event])
        if left.base in loose and squared != (indices == {"2"}):
            continue
        if plain and again and averages and len(indices) == 1:
            found["m" if indices == {"1"} else "v"].add(left.base)
    alone = {field: letters for field, letters in found.items() if len(letters) == 1}
    if len(alone) == 2 and alone["m"] == alone["v"]:
        return {}
    return {letter: field for field, letters in alone.items() for letter in letters}


def corrections(events: Sequence[Event]) -> Iterator[tuple[Name, Name]]:
    """Find what is said to be a name divided by ``1 - beta^t``: ``mc_t = m_t/(1 - beta1^t)``."""
    for event in events:
        if not isinstance(event, WrittenChain) or not isinstance(event.parts[0].node, Name):
            continue
        for part in event.parts[1:]:
            made = part.node
            if not isinstance(made, Binary) or made.sign != "/":
                continue
            if isinstance(made.left, Name) and _is_rest(made.right):
                yield event.parts[0].node, made.left


def _is_rest(node: Node) -> bool:
    power = node.right if isinstance(node, Binary) and node.sign == "-" else None
    if not isinstance(power, Binary) or power.sign != "^":
        return False
    return isinstance(power.left, Name) and power.left.base in RATES


def by_numbers(
    events: Sequence[Event], given: Mapping[str, Fraction], known: Collection[str]
) -> dict[str, str]:
    """Find moments by the numbers they are worked with: ``q = 0.999 · 0.001 + 0.001 · 2²``.

    A letter is the moment whose rate stands before the one summand, and what is left of 1 before
    the other. What is squared is the second; where the two disagree nothing is said.

    Parameters
    ----------
    events : sequence of Event
    given : mapping of str to Fraction
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
            found.setdefault(left.base, set()).update(_worked_as(part.node, given))
    sure = {letter: its.pop() for letter, its in found.items() if len(its) == 1}
    return {x: field for x, field in sure.items() if list(sure.values()).count(field) == 1}


def _worked_as(made: Node, given: Mapping[str, Fraction]) -> list[str]:
    if not isinstance(made, Binary) or made.sign not in "+-" or names(made):
        return []
    before, rest = list(_multiplied(made.left)), list(_multiplied(made.right))
    squared = any(_is_square(x) for x in rest) or (len(rest) == 3 and rest[1] == rest[2])
    values = [_number(x) for x in before], [_number(x) for x in rest]
    fits = [x for x, rate in given.items() if rate in values[0] and 1 - rate in values[1]]
    if squared and fits == ["m"]:
        return ["m", "v"]  # a slip, or another letter: nothing is known
    return fits if len(given) == len({*given.values()}) else []


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
