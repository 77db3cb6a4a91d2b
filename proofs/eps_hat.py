"""A fixed eps-hat in the more efficient order: a greater epsilon at the first steps."""

from __future__ import annotations

from sympy import And, Eq, Expr, Integer, sqrt

from adamref.logic.relations import eq, ge, le
from adamref.logic.steps import Certificate, Step, certificate, identity, induction, parts, squares
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, numbers, points, rates, steps
from adamref.theorems.symbols import beta2, decay_rate, eps, t

from .eps_squared_inside import DOMAIN, OUTSIDE, below, root, v_hat
from .powers import below_one

correction = sqrt(1 - beta2**t)
HAT = below("paper", eps / correction)


def _hat_proof(what: Statement) -> tuple[Step, ...]:
    low, high = sorted(what.claim.args, key=lambda part: part.lhs != OUTSIDE)
    return (
        squares(
            "the correction is at most 1",
            le(correction, 1),
            "1 less its square is beta2^t.",
            (beta2**t,),
            (below_one(beta2),),
        ),
        certificate(
            "at least as great",
            low,
            "eps is divided by at most 1.",
            (eps * (1 - correction) / correction,),
            (below_one(beta2), "the correction is at most 1"),
        ),
        certificate(
            "at most as many times as great",
            high,
            "sqrt(v_hat) is divided by at most 1.",
            (root * (1 - correction) / correction,),
            (below_one(beta2), "the correction is at most 1"),
        ),
        parts(
            "between",
            what.claim,
            "Both bounds together.",
            ("at least as great", "at most as many times as great"),
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
            Point.of(v_hat=0, eps=1, beta2="3/4", t=1),
        ),
    ),
)

first_correction = sqrt(1 - beta2)


def _hat_most_proof(what: Statement) -> tuple[Step, ...]:
    reached, bound = sorted(what.claim.args, key=lambda part: not isinstance(part, Eq))
    power = le(beta2**t, beta2)
    return (
        induction(
            "later powers are smaller",
            power,
            "By induction over t, from t = 1 on.",
            t,
            1,
            ("t = 1", "They are the same.", Certificate()),
            (
                "one more factor",
                "A further factor beta2 is below 1.",
                Certificate(
                    (beta2 * (beta2 - beta2 ** (t - 1)), beta2 * (1 - beta2)),
                    ("induction hypothesis",),
                ),
            ),
        ),
        squares(
            "the first correction is the smallest",
            le(first_correction, correction),
            "Its square is 1 - beta2, that of a later one 1 - beta2^t.",
            (beta2 - beta2**t,),
            ("later powers are smaller",),
        ),
        squares("and at most 1", le(first_correction, 1), "1 less its square is beta2.", (beta2,)),
        certificate(
            "everywhere",
            bound,
            "Both terms of the denominator are divided by no less than the first correction.",
            (
                root * (1 - first_correction) / first_correction,
                eps * (correction - first_correction) / (first_correction * correction),
            ),
            (below_one(beta2), "the first correction is the smallest", "and at most 1"),
        ),
        identity("and equal there", reached, "Only eps is left on both sides."),
        parts("most", what.claim, "A bound that is reached.", ("everywhere", "and equal there")),
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
            Point.of(v_hat=0, eps=1, beta2="0.999", t=1),
        ),
    ),
)

THEOREMS = (HAT_BETWEEN, HAT_MOST)
