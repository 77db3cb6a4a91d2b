"""The drift term: what remains of the bias where the mean of the gradients varies."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, Sum

from adamref.logic.arithmetic import Combination, Identity
from adamref.logic.facts import empty, last_term
from adamref.logic.induction import Induction
from adamref.logic.proof import Cite, Step
from adamref.logic.relations import eq, ge, substituted, total
from adamref.logic.statement import Statement
from adamref.theorems.points import Point
from adamref.theorems.record import NearMiss, Theorem
from adamref.theorems.spaces import points, rates, reals, steps
from adamref.theorems.symbols import beta, beta1, decay_rate, i, t

from .unbiased import DRAWN, drawn, mean
from .weights import WEIGHTS

LONGEST = 12
domain = (*decay_rate(beta1), ge(t, 1))


def decomposition_proof(statement: Statement) -> tuple[Step, ...]:
    """Take the mean of the latest gradient out of the closed form in expectation."""
    weighted = total(beta1 ** (t - i) * mean("g", i), i, 1, t)
    closed = eq(mean("m", t), (1 - beta1) * weighted)
    first = Step(
        "one gradient",
        substituted(closed, {t: Integer(1)}),
        "The only gradient has the weight 1 - beta1.",
        Identity((mean.line("m", 1), mean.start("m"), *_one_term(weighted))),
    )
    next_ = Step(
        "one more gradient",
        closed,
        "The recurrence multiplies every weight by beta1 and adds 1 - beta1 times the new mean.",
        Identity((mean.line("m", t), "induction hypothesis", last_term(weighted))),
    )
    return (
        Step(
            "closed form",
            closed,
            "The expectation obeys the moment's own recurrence; by induction over t.",
            Induction(t, 1, (first,), (next_,)),
        ),
        Step(
            "apart",
            statement.claim,
            "The mean of the latest gradient, taken out of every term, stands there with all the "
            "weights, which add up to 1 - beta1^t.",
            Combination(
                (("closed form", Integer(1)), (Cite(WEIGHTS, {beta: beta1, t: t}), mean("g", t)))
            ),
        ),
    )


def _one_term(whole: Sum) -> tuple[Any, ...]:
    """Write a sum out at t = 1."""
    one = last_term(whole.subs(t, 1))
    return one, empty(one.relation.rhs.atoms(Sum).pop())


ANY = points(rates("beta1"), steps(1, LONGEST), reals(level=LONGEST, spread=LONGEST))


def _decomposed(zeta: Expr) -> Statement:
    return Statement(eq(mean("m", t), (1 - beta1**t) * mean("g", t) + zeta), domain)


def _zeta(low: int) -> Expr:
    return (1 - beta1) * total(beta1 ** (t - i) * (mean("g", i) - mean("g", t)), i, low, t)


DECOMPOSITION = Theorem(
    id="drift-term",
    title="The expectation of the first moment, whatever the means",
    says="The expectation of m is 1 - beta1^t times the mean of the latest gradient, plus a drift "
    "term: the weighted sum of how far the earlier means lie from the latest one.",
    statement=_decomposed(_zeta(1)),
    proof=decomposition_proof,
    source="Kingma & Ba 2015, section 3, equation 4, where the term is called zeta (there for v)",
    space=drawn(ANY),
    near_misses=(
        NearMiss(
            _decomposed(Integer(0)),
            "Without the drift term, means that vary are left out." + DRAWN,
            Point({"beta1": "1/2", "t": 2}, {"level": (0, 0, 1), "spread": (0, 0, 0)}),
        ),
        NearMiss(
            _decomposed(_zeta(2)),
            "The first gradient belongs to the drift term too." + DRAWN,
            Point({"beta1": "1/2", "t": 2}, {"level": (0, 0, 1), "spread": (0, 0, 0)}),
        ),
    ),
)

THEOREMS = (DECOMPOSITION,)
