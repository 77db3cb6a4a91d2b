"""An index, and what binds it, lead to nothing false: each test was accepted once."""

from __future__ import annotations

import pytest
from sympy import Abs, Integer, Min, Symbol, oo

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.facts import Always, last_term
from adamref.logic.limits import Unbounded, Vanishing
from adamref.logic.order import Extremes
from adamref.logic.proof import Use
from adamref.logic.refusal import Captured
from adamref.logic.relations import eq, ge, gt, le, lt, ne, total
from adamref.logic.sums import TermByTerm
from adamref.theorems.symbols import beta, i, j, n, t
from small_theorems import f, g, h, limit, proved, refusal, step, x


def test_the_domain_of_an_index_is_not_that_of_a_sum():
    """For i >= 4 the sum of i - 4 from 1 to 5 is -5."""
    claim = ge(total(i - 4, i, 1, 5), 0)
    assert not proved(claim, Certificate(), domain=(ge(i, 4),))
    claim = ge(total(f(i), i, 1, 5), 0)
    assert not proved(claim, Certificate(), domain=(ge(f(i), 0),))


def test_the_domain_of_a_symbol_called_k_is_not_that_of_a_sum():
    """The sum of abs(i) from -3 to 0 is not the sum of i."""
    k = Symbol("k", integer=True)
    claim = eq(total(Abs(i), i, -3, 0), total(i, i, -3, 0))
    assert not proved(claim, Identity(), domain=(ge(k, 0),))


def test_terms_are_compared_for_every_index_of_the_sum():
    """f(i) <= g(i) for i >= 4 says nothing about the terms before."""
    hypotheses = {"less": Always(le(f(j), g(j)), j, Integer(4))}
    term = step(le(f(i), g(i)), Certificate((), (Use("less", {j: i}),)), "term")
    claim = le(total(f(i), i, 1, 5), total(g(i), i, 1, 5))
    last = step(claim, TermByTerm("term"))
    assert refusal(claim, term, last, domain=(ge(i, 4),), hypotheses=hypotheses) is not None


def test_sums_of_different_terms_may_be_equal():
    """-1 != 1 and 1 != -1, but -1 + 1 = 1 - 1."""
    hypotheses = {"apart": Always(ne(f(j), g(j)), j, Integer(1))}
    term = step(ne(f(i), g(i)), Certificate((), (Use("apart", {j: i}),)), "term", where=(i - 1,))
    claim = ne(total(f(i), i, 1, 2), total(g(i), i, 1, 2))
    assert refusal(claim, term, step(claim, TermByTerm("term")), hypotheses=hypotheses) is not None


def test_squares_show_no_inequation():
    assert not proved(ne(Abs(x), Abs(x)), Squares())


def test_a_limit_is_not_one_of_the_values_before():
    """f(i) = 0 up to i = 5 says nothing about the limit."""
    hypotheses = {"early": Always(eq(f(i), 0), i, Integer(1), Integer(5))}
    by = Vanishing(t, (Use("early", {i: t}),))
    found = proved(eq(limit(f(t)), 0), by, hypotheses=hypotheses, domain=(ge(t, 1), le(t, 5)))
    assert not found


def test_a_bound_up_to_an_index_shows_no_infinite_limit():
    """min(x, t) >= t where t <= x, and tends to x."""
    bound = step(ge(Min(x, t), t), Extremes(), "line")
    claim = eq(limit(Min(x, t)), oo)
    domain = (ge(x, t), ge(t, 1))
    assert refusal(claim, bound, step(claim, Unbounded("line", t)), domain=domain) is not None
    line = step(
        ge(f(t), t), Certificate((), (Use("up", {i: t}),)), "line", where=(10 * t - t**2, t - 1)
    )
    hypotheses = {"up": Always(ge(f(i), i), i, Integer(1), Integer(10))}
    claim = eq(limit(f(t)), oo)
    last = step(claim, Unbounded("line", t), where=(10 * t - t**2, t - 1))
    assert (
        refusal(claim, line, last, domain=(ge(t, 1), le(t, 10)), hypotheses=hypotheses) is not None
    )


def test_the_base_of_a_vanishing_power_is_constant():
    """(t/(t + 1))^t tends to 1/e."""
    base = t / (t + 1)
    below = step(gt(1 - base, 0), Certificate((1 / (t + 1),)), "below")
    claim = eq(limit(base**t), 0)
    last = step(claim, Vanishing(t, ("below",)))
    assert refusal(claim, below, last, domain=(ge(t, 1),)) is not None


def test_the_exponent_of_a_vanishing_power_is_linear():
    """beta^(t - t^2) grows without bound."""
    domain = (gt(beta, 0), lt(beta, 1), ge(t, 1))
    assert not proved(eq(limit(beta ** (t - t**2)), 0), Vanishing(t), domain=domain)


def test_a_term_split_off_is_not_captured():
    """In the sum over i up to j of 1 + the sum over j of i g(j), the last term is at i = j."""
    whole = total(1 + total(i * g(j), j, 1, 3), i, 1, j)
    with pytest.raises(Captured):
        last_term(whole)


def test_a_hypothesis_about_its_own_index_is_refused():
    """ "For i = i" is one index, not every one."""
    hypotheses = {"one": Always(eq(g(i), x), i, i, i)}
    by = Identity((Use("one", {i: 7}),))
    assert not proved(eq(g(7), x), by, hypotheses=hypotheses)


def test_an_index_that_a_hypothesis_is_about_stays_fixed():
    """f(i) = g(t) for one t and all i does not make g constant."""
    hypotheses = {
        "constant": Always(eq(f(i), g(t)), i, Integer(0)),
        "other": Always(eq(h(t), 0), t, Integer(0)),
    }
    one = step(
        eq(f(0) + h(0), g(t)), Identity((Use("constant", {i: 0}), Use("other", {t: 0}))), "one"
    )
    claim = eq(g(t) - g(5), 0)
    last = step(claim, Combination((("one", Integer(-1)), (Use("one", {t: 5}), Integer(1)))))
    assert refusal(claim, one, last, hypotheses=hypotheses) is not None


def test_a_sum_over_the_index_of_a_limit_is_refused_in_words():
    """Where t goes to infinity, the t of the sum over t up to 3 does not."""
    claim = eq(limit(total(t, t, 1, 3)), 6)
    why = refusal(claim, step(claim, Vanishing(t)), domain=(ge(t, 1),))
    assert why is not None
    assert "a field or a sum still speaks of t" in why


def test_a_last_step_holds_wherever_the_theorem_does():
    """A condition on an index that the last step needs is one that the domain gives."""
    claim = gt(n, 0)
    last = step(claim, Certificate(), where=(n - 1,))
    assert refusal(claim, last, domain=(ge(n, 0),)) == "n > 0 is shown only where n - 1 >= 0"
    assert refusal(claim, last, domain=(ge(n, 1),)) is None
