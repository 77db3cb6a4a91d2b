"""Where epsilon stands: what the places differ by, and where they differ most."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Abs, And, Eq, Function, Integer, Rational, Symbol, sqrt

from adamref.proofs.limits_and_cases import same_state, second_moment
from adamref.proofs.powers import BELOW_ONE
from adamref.rules import ADAM, ADAM_EPS_INSIDE, symbols
from adamref.rules.adam import denominator
from adamref.theorems.inference import Certificate, Identity, Induction, Parts, Squares
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import numbers, points, rates, reals, steps
from adamref.theorems.vocabulary import (
    alpha,
    beta,
    beta1,
    beta2,
    decay_rate,
    eps,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
    t,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
    from sympy import Expr

v_hat = Symbol("v_hat", real=True)
root = sqrt(v_hat)


def below(form: str, constant: Expr = eps, second: Expr = v_hat) -> Expr:
    """Return what a form of the rule divides by, for a value of v_hat and a constant."""
    made = denominator(symbols.v_hat, form)
    return made.xreplace({symbols.v_hat: second, symbols.eps: constant}).doit()


OUTSIDE, INSIDE, SQUARED = below("paper"), below("eps-inside"), below("eps-inside", eps**2)
SOURCE = "Kingma & Ba 2015, Algorithm 1, against the variants with epsilon under the root"
DOMAIN = (ge(v_hat, 0), ge(eps, 0))
SPACE = Space(points(numbers("v_hat", "eps", low=0)))
SMALL = Space(points(rates("v_hat", "eps")))


def _below_crossing() -> tuple[dict[str, SearchStrategy[Fraction]], ...]:
    from hypothesis import strategies as st

    return dict.fromkeys(("v_hat", "eps"), st.fractions(0, Fraction(1, 9), max_denominator=500)), {}


# Epsilon squared, under the root.


def _between(low: Expr, high: Expr) -> Statement:
    return Statement(And(le(low * SQUARED, OUTSIDE), le(OUTSIDE, high * SQUARED)), DOMAIN)


def _parted(what: Statement) -> tuple[Eq, ...]:
    """Return the parts of a conjunction: the one with the paper's form on the right comes first."""
    return tuple(sorted(what.claim.args, key=lambda part: part.rhs != OUTSIDE))


def _squared_proof(what: Statement) -> tuple[Step, ...]:
    low, high = _parted(what)
    return (
        Step(
            "at least as great",
            low,
            "The squares differ by 2 eps sqrt(v_hat).",
            Squares((2 * eps * root,)),
        ),
        Step(
            "at most sqrt(2) times as great",
            high,
            "Twice the one square less the other is a square itself.",
            Squares(((root - eps) ** 2,)),
        ),
        Step(
            "between",
            what.claim,
            "Both bounds together.",
            Parts(("at least as great", "at most sqrt(2) times as great")),
        ),
    )


BETWEEN = Theorem(
    id="eps-squared-inside",
    title="Under the root, eps squared changes the denominator by a factor of at most sqrt(2)",
    says="sqrt(v_hat) + eps lies between 1 and sqrt(2) times sqrt(v_hat + eps^2): to move epsilon "
    "under the root and square it changes a step by less than half.",
    statement=_between(1, sqrt(2)),
    proof=_squared_proof,
    source=SOURCE,
    space=SPACE,
    near_misses=(
        NearMiss(
            _between(1, Rational(7, 5)),
            "The factor 7/5, a little below sqrt(2), is too small where sqrt(v_hat) = eps.",
            Point({"v_hat": 1, "eps": 1}),
        ),
        NearMiss(
            _between(Rational(11, 10), sqrt(2)),
            "Where v_hat or eps is 0 the two are equal, so that no factor above 1 will do below.",
            Point({"v_hat": 1, "eps": 0}),
        ),
    ),
)


def _most_proof(what: Statement) -> tuple[Step, ...]:
    return (
        Step(
            "equal there",
            what.claim,
            "With sqrt(v_hat) = eps both sides are 2 eps.",
            Identity(),
        ),
    )


def _most(at: Expr) -> Statement:
    left, right = (side.subs(v_hat, at) for side in (OUTSIDE, sqrt(2) * SQUARED))
    return Statement(eq(left, right), (ge(eps, 0),))


MOST = Theorem(
    id="eps-squared-inside-most",
    title="The factor sqrt(2) is reached where sqrt(v_hat) = eps",
    says="Where sqrt(v_hat) = eps, sqrt(v_hat) + eps is sqrt(2) times sqrt(v_hat + eps^2).",
    statement=_most(eps**2),
    proof=_most_proof,
    source=SOURCE,
    space=Space(points(numbers("eps", low=0))),
    near_misses=(
        NearMiss(
            _most(4 * eps**2),
            "Where sqrt(v_hat) is twice eps, the factor is 3/sqrt(5).",
            Point({"eps": 1}),
        ),
    ),
)


def _only_proof(what: Statement) -> tuple[Step, ...]:
    return (
        Step(
            "less elsewhere",
            what.claim,
            "They differ by (sqrt(v_hat) - eps)^2, which is not 0.",
            Certificate(((root - eps) ** 2,)),
        ),
    )


ONLY = Theorem(
    id="eps-squared-inside-only-there",
    title="The factor sqrt(2) is reached nowhere else",
    says="Where sqrt(v_hat) is not eps, the two denominators differ by less than a factor sqrt(2), "
    "and their squares by less than a factor 2.",
    statement=Statement(lt(OUTSIDE**2, 2 * SQUARED**2), (*DOMAIN, ne(root, eps))),
    proof=_only_proof,
    source=SOURCE,
    space=SPACE,
    near_misses=(
        NearMiss(
            Statement(lt(OUTSIDE**2, 2 * SQUARED**2), DOMAIN),
            "At sqrt(v_hat) = eps the factor is sqrt(2).",
            Point({"v_hat": 1, "eps": 1}),
        ),
    ),
)

# Epsilon itself, under the root.


def _gap_proof(what: Statement) -> tuple[Step, ...]:
    return (
        Step(
            "difference of the squares",
            what.claim,
            "Multiplied out: v_hat drops out, and eps can be taken out of the rest.",
            Identity(),
        ),
    )


def _gap(crossing: Expr) -> Statement:
    return Statement(eq(OUTSIDE**2 - INSIDE**2, 2 * eps * (root - crossing)), DOMAIN)


CROSSING = (1 - eps) / 2
GAP = Theorem(
    id="eps-inside-crosses",
    title="Epsilon itself under the root: the two denominators cross at sqrt(v_hat) = (1 - eps)/2",
    says="The squares of sqrt(v_hat) + eps and sqrt(v_hat + eps) differ by "
    "2 eps (sqrt(v_hat) - (1 - eps)/2), whose sign is that of sqrt(v_hat) - (1 - eps)/2.",
    statement=_gap(CROSSING),
    proof=_gap_proof,
    source=SOURCE,
    space=SPACE,
    near_misses=(
        NearMiss(
            _gap((1 + eps) / 2),
            "The crossing lies below 1/2, not above.",
            Point({"v_hat": 1, "eps": 1}),
        ),
    ),
)


def _crossing_proof(what: Statement) -> tuple[Step, ...]:
    claim = what.claim
    if isinstance(claim, Eq):
        why = "At the crossing both denominators are (1 + eps)/2."
        return (Step("equal", claim, why, Squares()),)
    side = root - CROSSING if claim.rhs == OUTSIDE else CROSSING - root
    why = "The difference of the squares has the sign of the distance from the crossing."
    return (Step("on one side", claim, why, Squares((2 * eps * side,))),)


def _side(
    name: str, says: str, claim: Expr, domain: Expr, space: Space, wrong: NearMiss
) -> Theorem:
    return Theorem(
        id=f"eps-inside-{name}",
        title=f"The denominators {name} the crossing",
        says=says,
        statement=Statement(claim, (ge(v_hat, 0), gt(eps, 0), domain)),
        proof=_crossing_proof,
        source=SOURCE,
        space=space,
        near_misses=(wrong,),
    )


at_crossing = tuple(side.subs(v_hat, CROSSING**2) for side in (OUTSIDE, INSIDE))
SIDES = (
    Theorem(
        id="eps-inside-at",
        title="The denominators at the crossing",
        says="Where sqrt(v_hat) = (1 - eps)/2, sqrt(v_hat) + eps = sqrt(v_hat + eps).",
        statement=Statement(eq(*at_crossing), (ge(eps, 0), le(eps, 1))),
        proof=_crossing_proof,
        source=SOURCE,
        space=Space(points(rates("eps"))),
        near_misses=(
            NearMiss(
                Statement(eq(*at_crossing), (ge(eps, 0),)),
                "With eps > 1 there is no crossing: (1 - eps)/2 is negative, and no root.",
                Point({"eps": 3}),
                SPACE,
            ),
        ),
    ),
    _side(
        "below",
        "Where sqrt(v_hat) < (1 - eps)/2, epsilon under the root makes the denominator greater, "
        "and the step smaller.",
        lt(OUTSIDE, INSIDE),
        lt(root, CROSSING),
        Space(points(_below_crossing)),
        NearMiss(
            Statement(lt(OUTSIDE, INSIDE), (ge(v_hat, 0), gt(eps, 0))),
            "Above the crossing it is the other way round.",
            Point({"v_hat": 1, "eps": 1}),
            SPACE,
        ),
    ),
    _side(
        "above",
        "Where sqrt(v_hat) > (1 - eps)/2, epsilon under the root makes the denominator smaller, "
        "and the step greater.",
        lt(INSIDE, OUTSIDE),
        gt(root, CROSSING),
        SMALL,
        NearMiss(
            Statement(lt(INSIDE, OUTSIDE), (ge(v_hat, 0), gt(eps, 0))),
            "Below the crossing it is the other way round.",
            Point({"v_hat": 0, "eps": "1/4"}),
        ),
    ),
)


def _farthest_proof(what: Statement) -> tuple[Step, ...]:
    reached, bound = sorted(what.claim.args, key=lambda part: not isinstance(part, Eq))
    if bound.lhs == INSIDE:
        why = "The squares differ by v_hat (1 - eps)/eps + 2 sqrt(v_hat)."
        terms = (v_hat * (1 - eps) / eps, 2 * root)
    else:
        why = "The squares differ by eps (1 - sqrt(v_hat))^2."
        terms = (eps * (1 - root) ** 2,)
    return (
        Step("everywhere", bound, why, Squares(terms)),
        Step("and equal there", reached, "Both sides are worked out.", Squares()),
        Step(
            "most", what.claim, "A bound that is reached.", Parts(("everywhere", "and equal there"))
        ),
    )


def _farthest(less: Expr, more: Expr, at: int, domain: tuple[Expr, ...]) -> Statement:
    reached = eq(less.subs(v_hat, at), more.subs(v_hat, at))
    return Statement(And(le(less, more), reached), domain)


_UP_TO_ONE = (ge(v_hat, 0), gt(eps, 0), le(eps, 1))
FARTHEST = (
    Theorem(
        id="eps-inside-farthest-below",
        title="Epsilon under the root makes the denominator at most 1/sqrt(eps) times as great",
        says="For 0 < eps <= 1, sqrt(v_hat + eps) is at most 1/sqrt(eps) times sqrt(v_hat) + eps, "
        "and that at v_hat = 0: with eps = 1e-8, ten thousand times.",
        statement=_farthest(INSIDE, OUTSIDE / sqrt(eps), 0, _UP_TO_ONE),
        proof=_farthest_proof,
        source=SOURCE,
        space=Space(points(numbers("v_hat", low=0), rates("eps"))),
        near_misses=(
            NearMiss(
                _farthest(INSIDE, OUTSIDE, 0, _UP_TO_ONE),
                "Without the factor it is false where the gradients are small.",
                Point({"v_hat": 0, "eps": "1/4"}),
            ),
            NearMiss(
                _farthest(INSIDE, OUTSIDE / sqrt(eps), 0, _UP_TO_ONE[:2]),
                "With eps > 1 the factor 1/sqrt(eps) is below 1, and too small for a great v_hat.",
                Point({"v_hat": 10000, "eps": 4}),
                SPACE,
            ),
        ),
    ),
    Theorem(
        id="eps-inside-farthest-above",
        title="Epsilon under the root makes the denominator at most sqrt(1 + eps) times smaller",
        says="sqrt(v_hat) + eps is at most sqrt(1 + eps) times sqrt(v_hat + eps), and that at "
        "v_hat = 1: with a small eps it makes no step much greater.",
        statement=_farthest(OUTSIDE, sqrt(1 + eps) * INSIDE, 1, DOMAIN),
        proof=_farthest_proof,
        source=SOURCE,
        space=SPACE,
        near_misses=(
            NearMiss(
                _farthest(OUTSIDE, INSIDE, 1, DOMAIN),
                "Without the factor it is false above the crossing.",
                Point({"v_hat": 1, "eps": 1}),
            ),
            NearMiss(
                _farthest(OUTSIDE, sqrt(1 + eps) * INSIDE, 4, DOMAIN),
                "It is reached at v_hat = 1, and not at 4.",
                Point({"v_hat": 1, "eps": 1}),
            ),
        ),
    ),
)

# The epsilon of the more efficient order.


correction = sqrt(1 - beta2**t)
HAT = below("paper", eps / correction)


def _hat_proof(what: Statement) -> tuple[Step, ...]:
    low, high = sorted(what.claim.args, key=lambda part: part.lhs != OUTSIDE)
    return (
        Step(
            "the correction is at most 1",
            le(correction, 1),
            "1 less its square is beta2^t.",
            Squares((beta2**t,), (Cite(BELOW_ONE, {beta: beta2, t: t}),)),
        ),
        Step(
            "at least as great",
            low,
            "eps is divided by at most 1.",
            Certificate(
                (eps * (1 - correction) / correction,),
                (Cite(BELOW_ONE, {beta: beta2, t: t}), "the correction is at most 1"),
            ),
        ),
        Step(
            "at most as many times as great",
            high,
            "sqrt(v_hat) is divided by at most 1.",
            Certificate(
                (root * (1 - correction) / correction,),
                (Cite(BELOW_ONE, {beta: beta2, t: t}), "the correction is at most 1"),
            ),
        ),
        Step(
            "between",
            what.claim,
            "Both bounds together.",
            Parts(("at least as great", "at most as many times as great")),
        ),
    )


def _hat(high: Expr) -> Statement:
    parts = And(le(OUTSIDE, HAT), le(HAT, high))
    return Statement(parts, (*DOMAIN, *decay_rate(beta2), ge(t, 1)))


HAT_BETWEEN = Theorem(
    id="eps-hat-between",
    title="A fixed eps-hat is a greater epsilon, most of all at the first steps",
    says="The more efficient order with a fixed eps-hat divides by sqrt(v_hat) + "
    "eps-hat/sqrt(1 - beta2^t), which is between 1 and 1/sqrt(1 - beta2^t) times what Algorithm 1 "
    "divides by.",
    statement=_hat(OUTSIDE / correction),
    proof=_hat_proof,
    source="Kingma & Ba 2015, section 2, last paragraph",
    space=Space(points(numbers("v_hat", "eps", low=0), rates("beta2"), steps(1, 60))),
    near_misses=(
        NearMiss(
            _hat(OUTSIDE),
            "It is greater than what Algorithm 1 divides by, unless eps or beta2 is 0.",
            Point({"v_hat": 0, "eps": 1, "beta2": "3/4", "t": 1}),
        ),
    ),
)

first_correction = sqrt(1 - beta2)


def _hat_most_proof(what: Statement) -> tuple[Step, ...]:
    reached, bound = sorted(what.claim.args, key=lambda part: not isinstance(part, Eq))
    power = le(beta2**t, beta2)
    return (
        Step(
            "later powers are smaller",
            power,
            "By induction over t, from t = 1 on.",
            Induction(
                t,
                1,
                (Step("t = 1", le(beta2, beta2), "They are the same.", Certificate()),),
                (
                    Step(
                        "one more factor",
                        power,
                        "A further factor beta2 is below 1.",
                        Certificate(
                            (beta2 * (beta2 - beta2 ** (t - 1)), beta2 * (1 - beta2)),
                            ("induction hypothesis",),
                        ),
                    ),
                ),
            ),
        ),
        Step(
            "the first correction is the smallest",
            le(first_correction, correction),
            "Its square is 1 - beta2, that of a later one 1 - beta2^t.",
            Squares((beta2 - beta2**t,), ("later powers are smaller",)),
        ),
        Step(
            "and at most 1",
            le(first_correction, 1),
            "1 less its square is beta2.",
            Squares((beta2,)),
        ),
        Step(
            "everywhere",
            bound,
            "Both terms of the denominator are divided by no less than the first correction.",
            Certificate(
                (
                    root * (1 - first_correction) / first_correction,
                    eps * (correction - first_correction) / (first_correction * correction),
                ),
                (
                    Cite(BELOW_ONE, {beta: beta2, t: t}),
                    "the first correction is the smallest",
                    "and at most 1",
                ),
            ),
        ),
        Step("and equal there", reached, "Only eps is left on both sides.", Identity()),
        Step(
            "most", what.claim, "A bound that is reached.", Parts(("everywhere", "and equal there"))
        ),
    )


def _hat_most(factor: Expr) -> Statement:
    at_first = {v_hat: 0, t: 1}
    reached = eq(HAT.subs(at_first), (OUTSIDE * factor).subs(at_first))
    parts = And(le(HAT, OUTSIDE * factor), reached)
    return Statement(parts, (*DOMAIN, *decay_rate(beta2), ge(t, 1)))


HAT_MOST = Theorem(
    id="eps-hat-most",
    title="A fixed eps-hat differs most at the first step and a v_hat of 0",
    says="What the more efficient order with a fixed eps-hat divides by is at most 1/sqrt(1 - "
    "beta2) times what Algorithm 1 divides by, and that at t = 1 where v_hat = 0: with beta2 = "
    "0.999, 31.6 times.",
    statement=_hat_most(1 / first_correction),
    proof=_hat_most_proof,
    source="Kingma & Ba 2015, section 2, last paragraph",
    space=HAT_BETWEEN.space,
    near_misses=(
        NearMiss(
            _hat_most(Integer(30)),
            "With beta2 = 0.999 the factor is 31.6, and 30 is too small.",
            Point({"v_hat": 0, "eps": 1, "beta2": "0.999", "t": 1}),
        ),
    ),
)

# The steps themselves, on the same gradients.

g = Function("g", real=True)
outside = Run(ADAM)
inside = Run(ADAM_EPS_INSIDE, mark="'", gradient=g, hypers={"eps": eps**2})


def _steps_proof(what: Statement) -> tuple[Step, ...]:
    one, other = Abs(outside("delta", t)), Abs(inside("delta", t))
    second = outside("v_hat", t)
    size = alpha * Abs(outside("m_hat", t))
    divisors = below("paper", eps, second), below("eps-inside", eps**2, second)
    less, more = divisors if what.claim.lhs == other else divisors[::-1]
    factor, square = sqrt(2), (sqrt(second) - eps) ** 2
    if what.claim.lhs != other:
        factor, square = Integer(1), 2 * eps * sqrt(second)
    corrected = [Cite(BELOW_ONE, {beta: rate, t: t}) for rate in (beta1, beta2)]
    return (
        same_state(inside, outside, "m"),
        same_state(inside, outside, "v"),
        second_moment(outside),
        Step(
            "v_hat is not negative",
            ge(second, 0),
            "It is v over a positive number.",
            Certificate(
                (outside("v", t) / (1 - beta2**t),),
                (outside.line("v_hat", t), "v is not negative", corrected[1]),
            ),
        ),
        Step(
            "the same m_hat",
            eq(inside("m_hat", t), outside("m_hat", t)),
            "The corrections are the same too.",
            Identity(
                (inside.line("m_hat", t), outside.line("m_hat", t), "the two m", corrected[0])
            ),
        ),
        Step(
            "the same v_hat",
            eq(inside("v_hat", t), second),
            "The corrections are the same too.",
            Identity(
                (inside.line("v_hat", t), outside.line("v_hat", t), "the two v", corrected[1])
            ),
        ),
        Step(
            "the step with epsilon outside",
            eq(one, size / divisors[0]),
            "Its line.",
            Identity((outside.line("delta", t), "v_hat is not negative")),
        ),
        Step(
            "the step with epsilon inside",
            eq(other, size / divisors[1]),
            "Its line.",
            Identity(
                (
                    inside.line("delta", t),
                    "the same m_hat",
                    "the same v_hat",
                    "v_hat is not negative",
                )
            ),
        ),
        Step(
            "the divisors",
            le(less, factor * more),
            "Their squares are compared.",
            Squares((square,), ("v_hat is not negative",)),
        ),
        Step(
            "the steps",
            what.claim,
            "The same numerator over the two divisors.",
            Certificate(
                (size * (factor * more - less) / (less * more),),
                (
                    "the step with epsilon outside",
                    "the step with epsilon inside",
                    "the divisors",
                    "v_hat is not negative",
                ),
            ),
        ),
    )


def _steps(name: str, title: str, says: str, claim: Expr, wrong: NearMiss) -> Theorem:
    return Theorem(
        id=f"eps-squared-inside-step-{name}",
        title=title,
        says=says,
        statement=Statement(claim, STEP_DOMAIN),
        proof=_steps_proof,
        source=SOURCE,
        space=Space(
            points(
                rates("beta1", "beta2"),
                steps(1, 6),
                numbers("alpha", low=0),
                numbers("eps", low=0, strictly=True),
                reals(g=6),
            ),
            (outside, inside),
        ),
        near_misses=(wrong,),
    )


STEP_DOMAIN = (ge(alpha, 0), gt(eps, 0), *decay_rate(beta1), *decay_rate(beta2), ge(t, 1))
_OUTSIDE, _INSIDE = Abs(outside("delta", t)), Abs(inside("delta", t))
_AT = Point({"alpha": 1, "eps": 1, "beta1": 0, "beta2": 0, "t": 1}, {"g": (0, 1)})
STEPS = (
    _steps(
        "longer",
        "With eps squared under the root no step is shorter",
        "On the same gradients, Adam with sqrt(v_hat + eps^2) steps at least as far as Algorithm "
        "1.",
        le(_OUTSIDE, _INSIDE),
        NearMiss(
            Statement(le(Rational(3, 2) * _OUTSIDE, _INSIDE), STEP_DOMAIN),
            "It does not step one and a half times as far.",
            _AT,
        ),
    ),
    _steps(
        "at-most",
        "With eps squared under the root no step is more than sqrt(2) times as long",
        "On the same gradients, Adam with sqrt(v_hat + eps^2) steps at most sqrt(2) times as far "
        "as Algorithm 1.",
        le(_INSIDE, sqrt(2) * _OUTSIDE),
        NearMiss(
            Statement(le(_INSIDE, _OUTSIDE), STEP_DOMAIN),
            "Where epsilon counts it does step farther.",
            _AT,
        ),
    ),
)

THEOREMS = (
    BETWEEN,
    MOST,
    ONLY,
    *STEPS,
    GAP,
    *SIDES,
    *FARTHEST,
    HAT_BETWEEN,
    HAT_MOST,
)
