"""RMSprop is Adam without momentum and without bias correction."""

from sympy import Integer

from adamref.logic.relations import eq, ge, gt
from adamref.rules import ADAM, ADAM_UNCORRECTED, RMSPROP
from adamref.theorems.spaces import Point, Space
from adamref.theorems.symbols import beta2, decay_rate, eps, g, j, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

from .adagrad import DRAWN
from .moments import same_state, second_moment

rmsprop = Run(RMSPROP)
uncorrected = Run(ADAM_UNCORRECTED, mark="'", gradient=g, hypers={"beta1": Integer(0)})
corrected = Run(ADAM, mark="''", gradient=g, hypers={"beta1": Integer(0)})

DOMAIN = (gt(eps, 0), *decay_rate(beta2), ge(t, 1))

# What holds of two runs on the same gradients.


def meant(what: Statement, *runs: Run) -> Run:
    """Return the one of some runs whose step a statement is about."""
    return next(run for run in runs if what.claim.has(run.function("delta")))


@Theorem(
    id="rmsprop-is-adam",
    matters="It shows in one line what Adam adds to RMSprop: momentum and the correction.",
    title="RMSprop is Adam without momentum and without bias correction",
    says="With beta1 = 0 and no bias correction Adam makes RMSprop's steps, on the same gradients.",
    statement=Statement(eq(uncorrected("delta", t), rmsprop("delta", t)), DOMAIN),
    source="Kingma & Ba 2015, section 5, on RMSProp",
    space=Space(DRAWN, (rmsprop, uncorrected, corrected)),
)
@near_miss(
    eq(corrected("delta", t), rmsprop("delta", t)),
    "With bias correction Adam's first steps are shorter.",
    Point.of(alpha=1, eps=1, beta2="3/4", t=1, g=(0, 1)),
)
def IS_RMSPROP(what: Statement) -> Steps:
    """With beta1 = 0 the first moment is the gradient; then compare line by line."""
    other = meant(what, uncorrected, corrected)
    lines = [other.line(line.name, t) for line in reversed(other.rule.lines[2:-1])]
    return (
        same_state(other, rmsprop, "v"),
        second_moment(rmsprop),
        show("the same step", what.claim).identity(
            "With beta1 = 0 the first moment is the gradient.",
            (
                *lines,
                other.line("m", t),
                rmsprop.line("delta", t),
                "the two v",
                Use("v is not negative", {j: t}),
            ),
        ),
    )


THEOREMS = (IS_RMSPROP,)
