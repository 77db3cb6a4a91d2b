"""A fixed eps-hat in the more efficient order: a larger epsilon at the first steps.

What one number for epsilon means in the other order of computation.
"""

from sympy import And, Eq, Expr, Integer, sqrt

from adamref.logic.relations import eq, ge, le
from adamref.theorems.spaces import Point, among, numbers, rates, steps
from adamref.theorems.symbols import beta2, decay_rate, eps, t
from adamref.theorems.writing import Statement, Steps, Theorem, near_miss, show

from .eps_squared_inside import DOMAIN, OUTSIDE, below, root
from .powers import below_one

correction = sqrt(1 - beta2**t)
HAT = below("paper", eps / correction)


def _hat(high: Expr) -> Statement:
    parts = And(le(OUTSIDE, HAT), le(HAT, high))
    return Statement(parts, (*DOMAIN, *decay_rate(beta2), ge(t, 1)))


@Theorem(
    id="eps-hat-between",
    matters="A fixed eps-hat stands for an epsilon that is large at first. Two programs with "
    "the same number in their settings differ most at the start of training.",
    title="A fixed eps-hat is a larger epsilon, most of all at the first steps",
    says="The more efficient order with a fixed eps-hat divides by sqrt(v_hat) + eps-hat/sqrt(1 - "
    "beta2^t), which is between 1 and 1/sqrt(1 - beta2^t) times what Algorithm 1 divides by.",
    statement=_hat(OUTSIDE / correction),
    source="Kingma & Ba 2015, section 2, last paragraph",
    space=among(numbers("v_hat", "eps", low=0), rates("beta2"), steps(1, 60)),
)
@near_miss(
    _hat(OUTSIDE),
    "It is larger than what Algorithm 1 divides by, unless eps or beta2 is 0.",
    Point.of(v_hat=0, eps=1, beta2="3/4", t=1),
)
def HAT_BETWEEN(what: Statement) -> Steps:
    """Divide eps-hat by a correction that is at most 1: it grows, and v_hat is not touched."""
    low, high = sorted(what.claim.args, key=lambda part: part.lhs != OUTSIDE)
    return (
        show("the correction is at most 1", le(correction, 1)).squares(
            "1 less its square is beta2^t.", (beta2**t,), (below_one(beta2),)
        ),
        show("at least as large", low).certificate(
            "eps is divided by at most 1.",
            (eps * (1 - correction) / correction,),
            (below_one(beta2), "the correction is at most 1"),
        ),
        show("at most as many times as large", high).certificate(
            "sqrt(v_hat) is divided by at most 1.",
            (root * (1 - correction) / correction,),
            (below_one(beta2), "the correction is at most 1"),
        ),
        show("between", what.claim).parts(
            "Both bounds together.", ("at least as large", "at most as many times as large")
        ),
    )


first_correction = sqrt(1 - beta2)


def _hat_most(factor: Expr) -> Statement:
    """State that a denominator is at most so many times another, and how far it is below that."""
    apart = root * (factor - 1) + eps * (factor - 1 / correction)
    parts = And(le(HAT, OUTSIDE * factor), eq(OUTSIDE * factor - HAT, apart))
    return Statement(parts, (*DOMAIN, *decay_rate(beta2), ge(t, 1)))


@Theorem(
    id="eps-hat-most",
    matters="It says how far apart two programs with the same number for epsilon can be: at the "
    "published beta2 by a factor of 31.6, at the first step and where gradients are tiny.",
    title="A fixed eps-hat differs most at the first step and a v_hat of 0",
    says="What the more efficient order with a fixed eps-hat divides by is at most 1/sqrt(1 - "
    "beta2) times what Algorithm 1 divides by: with beta2 = 0.999, 31.6 times. It is below that by "
    "sqrt(v_hat) (1/sqrt(1 - beta2) - 1) and eps (1/sqrt(1 - beta2) - 1/sqrt(1 - beta2^t)), so "
    "that it is reached at t = 1 where v_hat = 0.",
    statement=_hat_most(1 / first_correction),
    source="Kingma & Ba 2015, section 2, last paragraph",
    space=HAT_BETWEEN.space,
)
@near_miss(
    _hat_most(Integer(30)),
    "With beta2 = 0.999 the factor is 31.6, and 30 is too small.",
    Point.of(v_hat=0, eps=1, beta2="0.999", t=1),
)
def HAT_MOST(what: Statement) -> Steps:
    """Where v_hat is 0 epsilon stands alone, and where t is 1 the correction is smallest."""
    apart, bound = sorted(what.claim.args, key=lambda part: not isinstance(part, Eq))
    power = le(beta2**t, beta2)
    return (
        show("later powers are smaller", power).induction(
            (t, 1),
            show("t = 1").certificate("They are the same."),
            show("one more factor").certificate(
                "A further factor beta2 is below 1.",
                (beta2 * (beta2 - beta2 ** (t - 1)), beta2 * (1 - beta2)),
                ("induction hypothesis",),
            ),
        ),
        show("the first correction is the smallest", le(first_correction, correction)).squares(
            "Its square is 1 - beta2, that of a later one 1 - beta2^t.",
            (beta2 - beta2**t,),
            ("later powers are smaller",),
        ),
        show("and at most 1", le(first_correction, 1)).squares(
            "1 less its square is beta2.", (beta2,)
        ),
        show("everywhere", bound).certificate(
            "Both terms of the denominator are divided by no less than the first correction.",
            (
                root * (1 - first_correction) / first_correction,
                eps * (correction - first_correction) / (first_correction * correction),
            ),
            (below_one(beta2), "the first correction is the smallest", "and at most 1"),
        ),
        show("how far below", apart).identity(
            "Term by term, on one denominator.", (below_one(beta2),)
        ),
        show("most", what.claim).parts(
            "The bound, and how far off it is: it is reached where that is 0, and nowhere else.",
            ("everywhere", "how far below"),
        ),
    )


THEOREMS = (HAT_BETWEEN, HAT_MOST)
