"""The sum of a geometric sequence.

1 + r + r^2 + ... in one fraction. It turns sums over steps into formulas.
"""

from sympy import Expr

from adamref.logic.facts import last_term
from adamref.logic.relations import eq, ge
from adamref.theorems.spaces import Point, among, numbers, steps
from adamref.theorems.symbols import beta, t
from adamref.theorems.writing import Cite, ProofStep, Statement, Steps, Theorem, near_miss, show

from .step_bound import powers


@Theorem(
    id="geometric-sum",
    title="The sum of a geometric sequence",
    says="1 - beta times 1 + beta + ... + beta^(t-1) is 1 - beta^t, for every real number beta.",
    statement=Statement(eq((1 - beta) * powers(beta), 1 - beta**t), (ge(t, 0),)),
    source="standard",
    space=among(numbers("beta"), steps(0, 12)),
)
@near_miss(
    eq((1 - beta) * powers(beta), 1 - beta ** (t + 1)),
    "The last power is beta^(t-1), not beta^t.",
    Point.of(beta=2, t=1),
)
def GEOMETRIC_SUM(statement: Statement) -> Steps:
    """By induction over t: every sum is beta times the one before, and 1."""
    whole = powers(beta)
    return show("every length", statement.claim).induction(
        (t, 0),
        show("no terms").identity("A sum without terms is 0, and so is 1 - beta^0."),
        show("one more term").combination(
            "The sum so far is multiplied by beta, and 1 is added.",
            (("induction hypothesis", beta),),
            (last_term(whole),),
        ),
    )


def divided(rate: Expr, name: str = "sum", *uses: str) -> ProofStep:
    """Show a geometric sum as a quotient, for a rate that is known not to be 1."""
    return show(name, eq(powers(rate), (1 - rate**t) / (1 - rate))).combination(
        "A geometric sum.", ((Cite(GEOMETRIC_SUM, {beta: rate, t: t}), 1 / (1 - rate)),), uses
    )


THEOREMS = (GEOMETRIC_SUM,)
