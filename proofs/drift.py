"""The drift term: what remains of the bias where the mean of the gradients varies.

Nobody's gradients have the same mean at every step. What is left of the bias then is a weighted sum
of the differences.
"""

from typing import Any

from sympy import Expr, Integer, Sum

from adamref.logic.facts import empty, last_term
from adamref.logic.relations import eq, ge, total
from adamref.theorems.spaces import Point, points, rates, reals, steps
from adamref.theorems.symbols import beta, beta1, decay_rate, i, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, near_miss, show

from .unbiased import DRAWN, drawn, mean
from .weights import WEIGHTS

LONGEST = 12
domain = (*decay_rate(beta1), ge(t, 1))


def _one_term(whole: Sum) -> tuple[Any, ...]:
    """Write a sum out at t = 1."""
    one = last_term(whole.subs(t, 1))
    return one, empty(one.relation.rhs.atoms(Sum).pop())


ANY = points(rates("beta1"), steps(1, LONGEST), reals(level=LONGEST, spread=LONGEST))


def _zeta(low: int) -> Expr:
    return (1 - beta1) * total(beta1 ** (t - i) * (mean("g", i) - mean("g", t)), i, low, t)


@Theorem(
    id="drift-term",
    matters="Real gradients do not have one mean. This says what the correction then does: it "
    "makes an average of the means, in which late ones count most.",
    title="The expectation of the first moment, whatever the means",
    says="The expectation of m is 1 - beta1^t times the mean of the latest gradient, plus a drift "
    "term: the weighted sum of how far the earlier means lie from the latest one.",
    statement=Statement(eq(mean("m", t), (1 - beta1**t) * mean("g", t) + _zeta(1)), domain),
    source="Kingma & Ba 2015, section 3, equation 4, where the term is called zeta (there for v)",
    space=drawn(ANY),
)
@near_miss(
    eq(mean("m", t), (1 - beta1**t) * mean("g", t) + Integer(0)),
    "Without the drift term, means that vary are left out." + DRAWN,
    Point.of(beta1="1/2", t=2, level=(0, 0, 1), spread=(0, 0, 0)),
)
@near_miss(
    eq(mean("m", t), (1 - beta1**t) * mean("g", t) + _zeta(2)),
    "The first gradient belongs to the drift term too." + DRAWN,
    Point.of(beta1="1/2", t=2, level=(0, 0, 1), spread=(0, 0, 0)),
)
def DECOMPOSITION(statement: Statement) -> Steps:
    """Take the mean of the latest gradient out of the closed form in expectation."""
    weighted = total(beta1 ** (t - i) * mean("g", i), i, 1, t)
    closed = eq(mean("m", t), (1 - beta1) * weighted)
    return (
        show("closed form", closed).induction(
            (t, 1, "The expectation obeys the moment's own recurrence; by induction over t."),
            show("one gradient").identity(
                "The only gradient has the weight 1 - beta1.",
                (mean.line("m", 1), mean.start("m"), *_one_term(weighted)),
            ),
            show("one more gradient").identity(
                "The recurrence multiplies every weight by beta1 and adds 1 - beta1 times the "
                "new mean.",
                (mean.line("m", t), "induction hypothesis", last_term(weighted)),
            ),
        ),
        show("apart", statement.claim).combination(
            "The mean of the latest gradient, taken out of every term, stands there with all the "
            "weights, which add up to 1 - beta1^t.",
            (("closed form", Integer(1)), (Cite(WEIGHTS, {beta: beta1, t: t}), mean("g", t))),
        ),
    )


THEOREMS = (DECOMPOSITION,)
