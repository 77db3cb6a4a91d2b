"""Expectations of moments: without its bias a moment expects what it averages, and only then."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Cause
from adamref.documents.lines.matching import candidates, matching
from adamref.documents.lines.settings import Judged
from adamref.documents.lines.symbols import WrittenLine, own_rate
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import (
    Binary,
    Call,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    names,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.roles import Notation
    from adamref.rules.optimizer import Optimizer

_HEDGED = re.compile(
    r"\b(?:want|would|should|like|ideal\w*|not|no|hope|desir\w+|if|need|condition|unless|were|must"
    r"|steady|stationary|large|infinity|eventually)\b|n't",
    re.IGNORECASE,
)
_SOURCE = "Kingma & Ba 2015, section 3"
_AVERAGED = {"m": "g", "v": "g^2"}


@final
@dataclass(frozen=True)
class ExpectedReading:
    """How names are read, by which optimizer they are judged, and the lines around.

    These may say that it is a wish, or a condition.
    """

    notation: Notation
    optimizer: Optimizer
    around: str


def expectations(
    parts: Sequence[Node], relations: Sequence[str], reading: ExpectedReading
) -> list[tuple[int, Judged]]:
    """Judge what the expectation of a moment is said to be, part for part.

    Parameters
    ----------
    parts : sequence of Node
        A chain: first the expectation, ``E[m_t]``, then what it is said to be.
    relations : sequence of str
        That join them.
    reading : ExpectedReading

    Returns
    -------
    list of (int, Judged)
        Which part, and what is thought of it; those that are not understood are left out.
    """
    of = _inside(parts[0])
    if not isinstance(of, Name):
        return []
    field = reading.notation.meaning(of).name
    found = []
    for i, (part, relation) in enumerate(zip(parts[1:], relations, strict=False), 1):
        right = _without_remainder(part)
        made = _expectation(of, field, right, reading)
        if made is None and relation == "=" and field in ("m", "v"):
            made = _closed_form(of, field, right, reading)
        if made is not None:
            found.append((i, made))
    return found


def _without_remainder(node: Node) -> Node:
    """Leave out the zeta of section 3: what is added where the mean does change."""
    if isinstance(node, Binary) and node.sign == "+" and isinstance(node.right, Name):
        return node.left if node.right.base == "zeta" else node
    return node


def _expectation(of: Name, field: str, right: Node, reading: ExpectedReading) -> Judged | None:
    """Judge ``E[m_t] = E[g_t]``; None for anything else, and for what is only wished for."""
    what = _inside(right)
    averaged = _AVERAGED.get(field.removesuffix("_hat"))
    if what is None or averaged is None or _averaged(what, reading.notation) != averaged:
        return None
    if field.endswith("_hat"):
        because = f"{_SOURCE}: what is averaged is expected, where its distribution stays"
        return Judged("holds", because, field)
    if _HEDGED.search(reading.around):
        return None
    says = f"{of.text.strip()} is biased towards 0: only its corrected value expects {averaged}"
    cause = Cause(f"{field}_hat-uncorrected", says, reproduces=True)
    return Judged("wrong", says, field, causes=(cause,))


def _closed_form(of: Name, field: str, right: Node, reading: ExpectedReading) -> Judged | None:
    """Judge ``E[m_t] = (1 - beta_1^t) mu``: what m is where what is averaged is mu at all steps.

    A moment is linear in what it averages, so what is expected of it follows from that alone.
    """
    try:
        node = _of_mean(right, field, of, reading.notation)
    except CannotEvaluate:
        return None
    line = WrittenLine(field, of, node, reading.notation)
    try:
        label, some, _ = matching(line, list(candidates(line, reading.optimizer)), "constant")
    except CannotEvaluate:
        return None
    if label is not None:
        because = f"{_SOURCE}: it is what {field} is for one mean at all steps"
        return Judged("holds", because, field)
    if not some or _HEDGED.search(reading.around):
        return None
    rate, mean = own_rate(field), _AVERAGED[field]
    because = f"for one mean at all steps it is (1 - {rate}^t)*E[{mean}]"
    return Judged("wrong", because, field)


def _of_mean(right: Node, field: str, of: Name, notation: Notation) -> Node:
    """Put a gradient that is the same at all steps in the place of what is expected of it.

    Raises
    ------
    CannotEvaluate
        If it is not clear what stands for the mean.
    """
    node = _unwrapped(right)
    bound = {x.index for x in walk(node) if isinstance(x, Sum)} | {of.index[:1]}
    others, known = set(), False
    for name in names(node):
        meaning = notation.meaning(name)
        if meaning.kind == "field" and meaning.name in ("g", field):
            known |= meaning.name == "g"
        elif meaning.kind == "field" or (meaning.kind == "hyper" and meaning.name == "alpha"):
            raise CannotEvaluate(name.text, "it is no part of what a moment expects")
        elif meaning.kind == "other" and name.base not in bound:
            others.add(name.key)
    if len(others) != 1 - known:
        raise CannotEvaluate("the mean", "it is not clear what stands for it")
    if known:
        return node
    return _filled(node, next(iter(others)), field, Name("g", of.index))


def _filled(node: Node, mean: tuple[str, str, bool, bool], field: str, g: Name) -> Node:
    """Put the gradient, or its square, in the place of a letter, or of its square."""
    square = Binary("^", g, Number(Fraction(2), Fraction(1), "2"), grouped=True)
    if isinstance(node, Name):
        return (square if field == "v" else g) if node.key == mean else node
    raised = node.left if isinstance(node, Binary) and node.sign == "^" else None
    if isinstance(node, Binary) and isinstance(raised, Name) and raised.key == mean:
        squared = isinstance(node.right, Number) and node.right.value == 2
        if field == "v" and squared and raised.base != "mu":
            return square
        raise CannotEvaluate(raised.text, "its power is not what is averaged")
    if isinstance(node, Binary | Largest):
        left, right = (_filled(x, mean, field, g) for x in (node.left, node.right))
        return replace(node, left=left, right=right)
    if isinstance(node, Negative | Call | Sum):
        return replace(node, of=_filled(node.of, mean, field, g))
    return node


def _unwrapped(node: Node) -> Node:
    """Take the sign of an expectation off what it is of.

    Raises
    ------
    CannotEvaluate
        If something is done to the expectation that cannot be done inside of it.
    """
    if isinstance(node, Binary):
        if node.sign == "juxtaposed" and _is_expectation(_last(node.left)):
            plain = not isinstance(node.right, Binary) or node.right.grouped
            if not plain:
                raise CannotEvaluate("E", "a power of an expectation")
            if isinstance(node.left, Binary):
                return replace(node, left=_unwrapped(node.left.left), right=node.right)
            return node.right
        if node.sign == "^" and any(_is_expectation(x) for x in walk(node)):
            raise CannotEvaluate("E", "a power of an expectation")
    if isinstance(node, Binary | Largest):
        return replace(node, left=_unwrapped(node.left), right=_unwrapped(node.right))
    if isinstance(node, Negative | Call | Sum):
        return replace(node, of=_unwrapped(node.of))
    return node


def _last(node: Node) -> Node:
    return node.right if isinstance(node, Binary) and node.sign in ("juxtaposed", "*") else node


def _is_expectation(node: Node) -> bool:
    return isinstance(node, Name) and (node.base, node.index) == ("E", "")


def _inside(node: Node) -> Node | None:
    """Return what an expectation is of."""
    if isinstance(node, Binary) and node.sign == "juxtaposed" and isinstance(node.left, Name):
        return node.right if (node.left.base, node.left.index) == ("E", "") else None
    return None


def _averaged(node: Node, notation: Notation) -> str:
    if isinstance(node, Name):
        return notation.meaning(node).name
    squared = isinstance(node, Binary) and node.sign == "^" and isinstance(node.left, Name)
    if squared and isinstance(node, Binary) and isinstance(node.right, Number):
        its = isinstance(node.left, Name) and notation.meaning(node.left).name
        return f"{its}^{node.right.value}"
    return ""
