"""Where the sharp step bound grows without bound."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Expr, Integer, Limit, oo, sqrt

from adamref.logic.facts import last_term
from adamref.logic.limits import RootUnbounded, Unbounded
from adamref.logic.relations import Relational, eq, ge, gt, le, lt, ne, total
from adamref.logic.steps import (
    HYPOTHESIS,
    Certificate,
    Cite,
    Step,
    Use,
    certificate,
    combination,
    induction,
    squares,
)
from adamref.logic.sums import TermByTerm
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, points, rates, steps
from adamref.theorems.symbols import beta, beta1, beta2, i, n, t

from .geometric_sum import GEOMETRIC_SUM
from .powers import below_one
from .step_bound import PAPER, bound, powers, rho, second_rate
from .step_bound_limit import closed_form

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def fast_points() -> SearchStrategy[Point]:
    """Draw rates with beta2 at most beta1^2."""
    from hypothesis import strategies as st

    inside = st.fractions(0, 1, max_denominator=50).filter(lambda x: 0 < x < 1)
    parts = inside | st.just(Fraction(1))
    return st.builds(
        lambda first, part, at: Point.of(beta1=first, beta2=part * first**2, t=at),
        inside,
        parts,
        st.integers(1, 12),
    )


fast = (gt(beta1, 0), lt(beta1, 1), lt(beta2, 1), gt(beta2, 0), le(beta2, beta1**2))


def at_least(claimed: Expr, *more: Relational) -> Statement:
    """State a lower bound on R_t."""
    return Statement(ge(bound(), claimed), (*(more or fast), ge(t, 1)))


def at_least_proof(statement: Statement) -> tuple[Step, ...]:
    """Show that the sum of the powers is at least t, and that the rest is at least (1 - beta1)."""
    corrections = (below_one(beta1), below_one(beta2))
    weight, left = (1 - beta2**t) / (1 - beta2), 1 - beta1**t
    earlier = total(beta2 ** (t - i), i, 1, t - 1)
    return (
        certificate(
            "rho", ge(rho - 1, 0), "beta2 is at most beta1^2.", ((beta1**2 - beta2) / beta2,)
        ),
        induction(
            "powers",
            ge(rho**n, 1),
            "By induction over n.",
            n,
            0,
            ("n = 0", "This is 1.", Certificate((Integer(0),))),
            (
                "one more factor",
                "rho is at least 1.",
                Certificate((rho * (rho ** (n - 1) - 1), rho - 1), (HYPOTHESIS, "rho")),
            ),
            where=(n,),
        ),
        certificate(
            "terms",
            le(Integer(1), rho ** (t - i)),
            "So every power in the sum is at least 1.",
            uses=(Use("powers", {n: t - i}),),
            where=(i - 1, t - i),
        ),
        Step(
            "sum", le(total(1, i, 1, t), powers(rho)), "There are t of them.", TermByTerm("terms")
        ),
        combination(
            "earlier powers",
            eq(earlier, weight - 1),
            "A geometric sum without its last term.",
            ((Cite(GEOMETRIC_SUM, {beta: beta2, t: t}), 1 / (1 - beta2)),),
            (last_term(powers(beta2)),),
        ),
        certificate(
            "weight",
            ge(weight - 1, 0),
            "It is a sum of powers of beta2.",
            (earlier,),
            ("earlier powers",),
        ),
        certificate(
            "product",
            ge(powers(rho) * weight, t),
            "The sum is at least t, and the other factor at least 1.",
            ((powers(rho) - total(1, i, 1, t)) * weight, t * (weight - 1)),
            ("sum", "weight", *corrections),
        ),
        certificate(
            "bias",
            le(left**2, 1),
            "1 - beta1^t is at most 1.",
            (beta1**t, beta1**t * left),
            corrections,
        ),
        certificate(
            "quotient",
            ge(powers(rho) * weight / left**2, t),
            "So dividing by its square makes nothing smaller.",
            ((powers(rho) * weight - t) / left**2, t * (1 - left**2) / left**2),
            ("product", "bias", *corrections),
        ),
        squares(
            "at least",
            statement.claim,
            "Times 1 - beta1, the roots of these.",
            ((1 - beta1) ** 2 * (powers(rho) * weight / left**2 - t),),
            ("quotient", *corrections),
        ),
    )


root_growth = (1 - beta1) * sqrt(t)

AT_LEAST = Theorem(
    id="step-bound-at-least",
    title="Where beta2 is at most beta1^2 the bound grows like the root of t",
    says="Where 0 < beta2 <= beta1^2, R_t is at least (1 - beta1) times the root of t.",
    statement=at_least(root_growth),
    proof=at_least_proof,
    source=PAPER,
    space=Space(fast_points),
    near_misses=(
        NearMiss(
            at_least(sqrt(t)), "Not the root of t itself.", Point.of(beta1="1/2", beta2="1/4", t=2)
        ),
        NearMiss(
            at_least(root_growth, gt(beta1, 0), lt(beta1, 1), *second_rate),
            "Where beta2 is larger, R_t is bounded.",
            Point.of(beta1="1/10", beta2="1/10", t=2),
            Space(points(rates("beta1", "beta2"), steps(1, 12))),
        ),
    ),
)


def unbounded(function: Expr, *more: Relational) -> Statement:
    """State that R_t grows without bound."""
    return Statement(eq(Limit(function, t, oo), oo), (*(more or fast), ge(t, 1)))


def unbounded_proof(statement: Statement) -> tuple[Step, ...]:
    """Square the lower bound."""
    function = statement.claim.args[0].args[0]
    corrections = (below_one(beta1), below_one(beta2))
    return (
        certificate(
            "squares",
            ge(function**2, root_growth**2),
            "R_t is at least (1 - beta1) sqrt(t), and neither is negative.",
            ((bound() - root_growth) * (bound() + root_growth),),
            (Cite(AT_LEAST, {t: t}), *corrections),
        ),
        Step(
            "limit of the square",
            eq(Limit(function**2, t, oo), oo),
            "The lower bound is (1 - beta1)^2 t.",
            Unbounded("squares", t),
        ),
        Step(
            "limit",
            statement.claim,
            "And with the square R_t itself grows without bound, as it is not negative.",
            RootUnbounded("limit of the square", corrections),
        ),
    )


UNBOUNDED = Theorem(
    id="step-bound-unbounded",
    title="Where beta2 is at most beta1^2 steps can be as large as one likes",
    says="Where 0 < beta2 <= beta1^2, R_t grows without bound.",
    statement=unbounded(bound()),
    proof=unbounded_proof,
    source=PAPER,
    space=Space(points(rates("beta1", "beta2"), steps(1, 9))),
    near_misses=(
        NearMiss(
            unbounded(closed_form, gt(beta1, 0), lt(beta1, 1), *second_rate, ne(rho, 1)),
            "Where beta2 is larger, R_t has a limit.",
            Point.of(beta1="1/2", beta2="1/2", t=1),
        ),
    ),
    not_applicable={"numbers": "no number shows that a limit is infinite"},
)

THEOREMS = (AT_LEAST, UNBOUNDED)
