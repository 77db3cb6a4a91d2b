"""The closed forms of the two moments."""

from sympy import Expr, Function

from adamref.logic.facts import empty, last_term
from adamref.logic.relations import eq, ge, total
from adamref.rules import ADAM
from adamref.theorems.record import KernelTheorem, NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, points, rates, reals, steps
from adamref.theorems.symbols import beta1, beta2, decay_rate, i, t
from adamref.theorems.writing import Run, Step, show

adam = Run(ADAM)
g = Function("g", real=True)


def closed_form(name: str, low: int) -> Statement:
    """State that a moment is the weighted sum of what went into it, from a first index on."""
    beta, put_in = (beta1, g(i)) if name == "m" else (beta2, g(i) ** 2)
    weighted = total(beta ** (t - i) * put_in, i, low, t)
    return Statement(eq(adam(name, t), (1 - beta) * weighted), (*decay_rate(beta), ge(t, 0)))


def proof(statement: Statement) -> tuple[Step, ...]:
    """By induction over t: the recurrence multiplies the weights by beta and adds a term."""
    claim = statement.claim
    name = str(claim.lhs.func)
    weighted: Expr = next(iter(claim.rhs.atoms(type(total(i, i, 1, t)))))
    at_start = weighted.subs(t, 0)
    return (
        show("closed form", claim).induction(
            "By induction over t, from t = 0 on.",
            (t, 0),
            show("no gradient yet").identity(
                "Before the first step the moment is 0, and so is a sum without terms.",
                (adam.start(name), empty(at_start)),
            ),
            show("one more gradient").identity(
                "The recurrence multiplies the sum so far, and with it every weight, by the decay "
                "rate; the new term has the weight that the sum gives to i = t.",
                (adam.line(name, t), "induction hypothesis", last_term(weighted)),
            ),
        ),
    )


def _theorem(name: str, title: str) -> Theorem:
    return Theorem(
        id=f"closed-form-{name}",
        title=title,
        says=f"{name} at step t is the sum of all gradients so far"
        + (", squared" if name == "v" else "")
        + ", each weighted with a power of the decay rate; before the first step the sum is empty.",
        statement=closed_form(name, 1),
        proof=proof,
        source="Kingma & Ba 2015, section 3, equation 1 (there for v)",
        space=Space(points(rates("beta1", "beta2"), steps(0, 9), reals(g=12)), (adam,)),
        near_misses=(
            NearMiss(
                closed_form(name, 0),
                "The sum taken from i = 0, as one lecture note has it, asks for a gradient g_0 "
                "that there is not.",
                Point.of(beta1=0, beta2=0, t=0, g=(1,)),
            ),
        ),
        kernel=(KernelTheorem("ClosedForms", f"{name}_closed_form"),),
    )


THEOREMS = (
    _theorem("m", "The first moment is a weighted sum of the gradients"),
    _theorem("v", "The second moment is a weighted sum of the squared gradients"),
)
