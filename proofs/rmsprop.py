"""RMSprop is Adam without momentum and without bias correction."""

from __future__ import annotations

from sympy import Expr, Function, Integer

from adamref.logic.relations import eq, ge, gt
from adamref.logic.steps import Certificate, Identity, Step, identity, induction
from adamref.rules import ADAM, ADAM_UNCORRECTED, RMSPROP
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space
from adamref.theorems.symbols import beta2, decay_rate, eps, t

from .adagrad import DRAWN

g = Function("g", real=True)
rmsprop = Run(RMSPROP)
uncorrected = Run(ADAM_UNCORRECTED, mark="'", gradient=g, hypers={"beta1": Integer(0)})
corrected = Run(ADAM, mark="''", gradient=g, hypers={"beta1": Integer(0)})

DOMAIN = (gt(eps, 0), *decay_rate(beta2), ge(t, 1))

# What holds of two runs on the same gradients.


def same_state(one: Run, other: Run, name: str) -> Step:
    """Return the step that a moment is the same in two runs on the same gradients, for t >= 1."""
    return proportional(one, other, name, Integer(1))


def proportional(one: Run, other: Run, name: str, scale: Expr) -> Step:
    """Return the step that a moment is so many times another run's, for t >= 1."""
    claim = eq(one(name, t), scale * other(name, t))
    return induction(
        f"the two {name}",
        claim,
        "By induction over t, from t = 1 on.",
        t,
        1,
        (
            f"{name} at the first step",
            "Both start at 0.",
            Identity((one.line(name, 1), one.start(name), other.line(name, 1), other.start(name))),
        ),
        (
            f"{name} at the next step",
            "Both lines are linear in what the step before left and in what is put in.",
            Identity((one.line(name, t), "induction hypothesis", other.line(name, t))),
        ),
    )


def second_moment(run: Run) -> Step:
    """Return the step that the second moment of a run is >= 0, for t >= 1."""
    claim = ge(run("v", t), 0)
    return induction(
        f"v{run.mark} is not negative",
        claim,
        "By induction over t, from t = 1 on.",
        t,
        1,
        (
            f"v{run.mark} at the first step",
            "It is a square times 1 - beta2.",
            Certificate(((1 - beta2) * run("g", 1) ** 2,), (run.line("v", 1), run.start("v"))),
        ),
        (
            f"v{run.mark} at the next step",
            "Two numbers >= 0 are added.",
            Certificate(
                (beta2 * run("v", t - 1), (1 - beta2) * run("g", t) ** 2),
                (run.line("v", t), "induction hypothesis"),
            ),
        ),
    )


def meant(what: Statement, *runs: Run) -> Run:
    """Return the one of some runs whose step a statement is about."""
    return next(run for run in runs if what.claim.has(run.function("delta")))


def _proof(what: Statement) -> tuple[Step, ...]:
    other = meant(what, uncorrected, corrected)
    lines = [other.line(line.name, t) for line in reversed(other.rule.lines[2:-1])]
    return (
        same_state(other, rmsprop, "v"),
        second_moment(rmsprop),
        identity(
            "the same step",
            what.claim,
            "With beta1 = 0 the first moment is the gradient.",
            (
                *lines,
                other.line("m", t),
                rmsprop.line("delta", t),
                "the two v",
                "v is not negative",
            ),
        ),
    )


IS_RMSPROP = Theorem(
    id="rmsprop-is-adam",
    title="RMSprop is Adam without momentum and without bias correction",
    says="With beta1 = 0 and no bias correction Adam makes RMSprop's steps, on the same gradients.",
    statement=Statement(eq(uncorrected("delta", t), rmsprop("delta", t)), DOMAIN),
    proof=_proof,
    source="Kingma & Ba 2015, section 5, on RMSProp",
    space=Space(DRAWN, (rmsprop, uncorrected, corrected)),
    near_misses=(
        NearMiss(
            Statement(eq(corrected("delta", t), rmsprop("delta", t)), DOMAIN),
            "With bias correction Adam's first steps are shorter.",
            Point.of(alpha=1, eps=1, beta2="3/4", t=1, g=(0, 1)),
        ),
    ),
)

THEOREMS = (IS_RMSPROP,)
