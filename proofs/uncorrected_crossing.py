"""Without bias correction: steps that are shorter at first, and longer in the end.

The factor passes 1 once at most.
"""

from sympy import Expr, Integer, Rational, Symbol

from adamref.logic.relations import Relational, ge, gt, lt
from adamref.theorems.spaces import Point, Space, among, numbers, rates, steps
from adamref.theorems.symbols import beta1, beta2, n, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, near_miss, show

from .inequalities import BERNOULLI, x
from .powers import below_one
from .uncorrected import corrected, factor
from .uncorrected_rates import LONGER, NOTE, POSITIVE, RATES, two_powers

y = Symbol("y", real=True)


def growing(after: Expr) -> Statement:
    """State that x^t + y^t - 2 grows faster than t, in a form without division."""
    claim = gt(t * (two_powers(after, x, y) - 2), (t + 1) * (two_powers(t, x, y) - 2))
    return Statement(claim, (ge(x, 0), ge(y, 0), lt(y, 1), ge(t, 1)))


@Theorem(
    id="two-powers-growing",
    title="(x^t + y^t - 2) / t increases with t",
    says="For x >= 0 and 0 <= y < 1, (x^t + y^t - 2) / t increases strictly with t. So once x^t + "
    "y^t has come up to 2 it stays above.",
    statement=growing(t + 1),
    source="a consequence of convexity, used for the next theorem",
    space=among(rates("y"), numbers("x", low=0), steps(1, 12)),
)
@near_miss(growing(t), "It is about two steps, t + 1 and t.", Point.of(x=2, y="1/2", t=1))
@near_miss(
    Statement(growing(t + 1).claim, (ge(x, 0), ge(y, 0), ge(t, 1))),
    "For x = y = 1 nothing grows.",
    Point.of(x=1, y=1, t=1),
    among(numbers("x", "y", low=0), steps(1, 12)),
)
def GROWING(what: Statement) -> Steps:
    """By induction over t: the difference grows by t times two squares."""
    before = what.claim.lhs.subs(t, t - 1) - what.claim.rhs.subs(t, t - 1)
    return show("every step", what.claim).induction(
        (t, 1, "By induction over t, from t = 1 on: the powers are convex."),
        show("t = 1").certificate(
            "x^2 + y^2 - 2 x - 2 y + 2 = (x - 1)^2 + (1 - y)^2.", ((x - 1) ** 2, (1 - y) ** 2)
        ),
        show("one step more").certificate(
            "The difference of the sides grows by t x^(t-1) (x - 1)^2 + t y^(t-1) (1 - y)^2.",
            (before, t * x ** (t - 1) * (x - 1) ** 2, t * y ** (t - 1) * (1 - y) ** 2),
            ("induction hypothesis",),
        ),
    )


@Theorem(
    id="uncorrected-once-longer",
    matters="A run has at most two phases, first the shorter steps and then the longer ones. "
    "Whoever finds one step that is not shorter knows that all later ones are longer.",
    title="Without bias correction the steps change from shorter to longer at most once",
    says="For 0 < beta1, beta2 < 1: once c_t is at least 1, every later one is above 1. So the "
    "steps are shorter exactly up to some t.",
    statement=Statement(gt(factor(t + 1), 1), (*POSITIVE, ge(t, 1), ge(factor(t), Integer(1)))),
    source=NOTE,
    space=Space(RATES),
)
@near_miss(
    Statement(gt(factor(t + 1), 1), (*POSITIVE, ge(t, 1), ge(factor(t), Rational(1, 2)))),
    "It is not enough that a step is more than half as long.",
    Point.of(beta1="1/2", beta2="1/2", t=1),
)
def ONCE_LONGER(what: Statement) -> Steps:
    """Where (beta2/beta1)^t + beta1^t is 2 or more, c_t is 1 or more; and it grows from there."""
    return (
        show("at step t", ge(two_powers(t), 2)).certificate(
            "It is 2 and (c^2 - 1) (1 - beta2^t) / beta1^t.",
            ((factor(t) - 1) * (factor(t) + 1) * (1 - beta2**t) / beta1**t,),
            corrected(),
        ),
        show("at step t + 1", gt(two_powers(t + 1), 2)).certificate(
            "It has grown.",
            (
                (t * (two_powers(t + 1) - 2) - (t + 1) * (two_powers(t) - 2)) / t,
                (t + 1) * (two_powers(t) - 2) / t,
            ),
            ("at step t", Cite(GROWING, {x: beta2 / beta1, y: beta1})),
        ),
        show("the next step", what.claim).certificate(
            "Where it is above 2, c is above 1.",
            (factor(t + 1) - 1,),
            (Cite(LONGER, {t: t + 1}, given=("at step t + 1",)), *corrected(at=t + 1)),
        ),
    )


def in_the_end(*enough: Relational) -> Statement:
    """State from when on a step without correction is longer."""
    domain = (gt(beta1, 0), lt(beta1, beta2), lt(beta2, 1), ge(t, 1), *enough)
    return Statement(gt(factor(t), 1), domain)


@Theorem(
    id="uncorrected-longer-in-the-end",
    matters="Steps that are shorter at first look like a warm-up. This says when it is over at "
    "the latest: with beta1 = 0.9 and beta2 = 0.95 at step 18.",
    title="For beta2 > beta1 the steps without bias correction are longer in the end",
    says="For 0 < beta1 < beta2 < 1, c_t is above 1 at the latest from t = beta1 / (beta2 - beta1) "
    "on. So, with the theorem before, there is one step from which on c_t is at least 1.",
    statement=in_the_end(ge(t * (beta2 - beta1), beta1)),
    source=NOTE,
    space=Space(RATES),
)
@near_miss(
    in_the_end(ge(3 * t * (beta2 - beta1), beta1)),
    "A third of this time is not always enough.",
    Point.of(beta1="1/2", beta2="7/10", t=1),
)
def IN_THE_END(what: Statement) -> Steps:
    """(beta2/beta1)^t is at least 1 + t (beta2/beta1 - 1), and so at least 2."""
    ratio = beta2 / beta1
    positive = show("beta2 is positive", gt(beta2, 0)).certificate(
        "It is above beta1.", (beta2 - beta1, beta1)
    )
    below = show("beta1 is below 1", lt(beta1, 1)).certificate(
        "It is below beta2.", (1 - beta2, beta2 - beta1)
    )
    given = (positive.name, below.name)
    return (
        positive,
        below,
        show("above 2", gt(two_powers(t), 2)).certificate(
            "The first power is at least 2 by now, and the second one positive.",
            (ratio**t - 1 - t * (ratio - 1), (t * (beta2 - beta1) - beta1) / beta1, beta1**t),
            (Cite(BERNOULLI, {x: ratio, n: t}, given=(positive.name,)),),
        ),
        show("longer", what.claim).certificate(
            "Where it is above 2, c is above 1.",
            (factor(t) - 1,),
            (Cite(LONGER, {}, given=("above 2", *given)), below_one(beta2, given=given)),
        ),
    )


THEOREMS = (GROWING, ONCE_LONGER, IN_THE_END)
