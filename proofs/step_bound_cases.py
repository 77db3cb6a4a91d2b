"""The sharp step bound in closed form, where rho is 1, and with equal rates.

The sharp bound is a formula with a sum in it. Here it is worked out in the three cases that there
are.
"""

from sympy import Expr, Integer

from adamref.logic.relations import eq, ge, gt, lt, ne
from adamref.theorems.spaces import Point, among, rates, steps
from adamref.theorems.symbols import beta, beta1, beta2, decay_rate, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, near_miss, show

from .geometric_sum import divided
from .powers import below_one
from .step_bound import PAPER, bound, formula, rho, second_rate


def corrections(*rates_: Expr) -> tuple[Cite, ...]:
    """Cite that what the moments are divided by is positive."""
    return tuple(below_one(rate) for rate in rates_)


unequal = (*decay_rate(beta1), *second_rate, ne(1 - rho, 0), ge(t, 1))


@Theorem(
    id="step-bound-closed-form",
    matters="The sum in the bound is gone, so it can be computed with a pocket calculator.",
    title="The bound on a step in closed form",
    says="R_t is (1 - beta1)/sqrt(1 - beta2) times the root of (1 - rho^t)/(1 - rho) times "
    "sqrt(1 - beta2^t)/(1 - beta1^t), where rho = beta1^2/beta2 is not 1.",
    statement=Statement(eq(bound(), formula((1 - rho**t) / (1 - rho))), unequal),
    source=PAPER,
    space=among(rates("beta1", "beta2"), steps(1, 12)),
)
@near_miss(
    eq(bound(), formula(t)),
    "Where rho is not 1, the sum of its powers is not t.",
    Point.of(beta1="1/2", beta2="1/2", t=2),
)
def CLOSED(statement: Statement) -> Steps:
    """Put the geometric sum in."""
    return (
        divided(rho),
        show("closed form", statement.claim).identity(
            "The rest stays as it is.", ("sum", *corrections(beta1, beta2))
        ),
    )


squared_rate = {beta2: beta1**2}


def ratio_one(rate_sum: Expr) -> Statement:
    """State R_t where beta2 = beta1^2."""
    one, other = (side.subs(squared_rate) for side in (bound(), formula(rate_sum)))
    return Statement(eq(one, other), (gt(beta1, 0), lt(beta1, 1), ge(t, 1)))


@Theorem(
    id="step-bound-ratio-one",
    matters="It is the border: with a larger beta2 all steps have a bound in common, from here "
    "on down they have none. beta1 = 0.9 and beta2 = 0.81 are such a pair.",
    title="The bound on a step where beta2 = beta1^2",
    says="Where rho = 1, the sum of its powers is t, and R_t grows like the root of t.",
    statement=ratio_one(t),
    source=PAPER,
    space=among(rates("beta1"), steps(1, 12)),
)
@near_miss(ratio_one(t + 1), "There are t terms, not t + 1.", Point.of(beta1="1/2", t=1))
def RATIO_ONE(statement: Statement) -> Steps:
    """Every power of 1 is 1."""
    return (
        show("not 0", gt(1 - beta1**2, 0)).certificate(
            "beta1^2 is below 1, as beta1 is.", (1 - beta1, beta1 * (1 - beta1))
        ),
        show("t terms", statement.claim).identity(
            "The sum has t terms, and each is 1.", ("not 0", *corrections(beta1))
        ),
    )


same_rates = {beta1: beta, beta2: beta}


@Theorem(
    id="step-bound-equal-rates",
    matters="Who sets both rates alike gets what many believe of Adam in any case: no step is "
    "larger than alpha.",
    title="With equal decay rates no step is larger than alpha",
    says="Where beta1 = beta2, and neither is 0, R_t is 1 for every t.",
    statement=Statement(
        eq(bound().subs(same_rates, simultaneous=True), Integer(1)),
        (gt(beta, 0), lt(beta, 1), ge(t, 1)),
    ),
    source=PAPER,
    space=among(rates("beta"), steps(1, 12)),
)
@near_miss(
    Statement(eq(bound(), 1), (*decay_rate(beta1), *second_rate, ge(t, 1))),
    "The rates must be the same.",
    Point.of(beta1="1/2", beta2="1/4", t=2),
    among(rates("beta1", "beta2"), steps(1, 12)),
)
def EQUAL_RATES(statement: Statement) -> Steps:
    """Put the geometric sum in: here rho = beta, and everything cancels."""
    return (
        divided(beta),
        show("cancelled", statement.claim).squares(
            "Here rho is beta too, and what is under the roots is a square.",
            uses=("sum", *corrections(beta)),
        ),
    )


THEOREMS = (CLOSED, RATIO_ONE, EQUAL_RATES)
