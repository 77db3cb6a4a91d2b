"""The weights of a moment add up to 1 - beta^t.

An average has weights that add up to 1. Those of a moment do not, because it starts at 0.
"""

from sympy import Sum

from adamref.logic.facts import last_term
from adamref.logic.relations import eq, ge, total
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, among, rates, steps
from adamref.theorems.symbols import beta, decay_rate, i, t
from adamref.theorems.writing import Steps, show

weights = (1 - beta) * total(beta ** (t - i), i, 1, t)
domain = (*decay_rate(beta), ge(t, 0))


@Theorem(
    id="weights",
    matters="This is where the bias comes from, and it is all that bias correction has to mend: "
    "a moment is an average in which some weight is missing.",
    title="The weights add up to 1 - beta^t",
    says="The weights of the gradients in a moment add up to 1 - beta^t, not to 1. The bias of the "
    "moment comes from the missing weight beta^t, that of the zero it started from; it has "
    "nothing to do with the gradients being small.",
    statement=Statement(eq(weights, 1 - beta**t), domain),
    source="Kingma & Ba 2015, section 3, equation 4",
    space=among(rates("beta"), steps(0, 30)),
    kernel=in_coq("Weights", "weights_sum"),
)
@near_miss(
    eq(weights, 1),
    "The weights do not add up to 1, as those of an average would: at t = 1 they are 1 - beta.",
    Point.of(beta="1/2", t=1),
)
@near_miss(
    eq(weights, 1 - beta ** (t + 1)), "The power is t, not t + 1.", Point.of(beta="1/2", t=1)
)
def WEIGHTS(statement: Statement) -> Steps:
    """By induction over t: one more gradient multiplies all weights by beta and adds 1 - beta."""
    (whole,) = statement.claim.lhs.atoms(Sum)
    return show("all weights", statement.claim).induction(
        (t, 0),
        show("no weights").identity("Without gradients there are no weights, and 1 - beta^0 is 0."),
        show("one more weight").combination(
            "The weights so far are multiplied by beta, and the new one is 1 - beta.",
            (("induction hypothesis", beta),),
            (last_term(whole),),
        ),
    )


THEOREMS = (WEIGHTS,)
