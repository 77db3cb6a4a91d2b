"""Runs of a rule at random numbers: what is true of a line is read off them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np

from adamref.numbers.ball import Ball
from adamref.rules.program import compiled
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule

BALL = Ball(320)
"""Formulas of some dozen operations lose a few bits each: 200 are left."""

RUNS, MORE_RUNS = 3, 12
"""On how many runs lines are compared, and on how many a difference is solved for."""

CORRECTED = "_corrected"
"""Of a moment divided by what its weights add up to, in rules that have no such line, too."""

STEPS = (2, 3, 4)
"""The steps at which they are compared: at the first, averages are what is put into them."""

Fixed: TypeAlias = tuple[tuple[str, Fraction], ...]


@final
@dataclass(frozen=True)
class Trajectory:
    """A run of a rule.

    Attributes
    ----------
    hypers : mapping of str to Fraction
    values : mapping of (str, int) to ball
        Of each field at each step; at step 0 of the states alone.
    """

    hypers: Mapping[str, Fraction]
    values: Mapping[tuple[str, int], Any]

    def inputs(self, rule: Rule, t: int) -> dict[str, Any]:
        """Return what a step is worked from, by the names of symbols."""
        states = {name + PREVIOUS: self.values[name, t - 1] for name in rule.states}
        return {**states, "g": self.values["g", t]}


@cache
def trajectories(
    rule: Rule, fixed: Fixed = (), count: int = RUNS, *, gradients: str = "", last: int = 0
) -> tuple[Trajectory, ...]:
    """Run a rule with random hyperparameters, gradients and start.

    Parameters
    ----------
    rule : Rule
    fixed : tuple of (str, Fraction)
        Hyperparameters that have a value.
    count : int
        How many runs.
    gradients : {"", "constant", "last"}
        Any, the same at all steps, or 0 before a step.
    last : int
        That step.
    """
    # The seed only makes them the same every time.
    chosen = random.Random(20150507)  # noqa: S311
    first = last if gradients == "last" else 1
    constant = gradients == "constant"
    return tuple(_run(rule, dict(fixed), chosen, first, constant=constant) for _ in range(count))


def _run(
    rule: Rule,
    fixed: Mapping[str, Fraction],
    chosen: random.Random,
    first: int,
    *,
    constant: bool,
) -> Trajectory:
    def drawn() -> Fraction:
        return Fraction(chosen.randint(10**6, 9 * 10**6), 10**7)

    hypers = {name: drawn() for name in rule.defaults} | {
        name: x for name, x in fixed.items() if name in rule.defaults
    }
    program = compiled(rule)
    with BALL.working():
        # There is no gradient before the first: whatever it is, a sum that takes it in is wrong.
        values = {("theta", 0): BALL.lift(drawn() * 3), ("g", 0): BALL.lift(drawn() * 2)}
        known = {n: BALL.lift(x) for n, x in hypers.items()} | {"theta": values["theta", 0]}
        for name in rule.states:
            if name != "theta":
                begun = rule.line(name).begun(known)
                values[name, 0] = BALL.lift(Fraction(begun)) if isinstance(begun, int) else begun
        made = Trajectory(hypers, values)
        for t in range(1, max(STEPS) + 2):
            values["g", t] = BALL.lift(drawn() * chosen.choice((-2, 2)) if t >= first else 0)
            if constant and t > 1:
                values["g", t] = values["g", 1]
            found = program.run(BALL, made.inputs(rule, t), {**hypers, "t": Fraction(t)})
            values |= {(name, t): x for name, x in found.items()}
            for name, rate in (("m", "beta1"), ("v", "beta2")):
                if (name, t) in values and rate in hypers:
                    below = BALL.one_minus_power(hypers[rate], Fraction(t))
                    values[name + CORRECTED, t] = BALL.divide(values[name, t], below)
    return made


def rows(
    rule: Rule, fixed: Fixed = (), steps: tuple[int, ...] = STEPS
) -> Iterator[tuple[Trajectory, int]]:
    """Yield the steps of many runs."""
    for run in trajectories(rule, fixed, MORE_RUNS):
        for t in steps:
            yield run, t


@cache
def columns(rule: Rule, fixed: Fixed = (), steps: tuple[int, ...] = STEPS) -> Mapping[str, Array]:
    """Return all that the steps of many runs know, in float64: a row for a step of a run.

    The fields of a step have their names, those of the step before end in ``_prev``.
    """
    at = list(rows(rule, fixed, steps))
    found: dict[str, Array] = {
        name: np.array([float(run.hypers[name]) for run, _ in at]) for name in rule.defaults
    }
    found["t"] = np.array([float(t) for _, t in at])
    for name in rule.fields:
        for more, spelled in ((0, name), (-1, name + PREVIOUS)):
            seen: list[Any] = [run.values.get((name, t + more)) for run, t in at]
            if None not in seen:
                found[spelled] = np.array(list(map(float, seen)))
    return found
