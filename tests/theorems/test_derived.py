"""The search looks where a statement speaks of, whatever the record says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import strategies as st
from sympy import Limit, Rational, oo, sqrt

from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.logic.statement import Statement
from adamref.rules import ADAM
from adamref.theorems.derived import derived
from adamref.theorems.library import theorem
from adamref.theorems.points import Point, Space
from adamref.theorems.prove import may_be_left_out, outcome
from adamref.theorems.quantities import Run
from adamref.theorems.search import search
from adamref.theorems.symbols import beta, g, n, t
from small_theorems import x

NOWHERE = Space(lambda: st.just(Point({"x": 1, "beta": "1/2", "n": 1, "t": 1})))
adam = Run(ADAM)


@pytest.mark.parametrize(
    ("claim", "domain"),
    [
        (le(x, 40), ()),
        (ge(x, 0), ()),
        (lt(beta, 1), (ge(beta, 0), le(beta, 1))),
        (gt(beta, Rational(1, 10**6)), (gt(beta, 0), lt(beta, 1))),
        (lt(n, 12), (ge(n, 4), lt(n, 13))),
        (ge(g(n), 0), (ge(n, 0), le(n, 8))),
    ],
)
def test_what_is_false_in_the_domain_is_found_false(claim, domain):
    statement = Statement(claim, domain)
    assert search(statement, NOWHERE).counterexample is None or not domain
    assert search(statement, derived(statement, NOWHERE)).counterexample is not None


def test_the_fields_of_runs_are_worked_and_the_rest_is_drawn():
    statement = Statement(eq(adam("m", t), g(t)), (ge(t, 1),))
    space = replace(NOWHERE, runs=(adam,))
    found = search(statement, derived(statement, space)).counterexample
    assert {"beta1", "t"} <= set(found.values)
    assert set(found.sequences) == {"g"}


def test_a_record_cannot_choose_the_search_away():
    hidden = replace(
        theorem("power-below-one"),
        statement=Statement(le(x, 40), ()),
        space=NOWHERE,
        not_applicable={"numbers": "it looks nowhere", "algebra": "it is not asked"},
    )
    assert not may_be_left_out(hidden, "numbers")
    assert not may_be_left_out(hidden, "algebra")
    found = outcome(hidden)
    assert found.checks["numbers"].status == "failed"
    assert found.verdict == "UNKNOWN"


@pytest.mark.parametrize(
    ("function", "limit", "holds"),
    [
        (beta**t, 0, True),
        (t * beta**t, 0, True),
        (sqrt(4 + beta**t), 2, True),
        (beta**t, Rational(1, 10**6), False),
        (1 - beta**t, 0, False),
        (sqrt(t), oo, True),
        (1 - beta**t, oo, False),
    ],
)
def test_a_limit_is_looked_at_far_out(function, limit, holds):
    """By no rule for limits: what the algebra makes of one is not repeated."""
    statement = Statement(eq(Limit(function, t, oo), limit), (gt(beta, 0), lt(beta, 1)))
    found = search(statement, derived(statement, NOWHERE))
    assert found.tried
    assert (found.counterexample is None) is holds


def test_rates_next_to_1_have_vanished_there():
    statement = Statement(eq(Limit(beta**t, t, oo), 0), ())
    space = Space(lambda: st.just(Point({"beta": 1 - Fraction(1, 10**9), "t": 1})))
    assert search(statement, space).counterexample is None
