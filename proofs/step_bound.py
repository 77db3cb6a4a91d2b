"""How large a step of Adam can be: the sharp bound, and the gradients that reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Abs, Expr, Function, Integer, Lambda, Rational, Symbol, sqrt

from adamref.proofs.cauchy_schwarz import DISCOUNTED, q, r, x
from adamref.proofs.closed_forms import THEOREMS as CLOSED_FORMS
from adamref.proofs.powers import BELOW_ONE
from adamref.rules import ADAM
from adamref.theorems.facts import last_term
from adamref.theorems.inference import (
    Certificate,
    Combination,
    Identity,
    Squares,
)
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step
from adamref.theorems.quantities import Run
from adamref.theorems.record import KernelTheorem, NearMiss, Statement, Theorem
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
    i,
    j,
    le,
    lt,
    n,
    ne,
    t,
    total,
)

if TYPE_CHECKING:
    from adamref.theorems.proof import Used

CLOSED_M, CLOSED_V = CLOSED_FORMS
PAPER = "Kingma & Ba 2015, section 2.1; the bound there is another one"

adam = Run(ADAM, hypers={"eps": Integer(0)})
g = Function("g", real=True)
c = Symbol("c", real=True)
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


def moments(claimed: Expr) -> Statement:
    """State a bound on the square of the first moment."""
    return Statement(le(adam("m", t) ** 2, claimed), (*decay_rate(beta1), *second_rate, ge(t, 0)))


def moments_proof(statement: Statement) -> tuple[Step, ...]:
    """Apply the Cauchy-Schwarz inequality to the closed forms."""
    split = {n: t, r: sqrt(beta2), q: beta1, x: Lambda(j, g(j))}
    kept = total(beta1 ** (t - i) * g(i), i, 1, t)
    squares = total(beta2 ** (t - i) * g(i) ** 2, i, 1, t)
    discounted = le(kept**2, powers(rho) * squares)
    return (
        Step(
            "sums",
            discounted,
            "The Cauchy-Schwarz inequality, with each product beta1^(t-i) g_i split into "
            "(beta1/r)^(t-i) and r^(t-i) g_i, where r is the root of beta2.",
            Certificate((), (Cite(DISCOUNTED, split),)),
        ),
        Step(
            "moments",
            statement.claim,
            "The sums are the moments, but for the factors 1 - beta1 and 1 - beta2.",
            Certificate(
                ((1 - beta1) ** 2 * (discounted.args[1] - discounted.args[0]),),
                ("sums", Cite(CLOSED_M, {t: t}), Cite(CLOSED_V, {t: t})),
            ),
        ),
    )


most = (1 - beta1) ** 2 / (1 - beta2) * powers(rho) * adam("v", t)

MOMENTS = Theorem(
    id="first-moment-below-second",
    title="The first moment is bounded by the second",
    says="The square of the first moment is at most a fixed multiple of the second moment: (1 - "
    "beta1)^2 / (1 - beta2) times 1 + rho + ... + rho^(t-1), with rho = beta1^2 / beta2.",
    statement=moments(most),
    proof=moments_proof,
    source="the Cauchy-Schwarz inequality; used for Kingma & Ba 2015, section 2.1",
    space=Space(points(rates("beta1", "beta2"), steps(0, 7), reals(g=8)), (adam,)),
    near_misses=(
        NearMiss(
            moments(adam("v", t)),
            "The first moment, squared, may exceed the second: with beta1 = 0 the first gradient "
            "alone shows it.",
            Point({"beta1": 0, "beta2": "1/2", "t": 1}, {"g": (0, 1)}),
        ),
    ),
)


def below_one(rate: Expr, at: Expr = t) -> Cite:
    """Cite that 1 - rate^t is positive."""
    return Cite(BELOW_ONE, {beta: rate, t: at})


def size(run: Run = adam) -> Expr:
    """Return the square of a step, from the two moments."""
    corrected = run("m", t) ** 2 / (1 - beta1**t) ** 2
    return alpha**2 * corrected * (1 - beta2**t) / run("v", t)


def squared(run: Run = adam, *uses: Used) -> Step:
    """Show what the square of a step is."""
    return Step(
        "square",
        eq(run("delta", t) ** 2, size(run)),
        "The step is alpha m_hat / sqrt(v_hat), without epsilon.",
        Identity(
            (
                *(run.line(name, t) for name in ("delta", "m_hat", "v_hat")),
                below_one(beta1),
                below_one(beta2),
                *uses,
            )
        ),
    )


def bounded(claimed: Expr) -> Statement:
    """State a bound on every step whose second moment is not 0."""
    return Statement(le(Abs(adam("delta", t)), claimed), (*domain, gt(adam("v", t), 0)))


def bounded_proof(statement: Statement) -> tuple[Step, ...]:
    """Compare squares, and the first moment with the second."""
    step, claimed = statement.claim.args
    scale = alpha**2 * (1 - beta2**t) / ((1 - beta1**t) ** 2 * adam("v", t))
    gap = scale * (most - adam("m", t) ** 2)
    corrections = (below_one(beta1), below_one(beta2))
    return (
        squared(),
        Step(
            "squares",
            le(step.args[0] ** 2, claimed**2),
            "The first moment, squared, is at most a multiple of the second; the rest cancels.",
            Certificate((gap,), ("square", Cite(MOMENTS, {t: t}), *corrections)),
        ),
        Step(
            "bound",
            statement.claim,
            "Both sides are not negative.",
            Squares((claimed**2 - step.args[0] ** 2,), ("squares", *corrections)),
        ),
    )


bound_space = Space(
    points(rates("beta1", "beta2"), numbers("alpha", low=0), steps(1, 7), reals(g=8)), (adam,)
)

STEP_BOUND = Theorem(
    id="step-bound",
    title="How large a step can be",
    says="Without epsilon, a step is at most alpha R_t, whatever the gradients: R_t depends on the "
    "two decay rates and on t alone. All gradients so far may not be 0.",
    statement=bounded(alpha * bound()),
    proof=bounded_proof,
    source=PAPER,
    space=bound_space,
    near_misses=(
        NearMiss(
            bounded(alpha),
            "There are steps larger than alpha: with beta1 = 0 a gradient after one that was 0 is "
            "enough.",
            Point({"alpha": 1, "beta1": 0, "beta2": "1/2", "t": 2}, {"g": (0, 0, 1)}),
        ),
    ),
    kernel=(KernelTheorem("StepBound", "step_bounded"),),
)


def worst_gradient(at: Expr) -> Expr:
    """Return the gradients that make a step largest."""
    return c * (beta2 / beta1) ** at


worst = Run(ADAM, gradient=worst_gradient, hypers={"eps": Integer(0)})


def reached(claimed: Expr) -> Statement:
    """State the size of a step after the gradients that make it largest."""
    return Statement(
        eq(Abs(worst("delta", t)), claimed),
        (ge(alpha, 0), gt(beta1, 0), lt(beta1, 1), *second_rate, ne(c, 0), ge(t, 1)),
    )


def worst_moments() -> tuple[Step, ...]:
    """Show the two moments of those gradients."""
    growth = (beta2 / beta1) ** t
    first = (1 - beta1) * c * growth * powers(rho)
    second = (1 - beta2) * c**2 * growth**2 * powers(rho)
    meant = {t: t, g: Lambda(j, worst_gradient(j))}
    return (
        Step(
            "first moment",
            eq(worst("m", t), first),
            "In the closed form every term is a power of rho, but for a common factor.",
            Identity((Cite(CLOSED_M, meant),)),
        ),
        Step(
            "second moment",
            eq(worst("v", t), second),
            "And so it is here, with the same powers.",
            Identity((Cite(CLOSED_V, meant),)),
        ),
        Step(
            "not 0",
            gt(worst("v", t), 0),
            "None of its factors is 0.",
            Certificate((second,), ("second moment",)),
        ),
    )


def reached_proof(statement: Statement) -> tuple[Step, ...]:
    """Both moments are multiples of the same sum."""
    return (
        *worst_moments(),
        squared(worst, "not 0"),
        Step(
            "reached",
            statement.claim,
            "Neither side is negative, and their squares are the same.",
            Squares(
                (), ("square", "first moment", "second moment", below_one(beta1), below_one(beta2))
            ),
        ),
    )


reached_space = Space(
    points(rates("beta1", "beta2"), numbers("alpha", "c", low=0), steps(1, 7)), (worst,)
)

REACHED = Theorem(
    id="step-bound-reached",
    title="The bound on a step is reached",
    says="Gradients that are proportional to (beta2/beta1)^i make step t as large as alpha R_t, at "
    "every t: no smaller bound holds for all gradients.",
    statement=reached(alpha * bound()),
    proof=reached_proof,
    source=PAPER,
    space=reached_space,
    near_misses=(
        NearMiss(
            reached(alpha * bound(t + 1)),
            "The bound of the next step is not reached yet.",
            Point({"alpha": 1, "beta1": "1/5", "beta2": "2/5", "c": 1, "t": 1}),
        ),
    ),
    kernel=(KernelTheorem("StepBound", "step_bound_reached"),),
)


share = adam("m", t) / ((1 - beta1) * powers(rho))
distance = total(beta2 ** (t - i) * (g(i) - share * (beta1 / beta2) ** (t - i)) ** 2, i, 1, t)
per_distance = alpha**2 * (1 - beta1) ** 2 * (1 - beta2**t) * powers(rho)


def gap(claimed: Expr) -> Statement:
    """State by how much a step misses the bound, in squares."""
    missed = alpha**2 * bound() ** 2 - adam("delta", t) ** 2
    return Statement(
        eq(missed, claimed), (*decay_rate(beta1), *second_rate, ge(t, 1), gt(adam("v", t), 0))
    )


def gap_proof(statement: Statement) -> tuple[Step, ...]:
    """Expand the squares in the distance: its sums are the two moments."""
    gradients = total(beta1 ** (t - i) * g(i), i, 1, t)
    squares = total(beta2 ** (t - i) * g(i) ** 2, i, 1, t)
    first, second = adam("m", t) / (1 - beta1), adam("v", t) / (1 - beta2)
    return (
        squared(),
        Step(
            "not 0",
            gt(powers(rho), 0),
            "The last power is 1.",
            Certificate(
                (Integer(1), total(rho ** (t - i), i, 1, t - 1)), (last_term(powers(rho)),)
            ),
        ),
        Step(
            "sum of gradients",
            eq(gradients, first),
            "This is the closed form of the first moment.",
            Combination(of=((Cite(CLOSED_M, {t: t}), -1 / (1 - beta1)),)),
        ),
        Step(
            "sum of squares",
            eq(squares, second),
            "And this of the second.",
            Combination(of=((Cite(CLOSED_V, {t: t}), -1 / (1 - beta2)),)),
        ),
        Step(
            "expanded",
            eq(distance, squares - 2 * share * gradients + share**2 * powers(rho)),
            "Each square written out.",
            Identity(("not 0",)),
        ),
        Step(
            "gap",
            statement.claim,
            "Put together.",
            Identity(
                (
                    "square",
                    "expanded",
                    "sum of gradients",
                    "sum of squares",
                    "not 0",
                    below_one(beta1),
                    below_one(beta2),
                )
            ),
        ),
    )


GAP = Theorem(
    id="step-bound-gap",
    title="Which gradients reach the bound",
    says="The squares of alpha R_t and of the step differ by a positive multiple of a weighted sum "
    "of squares, of the distances of the gradients from a multiple of (beta1/beta2)^(t-i). So such "
    "gradients reach the bound, and no others do.",
    statement=gap(per_distance / ((1 - beta1**t) ** 2 * adam("v", t)) * distance),
    proof=gap_proof,
    source=PAPER,
    space=bound_space,
    near_misses=(
        NearMiss(
            gap(per_distance / ((1 - beta1**t) ** 2 * adam("v_hat", t)) * distance),
            "The multiple has the second moment in it as it is, not corrected.",
            Point({"alpha": 1, "beta1": 0, "beta2": "1/2", "t": 2}, {"g": (0, 1, 1)}),
        ),
    ),
)

THEOREMS = (MOMENTS, STEP_BOUND, REACHED, GAP)
