"""Closed forms without a sum: what a line is where the gradient is the same at every step.

A formula that has no earlier state and no sum in it says what a state is for one gradient. It is
true where the text says that there is one, or writes it so, as g beside m_t, or as its number.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from adamref.documents.claims import Cause
from adamref.documents.lines.compare import close, starts, steps, value
from adamref.documents.lines.matching import matching
from adamref.documents.lines.settings import Judged
from adamref.documents.lines.symbols import own_rate
from adamref.documents.lines.trajectories import BALL, trajectories
from adamref.expressions.nodes import Sum, names, walk
from adamref.rules.symbols import current

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sympy import Expr

    from adamref.documents.lines.settings import Setting
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.documents.lines.trajectories import Fixed
    from adamref.rules.rule import Rule

    Tried = Sequence[tuple[str, Rule, Fixed]]

_POWERS = {"m": 1, "v": 2, "m_hat": 1, "v_hat": 2}
"""With what power of the gradient a moment grows."""


def for_one_gradient(line: WrittenLine, tried: Tried, setting: Setting) -> Judged | None:
    """Judge a closed form by the one gradient that it speaks of; None if it is none or is not so.

    Raises
    ------
    CannotEvaluate
        If a name in it is not understood.
    """
    if not is_closed(line) or not line.moment.letter:
        return None
    title = setting.optimizer.name
    if gradients_in(line):
        if not _is_bare(line) or matching(line, tried, "constant")[0] is None:
            return None
        because = (
            f"for one gradient at all steps, as g without an index is, it is what {line.field} is"
        )
        return Judged("holds", because, line.field, optimizer=title)
    size = _gradient_of(line, tried)
    if size is None:
        return None
    around = setting.around
    one_size = any(abs(float(x)) == size for x in around.said_gradients)
    both_signs = len({x > 0 for x in around.said_gradients if abs(float(x)) == size}) > 1
    if one_size and (_POWERS[line.field] == 2 or not both_signs):
        because = f"for a gradient of {size:g} at all steps it is what {line.field} is"
        return Judged("holds", because, line.field, optimizer=title)
    if around.said_gradients and not both_signs:
        return None
    because = f"it is so for a gradient of {size:g} at all steps, which the text does not say"
    return Judged("unread", because, line.field, optimizer=title)


def only_for_one(line: WrittenLine, tried: Tried) -> tuple[Cause, ...]:
    """Say of a wrong line that it would be right for one gradient; nothing where it would not."""
    if not is_closed(line) or matching(line, tried, "constant")[0] is None:
        return ()
    says = "it is so only where the gradient is the same at every step"
    return (Cause("constant-gradient", says, reproduces=True),)


def right_form(line: WrittenLine, tried: Tried) -> Expr | None:
    """Return what a moment is for one gradient, if a closed form of it for one stands there."""
    power = _POWERS.get(line.field, 0)
    if not power or not is_closed(line) or not _is_bare(line) or line.field.endswith("_hat"):
        return None
    rate = own_rate(line.field)
    for _, rule, fixed in tried[:1]:
        if rate not in rule.defaults:
            return None
        for run in trajectories(rule, fixed, gradients="constant"):
            with BALL.working():
                below = BALL.one_minus_power(run.hypers[rate], Fraction(3))
                made = below * run.values["g", 1] ** power
            if not close(made, run.values[line.field, 3]):
                return None
    return (1 - current(rate) ** current("t")) * current("g") ** power


def is_closed(line: WrittenLine) -> bool:
    """Say whether a line has no earlier state, no sum, and counts its steps."""
    if any(isinstance(node, Sum) for node in walk(line.right)):
        return False
    meanings = [line.meaning(name) for name in names(line.right)]
    fields = [x for x in meanings if x.kind == "field" and x.name != "g"]
    return all(x.name == "theta" and x.time == "0" for x in fields)


def gradients_in(line: WrittenLine) -> list[str]:
    """Return the steps of the gradients in a line."""
    meanings = [line.meaning(name) for name in names(line.right)]
    return [x.time for x in meanings if (x.kind, x.name) == ("field", "g")]


def _is_bare(line: WrittenLine) -> bool:
    times = gradients_in(line)
    return bool(times) and not any(times) and bool(line.moment.letter)


def _gradient_of(line: WrittenLine, tried: Tried) -> float | None:
    """Return how large the one gradient is for which a line without any is right."""
    power = _POWERS.get(line.field)
    for _, rule, fixed in tried if power is not None else ():
        for start in starts(line):
            found = list(_scales(line, rule, fixed, start, power or 1))
            if found and None not in found and all(close(x, found[0]) for x in found):
                size = float(found[0])
                if power == 2:
                    size = size**0.5 if size > 0 else 0.0
                if size:
                    return round(abs(size), 12)
    return None


def _scales(line: WrittenLine, rule: Rule, fixed: Fixed, start: int, power: int) -> Iterator[Any]:
    for run in trajectories(rule, fixed, gradients="constant"):
        for t in steps(line):
            made, wanted = value(line, run, t, start), run.values.get((line.field, t))
            if made is None or wanted is None or isinstance(made, float):
                yield None
                return
            with BALL.working():
                yield made / wanted * run.values["g", 1] ** power
