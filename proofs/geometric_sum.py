"""The sum of a geometric sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.logic.facts import last_term
from adamref.logic.relations import eq, ge
from adamref.logic.steps import Cite, Combination, Identity, Step, combination, induction
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, numbers, points, steps
from adamref.theorems.symbols import beta, t

from .step_bound import powers

if TYPE_CHECKING:
    from sympy import Expr


def geometric_proof(statement: Statement) -> tuple[Step, ...]:
    """By induction over t: every sum is beta times the one before, and 1."""
    claim = statement.claim
    whole = powers(beta)
    return (
        induction(
            "every length",
            claim,
            "By induction over t, from t = 0 on.",
            t,
            0,
            ("no terms", "A sum without terms is 0, and so is 1 - beta^0.", Identity()),
            (
                "one more term",
                "The sum so far is multiplied by beta, and 1 is added.",
                Combination(of=(("induction hypothesis", beta),), then=(last_term(whole),)),
            ),
        ),
    )


GEOMETRIC_SUM = Theorem(
    id="geometric-sum",
    title="The sum of a geometric sequence",
    says="1 - beta times 1 + beta + ... + beta^(t-1) is 1 - beta^t, for every real number beta.",
    statement=Statement(eq((1 - beta) * powers(beta), 1 - beta**t), (ge(t, 0),)),
    proof=geometric_proof,
    source="standard",
    space=Space(points(numbers("beta"), steps(0, 12))),
    near_misses=(
        NearMiss(
            Statement(eq((1 - beta) * powers(beta), 1 - beta ** (t + 1)), (ge(t, 0),)),
            "The last power is beta^(t-1), not beta^t.",
            Point.of(beta=2, t=1),
        ),
    ),
)


def divided(rate: Expr, name: str = "sum", *uses: str) -> Step:
    """Show a geometric sum as a quotient, for a rate that is known not to be 1."""
    return combination(
        name,
        eq(powers(rate), (1 - rate**t) / (1 - rate)),
        "A geometric sum.",
        ((Cite(GEOMETRIC_SUM, {beta: rate, t: t}), 1 / (1 - rate)),),
        uses,
    )


THEOREMS = (GEOMETRIC_SUM,)
