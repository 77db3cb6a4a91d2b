"""The closed forms of the two moments.

Adam keeps two numbers for each parameter and updates them at every step. Written out, each is a
weighted sum over all gradients so far: that is where everything else begins.
"""

from sympy import Sum

from adamref.logic.facts import empty, last_term
from adamref.logic.relations import eq, ge, total
from adamref.rules import ADAM
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, among, rates, reals, steps
from adamref.theorems.symbols import beta1, beta2, decay_rate, g, i, t
from adamref.theorems.writing import Run, Steps, show

adam = Run(ADAM)


def closed_form(name: str, low: int) -> Statement:
    """State that a moment is the weighted sum of what went into it, from a first index on."""
    beta, put_in = (beta1, g(i)) if name == "m" else (beta2, g(i) ** 2)
    weighted = total(beta ** (t - i) * put_in, i, low, t)
    return Statement(eq(adam(name, t), (1 - beta) * weighted), (*decay_rate(beta), ge(t, 0)))


def _theorem(name: str, title: str) -> Theorem:
    @Theorem(
        id=f"closed-form-{name}",
        title=title,
        says=f"{name} at step t is a weighted sum of all gradients so far"
        + (", squared" if name == "v" else "")
        + ": each later step multiplies the weight of a gradient by the decay rate. Before the "
        "first step the sum has no terms, and is 0.",
        matters="The recurrence says how a program computes it; the closed form says what comes "
        "out: every gradient is still in it, with a weight that shrinks at each step.",
        statement=closed_form(name, 1),
        source="Kingma & Ba 2015, section 3, equation 1 (there for v)",
        space=among(rates("beta1", "beta2"), steps(0, 9), reals(g=12), runs=(adam,)),
        kernel=in_coq("ClosedForms", f"{name}_closed_form"),
    )
    @near_miss(
        closed_form(name, 0),
        "The sum taken from i = 0, as one lecture note has it, asks for a gradient g_0, "
        "which does not exist.",
        Point.of(beta1=0, beta2=0, t=0, g=(1,)),
    )
    def theorem(statement: Statement) -> Steps:
        """By induction over t: a step multiplies all weights by the decay rate, and adds a term."""
        name = str(statement.claim.lhs.func)
        (weighted,) = statement.claim.rhs.atoms(Sum)
        return show("closed form", statement.claim).induction(
            (t, 0),
            show("no gradient yet").identity(
                "Before the first step the moment is 0, and so is a sum without terms.",
                (adam.start(name), empty(weighted.subs(t, 0))),
            ),
            show("one more gradient").identity(
                "The recurrence multiplies the sum so far, and with it every weight, by the decay "
                "rate; the new term has the weight that the sum gives to i = t.",
                (adam.line(name, t), "induction hypothesis", last_term(weighted)),
            ),
        )

    return theorem


THEOREMS = (
    _theorem("m", "The first moment is a weighted sum of the gradients"),
    _theorem("v", "The second moment is a weighted sum of the squared gradients"),
)
