"""AdaMax with equal decay rates: the sharp bound on its step, which grows without end.

AdaMax with equal rates behaves unlike Adam with equal rates: its steps have no bound.
"""

from sympy import Abs, Expr, Integer

from adamref.logic.relations import eq, ge, gt, lt
from adamref.rules import ADAMAX
from adamref.theorems.spaces import Point, Space, among, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, t
from adamref.theorems.writing import Cite, Run, Statement, Steps, Theorem, near_miss, show

from .adamax_step import PAPER, STEP, any_rates_limit, delta, m, norm_of_powers, step_bound
from .powers import below_one

equal_rates = Run(ADAMAX, hypers={"beta2": beta1})


def equal_limit(power: Expr) -> Expr:
    """Return the bound divided by alpha, for beta1 = beta2."""
    return t * (1 - beta1) / (1 - beta1**power)


EQUAL = (gt(beta1, 0), lt(beta1, 1))
EQUAL_SPACE = points(rates("beta1"), numbers("alpha", low=0), steps(0, 9), reals(g=12))
EQUAL_POWERS = Run(ADAMAX, gradient=lambda k: beta1**k, hypers={"beta2": beta1})


@Theorem(
    id="adamax-step-bound-equal-rates",
    matters="The bound for other rates divides by 0 here, so equal rates need one of their own.",
    title="The sharp bound on the step of AdaMax with equal rates",
    says="For 0 < beta1 = beta2 < 1 and any gradients that are not all zero, a step of "
    "AdaMax is at most alpha t (1 - beta1) / (1 - beta1^t).",
    statement=step_bound(alpha * equal_limit(t), *EQUAL),
    source=PAPER + " (there with the bound alpha)",
    space=Space(EQUAL_SPACE, (equal_rates,)),
)
@near_miss(
    step_bound(alpha, *EQUAL),
    "A step may exceed alpha.",
    Point.of(alpha=1, beta1="1/2", t=2),
    Space(EQUAL_SPACE, (EQUAL_POWERS,)),
)
def EQUAL_BOUND(what: Statement) -> Steps:
    """All weights are 1."""
    return show("the bound", what.claim).certificate(
        "This is the bound for any rates; each of its t terms is 1.",
        (any_rates_limit(t).subs(beta2, beta1) - Abs(delta(t)),),
        (Cite(STEP, {beta2: beta1}), below_one(beta1)),
    )


@Theorem(
    id="adamax-step-bound-equal-rates-reached",
    matters="These are gradients that anybody can try: with rates of 0.9 step 10 is 1.54 alpha, "
    "where the paper says at most alpha.",
    title="The bound on the step of AdaMax with equal rates is reached",
    says="For the gradients g_i = beta1^i every step of AdaMax is exactly as long as the bound.",
    statement=Statement(eq(delta(t), -alpha * equal_limit(t)), (*EQUAL, ge(t, 1))),
    source=PAPER + " (there with the bound alpha)",
    space=Space(EQUAL_SPACE, (EQUAL_POWERS,)),
)
@near_miss(
    eq(delta(t), -alpha * t),
    "The weights of m do not add up to 1 - beta1^t times t.",
    Point.of(alpha=1, beta1="1/2", t=2),
)
def EQUAL_REACHED(what: Statement) -> Steps:
    """For the gradients beta1^i every inequality of the bound is an equation."""
    run = EQUAL_POWERS
    return (
        *norm_of_powers(beta1, run),
        show("the first moment", eq(m(t), t * (1 - beta1) * beta1**t)).induction(
            (t, 1, "By induction over t."),
            show("the first moment at t = 1").identity(
                "It holds one gradient.", (run.line("m", 1), run.start("m"))
            ),
            show("the next first moment").identity(
                "All gradients have decayed to the same number.",
                (run.line("m", t), "induction hypothesis"),
            ),
        ),
        show("the step", what.claim).identity(
            "The moment divided by the norm and by 1 - beta1^t.",
            (run.line("delta", t), "the first moment", "the norm", below_one(beta1)),
        ),
    )


@Theorem(
    id="adamax-step-bound-equal-rates-grows",
    matters="With such rates no alpha is small enough for all steps. With Adam it is the other "
    "way round: equal rates keep every step within alpha.",
    title="With equal rates the steps of AdaMax have no bound for all t",
    says="With equal rates the bound, divided by alpha, is at least (1 - beta1) t, and so grows "
    "beyond every limit.",
    statement=Statement(ge(equal_limit(t), (1 - beta1) * t), (*decay_rate(beta1), ge(t, 1))),
    source=PAPER + " (there with the bound alpha)",
    space=among(rates("beta1"), steps(1, 200)),
)
@near_miss(
    ge(equal_limit(t), Integer(1) * t), "Its slope is 1 - beta1, not 1.", Point.of(beta1="1/2", t=2)
)
def EQUAL_GROWS(what: Statement) -> Steps:
    """1 - beta1^t is at most 1."""
    return show("a straight line", what.claim).certificate(
        "Dividing by 1 - beta1^t, which is at most 1, makes nothing smaller.",
        (t * (1 - beta1) * beta1**t / (1 - beta1**t),),
        (below_one(beta1),),
    )


THEOREMS = (EQUAL_BOUND, EQUAL_REACHED, EQUAL_GROWS)
