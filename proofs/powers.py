"""Powers of a decay rate: what every division by 1 - beta^t rests on.

Powers of a number below 1 are below 1. It is the smallest theorem here, and nearly every other one
uses it.
"""

from sympy import Expr

from adamref.logic.relations import ge, gt
from adamref.theorems.spaces import Point, among, rates, steps
from adamref.theorems.symbols import beta, decay_rate, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, near_miss, show

claim = gt(1 - beta**t, 0)


@Theorem(
    id="power-below-one",
    matters="The correction divides by 1 - beta^t. Before anybody may do that, this has to be "
    "known.",
    title="From the first step on, 1 - beta^t is positive",
    says="For a decay rate beta in [0, 1) and every t >= 1, beta^t is below 1, so the bias "
    "correction never divides by zero.",
    statement=Statement(claim, (*decay_rate(beta), ge(t, 1))),
    source="used throughout; Kingma & Ba 2015, Algorithm 1 divides by it",
    space=among(rates("beta"), steps(1, 400)),
)
@near_miss(
    Statement(claim, (*decay_rate(beta), ge(t, 0))),
    "At t = 0 the power is 1, for beta = 0 too: there is nothing to divide by.",
    Point.of(beta=0, t=0),
    among(rates("beta"), steps(0, 3)),
)
def BELOW_ONE(statement: Statement) -> Steps:
    """By induction over t: 1 - beta^t is a mean of 1 and 1 - beta^(t-1)."""
    return show("below 1", statement.claim).induction(
        (t, 1),
        show("t = 1").certificate("A decay rate is below 1."),
        show("one more factor").certificate(
            "1 - beta^t = (1 - beta) + beta (1 - beta^(t-1)): a positive number and one that is "
            "not negative.",
            (1 - beta, beta * (1 - beta ** (t - 1))),
            ("induction hypothesis",),
        ),
    )


THEOREMS = (BELOW_ONE,)


def below_one(rate: Expr, at: Expr = t, given: tuple[str, ...] = ()) -> Cite:
    """Cite that 1 - rate^t is positive, where the steps given show that rate is one."""
    return Cite(BELOW_ONE, {beta: rate, t: at}, given)
