"""The sharp step bound in closed form, where rho is 1, and with equal rates."""

from __future__ import annotations

from sympy import Expr, Integer

from adamref.logic.relations import eq, ge, gt, lt, ne
from adamref.logic.steps import Cite, Step, certificate, identity, squares
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, points, rates, steps
from adamref.theorems.symbols import beta, beta1, beta2, decay_rate, t

from .geometric_sum import divided
from .powers import below_one
from .step_bound import PAPER, bound, formula, rho, second_rate


def corrections(*rates_: Expr) -> tuple[Cite, ...]:
    """Cite that what the moments are divided by is positive."""
    return tuple(below_one(rate) for rate in rates_)


unequal = (*decay_rate(beta1), *second_rate, ne(1 - rho, 0), ge(t, 1))


def closed(rate_sum: Expr) -> Statement:
    """State R_t so."""
    return Statement(eq(bound(), formula(rate_sum)), unequal)


def closed_proof(statement: Statement) -> tuple[Step, ...]:
    """Put the geometric sum in."""
    return (
        divided(rho),
        identity(
            "closed form",
            statement.claim,
            "The rest stays as it is.",
            ("sum", *corrections(beta1, beta2)),
        ),
    )


CLOSED = Theorem(
    id="step-bound-closed-form",
    title="The bound on a step in closed form",
    says="R_t is (1 - beta1)/sqrt(1 - beta2) times the root of (1 - rho^t)/(1 - rho) times "
    "sqrt(1 - beta2^t)/(1 - beta1^t), where rho = beta1^2/beta2 is not 1.",
    statement=closed((1 - rho**t) / (1 - rho)),
    proof=closed_proof,
    source=PAPER,
    space=Space(points(rates("beta1", "beta2"), steps(1, 12))),
    near_misses=(
        NearMiss(
            closed(t),
            "Where rho is not 1, the sum of its powers is not t.",
            Point.of(beta1="1/2", beta2="1/2", t=2),
        ),
    ),
)

squared_rate = {beta2: beta1**2}


def ratio_one(rate_sum: Expr) -> Statement:
    """State R_t where beta2 = beta1^2."""
    one, other = (side.subs(squared_rate) for side in (bound(), formula(rate_sum)))
    return Statement(eq(one, other), (gt(beta1, 0), lt(beta1, 1), ge(t, 1)))


def ratio_one_proof(statement: Statement) -> tuple[Step, ...]:
    """Every power of 1 is 1."""
    return (
        certificate(
            "not 0",
            gt(1 - beta1**2, 0),
            "beta1^2 is below 1, as beta1 is.",
            (1 - beta1, beta1 * (1 - beta1)),
        ),
        identity(
            "t terms",
            statement.claim,
            "The sum has t terms, and each is 1.",
            ("not 0", *corrections(beta1)),
        ),
    )


RATIO_ONE = Theorem(
    id="step-bound-ratio-one",
    title="The bound on a step where beta2 = beta1^2",
    says="Where rho = 1, the sum of its powers is t, and R_t grows like the root of t.",
    statement=ratio_one(t),
    proof=ratio_one_proof,
    source=PAPER,
    space=Space(points(rates("beta1"), steps(1, 12))),
    near_misses=(
        NearMiss(ratio_one(t + 1), "There are t terms, not t + 1.", Point.of(beta1="1/2", t=1)),
    ),
)

same_rates = {beta1: beta, beta2: beta}


def equal_rates(claimed: Expr) -> Statement:
    """State R_t where both rates are the same."""
    return Statement(
        eq(bound().subs(same_rates, simultaneous=True), claimed),
        (gt(beta, 0), lt(beta, 1), ge(t, 1)),
    )


def equal_rates_proof(statement: Statement) -> tuple[Step, ...]:
    """Put the geometric sum in: here rho = beta, and everything cancels."""
    return (
        divided(beta),
        squares(
            "cancelled",
            statement.claim,
            "Here rho is beta too, and what is under the roots is a square.",
            uses=("sum", *corrections(beta)),
        ),
    )


EQUAL_RATES = Theorem(
    id="step-bound-equal-rates",
    title="With equal decay rates no step is larger than alpha",
    says="Where beta1 = beta2, and neither is 0, R_t is 1 for every t.",
    statement=equal_rates(Integer(1)),
    proof=equal_rates_proof,
    source=PAPER,
    space=Space(points(rates("beta"), steps(1, 12))),
    near_misses=(
        NearMiss(
            Statement(eq(bound(), 1), (*decay_rate(beta1), *second_rate, ge(t, 1))),
            "The rates must be the same.",
            Point.of(beta1="1/2", beta2="1/4", t=2),
            Space(points(rates("beta1", "beta2"), steps(1, 12))),
        ),
    ),
)

THEOREMS = (CLOSED, RATIO_ONE, EQUAL_RATES)
