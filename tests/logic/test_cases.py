"""Proofs by cases accept what holds in every case, and refuse what was not shown in one of them."""

from __future__ import annotations

import pytest
from sympy import Abs, Function, Integer, Max, Rational, Sum

from adamref.logic.arithmetic import Certificate
from adamref.logic.cases import OneByOne, PutIn
from adamref.logic.check import algebra
from adamref.logic.facts import Always, at_least
from adamref.logic.proof import Cite, Use
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, gt, le, lt, ne
from adamref.logic.smt import ask
from adamref.theorems.symbols import beta, i, t
from small_theorems import refusal, step, supposed, theorem, x, y, z

u = Function("u", real=True)
SAID, GREATEST = supposed(eq(z, Max(x, y)))


def test_a_maximum_is_at_least_each_argument():
    assert at_least(Max(x, y), x).relation == ge(Max(x, y), x)
    assert at_least(Abs(x), -x).relation == ge(Abs(x), -x)
    with pytest.raises(Refused):
        at_least(Max(x, y), z)
    with pytest.raises(Refused):
        at_least(Abs(x), y)


def test_what_is_at_least_both_is_at_least_their_maximum():
    claim = le(z, 3)
    one = step(le(x, 3), Certificate(), "x")
    other = step(le(y, 3), Certificate(), "y")
    domain = (le(x, 3), le(y, 3))
    both = step(claim, PutIn(GREATEST, ("x", "y")))
    assert refusal(claim, one, other, both, domain=domain, hypotheses=SAID) is None
    assert "was not shown" in refusal(
        claim, one, step(claim, PutIn(GREATEST, ("x",))), domain=domain, hypotheses=SAID
    )


def test_a_step_about_something_else_is_no_case():
    claim = le(z, 3)
    one = step(le(x, 3), Certificate(), "x")
    other = step(le(y, 4), Certificate(), "y")
    found = refusal(
        claim,
        one,
        other,
        step(claim, PutIn(GREATEST, ("x", "y"))),
        domain=(le(x, 3), le(y, 4)),
        hypotheses=SAID,
    )
    assert "was not shown" in found


def test_equals_for_equals_under_a_power():
    said, equation = supposed(eq(z, Abs(x)))
    claim = ge(z**t, y)
    for other, accepted in ((Abs(x), True), (x, False)):
        shown = step(ge(other**t, y), Certificate(), "shown")
        domain = (shown.claim, ge(t, 0))
        by = PutIn(equation, ("shown",))
        found = refusal(claim, shown, step(claim, by), domain=domain, hypotheses=said)
        assert (found is None) is accepted
        assert accepted or "was not shown" in found


def test_an_inequality_puts_nothing_in():
    said, less = supposed(le(z, x))
    claim = le(z, 3)
    one = step(le(x, 3), Certificate(), "x")
    by = PutIn(less, ("x",))
    found = refusal(claim, one, step(claim, by), domain=(le(x, 3),), hypotheses=said)
    assert "is not an equation" in found


def test_an_index_that_a_sum_binds_is_left_alone():
    said = {"supposed": Always(eq(u(t), x), t, Integer(0))}
    claim = le(Sum(u(t), (t, 1, 2)), 3)
    shown = step(le(2 * x, 3), Certificate(), "shown")
    by = PutIn(Use("supposed", {t: t}), ("shown",))
    domain = (le(2 * x, 3), ge(t, 0))
    found = refusal(claim, shown, step(claim, by), domain=domain, hypotheses=said)
    assert "binds an index" in found


def test_the_conditions_of_the_equation_must_hold():
    said = {"supposed": Always(eq(u(i), x), i, Integer(1))}
    claim = le(u(t), 3)
    shown = step(le(x, 3), Certificate(), "shown")
    by = PutIn(Use("supposed", {i: t}), ("shown",))
    for low, accepted in ((1, True), (0, False)):
        domain = (le(x, 3), ge(t, low))
        found = refusal(claim, shown, step(claim, by), domain=domain, hypotheses=said)
        assert (found is None) is accepted
        assert accepted or "is not known here" in found


def test_a_few_steps_are_calculated():
    claim = le(t**2, 4)
    domain = (ge(t, 0), le(t, 2))
    assert refusal(claim, step(claim, OneByOne(t, 0, 2)), domain=domain) is None
    assert "is not true" in refusal(
        lt(t**2, 4), step(lt(t**2, 4), OneByOne(t, 0, 2)), domain=domain
    )


@pytest.mark.parametrize(
    ("relation", "true"),
    [
        (eq(t, 1), True),
        (ne(t, 1), False),
        (ge(t, 1), True),
        (gt(t, 1), False),
        (le(t, 1), True),
        (lt(t, 1), False),
        (le(t, x), False),
    ],
)
def test_every_relation_is_calculated(relation, true):
    found = refusal(relation, step(relation, OneByOne(t, 1, 1)), domain=(ge(t, 1), le(t, 1)))
    assert (found is None) is true


def test_no_index_may_be_left_out():
    claim = le(t, 2)
    by = OneByOne(t, 1, 2)
    assert "only about" in refusal(claim, step(claim, by), domain=(ge(t, 0), le(t, 2)))
    assert "nothing is said" in refusal(claim, step(claim, by), domain=(ge(t, 1), le(t, 3)))


def test_the_rest_is_a_step_from_the_next_index_on():
    claim = ge(t**2, t)
    domain = (ge(t, 0),)
    tail = Certificate((t * (t - 1),))
    for first, accepted in ((2, True), (3, True), (4, False)):
        rest = step(claim, tail, "rest", where=(t - first,))
        found = refusal(claim, rest, step(claim, OneByOne(t, 0, 2, "rest")), domain=domain)
        assert (found is None) is accepted, first


def test_a_solver_sees_what_is_calculated():
    claim = lt(Rational(1, 2) ** t, Rational(1, 3))
    last = step(claim, OneByOne(t, 1, 2))
    checked = algebra(theorem(claim, last, domain=(ge(t, 1), le(t, 2))))
    assert checked.refusal is not None
    assert not checked.structural
    assert ask(checked.obligations[-1]).status == "refuted"


def test_a_citation_may_rest_on_a_step():
    said = gt(1 - beta, 0)
    cited = theorem(said, step(said, Certificate()), domain=(lt(beta, 1),), id_="cited")
    claim = gt(1 - (x - 1), 0)
    below = step(lt(x - 1, 1), Certificate((2 - x,)), "below")
    for given, accepted in ((("below",), True), ((), False)):
        last = step(claim, Certificate((), (Cite(cited, {beta: x - 1}, given=given),)))
        found = refusal(claim, below, last, domain=(lt(x, 2),))
        assert (found is None) is accepted
