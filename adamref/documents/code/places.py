"""Which element, and whose: what a right formula of a program is made with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.code.variables import is_kept, track
from adamref.documents.code.words import FIRST, GRADIENT, SECOND
from adamref.expressions.nodes import Name, names

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.documents.code.statements import Assignment, WrittenLoop
    from adamref.expressions.nodes import Node

_WHOSE = {"w": "weights", "b": "biases"}
_WHAT = {GRADIENT: "gradient", FIRST: "first moment", SECOND: "second moment"}


def of_another(one: Assignment, value: Node, role: Callable[[Name], str]) -> tuple[str, str] | None:
    """Find a gradient, or a moment, that is another parameter's.

    Returns
    -------
    (str, str) or None
        The mistake, and a sentence on it.
    """
    own = track(one.target)
    used = [(role(name), track(name)) for name in names(value)]
    for what, called in _WHAT.items():
        others = {whose for its, whose in used if its == what and whose}
        if own and others and own not in others:
            (other,) = others
            says = f"the {called} of the {_WHOSE[other]} stands where that of the"
            kind = "gradient" if what == GRADIENT else "state"
            return f"{kind}-of-another-parameter", f"{says} {_WHOSE[own]} should"
    return None


def of_another_loop(one: Assignment, value: Node) -> str:
    """Say that a variable goes on from an element that another loop counts, if it does.

    Or is made of one, where it is made of its own element of the same variable as well.
    """
    counters = {loop.variable for loop in one.loops}
    used = names(value)
    beside = {name.base for name in used if name.index == one.target.index}
    for name in used:
        if name.base not in {one.target.base, *beside} or name.index == one.target.index:
            continue
        pieces = [*name.index.split(","), *one.target.index.split(",")]
        if all(piece in counters for piece in pieces):
            right = replace(name, index=one.target.index)
            its = next((n.text for n in used if n.key == right.key), one.target.text)
            return f"{name.text} stands where {its} should"
    return ""


def beside(one: Assignment, every: Sequence[Assignment]) -> str:
    """Say that a variable goes on from the element beside its own, where its like do not.

    In a loop over layers ``u[l] = mu * u[l - 1] + …`` is a slip; in one over steps it is none.
    """
    index, base = one.target.index, one.target.base
    if one.value is None or not one.loops or index != one.loops[-1].variable:
        return ""
    others = [n for n in names(one.value) if n.base == base]
    shifted = [n for n in others if re.fullmatch(rf"{re.escape(index)}[-+]1", n.index)]
    if not shifted or any(n.index == index for n in others):
        return ""
    alike = [
        x
        for x in every
        if x.loops == one.loops and x is not one and x.target.index == index and is_kept(x)
        if x.value is not None and x.target.key in {n.key for n in names(x.value)}
    ]
    return f"{shifted[0].text} stands where {one.target.text} should" if len(alike) > 1 else ""


_AT_MOST = re.compile(r"\s*(\w+)\s*<=\s*([\w.]+(?:\(\))?)\s*$")


def past_the_end(loop: WrittenLoop, lines: Sequence[str]) -> str:
    """Say that a loop goes one element too far: from 0 to the size itself."""
    found = _AT_MOST.match(loop.over)
    if found is None or loop.first != 0 or found[1] != loop.variable:
        return ""
    size = found[2]
    declared = re.compile(rf"\w\s*\[\s*{re.escape(size)}\s*\]")
    counts = re.search(r"\.(?:length|size\(\)|Length|Count)$", size) is not None
    if not counts and not any(declared.search(line) for line in lines):
        return ""
    return f"the loop over {loop.variable} goes one element past the last: {size} is how many"
