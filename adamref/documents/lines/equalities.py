"""Two sides in symbols of a rule: equal at each of its steps, or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.lines.compare import close, rules_of, starts, value
from adamref.documents.lines.settings import Judged
from adamref.documents.lines.symbols import WrittenLine
from adamref.documents.lines.trajectories import STEPS, trajectories
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Binary, Name, Node, Number, names, walk

if TYPE_CHECKING:
    from adamref.documents.lines.settings import Setting
    from adamref.documents.roles import Notation
    from adamref.rules.rule import Rule

_CORRECTED = ("m_hat", "v_hat")


def equality(left: Node, right: Node, notation: Notation, setting: Setting) -> Judged | None:
    """Judge ``m_hat/sqrt(v_hat) = a m/sqrt(v)``: expressions, no assignment to a name.

    Both sides are worked on random runs of the rule. Only what speaks of a corrected moment on one
    side and of moments alone on the other is judged: an equation in the gradients may be solved
    for something, or be true of some of them.

    Parameters
    ----------
    left, right : Node
    notation : Notation
    setting : Setting

    Returns
    -------
    Judged or None
        It holds, or is wrong; None if a symbol is not understood or nothing is certain.
    """
    corrected, other = _fields(left, notation), _fields(right, notation)
    if corrected.isdisjoint(_CORRECTED):
        corrected, other = other, corrected
    moments = {name.removesuffix("_hat") for name in corrected}
    plain = corrected <= {*_CORRECTED} and bool(other) and other == moments
    # Of sides with a decimal each, both may be rounded: that is arithmetic.
    decimal = any(isinstance(n, Number) and n.unit < 1 for s in (left, right) for n in walk(s))
    if not plain or decimal or not all(isinstance(side, Binary) for side in (left, right)):
        return None
    sides = [WrittenLine("delta", Name("delta"), side, notation) for side in (left, right)]
    found = None
    for _, rule in rules_of(setting.optimizer, sides[0]):
        try:
            met = _meets(sides, rule)
        except CannotEvaluate:
            return None
        if met:
            return Judged("holds", "both sides are equal at every step of the rule", "")
        found = met if found is None else found
    if found is None or setting.around.gradients or setting.around.cases:
        return None
    return Judged("wrong", "the two sides are not equal at the steps of the rule", "")


def _fields(side: Node, notation: Notation) -> set[str]:
    meanings = [notation.meaning(name) for name in names(side)]
    return {m.name for m in meanings if m.kind == "field"}


def _meets(sides: list[WrittenLine], rule: Rule) -> bool | None:
    """Say whether both sides are equal on all runs; None if the rule has not all they name."""
    lines = [replace(side, notation=side.notation.under(rule)) for side in sides]
    for run in trajectories(rule):
        for t in STEPS:
            made = [value(line, run, t, starts(line)[0]) for line in lines]
            if None in made:
                return None
            if not close(made[0], made[1]):
                return False
    return True
