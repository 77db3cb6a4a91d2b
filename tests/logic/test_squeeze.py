"""A limit by two bounds is accepted where both are shown and have it, and refused elsewhere."""

from __future__ import annotations

import pytest
from sympy import Integer, Limit, oo

import small_theorems
from adamref.logic.arithmetic import Certificate
from adamref.logic.context import Context
from adamref.logic.facts import Always
from adamref.logic.limits import Squeezed, Unbounded, limit_at_infinity
from adamref.logic.proof import ProofStep
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.theorems.symbols import n, t
from small_theorems import f, x, y

DOMAIN = (ge(x, 0), lt(x, 1))


def refusal(limit, low, high, where=(), over=t, domain=DOMAIN):
    """Return why a limit of f is refused, with two bounds that are supposed for every t >= 0."""
    steps = (
        ProofStep("below", low, "", Certificate((), ("low",)), (t, *where)),
        ProofStep("above", high, "", Certificate((), ("high",)), (t, *where)),
        ProofStep("limit", eq(Limit(f(t), t, oo), limit), "", Squeezed(over, "below", "above")),
    )
    supposed = {"low": Always(low, t, Integer(0)), "high": Always(high, t, Integer(0))}
    return small_theorems.refusal(steps[-1].claim, *steps, domain=domain, hypotheses=supposed)


def test_both_bounds_have_the_limit():
    assert refusal(y, ge(f(t), y - x**t), lt(f(t), y + t * x**t), (t - 1,)) is None
    assert refusal(y, le(y - x**t, f(t)), gt(y + x**t, f(t)), (2 * t - n,)) is None


def test_a_bound_with_another_limit():
    assert "the limit of" in refusal(y, ge(f(t), y - 1 - x**t), le(f(t), y))
    assert "the limit of" in refusal(y, ge(f(t), y), le(f(t), y + 1))
    assert "the limit of" in refusal(y + 1, ge(f(t), y), le(f(t), y))


def test_a_bound_on_the_wrong_side():
    assert "no bound" in refusal(y, le(f(t), y), le(f(t), y))
    assert "no bound" in refusal(y, ge(f(t), y), ge(f(t), y))
    assert "no bound" in refusal(y, ge(f(t + 1), y), le(f(t), y))


def test_a_bound_for_small_indices_only():
    assert "all large" in refusal(y, ge(f(t), y), le(f(t), y), (9 - t,))
    assert "all large" in refusal(y, ge(f(t), y), le(f(t), y), (t * (9 - t),))


def test_another_index():
    assert "to infinity" in refusal(y, ge(f(t), y), le(f(t), y), over=n)


def test_what_is_assumed_of_one_index():
    low, high = ge(f(t), y), le(f(t), y)
    assert refusal(y, low, high) is None
    assert "about one t" in refusal(y, low, high, domain=(*DOMAIN, gt(f(t), 0)))


def test_no_limit_is_infinite_where_little_is_shown():
    line = ProofStep("line", ge(f(t), t), "", Certificate((), ("line above",)), (t, t * (9 - t)))
    claim = eq(Limit(f(t), t, oo), oo)
    last = ProofStep("limit", claim, "", Unbounded("line", t))
    supposed = {"line above": Always(line.claim, t, Integer(0))}
    assert "all large" in small_theorems.refusal(claim, line, last, hypotheses=supposed)


def test_a_limit_that_is_infinite_needs_a_lower_bound_of_its_own():
    claim = eq(Limit(f(t), t, oo), oo)
    last = ProofStep("limit", claim, "", Unbounded("line", t))
    for shown in (ge(f(t + 1), t), le(f(t), t)):
        line = ProofStep("line", shown, "", Certificate((), ("line above",)), (t,))
        supposed = {"line above": Always(shown, t, Integer(0))}
        found = small_theorems.refusal(claim, line, last, hypotheses=supposed)
        assert "is no lower bound of" in found, shown


def test_what_a_bound_needs_of_another_index_is_known():
    assert "n - 9 >= 0 is not known here" in refusal(y, ge(f(t), y), le(f(t), y), (n - 9,))


def test_an_index_stands_below_no_fraction_and_no_power_of_what_may_be_0():
    known = Context(DOMAIN)
    assert limit_at_infinity(y + t * x**t, t, known) == y
    with pytest.raises(Refused, match="t stands below"):
        limit_at_infinity(x**t / t, t, known)
    with pytest.raises(Refused, match="may be 0, and stands with the exponent -n"):
        limit_at_infinity(x**t + x ** (-n), t, known)
