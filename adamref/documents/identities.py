"""Two sides with the same symbols: equal whatever these are, or not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

from adamref.errors import CannotEvaluate
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import Name, Node, Number, names, numbers
from adamref.numbers.enclosure import Enclosure

_ENCLOSURE = Enclosure(128)
_POINTS = 3


def contradicts(left: Node, right: Node) -> bool:
    """Say whether two sides of a relation differ, wherever their numbers were rounded.

    ``0.98 · 0.02 x + 0.02 y = 0.196 x + 0.02 y`` differ. Only sides with the same symbols are
    compared, and only such as have a decimal each: others may define something, or be solved.
    """
    known = {n.key for n in names(left)}
    decimals = all(any(n.unit < 1 for n in numbers(side)) for side in (left, right))
    if not known or known != {n.key for n in names(right)} or not decimals:
        return False
    if isinstance(left, Name) or isinstance(right, Name):
        return False
    # The seed only makes the points the same every time.
    drawn = random.Random(1847)  # noqa: S311
    points = [
        {key: Fraction(drawn.randint(1, 999), 100) for key in sorted(known)} for _ in range(_POINTS)
    ]
    return any(_lie_apart(left, right, at) for at in points)


def _lie_apart(left: Node, right: Node, at: dict[Any, Fraction]) -> bool:
    """Say whether no reading of two sides, worked at a point, lets them meet."""
    pairs = list(product(_ends(left, at, Fraction(1, 2)), _ends(right, at, Fraction(1))))
    return bool(pairs) and all(b < c or d < a for (a, b), (c, d) in pairs)


def _ends(
    node: Node, at: dict[Any, Fraction], share: Fraction
) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield what a side is at least and at most, in either reading of its signs.

    A decimal may be off by a share of a unit of its last place.
    """

    def leaf(one: Number | Name) -> Any:
        if isinstance(one, Name):
            return _ENCLOSURE.lift(at[one.key])
        off = one.unit * share if one.unit < 1 else 0
        return _ENCLOSURE.between(one.value - off, one.value + off)

    for loose in (False, True):
        try:
            yield _ENCLOSURE.ends(evaluate(node, _ENCLOSURE, leaf, loose=loose))
        except (CannotEvaluate, ArithmeticError, TypeError, ValueError):
            return
