"""The search for counterexamples, and the evaluation it rests on."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import And, Function, Integer, sqrt

from adamref.logic.facts import Always
from adamref.logic.relations import eq, ge, gt, le, total
from adamref.logic.statement import Statement
from adamref.numbers.multiprecision import Multiprecision
from adamref.numbers.rational import Rational
from adamref.rules import ADAM, ADAMAX, AMSGRAD, NADAM
from adamref.theorems.evaluation import Evaluation, NoValue, assumed, holds, refuted_at
from adamref.theorems.points import Point, Space
from adamref.theorems.quantities import Run
from adamref.theorems.search import search
from adamref.theorems.spaces import expectations, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta, beta1, eps, i, t

g = Function("g", real=True)
adam = Run(ADAM)
SPACE = Space(points(rates("beta1", "beta2"), steps(1, 6), reals(g=7)), (adam,))
USUAL = {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}


def value(expr, point, space=SPACE, carrier=None):
    where = Evaluation(carrier or Multiprecision(200), space, point)
    return where.value(expr)


def algorithm_1(gradients, alpha, beta1, beta2, eps):
    """Algorithm 1 by hand, at 60 digits: the fields after the last gradient."""
    m = v = mpmath.mpf(0)
    for step, gradient in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
        delta = -alpha * m_hat / (mpmath.sqrt(v_hat) + eps)
    return {"m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat, "delta": delta}


@pytest.mark.slow
@given(st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=6))
def test_the_fields_of_a_run_are_those_of_algorithm_1(gradients):
    point = Point({**USUAL, "t": len(gradients)}, {"g": (0, *gradients)})
    with mpmath.workdps(60):
        by_hand = algorithm_1(
            gradients, *(mpmath.mpf(USUAL[n]) for n in ("alpha", "beta1", "beta2", "eps"))
        )
        for name, right in by_hand.items():
            found = Multiprecision.to_exact(value(adam(name, t), point))
            got = mpmath.mpf(found.numerator) / found.denominator
            assert abs(got - right) <= abs(right) * mpmath.mpf(10) ** -50


@pytest.mark.parametrize("rule", [AMSGRAD, ADAMAX, NADAM], ids=lambda rule: rule.name)
def test_other_rules_can_be_run_too(rule):
    run = Run(rule)
    point = Point({**USUAL, "psi": "0.004", "t": 2}, {"g": (0, 3, -1)})
    assert value(run("delta", t), point, Space(points(), (run,)))


def test_expressions_are_worked_exactly_in_rationals():
    point = Point({"beta": "1/3", "t": 4}, {"g": (5, 1, 2, 3, 4)})
    expr = total(beta ** (t - i) * g(i), i, 1, t) - beta**t
    right = Fraction(4) + Fraction(3, 3) + Fraction(2, 9) + Fraction(1, 27) - Fraction(1, 81)
    assert value(expr, point, carrier=Rational()) == right
    assert value(g(0), point, carrier=Rational()) == 5


def test_a_power_of_0_with_exponent_0_is_1():
    assert value(beta**t, Point({"beta": 0, "t": 0}), carrier=Rational()) == 1


def test_what_has_no_value_says_so():
    for expr, point in (
        (1 / beta, Point({"beta": 0})),
        (sqrt(beta), Point({"beta": -1})),
        (Function("h", real=True)(t), Point({"t": 1})),
        (adam("m", -t), Point({**USUAL, "t": 1}, {"g": (0, 1)})),
    ):
        with pytest.raises(NoValue):
            value(expr, point)


def test_a_gradient_may_be_an_expression_and_a_hyperparameter_too():
    scaled = Run(ADAM, mark="'", gradient=lambda k: 3 * g(k), hypers={"eps": 3 * eps})
    point = Point({**USUAL, "t": 2}, {"g": (0, 2, -1)})
    space = Space(points(), (adam, scaled))
    claim = eq(scaled("delta", t), adam("delta", t))
    assert holds(claim, Evaluation(Multiprecision(200), space, point)) in (True, False)
    found = search(Statement(claim, ()), Space(lambda: st.just(point), (adam, scaled)))
    assert found.counterexample is None
    moved = Statement(eq(scaled("delta", t), adam("delta", t) + Integer(1)), ())
    assert search(moved, Space(lambda: st.just(point), (adam, scaled))).counterexample == point


def test_a_true_claim_has_no_counterexample_and_a_false_one_has():
    closed = (1 - beta1) * total(beta1 ** (t - i) * g(i), i, 1, t)
    right = Statement(eq(adam("m", t), closed), (ge(t, 1),))
    wrong = Statement(eq(adam("m", t), closed * beta1), (ge(t, 1),))
    assert search(right, SPACE).counterexample is None
    found = search(wrong, SPACE).counterexample
    assert found is not None
    assert refuted_at(wrong, SPACE, found)
    assert not refuted_at(right, SPACE, found)


def test_the_search_stays_inside_the_assumptions():
    inside = Statement(gt(beta1, 0), (gt(beta1, 0),))
    found = search(inside, SPACE)
    assert found.counterexample is None
    assert 0 < found.tried < 60
    assert search(Statement(gt(beta1, 0), ()), SPACE).counterexample.values["beta1"] == 0


def test_the_search_is_guided_towards_failure():
    """A claim that fails only where a number is near its least is found."""
    space = Space(points(numbers("alpha", low=0)))
    assert search(Statement(gt(alpha, 0), ()), space).counterexample.values["alpha"] == 0
    assert search(Statement(ge(alpha, 0), ()), space).counterexample is None


def test_equality_is_told_from_nearly_equal():
    point = Point({"alpha": Fraction(1) + Fraction(1, 10**30)})
    space = Space(lambda: st.just(point))
    assert search(Statement(eq(alpha, 1), ()), space).counterexample == point
    assert search(Statement(le(alpha, 1), ()), space).counterexample == point


def test_a_root_is_decided_in_enclosures():
    space = Space(points())
    assert refuted_at(Statement(le(sqrt(alpha), 1), ()), space, Point({"alpha": 2}))
    assert not refuted_at(Statement(le(sqrt(alpha), 2), ()), space, Point({"alpha": 2}))
    assert refuted_at(Statement(eq(sqrt(alpha), 2), ()), space, Point({"alpha": 2}))
    # An equation between irrational numbers can be refuted, and never shown, by enclosures.
    same = Statement(eq(sqrt(alpha) * sqrt(alpha), alpha), ())
    assert not refuted_at(same, space, Point({"alpha": 2}))


def test_hypotheses_are_looked_at_where_the_point_has_values():
    constant = {"constant": Always(eq(g(i), 2), i, Integer(1))}
    statement = Statement(eq(g(t), 2), (ge(t, 1),), constant)
    space = Space(points())
    for row, fits in (((9, 2, 2), True), ((2, 2, 3), False)):
        where = Evaluation(Rational(), space, Point({"t": 1}, {"g": row}))
        assert assumed(statement, where) == fits


def test_a_conjunction_fails_if_a_part_does():
    both = And(ge(alpha, 0), gt(alpha, 0), evaluate=False)
    space = Space(lambda: st.just(Point({"alpha": 0})))
    assert search(Statement(both, ()), space).counterexample is not None


def test_expectations_are_means_over_equally_likely_runs():
    plus, minus = (
        Run(ADAM, mark=mark, gradient=lambda k, s=sign: s * g(k))
        for mark, sign in (("+", 1), ("-", -3))
    )
    space = Space(points(), (plus, minus), expectations(plus, minus))
    point = Point({**USUAL, "beta1": "1/2", "t": 1}, {"g": (0, 4)})
    mean = Function("E_m", real=True)(t)
    assert value(mean, point, space, Rational()) == Fraction(1, 2) * (4 - 12) / 2
    assert value(Function("E_g2", real=True)(t), point, space, Rational()) == (16 + 144) / 2
