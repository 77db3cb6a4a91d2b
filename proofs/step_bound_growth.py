"""How the sharp step bound grows with t: to a limit, or without bound."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Abs, And, Eq, Expr, Integer, Le, Limit, Rational, Sum, oo, sqrt

from adamref.proofs.cauchy_schwarz import r
from adamref.proofs.step_bound import (
    DEFAULTS,
    PAPER,
    STEP_BOUND,
    adam,
    below_one,
    bound,
    bound_space,
    domain,
    formula,
    powers,
    reached_space,
    rho,
)
from adamref.proofs.step_bound_cases import GEOMETRIC_SUM, divided
from adamref.rules import ADAM
from adamref.theorems.check import HYPOTHESIS
from adamref.theorems.context import slack
from adamref.theorems.facts import last_term
from adamref.theorems.inference import (
    Certificate,
    Combination,
    Identity,
    Induction,
    Parts,
    Squares,
    Vanishing,
)
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step, Use
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import numbers, points, rates, reals, steps
from adamref.theorems.vocabulary import (
    alpha,
    beta,
    beta1,
    beta2,
    decay_rate,
    eq,
    ge,
    gt,
    le,
    lt,
    n,
    ne,
    t,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
    from sympy.core.relational import Relational

    from adamref.theorems.facts import Fact


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


def next_sum(rate: Expr, name: str) -> Step:
    """Show that a geometric sum is the rate times the one before, and 1."""
    return Step(
        name,
        eq(powers(rate, t + 1), rate * powers(rate) + 1),
        "Every term but the last is multiplied by the rate, which is positive.",
        Identity((last_term(powers(rate, t + 1)),)),
    )


def sums_proof(statement: Statement) -> tuple[Step, ...]:
    """By induction: the gap is r times the one before, and a product of positive numbers."""
    claim = statement.claim
    rate = r**2 / beta1
    gap = claim.args[0] - claim.args[1]
    growth = (1 - r) * (1 - beta1 / r)
    added = growth * powers(rate) * powers(beta1)
    first = claim.func(*(side.subs(t, 1) for side in claim.args), evaluate=False)
    two = [*terms(powers(rate, Integer(2))), *terms(powers(beta1, Integer(2)))]
    one = [*terms(powers(rate, Integer(1))), *terms(powers(beta1, Integer(1)))]
    small = Step(
        "ratio",
        gt(1 - beta1 / r, 0),
        "beta1 is below r.",
        Certificate(((r - beta1) / r,), ("r",)),
    )
    positive = Step("r", gt(r, 0), "It is above beta1.", Certificate((r - beta1, beta1)))
    base = Step(
        "two terms",
        first,
        "Here the gap is (1 - r)(1 - beta1/r).",
        Certificate((growth,), (*two, *one, "r", "ratio")),
    )
    before = gap.subs(t, t - 1)
    recurrence = Step(
        "recurrence",
        eq(gap, r * before + added),
        "Put both sums in.",
        Identity(("next A", "next B", Use("next A", {t: t - 1}), Use("next B", {t: t - 1}), "r")),
    )
    step = Step(
        "one more term",
        claim,
        "Both parts are positive.",
        Certificate((r * before, added), ("recurrence", HYPOTHESIS, "r", "ratio")),
    )
    return (
        positive,
        small,
        next_sum(rate, "next A"),
        next_sum(beta1, "next B"),
        Step(
            "every length",
            claim,
            "By induction over t, from t = 1 on.",
            Induction(t, 1, (base,), (recurrence, step)),
        ),
    )


SUMS = Theorem(
    id="geometric-sums-compared",
    title="Two geometric sums compared",
    says="For 0 < beta1 < r < 1, with A_t the sum of the powers of r^2/beta1 and B_t that of "
    "beta1, A_t B_(t+1) is larger than beta1/r times A_(t+1) B_t.",
    statement=sums(r**2 / beta1, beta1 / r),
    proof=sums_proof,
    source="a lemma for the step bound; D_t of the comparison of Chebyshev polynomials",
    space=Space(points(rates("beta1", "r"), steps(1, 9))),
    near_misses=(
        NearMiss(
            sums(r**2 / beta1, Integer(1)),
            "Without the factor beta1/r it is not.",
            Point({"beta1": "1/4", "r": "3/4", "t": 1}),
        ),
    ),
)


slow = (gt(beta1, 0), lt(beta1, 1), lt(beta2, 1), gt(beta2, beta1**2), gt(beta2, 0))
unequal = ne(beta1, beta2)
u = beta2 / beta1


BELOW = Step(
    "rho",
    gt(1 - rho, 0),
    "beta1^2 is below beta2.",
    Certificate(((beta2 - beta1**2) / beta2,)),
)


def increasing(left: Expr, right: Expr, *more: Relational) -> Statement:
    """State that R_t increases."""
    return Statement(lt(left, right), (*slow, *more, ge(t, 1)))


def excess(at: Expr) -> Expr:
    """Return by how much (1 - beta1^t)^2 exceeds (1 - rho^t)(1 - beta2^t)."""
    return rho**at + beta2**at - 2 * beta1**at


def squares_of_sums() -> tuple[Step, ...]:
    """Write two squares with geometric sums, for every t."""
    power = Cite(GEOMETRIC_SUM, {beta: u, t: t})
    other = Cite(GEOMETRIC_SUM, {beta: beta1, t: t})
    in_a, in_b = (1 - u) * powers(u), (1 - beta1) * powers(beta1)
    return (
        Step(
            "square",
            eq(rho**t * (1 - u**t) ** 2, excess(t)),
            "rho u^2 is beta2, and rho u is beta1.",
            Identity(),
        ),
        Step(
            "square of A",
            eq(in_a**2, (1 - u**t) ** 2),
            "A geometric sum.",
            Combination(of=((power, in_a + 1 - u**t),)),
        ),
        Step(
            "excess",
            eq(rho**t * in_a**2, excess(t)),
            "Put in.",
            Combination(of=(("square of A", rho**t), ("square", Integer(1)))),
        ),
        Step(
            "square of B",
            eq(in_b**2, (1 - beta1**t) ** 2),
            "A geometric sum.",
            Combination(of=((other, in_b + 1 - beta1**t),)),
        ),
    )


def gap_of_sums() -> tuple[Step, ...]:
    """Show that A_t B_(t+1) is larger than beta1/sqrt(beta2) times A_(t+1) B_t."""
    c = beta1 / sqrt(beta2)
    first, second = powers(u) * powers(beta1, t + 1), powers(u, t + 1) * powers(beta1)
    given = ("root above", "root below")
    return (
        Step(
            "root above",
            lt(beta1, sqrt(beta2)),
            "Their squares compare so.",
            Squares((beta2 - beta1**2,)),
        ),
        Step("root below", lt(sqrt(beta2), 1), "And here too.", Squares((1 - beta2,))),
        Step(
            "gap",
            gt(first, c * second),
            "This is the comparison of the two sums, with r the root of beta2.",
            Certificate((), (Cite(SUMS, {r: sqrt(beta2), t: t}, given=given),)),
        ),
        Step(
            "gap of squares",
            gt(first**2, rho * second**2),
            "The squares compare so too.",
            Certificate(((first - c * second) * (first + c * second),), ("gap",)),
        ),
    )


def increasing_proof(statement: Statement) -> tuple[Step, ...]:
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
        Step(
            "crossed",
            eq(top_later * bottom - top * bottom_later, growth),
            "Every square as a geometric sum.",
            Combination(
                of=(
                    (Use("square of B", later), -excess(t)),
                    ("excess", -b_later),
                    (Use("excess", later), b),
                    ("square of B", excess(t + 1)),
                )
            ),
        ),
        Step(
            "positive",
            gt(growth, 0),
            "The gap is, and the rates differ.",
            Certificate((factor * gap,), ("gap of squares",)),
        ),
        Step(
            "products",
            gt(top_later * bottom, top * bottom_later),
            "Put together.",
            Certificate((growth,), ("crossed", "positive")),
        ),
        Step(
            "quotients",
            gt(top_later / bottom_later, top / bottom),
            "Divided by what is positive.",
            Certificate(
                ((top_later * bottom - top * bottom_later) / (bottom * bottom_later),),
                ("products", *of_beta1),
            ),
        ),
        divided(rho, "sum", "rho"),
        Step(
            "squares of R_t",
            eq(bound(t + 1) ** 2 - bound() ** 2, grown),
            "The sum of the powers of rho is a quotient.",
            Identity(("sum", Use("sum", later), "rho", *corrections)),
        ),
        Step(
            "squares",
            gt(bound(t + 1) ** 2, bound() ** 2),
            "They are positive multiples of these.",
            Certificate((grown,), ("squares of R_t", "quotients", "rho", *corrections)),
        ),
        Step(
            "roots",
            statement.claim,
            "R_t is not negative.",
            Squares((bound(t + 1) ** 2 - bound() ** 2,), ("squares", *corrections)),
        ),
    )


def neighbours() -> SearchStrategy[Point]:
    """Draw rates that are often the same, or near the border beta1^2 = beta2."""
    from hypothesis import strategies as st

    def beside(first: Fraction) -> SearchStrategy[Point]:
        places = st.sampled_from([Fraction(1, 1000)]) | st.fractions(0, 1, max_denominator=50)
        above = places.filter(lambda x: 0 < x < 1).map(lambda x: first**2 + (1 - first**2) * x)
        second = above | st.sampled_from([first, first**2, first**2 / 2])
        return st.builds(
            lambda other, at: Point({"beta1": first, "beta2": other, "t": at}),
            second,
            st.integers(1, 9),
        )

    inside = st.fractions(0, 1, max_denominator=50).filter(lambda x: 0 < x < 1)
    # At 24/25 the roots are rational for small t, and exact arithmetic sees what is equal.
    return (inside | st.sampled_from([Fraction("0.9"), Fraction(24, 25)])).flatmap(beside)


INCREASING = Theorem(
    id="step-bound-increases",
    title="The bound on a step increases",
    says="Where 0 < beta1 and beta1^2 < beta2, and the rates are not the same, R_t is larger at "
    "every step than at the one before.",
    statement=increasing(bound(), bound(t + 1), unequal),
    proof=increasing_proof,
    source=PAPER,
    space=Space(neighbours),
    near_misses=(
        NearMiss(
            increasing(bound(), bound(t + 1)),
            "With equal rates R_t is 1 at every step.",
            Point({"beta1": "24/25", "beta2": "24/25", "t": 1}),
        ),
    ),
)


def monotone(left: Expr, right: Expr) -> Statement:
    """State that R_t is at most a later one."""
    return Statement(le(left, right), (*slow, unequal, ge(t, 1), ge(n, 0)))


def monotone_proof(statement: Statement) -> tuple[Step, ...]:
    """By induction over the number of steps between."""
    claim = statement.claim
    first = claim.func(*(side.subs(n, 0) for side in claim.args), evaluate=False)
    before = slack(claim).subs(n, n - 1)
    places = (t, t + n, t + n - 1)
    corrections = [below_one(rate, at) for rate in (beta1, beta2) for at in places]
    here = (below_one(beta1), below_one(beta2))
    base = Step("none between", first, "These are the same.", Certificate((Integer(0),), here))
    step = Step(
        "one more",
        claim,
        "R_t increases with every step.",
        Certificate(
            (before, bound(t + n) - bound(t + n - 1)),
            (HYPOTHESIS, Cite(INCREASING, {t: t + n - 1}), *corrections),
        ),
    )
    return (
        Step(
            "any number",
            claim,
            "By induction over n, from n = 0 on.",
            Induction(n, 0, (base,), (step,)),
        ),
    )


MONOTONE = Theorem(
    id="step-bound-monotone",
    title="No bound on a step is larger than a later one",
    says="Where 0 < beta1 and beta1^2 < beta2, and the rates are not the same, R_t is at most "
    "R_(t+n).",
    statement=monotone(bound(), bound(t + n)),
    proof=monotone_proof,
    source=PAPER,
    space=Space(points(rates("beta1", "beta2"), steps(1, 6), steps(0, 6, "n"))),
    near_misses=(
        NearMiss(
            monotone(bound(t + 1), bound(t + n)),
            "For n = 0 that would be a later one on the left.",
            Point({"beta1": "1/2", "beta2": "3/4", "t": 1, "n": 0}),
        ),
    ),
)

LIMIT = (1 - beta1) / sqrt((1 - beta2) * (1 - rho))
"""R_t for t to infinity, where rho is below 1."""


def bounded_for_good(claimed: Expr) -> Statement:
    """State a bound on every step that does not depend on t."""
    return Statement(
        le(Abs(adam("delta", t)), claimed),
        (*domain, gt(beta2, beta1**2), gt(adam("v", t), 0)),
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
        Step(
            "product",
            le(top, bottom),
            "They differ by beta2^t times the square of (beta1/beta2)^t - 1.",
            Certificate((excess,)),
        ),
        Step(
            "quotient",
            le(top / bottom, 1),
            "Divided by what is larger.",
            Certificate(((bottom - top) / bottom,), ("product", *corrections)),
        ),
        Step(
            "R_t",
            le(bound(), LIMIT),
            "The square of R_t is that of R_oo times this quotient.",
            Squares((LIMIT**2 * (1 - top / bottom),), ("sum", "quotient", "rho", *corrections)),
        ),
        Step(
            "bound",
            statement.claim,
            "No step is larger than alpha R_t.",
            Certificate(
                (alpha * bound() - size, alpha * (LIMIT - bound())),
                ("R_t", Cite(STEP_BOUND, {t: t}), "rho", *corrections),
            ),
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
            Point({"alpha": 1, "beta1": "1/5", "beta2": "1/2", "c": 1, "t": 2}),
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
        Step(
            "R_t",
            eq(bound(), function),
            "What the limit is taken of is R_t.",
            Identity(("sum", "rho", *corrections)),
        ),
        Step(
            "one root",
            eq((1 - beta1) / sqrt(1 - beta2) * sqrt(1 / (1 - rho)), LIMIT),
            "Two roots are one.",
            Squares((), ("rho",)),
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
            Point({"beta1": "1/2", "beta2": "1/2", "t": 1}),
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
        Step(
            "all steps",
            size,
            "The bound for all steps, at these rates.",
            Certificate((), (Cite(FOR_GOOD, {**DEFAULTS, t: t}),)),
        ),
        Step(
            "sum",
            eq(powers(ratio, n), (1 - ratio**n) / (1 - ratio)),
            "A geometric sum.",
            Combination(of=((Cite(GEOMETRIC_SUM, {beta: ratio, t: n}), 1 / (1 - ratio)),)),
        ),
        Step(
            "R_n",
            eq(bound(n).subs(DEFAULTS), limit.args[0].args[0]),
            "What the limit is taken of is R_n.",
            Identity(("sum", *corrections)),
        ),
        Step("limit", limit, "The powers vanish.", Vanishing(n, ("R_n", *corrections))),
        Step("both", statement.claim, "Put together.", Parts(("all steps", "limit"))),
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
            Point({"alpha": 1, "t": 1, "n": 1}, {"g": (0, 1)}),
        ),
    ),
)


THEOREMS = (SUMS, INCREASING, MONOTONE, FOR_GOOD, TENDS, AT_DEFAULTS)
