"""The weights of a moment add up to 1 - beta^t."""

from __future__ import annotations

from sympy import Sum

from adamref.logic.facts import last_term
from adamref.logic.relations import eq, ge, total
from adamref.logic.steps import Combination, Identity, Step, induction
from adamref.theorems.record import KernelTheorem, NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, points, rates, steps
from adamref.theorems.symbols import beta, decay_rate, i, t

weights = (1 - beta) * total(beta ** (t - i), i, 1, t)
domain = (*decay_rate(beta), ge(t, 0))


def proof(statement: Statement) -> tuple[Step, ...]:
    """By induction over t: one more gradient multiplies all weights by beta and adds 1 - beta."""
    claim = statement.claim
    (whole,) = claim.lhs.atoms(Sum)
    return (
        induction(
            "all weights",
            claim,
            "By induction over t, from t = 0 on.",
            t,
            0,
            (
                "no weights",
                "Without gradients there are no weights, and 1 - beta^0 is 0.",
                Identity(),
            ),
            (
                "one more weight",
                "The weights so far are multiplied by beta, and the new one is 1 - beta.",
                Combination(of=(("induction hypothesis", beta),), then=(last_term(whole),)),
            ),
        ),
    )


WEIGHTS = Theorem(
    id="weights",
    title="The weights add up to 1 - beta^t",
    says="The weights of the gradients in a moment add up to 1 - beta^t, not to 1. The bias of the "
    "moment is the missing weight beta^t, that of the zero it started from; it has nothing to do "
    "with the gradients being small.",
    statement=Statement(eq(weights, 1 - beta**t), domain),
    proof=proof,
    source="Kingma & Ba 2015, section 3, equation 4",
    space=Space(points(rates("beta"), steps(0, 30))),
    near_misses=(
        NearMiss(
            Statement(eq(weights, 1), domain),
            "The weights do not add up to 1, as those of an average would: at t = 1 they are "
            "1 - beta.",
            Point.of(beta="1/2", t=1),
        ),
        NearMiss(
            Statement(eq(weights, 1 - beta ** (t + 1)), domain),
            "The power is t, not t + 1.",
            Point.of(beta="1/2", t=1),
        ),
    ),
    kernel=(KernelTheorem("Weights", "weights_sum"),),
)

THEOREMS = (WEIGHTS,)
