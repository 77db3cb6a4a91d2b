"""AdaMax: what the sharp bound on its step tends to.

The bound for all steps of AdaMax, and its value at the published rates.
"""

from sympy import And, Expr, Integer, Limit, Rational, oo

from adamref.logic.limits import Squeezed
from adamref.logic.relations import eq, ge, gt, lt
from adamref.theorems.spaces import Point, Space, among, rates, steps
from adamref.theorems.symbols import beta1, beta2, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, Used, near_miss, show

from .adamax_step import BELOW, PAPER, SPREAD, UNEQUAL, below, largest_step, ratio
from .powers import below_one

highest = beta2 * (1 - beta1) / (beta2 - beta1)
"""What the bound, divided by alpha, tends to."""


@Theorem(
    id="adamax-step-bound-below-limit",
    title="The bound on the step of AdaMax stays below its limit",
    says="At every step t of AdaMax the bound that some gradients reach, divided by alpha, is "
    "below beta2 (1 - beta1) / (beta2 - beta1).",
    statement=Statement(lt(largest_step(t), highest), (*UNEQUAL, ge(t, 1))),
    source=PAPER + " (there with the bound alpha)",
    space=Space(SPREAD),
)
@near_miss(
    lt(largest_step(t), 1),
    "It is 1 at the first step, and then grows.",
    Point.of(beta1="1/4", beta2="1/2", t=2),
)
def BELOW_LIMIT(what: Statement) -> Steps:
    """Write what is missing as a product of positive factors."""
    corrected = below_one(beta1, given=BELOW)
    return (
        *below,
        show("beta2^t", gt(1 - beta2**t, 0)).certificate(
            "A decay rate's power is below 1.", uses=(below_one(beta2, given=BELOW),)
        ),
        show("what is missing", what.claim).certificate(
            "It falls short by the limit times (beta1/beta2)^t (1 - beta2^t) / (1 - beta1^t).",
            (beta2 * (1 - beta1) / (beta2 - beta1) * ratio**t * (1 - beta2**t) / (1 - beta1**t),),
            (corrected, "beta2^t", *BELOW),
        ),
    )


@Theorem(
    id="adamax-step-bound-near-limit",
    title="The bound on the step of AdaMax comes as near to its limit as one likes",
    says="The left side is the bound that some gradients reach at step t of AdaMax, divided by "
    "alpha. It falls short of beta2 (1 - beta1) / (beta2 - beta1) by at most its share "
    "(beta1/beta2)^t, which vanishes: nothing smaller bounds all steps.",
    statement=Statement(ge(largest_step(t), highest * (1 - ratio**t)), (*UNEQUAL, ge(t, 1))),
    source=PAPER + " (there with the bound alpha)",
    space=Space(SPREAD),
)
@near_miss(
    ge(largest_step(t), highest * (1 - ratio ** (2 * t))),
    "The share vanishes no faster.",
    Point.of(beta1="1/4", beta2="1/2", t=1),
)
def NEAR_LIMIT(what: Statement) -> Steps:
    """Dividing by 1 - beta1^t only adds to it."""
    return (
        *below,
        show("what is more", what.claim).certificate(
            "The left side exceeds the right one by the limit times (1 - (beta1/beta2)^t) "
            "beta1^t / (1 - beta1^t).",
            (beta2 * (1 - beta1) / (beta2 - beta1) * (1 - ratio**t) * beta1**t / (1 - beta1**t),),
            (below_one(beta1, given=BELOW), below_one(ratio, given=BELOW), *BELOW),
        ),
    )


@Theorem(
    id="adamax-step-bound-limit",
    matters="It is one number for the longest run. It is near 1 for beta2 near 1, and beyond "
    "every limit as beta2 comes down to beta1.",
    title="The limit of the bound on the step of AdaMax",
    says="For t to infinity the bound that some gradients reach at step t of AdaMax, divided by "
    "alpha, tends to beta2 (1 - beta1) / (beta2 - beta1).",
    statement=Statement(eq(Limit(largest_step(t), t, oo), highest), UNEQUAL),
    source=PAPER + " (there with the bound alpha)",
    space=among(rates("beta1", "beta2")),
)
@near_miss(
    eq(Limit(largest_step(t), t, oo), Integer(1)),
    "It tends to more than 1.",
    Point.of(beta1="1/4", beta2="1/2"),
)
def LIMIT(what: Statement) -> Steps:
    """By the two theorems before: it lies between two expressions with this limit."""
    known: tuple[Used, ...] = (below_one(beta1, given=BELOW), *BELOW)
    return (
        *below,
        show("from above", lt(largest_step(t), highest), where=(t - 1,)).certificate(
            "It stays below.", uses=(Cite(BELOW_LIMIT), *known)
        ),
        show(
            "from below", ge(largest_step(t), highest * (1 - ratio**t)), where=(t - 1,)
        ).certificate("It falls short by a share that vanishes.", uses=(Cite(NEAR_LIMIT), *known)),
        show("the limit", what.claim).by(
            "Both bounds have it.", Squeezed(t, "from below", "from above", BELOW)
        ),
    )


AT_DEFAULTS = {beta1: Rational(9, 10), beta2: Rational(999, 1000)}


def defaults(limit: Expr) -> Statement:
    """State between what the bound lies at the published rates."""
    at_rates = largest_step(t).subs(AT_DEFAULTS)
    claim = And(
        lt(at_rates, limit), ge(at_rates, limit * (1 - Rational(100, 111) ** t)), evaluate=False
    )
    return Statement(claim, (ge(t, 1),))


@Theorem(
    id="adamax-step-bound-defaults",
    matters="The paper says alpha. At its own rates that is wrong, but by less than one percent.",
    title="At the published rates a step of AdaMax is below 111/110 alpha",
    says="At beta1 = 0.9 and beta2 = 0.999 the bound, divided by alpha, is below 111/110 and comes "
    "as near to it as one likes.",
    statement=defaults(Rational(111, 110)),
    source=PAPER + " (there with the bound alpha)",
    space=among(steps(1, 200)),
)
@near_miss(defaults(Integer(1)), "The step may exceed alpha, if only by a little.", Point.of(t=2))
def DEFAULTS(what: Statement) -> Steps:
    """Put numbers in the two theorems before."""
    at_rates, limit = largest_step(t).subs(AT_DEFAULTS), Rational(111, 110)
    divisor = below_one(AT_DEFAULTS[beta1])
    return (
        show("below", lt(at_rates, limit)).certificate(
            "(999/1000) (1/10) / (99/1000) = 111/110.",
            uses=(Cite(BELOW_LIMIT, AT_DEFAULTS), divisor),
        ),
        show("above", ge(at_rates, limit * (1 - Rational(100, 111) ** t))).certificate(
            "(9/10) / (999/1000) = 100/111.", uses=(Cite(NEAR_LIMIT, AT_DEFAULTS), divisor)
        ),
        show("both", what.claim).parts("The two steps before, together.", ("below", "above")),
    )


THEOREMS = (BELOW_LIMIT, NEAR_LIMIT, LIMIT, DEFAULTS)
