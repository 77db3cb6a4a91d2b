"""How large a step of Adam can be: the sharp bound."""

from fractions import Fraction

from sympy import Abs, Expr, Integer, Lambda, Rational, sqrt

from adamref.logic.relations import eq, ge, gt, le, lt, total
from adamref.rules import ADAM
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, Strategy, among, grid, numbers, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, g, i, j, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Used, show

from .cauchy_schwarz import DISCOUNTED, q, r, x
from .closed_forms import THEOREMS as CLOSED_FORMS
from .powers import below_one

CLOSED_M, CLOSED_V = CLOSED_FORMS
PAPER = "Kingma & Ba 2015, section 2.1; the bound there is another one"

adam = Run(ADAM, hypers={"eps": Integer(0)})
rho = beta1**2 / beta2
DEFAULTS = {beta1: Rational(9, 10), beta2: Rational(999, 1000)}
second_rate = (gt(beta2, 0), lt(beta2, 1))
domain = (ge(alpha, 0), *decay_rate(beta1), *second_rate, ge(t, 1))


def powers(rate: Expr, at: Expr = t) -> Expr:
    """Return 1 + rate + rate^2 + …, with as many terms as there were steps."""
    return total(rate ** (at - i), i, 1, at)


def formula(sum_of_powers: Expr, at: Expr = t) -> Expr:
    """Return R_t, from the sum of the powers of rho."""
    shape = (1 - beta1) / sqrt(1 - beta2) * sqrt(sum_of_powers)
    return shape * sqrt(1 - beta2**at) / (1 - beta1**at)


def bound(at: Expr = t) -> Expr:
    """Return R_t: the greatest size of step t, in units of alpha."""
    return formula(powers(rho, at), at)


most = (1 - beta1) ** 2 / (1 - beta2) * powers(rho) * adam("v", t)


@Theorem(
    id="first-moment-below-second",
    matters="It turns a bound on the step into a matter of the two moments: what m can be at "
    "most, once v is known.",
    title="The first moment is bounded by the second",
    says="The square of the first moment is at most a fixed multiple of the second moment: (1 - "
    "beta1)^2 / (1 - beta2) times 1 + rho + ... + rho^(t-1), with rho = beta1^2 / beta2.",
    statement=Statement(le(adam("m", t) ** 2, most), (*decay_rate(beta1), *second_rate, ge(t, 0))),
    source="the Cauchy-Schwarz inequality; used for Kingma & Ba 2015, section 2.1",
    space=among(rates("beta1", "beta2"), steps(0, 7), reals(g=8), runs=(adam,)),
)
@near_miss(
    le(adam("m", t) ** 2, adam("v", t)),
    "The first moment, squared, may exceed the second: with beta1 = 0 the first gradient "
    "alone shows it.",
    Point.of(beta1=0, beta2="1/2", t=1, g=(0, 1)),
)
def MOMENTS(statement: Statement) -> Steps:
    """Apply the Cauchy-Schwarz inequality to the closed forms."""
    split = {n: t, r: sqrt(beta2), q: beta1, x: Lambda(j, g(j))}
    kept = total(beta1 ** (t - i) * g(i), i, 1, t)
    squares = total(beta2 ** (t - i) * g(i) ** 2, i, 1, t)
    discounted = le(kept**2, powers(rho) * squares)
    return (
        show("sums", discounted).certificate(
            "The Cauchy-Schwarz inequality, with each product beta1^(t-i) g_i split into "
            "(beta1/r)^(t-i) and r^(t-i) g_i, where r is the root of beta2.",
            uses=(Cite(DISCOUNTED, split),),
        ),
        show("moments", statement.claim).certificate(
            "The sums are the moments, up to the factors 1 - beta1 and 1 - beta2.",
            ((1 - beta1) ** 2 * (discounted.args[1] - discounted.args[0]),),
            ("sums", Cite(CLOSED_M, {t: t}), Cite(CLOSED_V, {t: t})),
        ),
    )


def size(run: Run = adam) -> Expr:
    """Return the square of a step, from the two moments."""
    corrected = run("m", t) ** 2 / (1 - beta1**t) ** 2
    return alpha**2 * corrected * (1 - beta2**t) / run("v", t)


def squared(run: Run = adam, *uses: Used) -> ProofStep:
    """Show what the square of a step is."""
    return show("square", eq(run("delta", t) ** 2, size(run))).identity(
        "The step is alpha m_hat / sqrt(v_hat), without epsilon.",
        (
            *(run.line(name, t) for name in ("delta", "m_hat", "v_hat")),
            below_one(beta1),
            below_one(beta2),
            *uses,
        ),
    )


def inside() -> Strategy:
    """Draw a decay rate that is neither 0 nor 1."""
    spacing = Fraction(1, 60)
    return grid(spacing, 1 - spacing, spacing)


bound_space = among(
    rates("beta1", "beta2"), numbers("alpha", low=0), steps(1, 7), reals(g=8), runs=(adam,)
)


@Theorem(
    id="step-bound",
    matters="People read in the paper that a step is about alpha at most. This is the number "
    "that is true, for every t and every pair of rates; nothing smaller would be.",
    title="How large a step can be",
    says="Without epsilon, a step is at most alpha R_t, whatever the gradients. R_t, which stands "
    "beside alpha below, depends on the two decay rates and on t alone. At least one gradient so "
    "far is not 0: v_t > 0 says so.",
    statement=Statement(le(Abs(adam("delta", t)), alpha * bound()), (*domain, gt(adam("v", t), 0))),
    source=PAPER,
    space=bound_space,
    kernel=in_coq("StepBound", "step_bounded"),
)
@near_miss(
    le(Abs(adam("delta", t)), alpha),
    "There are steps larger than alpha: with beta1 = 0 a gradient after one that was 0 is enough.",
    Point.of(alpha=1, beta1=0, beta2="1/2", t=2, g=(0, 0, 1)),
)
def STEP_BOUND(statement: Statement) -> Steps:
    """Square the step: then the first moment can be compared with the second, and v_t cancels."""
    step, claimed = statement.claim.args
    scale = alpha**2 * (1 - beta2**t) / ((1 - beta1**t) ** 2 * adam("v", t))
    gap = scale * (most - adam("m", t) ** 2)
    corrections = (below_one(beta1), below_one(beta2))
    return (
        squared(),
        show("bound on the square", le(step.args[0] ** 2, claimed**2)).certificate(
            "The first moment, squared, is at most a multiple of the second; the rest cancels.",
            (gap,),
            ("square", Cite(MOMENTS, {t: t}), *corrections),
        ),
        show("bound", statement.claim).squares(
            "Neither side is negative, and so the roots are in the same order as the squares.",
            (claimed**2 - step.args[0] ** 2,),
            ("bound on the square", *corrections),
        ),
    )


THEOREMS = (MOMENTS, STEP_BOUND)
