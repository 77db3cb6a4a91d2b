"""The other checkers accept nothing false, and refute nothing true: each test failed once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Integer, Max, Min, Symbol

from adamref.logic import smt
from adamref.logic.context import Context
from adamref.logic.facts import Always
from adamref.logic.proof import Obligation
from adamref.logic.relations import eq, ge, gt, le, total
from adamref.logic.statement import Statement
from adamref.numbers.rational import Rational as Rationals
from adamref.theorems.evaluation import Evaluation, NoValue, refuted_at
from adamref.theorems.grounded import grounded
from adamref.theorems.points import Point, Space
from adamref.theorems.spaces import points
from adamref.theorems.symbols import i, t
from small_theorems import g, x, y


def test_z3_knows_a_minimum():
    pytest.importorskip("z3")
    claim = ge(Min(x, y), x)
    assert smt.ask(Obligation("", Context(()), claim)).status != "proved"
    assert smt.ask(Obligation("", Context(()), le(Min(x, y), x))).status == "proved"
    assert smt.ask(Obligation("", Context(()), ge(Max(x, y), x))).status == "proved"


def test_z3_keeps_a_quotient_and_a_symbol_apart():
    pytest.importorskip("z3")
    quotient = Symbol("quotient", real=True)
    claim = eq(quotient, 1 / (y**2 + 1) - quotient + quotient)
    assert smt.ask(Obligation("", Context(()), claim)).status != "proved"


def test_a_sum_without_terms_is_0_when_it_is_written_out():
    """SymPy's own convention for a sum from 1 to -3 is another one."""
    statement = Statement(eq(total(g(i), i, 1, t), 0), ())
    point = Point({"t": -3}, {"g": (1, 1, 1)})
    _, claim = grounded(statement, Space(points()), point)
    assert claim.lhs == 0
    assert not refuted_at(statement, Space(points()), point)


def test_a_point_satisfies_hypotheses_beyond_its_sequences():
    """g(i) > 0 for all i is not refuted by g(100) = 0, where the point says nothing."""
    hypotheses = {"up": Always(gt(g(i), 0), i, Integer(0))}
    statement = Statement(gt(g(100), 0), (), hypotheses)
    assert not refuted_at(statement, Space(points()), Point({}, {"g": (1, 1)}))


def test_there_is_no_value_behind_a_division_by_0():
    """1/(1 + 1/x^2) has no value at 0."""
    where = Evaluation(Rationals(), Space(points()), Point({"x": 0}))
    with pytest.raises(NoValue):
        where.value(1 / (1 + 1 / x**2))
    statement = Statement(gt(1 / (1 + 1 / x**2), 0), ())
    assert not refuted_at(statement, Space(points()), Point({"x": Fraction(0)}))
