"""Expectations of moments: without its bias a moment expects what it averages, and only then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.documents.claims import Cause
from adamref.documents.lines.settings import Judged
from adamref.expressions.nodes import Binary, Name, Node, Number

if TYPE_CHECKING:
    from adamref.documents.roles import Notation

_HEDGED = re.compile(
    r"\b(?:want|would|should|like|ideal\w*|not|no|hope|desir\w+|if|need|condition|unless|were|must"
    r"|steady|stationary|large|infinity|eventually)\b|n't",
    re.IGNORECASE,
)
_SOURCE = "Kingma & Ba 2015, section 3"


def expectation(left: Node, right: Node, notation: Notation, around: str) -> Judged | None:
    """Judge ``E[m_t] = E[g_t]``; None for anything else, and for what is only wished for.

    Parameters
    ----------
    left, right : Node
    notation : Notation
    around : str
        The lines around, which may say that it is a wish, or a condition.
    """
    of, what = _inside(left), _inside(right)
    if not isinstance(of, Name) or what is None:
        return None
    field = notation.meaning(of).name
    averaged = {"m": "g", "v": "g^2"}.get(field.removesuffix("_hat"))
    if averaged is None or _averaged(what, notation) != averaged:
        return None
    if field.endswith("_hat"):
        because = f"{_SOURCE}: what is averaged is expected, where its distribution stays"
        return Judged("holds", because, field)
    if _HEDGED.search(around):
        return None
    says = f"{of.text.strip()} is biased towards 0: only its corrected value expects {averaged}"
    cause = Cause(f"{field}_hat-uncorrected", says, reproduces=True)
    return Judged("wrong", says, field, causes=(cause,))


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
