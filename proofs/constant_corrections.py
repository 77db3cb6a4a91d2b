"""Dividing the moments by 1 - beta instead of 1 - beta^t: the first step does not show it.

A loop counter that is missing, and 1 - beta in the place of 1 - beta^t: the mistake that one test
of one step cannot see.
"""

from sympy import Expr, Integer, Mul, Rational, sqrt

from adamref import faults
from adamref.logic.cases import OneByOne
from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.rules import ADAM, Rule
from adamref.theorems.record import Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, Space, among, numbers, rates, reals, steps
from adamref.theorems.symbols import beta, beta1, beta2, decay_rate, eps, g, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from .inequalities import FALLING
from .powers import below_one
from .uncorrected import NO_EPS, PUBLISHED, STEP_SPACE, adam, root, same_moments


def without_powers() -> Rule:
    """Return Adam with 1 - beta in place of 1 - beta^t, in both corrections."""
    rule = faults.get("bias-correction-without-power").applied(ADAM)
    assert rule is not None
    return rule


wrong = Run(without_powers(), mark="'", gradient=g, hypers=NO_EPS)
NOTE = "a lecture note, which divides by 1 - beta1 and 1 - beta2"


def ratio(at: Expr, first: Expr = beta1, second: Expr = beta2) -> Expr:
    """Return the wrong step divided by Adam's."""
    return (1 - first**at) * sqrt(1 - second) / ((1 - first) * sqrt(1 - second**at))


@Theorem(
    id="constant-corrections",
    matters="Dividing by 1 - beta1 and 1 - beta2 is a frequent slip, and it does not look wrong. "
    "This is by how much each step is off.",
    title="Dividing by 1 less a rate, not less its power, makes a step r_t times as long",
    says="On the same gradients, and with eps = 0, dividing the moments by 1 - beta1 and 1 - beta2 "
    "makes the step r_t = (1 - beta1^t) / (1 - beta1) sqrt((1 - beta2) / (1 - beta2^t)) times "
    "Adam's. So r_1 is 1.",
    statement=Statement(
        eq(wrong("delta", t), ratio(t) * adam("delta", t)),
        (*decay_rate(beta1), *decay_rate(beta2), ge(t, 1), gt(adam("v", t), 0)),
    ),
    source=NOTE,
    space=Space(STEP_SPACE.points, (adam, wrong)),
)
@near_miss(
    eq(wrong("delta", t), Integer(1) * adam("delta", t)),
    "From the second step on it is another step.",
    Point.of(alpha=1, beta1="1/2", beta2="1/2", t=2, g=(0, 1, 1)),
)
def DIFFERING(what: Statement) -> Steps:
    """Compare the divisors: the moments are the same."""
    first, second = same_moments(wrong)
    powers = tuple(below_one(rate) for rate in (beta1, beta2))
    roots = (
        root("the root in Adam's step", 1 - beta2**t, powers[1]),
        root("the root in the other step", 1 - beta2, None),
    )
    return (
        first,
        second,
        *roots,
        show("the ratio", what.claim).identity(
            "Each of the two divisors is replaced by the one of the first step.",
            (
                *(wrong.line(name, t) for name in ("delta", "m_hat", "v_hat")),
                Use(first.name, {n: t}),
                Use(second.name, {n: t}),
                *(adam.line(name, t) for name in ("delta", "m_hat", "v_hat")),
                *(step.name for step in roots),
                *powers,
            ),
        ),
    )


# ---- the first step

with_eps = Run(ADAM)
wrong_with_eps = Run(without_powers(), mark="'", gradient=g)


@Theorem(
    id="constant-corrections-first-step",
    matters="1 - beta1 and 1 - beta1^t are the same number at t = 1. A test of one step passes "
    "with either, so a test needs two.",
    title="No test of the first step tells 1 - beta1 from 1 - beta1^t",
    says="Whatever the gradient, the rates and eps > 0: dividing by 1 - beta1 and 1 - beta2 gives "
    "Adam's first step exactly.",
    statement=Statement(
        eq(wrong_with_eps("delta", 1), with_eps("delta", 1)),
        (lt(beta1, 1), lt(beta2, 1), gt(eps, 0)),
    ),
    source=NOTE,
    space=among(
        rates("beta1", "beta2"),
        numbers("alpha", low=0),
        numbers("eps", low=0, strictly=True),
        reals(g=3),
        runs=(with_eps, wrong_with_eps),
    ),
)
@near_miss(
    eq(wrong_with_eps("delta", 2), with_eps("delta", 2)),
    "The second step is another one.",
    Point.of(alpha=1, beta1="1/2", beta2=0, eps=1, g=(0, 1, 1)),
)
def FIRST(what: Statement) -> Steps:
    """At t = 1 every line says the same."""
    lines = tuple(
        run.line(name, 1)
        for run in (wrong_with_eps, with_eps)
        for name in ("delta", "m_hat", "v_hat", "m", "v")
    )
    starts = tuple(run.start(name) for run in (wrong_with_eps, with_eps) for name in ("m", "v"))
    return show("the first step", what.claim).identity(
        "A first power is its base.", (*lines, *starts)
    )


# ---- later steps

a, b = PUBLISHED[beta1], PUBLISHED[beta2]
tenth = below_one(a), below_one(b)
AROUND = among(steps(100, 110))


def from_squares(what: Statement, name: str, compared: ProofStep) -> tuple[ProofStep, ProofStep]:
    """Compare r_t with 1 as (1 - beta1^t)^2 compares with 10 (1 - beta2^t), without roots."""
    gap = compared.claim.lhs - compared.claim.rhs
    root_taken = show(name, what.claim).squares(
        "Divided by 10 (1 - beta2^t) these are the squares of both sides.",
        (Mul(Rational(1, 10), gap, 1 / (1 - b**t), evaluate=False),),
        (compared.name, *tenth),
    )
    return compared, root_taken


def too_long(last: int) -> Statement:
    """State up to when the wrong step is longer at the published rates."""
    return Statement(gt(ratio(t, a, b), 1), (ge(t, 2), le(t, last)))


@Theorem(
    id="constant-corrections-too-long",
    matters="At first the steps are too long, which looks like a learning rate that is set too "
    "high.",
    title="At the published rates constant corrections make steps 2 to 105 too long",
    says="At beta1 = 0.9 and beta2 = 0.999, r_t is above 1 from t = 2 to t = 105: any test of one "
    "of these steps sees it.",
    statement=too_long(105),
    source=NOTE,
    space=among(steps(2, 105)),
)
@near_miss(too_long(106), "Step 106 is too short already.", Point.of(t=106), AROUND)
def TOO_LONG(what: Statement) -> Steps:
    """All steps are calculated."""
    compared = gt((1 - a**t) ** 2, 10 * (1 - b**t))
    calculated = show("the squares", compared).by("Each is calculated.", OneByOne(t, 2, 105))
    return from_squares(what, "longer", calculated)


def too_short(first: int) -> Statement:
    """State from when on the wrong step is shorter at the published rates."""
    return Statement(lt(ratio(t, a, b), 1), (ge(t, first),))


@Theorem(
    id="constant-corrections-too-short",
    matters="In the long run each step is 0.316 of what it should be. The program trains on, as "
    "if its learning rate were a third.",
    title="At the published rates constant corrections make every step from 106 on too short",
    says="At beta1 = 0.9 and beta2 = 0.999, r_t is below 1 from t = 106 on. So it is never 1 after "
    "the first step.",
    statement=too_short(106),
    source=NOTE,
    space=among(steps(106, 2000)),
)
@near_miss(too_short(105), "Step 105 is still too long.", Point.of(t=105), AROUND)
def TOO_SHORT(what: Statement) -> Steps:
    """(1 - beta1^t)^2 is below 1, and 10 (1 - beta2^t) is above 1 from step 106 on."""
    compared = show("the squares", gt(10 * (1 - b**t), (1 - a**t) ** 2)).certificate(
        "10 (1 - beta2^106) is above 1, and the powers fall.",
        (Mul(10, b**106 - b**t, evaluate=False), 9 - 10 * b**106, a**t, a**t * (1 - a**t)),
        (tenth[0], Cite(FALLING, {beta: b, t: Integer(106), n: t - 106})),
    )
    return from_squares(what, "shorter", compared)


def unseen(at: int) -> Statement:
    """State that at some rates a later step is the same too."""
    second = beta1 * (2 + beta1)
    return Statement(eq(ratio(Integer(at), beta1, second), 1), (ge(beta1, 0), gt(1 - second, 0)))


@Theorem(
    id="constant-corrections-unseen",
    matters="Whoever chooses round rates for a test by hand can hit upon such a pair. A third "
    "step is a safer test than two.",
    title="At some rates constant corrections do not show at the second step either",
    says="Where 1 + beta2 = (1 + beta1)^2, as at beta1 = 0.1 and beta2 = 0.21, r_2 is 1. A test of "
    "the second step must not be made at such rates.",
    statement=unseen(2),
    source=NOTE,
    space=among(rates("beta1")),
)
@near_miss(unseen(3), "The third step shows it.", Point.of(beta1="1/10"))
def UNSEEN(what: Statement) -> Steps:
    """1 + beta2 is (1 + beta1)^2."""
    second = beta1 * (2 + beta1)
    below = show("beta1 is below 1", gt(1 - beta1, 0)).certificate(
        "It is below beta2.", (1 - second, beta1, beta1**2)
    )
    first = show("beta1^2 is below 1", gt(1 - beta1**2, 0)).certificate(
        "It is the product of 1 - beta1 and 1 + beta1.", ((1 - beta1) * (1 + beta1),), (below.name,)
    )
    square = show("beta2^2 is below 1", gt(1 - second**2, 0)).certificate(
        "It is the product of 1 - beta2 and 1 + beta2.",
        ((1 - second) * (1 + 2 * beta1 + beta1**2),),
    )
    return (
        below,
        first,
        square,
        show("the squares", what.claim).squares(
            "r_2 = (1 + beta1) / sqrt(1 + beta2).", uses=(below.name, first.name, square.name)
        ),
    )


THEOREMS = (DIFFERING, FIRST, TOO_LONG, TOO_SHORT, UNSEEN)
