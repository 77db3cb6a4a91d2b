"""Momentum in its two forms: an average of the gradients, and the heavy ball.

Two ways of writing momentum, and how to convert the learning rate from one to the other.
"""

from adamref.logic.relations import eq, ge
from adamref.rules import HEAVY_BALL, MOMENTUM
from adamref.theorems.spaces import Point, among, numbers, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, decay_rate, g, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, near_miss, show

from .moments import proportional
from .rmsprop import meant

momentum = Run(MOMENTUM)
heavy_ball = Run(HEAVY_BALL, mark="'", gradient=g, hypers={"alpha": alpha * (1 - beta1)})
same_rate = Run(HEAVY_BALL, mark="''", gradient=g)

DOMAIN = (*decay_rate(beta1), ge(t, 1))

_SOURCE = "Polyak 1964; Sutskever et al. 2013, equations 1 and 2, against the averaging form"
_RUNS = (momentum, heavy_ball, same_rate)
_MOMENTUM = among(rates("beta1"), steps(1, 9), numbers("alpha", low=0), reals(g=9), runs=_RUNS)


@Theorem(
    id="momentum-velocity",
    title="The averaged gradient is 1 - beta1 times the heavy ball's velocity",
    says="On the same gradients the exponentially weighted average of the gradients is 1 - beta1 "
    "times the velocity that the heavy ball accumulates.",
    statement=Statement(eq(momentum("m", t), (1 - beta1) * heavy_ball("m", t)), DOMAIN),
    source=_SOURCE,
    space=_MOMENTUM,
)
@near_miss(
    eq(momentum("m", t), heavy_ball("m", t)),
    "They are not the same.",
    Point.of(beta1="1/2", alpha=1, t=1, g=(0, 1)),
)
def VELOCITY(what: Statement) -> Steps:
    """By induction over t: both are multiplied by beta1, and the new value is in proportion."""
    return proportional(momentum, heavy_ball, "m", what.claim.rhs / heavy_ball("m", t))


@Theorem(
    id="momentum-heavy-ball",
    matters="Books write momentum in two ways. They agree once the learning rates are "
    "converted, and only then.",
    title="Averaged momentum is the heavy ball with the learning rate alpha (1 - beta1)",
    says="Momentum with an exponentially weighted average and the learning rate alpha makes the "
    "steps of the heavy ball with the learning rate alpha (1 - beta1), on the same gradients.",
    statement=Statement(eq(momentum("delta", t), heavy_ball("delta", t)), DOMAIN),
    source=_SOURCE,
    space=_MOMENTUM,
)
@near_miss(
    eq(momentum("delta", t), same_rate("delta", t)),
    "With the same learning rate the heavy ball's steps are 1/(1 - beta1) times as long.",
    Point.of(beta1="1/2", alpha=1, t=1, g=(0, 1)),
)
def BALL(what: Statement) -> Steps:
    """The velocities are in proportion, and the learning rate takes the factor."""
    other = meant(what, heavy_ball, same_rate)
    return (
        proportional(momentum, other, "m", 1 - beta1),
        show("the same step", what.claim).identity(
            "The one has the factor 1 - beta1 in the average, the other in the learning rate.",
            (momentum.line("delta", t), other.line("delta", t), "the two m"),
        ),
    )


THEOREMS = (VELOCITY, BALL)
