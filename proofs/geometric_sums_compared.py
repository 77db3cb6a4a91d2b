"""Two geometric sums compared, as the growth of the step bound asks for.

A lemma for the next chapter: which of two geometric sums grows faster.
"""

from sympy import Expr, Integer, Sum

from adamref.logic.facts import Fact, last_term
from adamref.logic.proof import HYPOTHESIS
from adamref.logic.relations import eq, ge, gt, lt
from adamref.theorems.spaces import Point, among, rates, steps
from adamref.theorems.symbols import beta1, t
from adamref.theorems.writing import ProofStep, Statement, Steps, Theorem, Use, near_miss, show

from .cauchy_schwarz import r
from .step_bound import powers


def terms(whole: Sum) -> list[Fact]:
    """Write out a sum whose limits are numbers, from its last term on."""
    index, low, high = whole.limits[0]
    return [
        last_term(Sum(whole.function, (index, low, k))) for k in range(int(high), int(low) - 1, -1)
    ]


def sums(rate: Expr, factor: Expr) -> Statement:
    """Compare the sums of the powers of two rates."""
    left = powers(rate) * powers(beta1, t + 1)
    right = factor * powers(rate, t + 1) * powers(beta1)
    return Statement(gt(left, right), (gt(beta1, 0), lt(beta1, r), lt(r, 1), ge(t, 1)))


def next_sum(rate: Expr, name: str) -> ProofStep:
    """Show that a geometric sum is the rate times the one before, and 1."""
    return show(name, eq(powers(rate, t + 1), rate * powers(rate) + 1)).identity(
        "Every term but the last is multiplied by the rate, which is positive.",
        (last_term(powers(rate, t + 1)),),
    )


@Theorem(
    id="geometric-sums-compared",
    title="Two geometric sums compared",
    says="For 0 < beta1 < r < 1, with A_t the sum of the powers of r^2/beta1 and B_t that of "
    "beta1, A_t B_(t+1) is larger than beta1/r times A_(t+1) B_t.",
    statement=sums(r**2 / beta1, beta1 / r),
    source="a lemma for the step bound; D_t of the comparison of Chebyshev polynomials",
    space=among(rates("beta1", "r"), steps(1, 9)),
)
@near_miss(
    sums(r**2 / beta1, Integer(1)),
    "Without the factor beta1/r it is not.",
    Point.of(beta1="1/4", r="3/4", t=1),
)
def SUMS(statement: Statement) -> Steps:
    """By induction: the gap is r times the one before, and a product of positive numbers."""
    claim = statement.claim
    rate = r**2 / beta1
    gap = claim.args[0] - claim.args[1]
    growth = (1 - r) * (1 - beta1 / r)
    added = growth * powers(rate) * powers(beta1)
    first = claim.func(*(side.subs(t, 1) for side in claim.args), evaluate=False)
    two = [*terms(powers(rate, Integer(2))), *terms(powers(beta1, Integer(2)))]
    one = [*terms(powers(rate, Integer(1))), *terms(powers(beta1, Integer(1)))]
    small = show("ratio", gt(1 - beta1 / r, 0)).certificate(
        "beta1 is below r.", ((r - beta1) / r,), ("r",)
    )
    positive = show("r", gt(r, 0)).certificate("It is above beta1.", (r - beta1, beta1))
    base = show("two terms", first).certificate(
        "Here the gap is (1 - r)(1 - beta1/r).", (growth,), (*two, *one, "r", "ratio")
    )
    before = gap.subs(t, t - 1)
    recurrence = show("recurrence", eq(gap, r * before + added)).identity(
        "Put both sums in.",
        ("next A", "next B", Use("next A", {t: t - 1}), Use("next B", {t: t - 1}), "r"),
    )
    step = show("one more term", claim).certificate(
        "Both parts are positive.", (r * before, added), ("recurrence", HYPOTHESIS, "r", "ratio")
    )
    return (
        positive,
        small,
        next_sum(rate, "next A"),
        next_sum(beta1, "next B"),
        show("every length", claim).induction((t, 1), base, (recurrence, step)),
    )


THEOREMS = (SUMS,)
