"""The sharp step bound grows with every step, where beta1^2 < beta2 and the rates differ.

Whether the worst possible step gets worse as training goes on.
"""

from fractions import Fraction

from sympy import Expr, Integer, sqrt

from adamref.logic.proof import HYPOTHESIS
from adamref.logic.relations import eq, ge, gt, le, lt, ne, slack
from adamref.theorems.spaces import Point, Space, Strategy, among, rates, st, steps
from adamref.theorems.symbols import beta, beta1, beta2, n, t
from adamref.theorems.writing import (
    Cite,
    ProofStep,
    Statement,
    Steps,
    Theorem,
    Use,
    near_miss,
    show,
)

from .cauchy_schwarz import r
from .geometric_sum import GEOMETRIC_SUM, divided
from .geometric_sums_compared import SUMS
from .powers import below_one
from .step_bound import PAPER, bound, inside, powers, rho

slow = (gt(beta1, 0), lt(beta1, 1), lt(beta2, 1), gt(beta2, beta1**2), gt(beta2, 0))
unequal = ne(beta1, beta2)
u = beta2 / beta1

BELOW = show("rho", gt(1 - rho, 0)).certificate(
    "beta1^2 is below beta2.", ((beta2 - beta1**2) / beta2,)
)


def excess(at: Expr) -> Expr:
    """Return by how much (1 - beta1^t)^2 exceeds (1 - rho^t)(1 - beta2^t)."""
    return rho**at + beta2**at - 2 * beta1**at


def squares_of_sums() -> tuple[ProofStep, ...]:
    """Write two squares with geometric sums, for every t."""
    power = Cite(GEOMETRIC_SUM, {beta: u, t: t})
    other = Cite(GEOMETRIC_SUM, {beta: beta1, t: t})
    in_a, in_b = (1 - u) * powers(u), (1 - beta1) * powers(beta1)
    return (
        show("square", eq(rho**t * (1 - u**t) ** 2, excess(t))).identity(
            "rho u^2 is beta2, and rho u is beta1."
        ),
        show("square of A", eq(in_a**2, (1 - u**t) ** 2)).combination(
            "Summed as a geometric sequence.", ((power, in_a + 1 - u**t),)
        ),
        show("excess", eq(rho**t * in_a**2, excess(t))).combination(
            "Substitute the two squares.", (("square of A", rho**t), ("square", Integer(1)))
        ),
        show("square of B", eq(in_b**2, (1 - beta1**t) ** 2)).combination(
            "Summed as a geometric sequence.", ((other, in_b + 1 - beta1**t),)
        ),
    )


def gap_of_sums() -> tuple[ProofStep, ...]:
    """Show that A_t B_(t+1) is larger than beta1/sqrt(beta2) times A_(t+1) B_t."""
    c = beta1 / sqrt(beta2)
    first, second = powers(u) * powers(beta1, t + 1), powers(u, t + 1) * powers(beta1)
    given = ("root above", "root below")
    return (
        show("root above", lt(beta1, sqrt(beta2))).squares(
            "Their squares compare so.", (beta2 - beta1**2,)
        ),
        show("root below", lt(sqrt(beta2), 1)).squares("And here too.", (1 - beta2,)),
        show("gap", gt(first, c * second)).certificate(
            "This is the comparison of the two sums, with r the root of beta2.",
            uses=(Cite(SUMS, {r: sqrt(beta2), t: t}, given=given),),
        ),
        show("gap of squares", gt(first**2, rho * second**2)).certificate(
            "The squares compare so too.", ((first - c * second) * (first + c * second),), ("gap",)
        ),
    )


def neighbours() -> Strategy:
    """Draw rates that are often the same, or near the border beta1^2 = beta2."""

    def beside(first: Fraction) -> Strategy:
        places = st.just(Fraction(1, 1000)) | inside()
        above = places.map(lambda x: first**2 + (1 - first**2) * x)
        second = above | st.sampled_from([first, first**2, first**2 / 2])
        return st.builds(
            lambda other, at: Point.of(beta1=first, beta2=other, t=at), second, st.integers(1, 9)
        )

    # At 24/25 the roots are rational for small t, and exact arithmetic sees what is equal.
    return (inside() | st.sampled_from([Fraction("0.9"), Fraction(24, 25)])).flatmap(beside)


@Theorem(
    id="step-bound-increases",
    title="The bound on a step increases",
    says="Where 0 < beta1 and beta1^2 < beta2, and the rates are not the same, R_t is larger at "
    "every step than at the one before.",
    statement=Statement(lt(bound(), bound(t + 1)), (*slow, unequal, ge(t, 1))),
    source=PAPER,
    space=Space(neighbours),
)
@near_miss(
    Statement(lt(bound(), bound(t + 1)), (*slow, ge(t, 1))),
    "With equal rates R_t is 1 at every step.",
    Point.of(beta1="24/25", beta2="24/25", t=1),
)
def INCREASING(statement: Statement) -> Steps:
    """Compare (1 - rho^t)(1 - beta2^t) / (1 - beta1^t)^2 at t and t + 1."""
    a, b = ((1 - rate) ** 2 * powers(rate) ** 2 for rate in (u, beta1))
    a_later, b_later = ((1 - rate) ** 2 * powers(rate, t + 1) ** 2 for rate in (u, beta1))
    growth = rho**t * a * b_later - rho ** (t + 1) * a_later * b
    top, top_later = ((1 - rho**at) * (1 - beta2**at) for at in (t, t + 1))
    bottom, bottom_later = ((1 - beta1**at) ** 2 for at in (t, t + 1))
    gap = (powers(u) * powers(beta1, t + 1)) ** 2 - rho * (powers(u, t + 1) * powers(beta1)) ** 2
    factor = rho**t * (beta1 - beta2) ** 2 * (1 - beta1) ** 2 / beta1**2
    corrections = [below_one(rate, at) for rate in (beta1, beta2) for at in (t, t + 1)]
    of_beta1 = [below_one(beta1, at) for at in (t, t + 1)]
    scale = (1 - beta1) ** 2 / ((1 - beta2) * (1 - rho))
    grown = scale * (top_later / bottom_later - top / bottom)
    later = {t: t + 1}
    return (
        BELOW,
        *squares_of_sums(),
        *gap_of_sums(),
        show("crossed", eq(top_later * bottom - top * bottom_later, growth)).combination(
            "Every square as a geometric sum.",
            (
                (Use("square of B", later), -excess(t)),
                ("excess", -b_later),
                (Use("excess", later), b),
                ("square of B", excess(t + 1)),
            ),
        ),
        show("positive", gt(growth, 0)).certificate(
            "The gap is, and the rates differ.", (factor * gap,), ("gap of squares",)
        ),
        show("products", gt(top_later * bottom, top * bottom_later)).certificate(
            "The two steps before, together.", (growth,), ("crossed", "positive")
        ),
        show("quotients", gt(top_later / bottom_later, top / bottom)).certificate(
            "Divided by what is positive.",
            ((top_later * bottom - top * bottom_later) / (bottom * bottom_later),),
            ("products", *of_beta1),
        ),
        divided(rho, "sum", "rho"),
        show("squares of R_t", eq(bound(t + 1) ** 2 - bound() ** 2, grown)).identity(
            "The sum of the powers of rho is a quotient.",
            ("sum", Use("sum", later), "rho", *corrections),
        ),
        show("squares", gt(bound(t + 1) ** 2, bound() ** 2)).certificate(
            "They are positive multiples of these.",
            (grown,),
            ("squares of R_t", "quotients", "rho", *corrections),
        ),
        show("roots", statement.claim).squares(
            "R_t is not negative.", (bound(t + 1) ** 2 - bound() ** 2,), ("squares", *corrections)
        ),
    )


@Theorem(
    id="step-bound-monotone",
    matters="The largest possible step only gets larger as training goes on. A bound for an "
    "early step is none for a late one.",
    title="No bound on a step is larger than a later one",
    says="Where 0 < beta1 and beta1^2 < beta2, and the rates are not the same, R_t is at most "
    "R_(t+n).",
    statement=Statement(le(bound(), bound(t + n)), (*slow, unequal, ge(t, 1), ge(n, 0))),
    source=PAPER,
    space=among(rates("beta1", "beta2"), steps(1, 6), steps(0, 6, "n")),
)
@near_miss(
    le(bound(t + 1), bound(t + n)),
    "For n = 0 that would be a later one on the left.",
    Point.of(beta1="1/2", beta2="3/4", t=1, n=0),
)
def MONOTONE(statement: Statement) -> Steps:
    """By induction over the number of steps between."""
    before = slack(statement.claim).subs(n, n - 1)
    places = (t, t + n, t + n - 1)
    corrections = [below_one(rate, at) for rate in (beta1, beta2) for at in places]
    here = (below_one(beta1), below_one(beta2))
    return show("any number", statement.claim).induction(
        (n, 0),
        show("none between").certificate("These are the same.", (Integer(0),), here),
        show("one more").certificate(
            "R_t increases with every step.",
            (before, bound(t + n) - bound(t + n - 1)),
            (HYPOTHESIS, Cite(INCREASING, {t: t + n - 1}), *corrections),
        ),
    )


THEOREMS = (INCREASING, MONOTONE)
