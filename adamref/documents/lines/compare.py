"""Whether a line that somebody wrote is a line of a rule.

A line is right if it is true of every run of the rule: a definition, a closed form, a line with
others put into it are all the same here. It is tried on random runs, in balls (Arb): values that
lie apart prove that it is wrong. Values that agree to 200 bits at nine places of random rational
numbers of 7 digits prove, but for a chance of less than one in 10**50 (Schwartz and Zippel, for the
degrees that 64 terms have), that it is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from adamref.documents.dialects import dialects, extensions
from adamref.documents.lines.symbols import moment
from adamref.documents.lines.trajectories import BALL, STEPS, Fixed, Trajectory, trajectories
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import Name, Number, names

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule

_AGREE = Fraction(1, 2**200)


def rules_of(optimizer: Optimizer, line: WrittenLine) -> Iterator[tuple[str, Rule]]:
    """Yield what a line may be held against: dialects, and rules that have all it names."""
    for label, rule in dialects(optimizer).items():
        if rule.lines and not rule.reduces:
            yield label, rule
    used = {line.notation.meaning(name).name for name in names(line.right)}
    for more, label, rule in extensions(optimizer):
        if more <= used and not rule.reduces:
            yield label, rule


def agreeing(line: WrittenLine, rule: Rule, fixed: Fixed = (), gradients: str = "") -> bool | None:
    """Say whether a line is true of a rule; None if the rule does not have all that it speaks of.

    Parameters
    ----------
    line : WrittenLine
    rule : Rule
    fixed : tuple of (str, Fraction)
        Hyperparameters that have a value.
    gradients : {"", "constant", "last"}
        What is assumed of the gradients (`trajectories`).

    Raises
    ------
    CannotEvaluate
        If a name in it is not understood.
    """
    if (line.field, 1) not in trajectories(rule, fixed)[0].values:
        return None
    tried = [
        (run, t)
        for t in steps(line)
        for run in trajectories(
            rule, fixed, gradients=gradients, last=t if gradients == "last" else 0
        )
    ]
    found: bool | None = None
    for start in starts(line):
        true = _true_of(line, tried, start)
        if true is True:
            return True
        if true is False:
            found = False
    return found


def starts(line: WrittenLine) -> tuple[int, ...]:
    """Return by how much the author's count may differ: theta_(t+1) is made at t or t+1."""
    shift = line.moment.shift if line.moment.letter else None
    if line.moment.shift is None:
        said = [moment(line.meaning(name).time) for name in names(line.right)]
        shift = max((x.shift or 0 for x in said if x is not None and x.letter), default=0)
    ahead = (line.counted - 1,)
    return (*ahead, -shift) if shift else ahead


def steps(line: WrittenLine) -> tuple[int, ...]:
    """Return the steps at which a line is tried: that on its left, or any."""
    said = line.moment
    if said.letter or said.shift is None:
        return STEPS
    return (said.shift,) if 1 <= said.shift <= max(STEPS) else ()


def _true_of(line: WrittenLine, tried: Sequence[tuple[Trajectory, int]], start: int) -> bool | None:
    if not tried:
        return None
    for run, t in tried:
        made = value(line, run, t, start)
        wanted = run.values.get((line.field, t))
        if made is None or wanted is None:
            return None
        if not close(made, wanted):
            return False
    return True


def value(line: WrittenLine, run: Trajectory, t: int, start: int) -> Any:
    """Return what a line makes of a step of a run; None if the run does not have what it needs."""
    node = line.at(t, t + start)
    if not all(_is_known(name, run) for name in names(node)):
        return None
    with BALL.working():
        return evaluate(node, BALL, lambda leaf: _value_of(leaf, run))


def close(made: Any, wanted: Any) -> bool:
    """Say whether two balls agree to 200 bits."""
    if isinstance(made, float) or isinstance(wanted, float):
        return False
    with BALL.working():
        apart = made - wanted
        return bool(apart.contains(0)) and BALL.ends(apart)[1] <= _AGREE


def _is_known(name: Name, run: Trajectory) -> bool:
    return (name.base, int(name.index)) in run.values if name.index else name.base in run.hypers


def _value_of(leaf: Number | Name, run: Trajectory) -> Any:
    if isinstance(leaf, Number):
        return BALL.lift(leaf.value)
    if leaf.index:
        return run.values[leaf.base, int(leaf.index)]
    return BALL.lift(run.hypers[leaf.base])
