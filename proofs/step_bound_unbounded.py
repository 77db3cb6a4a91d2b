"""Where the sharp step bound grows without bound.

Decay rates can be chosen so that no bound holds for all steps. They are not exotic.
"""

from fractions import Fraction

from sympy import Integer, Limit, oo, sqrt

from adamref.logic.facts import last_term
from adamref.logic.limits import RootUnbounded, Unbounded
from adamref.logic.proof import HYPOTHESIS
from adamref.logic.relations import eq, ge, gt, le, lt, ne, total
from adamref.logic.sums import TermByTerm
from adamref.theorems.spaces import Point, Space, Strategy, among, rates, st, steps
from adamref.theorems.symbols import beta, beta1, beta2, i, n, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, Use, near_miss, show

from .geometric_sum import GEOMETRIC_SUM
from .powers import below_one
from .step_bound import PAPER, bound, powers, rho, second_rate
from .step_bound_limit import closed_form


def fast_points() -> Strategy:
    """Draw rates with beta2 at most beta1^2."""
    inside = st.fractions(0, 1, max_denominator=50).filter(lambda x: 0 < x < 1)
    parts = inside | st.just(Fraction(1))
    return st.builds(
        lambda first, part, at: Point.of(beta1=first, beta2=part * first**2, t=at),
        inside,
        parts,
        st.integers(1, 12),
    )


fast = (gt(beta1, 0), lt(beta1, 1), lt(beta2, 1), gt(beta2, 0), le(beta2, beta1**2))

root_growth = (1 - beta1) * sqrt(t)


@Theorem(
    id="step-bound-at-least",
    title="Where beta2 is at most beta1^2 the bound grows like the root of t",
    says="Where 0 < beta2 <= beta1^2, R_t is at least (1 - beta1) times the root of t.",
    statement=Statement(ge(bound(), root_growth), (*fast, ge(t, 1))),
    source=PAPER,
    space=Space(fast_points),
)
@near_miss(
    ge(bound(), sqrt(t)), "Not the root of t itself.", Point.of(beta1="1/2", beta2="1/4", t=2)
)
@near_miss(
    Statement(ge(bound(), root_growth), (gt(beta1, 0), lt(beta1, 1), *second_rate, ge(t, 1))),
    "Where beta2 is larger, R_t is bounded.",
    Point.of(beta1="1/10", beta2="1/10", t=2),
    among(rates("beta1", "beta2"), steps(1, 12)),
)
def AT_LEAST(statement: Statement) -> Steps:
    """Show that the sum of the powers is at least t, and that the rest is at least (1 - beta1)."""
    corrections = (below_one(beta1), below_one(beta2))
    weight, left = (1 - beta2**t) / (1 - beta2), 1 - beta1**t
    earlier = total(beta2 ** (t - i), i, 1, t - 1)
    return (
        show("rho", ge(rho - 1, 0)).certificate(
            "beta2 is at most beta1^2.", ((beta1**2 - beta2) / beta2,)
        ),
        show("powers", ge(rho**n, 1), where=(n,)).induction(
            (n, 0, "By induction over n."),
            show("n = 0").certificate("This is 1.", (Integer(0),)),
            show("one more factor").certificate(
                "rho is at least 1.", (rho * (rho ** (n - 1) - 1), rho - 1), (HYPOTHESIS, "rho")
            ),
        ),
        show("terms", le(Integer(1), rho ** (t - i)), where=(i - 1, t - i)).certificate(
            "So every power in the sum is at least 1.", uses=(Use("powers", {n: t - i}),)
        ),
        show("sum", le(total(1, i, 1, t), powers(rho))).by(
            "There are t of them.", TermByTerm("terms")
        ),
        show("earlier powers", eq(earlier, weight - 1)).combination(
            "A geometric sum without its last term.",
            ((Cite(GEOMETRIC_SUM, {beta: beta2, t: t}), 1 / (1 - beta2)),),
            (last_term(powers(beta2)),),
        ),
        show("weight", ge(weight - 1, 0)).certificate(
            "It is a sum of powers of beta2.", (earlier,), ("earlier powers",)
        ),
        show("product", ge(powers(rho) * weight, t)).certificate(
            "The sum is at least t, and the other factor at least 1.",
            ((powers(rho) - total(1, i, 1, t)) * weight, t * (weight - 1)),
            ("sum", "weight", *corrections),
        ),
        show("bias", le(left**2, 1)).certificate(
            "1 - beta1^t is at most 1.", (beta1**t, beta1**t * left), corrections
        ),
        show("quotient", ge(powers(rho) * weight / left**2, t)).certificate(
            "So dividing by its square makes nothing smaller.",
            ((powers(rho) * weight - t) / left**2, t * (1 - left**2) / left**2),
            ("product", "bias", *corrections),
        ),
        show("at least", statement.claim).squares(
            "Times 1 - beta1, the roots of these.",
            ((1 - beta1) ** 2 * (powers(rho) * weight / left**2 - t),),
            ("quotient", *corrections),
        ),
    )


@Theorem(
    id="step-bound-unbounded",
    matters="The rates decide whether there is a bound at all. Where beta2 is no larger than "
    "beta1^2 there is none.",
    title="Where beta2 is at most beta1^2 steps can be as large as one likes",
    says="Where 0 < beta2 <= beta1^2, R_t grows without bound.",
    statement=Statement(eq(Limit(bound(), t, oo), oo), (*fast, ge(t, 1))),
    source=PAPER,
    space=among(rates("beta1", "beta2"), steps(1, 9)),
    not_applicable={"numbers": "no number shows that a limit is infinite"},
)
@near_miss(
    Statement(
        eq(Limit(closed_form, t, oo), oo),
        (gt(beta1, 0), lt(beta1, 1), *second_rate, ne(rho, 1), ge(t, 1)),
    ),
    "Where beta2 is larger, R_t has a limit.",
    Point.of(beta1="1/2", beta2="1/2", t=1),
)
def UNBOUNDED(statement: Statement) -> Steps:
    """Square the lower bound."""
    function = statement.claim.args[0].args[0]
    corrections = (below_one(beta1), below_one(beta2))
    return (
        show("squares", ge(function**2, root_growth**2)).certificate(
            "R_t is at least (1 - beta1) sqrt(t), and neither is negative.",
            ((bound() - root_growth) * (bound() + root_growth),),
            (Cite(AT_LEAST, {t: t}), *corrections),
        ),
        show("limit of the square", eq(Limit(function**2, t, oo), oo)).by(
            "The lower bound is (1 - beta1)^2 t.", Unbounded("squares", t)
        ),
        show("limit", statement.claim).by(
            "And with the square R_t itself grows without bound, as it is not negative.",
            RootUnbounded("limit of the square", corrections),
        ),
    )


THEOREMS = (AT_LEAST, UNBOUNDED)
