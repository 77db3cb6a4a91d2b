"""The gradients that reach the sharp step bound, and no others do.

A bound is sharp if something reaches it. These gradients do.
"""

from sympy import Abs, Expr, Integer, Lambda, Symbol

from adamref.logic.facts import last_term
from adamref.logic.relations import eq, ge, gt, lt, ne, total
from adamref.rules import ADAM
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, among, numbers, rates, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, g, i, j, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, show

from . import step_bound
from .powers import below_one
from .step_bound import CLOSED_M, CLOSED_V, PAPER, adam, bound, powers, rho, second_rate, squared

c = Symbol("c", real=True)


def worst_gradient(at: Expr) -> Expr:
    """Return the gradients that make a step largest."""
    return c * (beta2 / beta1) ** at


worst = Run(ADAM, gradient=worst_gradient, hypers={"eps": Integer(0)})


def worst_moments() -> tuple[ProofStep, ...]:
    """Show the two moments of those gradients."""
    growth = (beta2 / beta1) ** t
    first = (1 - beta1) * c * growth * powers(rho)
    second = (1 - beta2) * c**2 * growth**2 * powers(rho)
    meant = {t: t, g: Lambda(j, worst_gradient(j))}
    return (
        show("first moment", eq(worst("m", t), first)).identity(
            "In the closed form every term is a power of rho, up to a common factor.",
            (Cite(CLOSED_M, meant),),
        ),
        show("second moment", eq(worst("v", t), second)).identity(
            "And so it is here, with the same powers.", (Cite(CLOSED_V, meant),)
        ),
        show("not 0", gt(worst("v", t), 0)).certificate(
            "None of its factors is 0.", (second,), ("second moment",)
        ),
    )


reached_space = among(
    rates("beta1", "beta2"), numbers("alpha", "c", low=0), steps(1, 7), runs=(worst,)
)


@Theorem(
    id="step-bound-reached",
    matters="A bound that nothing reaches could be far too large. This one cannot be improved: "
    "here are the gradients that make the largest step.",
    title="The bound on a step is reached",
    says="Gradients that are proportional to (beta2/beta1)^i make step t as large as alpha R_t, at "
    "every t: no smaller bound holds for all gradients.",
    letters={"c": "what fixes how large the gradients are"},
    statement=Statement(
        eq(Abs(worst("delta", t)), alpha * bound()),
        (ge(alpha, 0), gt(beta1, 0), lt(beta1, 1), *second_rate, ne(c, 0), ge(t, 1)),
    ),
    source=PAPER,
    space=reached_space,
    kernel=in_coq("StepBound", "step_bound_reached"),
)
@near_miss(
    eq(Abs(worst("delta", t)), alpha * bound(t + 1)),
    "The bound of the next step is not reached yet.",
    Point.of(alpha=1, beta1="1/5", beta2="2/5", c=1, t=1),
)
def REACHED(statement: Statement) -> Steps:
    """Both moments are multiples of the same sum."""
    return (
        *worst_moments(),
        squared(worst, "not 0"),
        show("reached", statement.claim).squares(
            "Neither side is negative, and their squares are the same.",
            uses=("square", "first moment", "second moment", below_one(beta1), below_one(beta2)),
        ),
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


@Theorem(
    id="step-bound-gap",
    matters="It tells what is special about the worst case: the gradients have to grow in just "
    "one way, and by how much a step falls short is a sum of squares.",
    title="Which gradients reach the bound",
    says="The squares of alpha R_t and of the step differ by a positive multiple of a weighted sum "
    "of squares, of the distances of the gradients from a multiple of (beta1/beta2)^(t-i). So such "
    "gradients reach the bound, and no others do.",
    statement=gap(per_distance / ((1 - beta1**t) ** 2 * adam("v", t)) * distance),
    source=PAPER,
    space=step_bound.bound_space,
)
@near_miss(
    gap(per_distance / ((1 - beta1**t) ** 2 * adam("v_hat", t)) * distance),
    "The multiple has the second moment in it as it is, not corrected.",
    Point.of(alpha=1, beta1=0, beta2="1/2", t=2, g=(0, 1, 1)),
)
def GAP(statement: Statement) -> Steps:
    """Expand the squares in the distance: its sums are the two moments."""
    gradients = total(beta1 ** (t - i) * g(i), i, 1, t)
    squares = total(beta2 ** (t - i) * g(i) ** 2, i, 1, t)
    first, second = adam("m", t) / (1 - beta1), adam("v", t) / (1 - beta2)
    return (
        squared(),
        show("not 0", gt(powers(rho), 0)).certificate(
            "The last power is 1.",
            (Integer(1), total(rho ** (t - i), i, 1, t - 1)),
            (last_term(powers(rho)),),
        ),
        show("sum of gradients", eq(gradients, first)).combination(
            "This is the closed form of the first moment.",
            ((Cite(CLOSED_M, {t: t}), -1 / (1 - beta1)),),
        ),
        show("sum of squares", eq(squares, second)).combination(
            "And this of the second.", ((Cite(CLOSED_V, {t: t}), -1 / (1 - beta2)),)
        ),
        show(
            "expanded", eq(distance, squares - 2 * share * gradients + share**2 * powers(rho))
        ).identity("Each square written out.", ("not 0",)),
        show("gap", statement.claim).identity(
            "Substitute the squares and the sums into the expanded form.",
            (
                "square",
                "expanded",
                "sum of gradients",
                "sum of squares",
                "not 0",
                below_one(beta1),
                below_one(beta2),
            ),
        ),
    )


THEOREMS = (REACHED, GAP)
