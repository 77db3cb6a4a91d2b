"""The limit of the sharp step bound, which holds for all steps."""

from __future__ import annotations

from sympy import Abs, And, Eq, Expr, Integer, Le, Limit, Rational, oo, sqrt

from adamref.logic.limits import Vanishing
from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.logic.steps import Cite, Step, certificate, combination, identity, parts, squares
from adamref.rules import ADAM
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta, beta1, beta2, decay_rate, n, t

from .geometric_sum import GEOMETRIC_SUM, divided
from .powers import below_one
from .step_bound import (
    DEFAULTS,
    PAPER,
    STEP_BOUND,
    adam,
    bound,
    bound_space,
    domain,
    formula,
    powers,
    rho,
)
from .step_bound_growth import BELOW
from .step_bound_reached import reached_space

LIMIT = (1 - beta1) / sqrt((1 - beta2) * (1 - rho))
"""R_t for t to infinity, where rho is below 1."""


def bounded_for_good(claimed: Expr) -> Statement:
    """State a bound on every step that does not depend on t."""
    return Statement(
        le(Abs(adam("delta", t)), claimed), (*domain, gt(beta2, beta1**2), gt(adam("v", t), 0))
    )


def bounded_for_good_proof(statement: Statement) -> tuple[Step, ...]:
    """Show that the square of the limit exceeds that of R_t by a square."""
    size = statement.claim.args[0]
    excess = beta2**t * ((beta1 / beta2) ** t - 1) ** 2
    top, bottom = (1 - rho**t) * (1 - beta2**t), (1 - beta1**t) ** 2
    corrections = (below_one(beta1), below_one(beta2))
    return (
        BELOW,
        divided(rho, "sum", "rho"),
        certificate(
            "product",
            le(top, bottom),
            "They differ by beta2^t times the square of (beta1/beta2)^t - 1.",
            (excess,),
        ),
        certificate(
            "quotient",
            le(top / bottom, 1),
            "Divided by what is larger.",
            ((bottom - top) / bottom,),
            ("product", *corrections),
        ),
        squares(
            "R_t",
            le(bound(), LIMIT),
            "The square of R_t is that of R_oo times this quotient.",
            (LIMIT**2 * (1 - top / bottom),),
            ("sum", "quotient", "rho", *corrections),
        ),
        certificate(
            "bound",
            statement.claim,
            "No step is larger than alpha R_t.",
            (alpha * bound() - size, alpha * (LIMIT - bound())),
            ("R_t", Cite(STEP_BOUND, {t: t}), "rho", *corrections),
        ),
    )


FOR_GOOD = Theorem(
    id="step-bound-for-good",
    title="A bound on all steps",
    says="Where beta1^2 < beta2, no step at all is larger than alpha R_oo, with "
    "R_oo = (1 - beta1) / sqrt((1 - beta2)(1 - rho)).",
    statement=bounded_for_good(alpha * LIMIT),
    proof=bounded_for_good_proof,
    source=PAPER,
    space=bound_space,
    near_misses=(
        NearMiss(
            bounded_for_good(alpha),
            "Not alpha itself: the gradients (beta2/beta1)^i show it.",
            Point.of(alpha=1, beta1="1/5", beta2="1/2", c=1, t=2),
            reached_space,
        ),
    ),
)


def tends(function: Expr, claimed: Expr) -> Statement:
    """State a limit of R_t."""
    return Statement(
        eq(Limit(function, t, oo), claimed),
        (*decay_rate(beta1), lt(beta2, 1), gt(beta2, 0), gt(beta2, beta1**2), ge(t, 1)),
    )


def tends_proof(statement: Statement) -> tuple[Step, ...]:
    """All powers vanish."""
    function = statement.claim.args[0].args[0]
    corrections = (below_one(beta1), below_one(beta2))
    return (
        BELOW,
        divided(rho, "sum", "rho"),
        identity(
            "R_t",
            eq(bound(), function),
            "What the limit is taken of is R_t.",
            ("sum", "rho", *corrections),
        ),
        squares(
            "one root",
            eq((1 - beta1) / sqrt(1 - beta2) * sqrt(1 / (1 - rho)), LIMIT),
            "Two roots are one.",
            uses=("rho",),
        ),
        Step(
            "limit",
            statement.claim,
            "The powers of beta1, beta2 and rho vanish, and the rest is continuous.",
            Vanishing(t, ("R_t", "rho", "one root", *corrections)),
        ),
    )


closed_form = formula((1 - rho**t) / (1 - rho))

TENDS = Theorem(
    id="step-bound-limit",
    title="The limit of the bound on a step",
    says="Where beta1^2 < beta2, R_t tends to R_oo = (1 - beta1) / sqrt((1 - beta2)(1 - rho)).",
    statement=tends(closed_form, LIMIT),
    proof=tends_proof,
    source=PAPER,
    space=Space(points(rates("beta1", "beta2"), steps(1, 1))),
    near_misses=(
        NearMiss(
            tends(closed_form, (1 - beta1) / sqrt(1 - beta2)),
            "The paper's bound is its limit for beta1 = 0 only.",
            Point.of(beta1="1/2", beta2="1/2", t=1),
        ),
    ),
)

at_defaults = Run(
    ADAM, hypers={"beta1": DEFAULTS[beta1], "beta2": DEFAULTS[beta2], "eps": Integer(0)}
)


def default_limit(claimed: Expr) -> Statement:
    """State the least bound on all steps at the default rates."""
    return Statement(
        And(
            le(Abs(at_defaults("delta", t)), alpha * claimed),
            eq(Limit(closed_form.subs(DEFAULTS).subs(t, n), n, oo), claimed),
            evaluate=False,
        ),
        (ge(alpha, 0), ge(t, 1), ge(n, 1), gt(at_defaults("v", t), 0)),
    )


def default_limit_proof(statement: Statement) -> tuple[Step, ...]:
    """Put the numbers in."""
    limit = next(part for part in statement.claim.args if isinstance(part, Eq))
    ratio = rho.subs(DEFAULTS)
    corrections = tuple(below_one(rate, n) for rate in DEFAULTS.values())
    size = next(part for part in statement.claim.args if isinstance(part, Le))
    return (
        certificate(
            "all steps",
            size,
            "The bound for all steps, at these rates.",
            uses=(Cite(FOR_GOOD, {**DEFAULTS, t: t}),),
        ),
        combination(
            "sum",
            eq(powers(ratio, n), (1 - ratio**n) / (1 - ratio)),
            "A geometric sum.",
            ((Cite(GEOMETRIC_SUM, {beta: ratio, t: n}), 1 / (1 - ratio)),),
        ),
        identity(
            "R_n",
            eq(bound(n).subs(DEFAULTS), limit.args[0].args[0]),
            "What the limit is taken of is R_n.",
            ("sum", *corrections),
        ),
        Step("limit", limit, "The powers vanish.", Vanishing(n, ("R_n", *corrections))),
        parts("both", statement.claim, "Put together.", ("all steps", "limit")),
    )


AT_DEFAULTS = Theorem(
    id="step-bound-defaults",
    title="The bound on all steps at the defaults",
    says="At beta1 = 0.9 and beta2 = 0.999 no step is larger than alpha times the root of 370/7, "
    "7.2702918, and no smaller number will do: R_t tends to it.",
    statement=default_limit(sqrt(Rational(370, 7))),
    proof=default_limit_proof,
    source=PAPER,
    space=Space(
        points(numbers("alpha", low=0), steps(1, 7), steps(1, 1, "n"), reals(g=8)), (at_defaults,)
    ),
    near_misses=(
        NearMiss(
            default_limit(sqrt(Integer(10))),
            "The root of 10, which the paper has, is too small.",
            Point.of(alpha=1, t=1, n=1, g=(0, 1)),
        ),
    ),
)

THEOREMS = (FOR_GOOD, TENDS, AT_DEFAULTS)
