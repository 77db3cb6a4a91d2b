"""An inference is about some relations only: without one of its checks what is false is shown."""

from __future__ import annotations

import pytest
from sympy import Abs, And, Integer, Rational, Sum, Symbol, log

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.cases import OneByOne, Parts, PutIn
from adamref.logic.facts import Always
from adamref.logic.induction import Induction
from adamref.logic.limits import Vanishing
from adamref.logic.proof import Use
from adamref.logic.refusal import Captured, Refused
from adamref.logic.relations import eq, ge, gt, le, lt, ne, slack, substituted, total
from adamref.logic.sums import TermByTerm
from adamref.theorems.symbols import i, t
from small_theorems import IH, f, g, limit, proved, refusal, step, x, y

n = Symbol("n", integer=True)
SAME = (x + 1) ** 2, x**2 + 2 * x + 1


@pytest.mark.parametrize("relation", [ne, lt, gt])
def test_two_sides_with_one_normal_form_are_equal_and_nothing_else(relation):
    assert proved(eq(*SAME), Identity())
    assert not proved(relation(*SAME), Identity())
    assert proved(eq(*SAME), Combination(()))
    assert not proved(relation(*SAME), Combination(()))


def test_equal_squares_do_not_show_that_sides_differ():
    sides = (Abs(x) + 1) ** 2, x**2 + 2 * Abs(x) + 1
    assert proved(eq(*sides), Squares())
    assert "no equation and no inequality" in refusal(ne(*sides), step(ne(*sides), Squares()))


def test_what_is_combined_are_equations():
    """From f(0) >= x it does not follow that f(0) = x."""
    at = Use("said", {i: Integer(0)})
    for relation in (ge, ne):
        said = {"said": Always(relation(f(i), x), i, Integer(0))}
        by = Combination(((at, Integer(1)),))
        assert not proved(eq(f(0), x), by, hypotheses=said)
    said = {"said": Always(eq(f(i), x), i, Integer(0))}
    assert proved(eq(f(0), x), Combination(((at, Integer(1)),)), hypotheses=said)


def test_parts_of_a_conjunction_are_all_that_is_given():
    both = And(ge(x**2, 0), ge(y**2, 0), evaluate=False)
    one, other, more = (
        step(ge(z**2, 0), Certificate(), name) for z, name in ((x, "a"), (y, "b"), (x + 1, "c"))
    )
    assert refusal(both, one, other, step(both, Parts(("a", "b")))) is None
    found = refusal(both, one, other, more, step(both, Parts(("a", "b", "c"))))
    assert "is not asked for" in found


THREE = And(ge(f(0), 0), ge(f(0) + 1, 0), ge(f(0) + 2, 0), evaluate=False)


def test_what_is_put_in_is_put_into_one_relation():
    said = {"said": Always(eq(f(i), x**2), i, Integer(0))}
    shown = step(ge(x**2, 0), Certificate(), "shown")
    by = PutIn(Use("said", {i: Integer(0)}), ("shown",))
    assert refusal(ge(f(0), 0), shown, step(ge(f(0), 0), by), hypotheses=said) is None
    assert "more than one relation" in refusal(THREE, shown, step(THREE, by), hypotheses=said)


def test_numbers_are_worked_out_for_one_relation():
    claim = And(ge(t, 0), ge(t + 1, 0), ge(t + 2, 0), evaluate=False)
    found = refusal(claim, step(claim, OneByOne(t, 0, 2)), domain=(ge(t, 0), le(t, 2)))
    assert "more than one relation" in found


def test_for_large_indices_the_same_is_shown():
    """t <= 2 holds for t = 0, 1, 2; that t >= 0 beyond says nothing of it."""
    rest = step(ge(t, 0), Certificate(), "rest")
    last = step(le(t, 2), OneByOne(t, 0, 2, "rest"))
    assert "rest shows" in refusal(le(t, 2), rest, last, domain=(ge(t, 0),))


def test_a_step_for_every_whole_number_is_about_these_only():
    """b^(2 n) >= 0 for every whole n, where b < 0; but b is below 0, for n = 1/2."""
    b = -(y**2) - 1
    even = step(ge(b ** (2 * n), 0), Certificate(), "even")
    assert refusal(even.claim, step(even.claim, Certificate())) is None
    last = step(ge(b, 0), Certificate((), (Use("even", {n: Integer(1) / 2}),)))
    assert "speaks of whole numbers" in refusal(ge(b, 0), even, last)


def test_the_last_step_is_what_is_claimed():
    """A square is at least 0, and a number need not be."""
    square = step(ge(y**2, 0), Certificate())
    assert refusal(ge(y**2, 0), square) is None
    assert "is claimed" in refusal(ge(y, 0), square)
    assert "is claimed" in refusal(gt(y**2, 0), square)


def test_an_induction_is_over_an_index_that_nothing_real_is_tied_to():
    """What is assumed at t is not assumed at t - 1: there x > t may be the first to hold."""
    said = {
        "start": Always(eq(f(i), 0), i, Integer(0), Integer(0)),
        "same": Always(eq(f(i), f(i - 1)), i, Integer(1)),
    }
    claim = eq(f(t), 0)
    base = step(eq(f(0), 0), Identity((Use("start", {i: Integer(0)}),)), "base")
    then = step(claim, Identity((Use("same", {i: t}), IH)), "then", where=(t - 1,))
    last = step(claim, Induction(t, 0, (base,), (then,)))
    assert refusal(claim, last, domain=(ge(t, 0),), hypotheses=said) is None
    tied = (ge(t, 0), gt(x - t, 0))
    assert "ties the index" in refusal(claim, last, domain=tied, hypotheses=said)


def test_an_induction_is_about_one_relation():
    """What is known at t - 1 is a fact, and a fact is one relation."""
    claim = And(ge(t, 0), ge(t + 1, 0), evaluate=False)
    base = step(And(ge(Integer(0) * t, 0), ge(1, 0), evaluate=False), Certificate(), "base")
    last = step(claim, Induction(t, 0, (base,), (step(claim, Parts(("a", "b")), "inner"),)))
    assert "is about one relation" in refusal(claim, last, domain=(ge(t, 0),))


def test_sums_that_are_held_together_have_one_range():
    """One term more may be below 0."""
    said = {"less": Always(le(f(i), g(i)), i, Integer(1))}
    term = step(le(f(i), g(i)), Certificate((), (Use("less", {i: i}),)), "term", where=(i - 1,))
    for last in (t, t + 1):
        claim = le(total(f(i), i, 1, t), total(g(i), i, 1, last))
        found = refusal(
            claim, term, step(claim, TermByTerm("term")), domain=(ge(t, 0),), hypotheses=said
        )
        assert (found is None) == (last == t)
    assert "two sums over the same range" in found


def test_terms_are_compared_for_every_index_and_not_for_one():
    """That f(i) <= g(i) for one i says nothing of the sums."""
    term = step(le(f(i), g(i)), Certificate(), "term")
    claim = le(total(f(i), i, 1, t), total(g(i), i, 1, t))
    one = (le(f(i), g(i)), ge(t, 0))
    found = refusal(claim, term, step(claim, TermByTerm("term")), domain=one)
    assert "term speaks of one i, not of all" in found


def test_a_sum_over_two_indices_has_no_normal_form():
    """It would be that over the first."""
    twice = Sum(f(i), (i, 1, t), (n, 1, 2))
    claim = eq(twice, total(f(i), i, 1, t))
    found = refusal(claim, step(claim, Identity()), domain=(ge(t, 1),))
    assert "has more than one index" in found


def test_an_equation_has_no_slack():
    assert slack(ge(x, y)) == x - y
    for relation in (eq(x, y), ne(x, y)):
        with pytest.raises(Refused, match="is not an inequality"):
            slack(relation)


def test_nothing_is_put_in_for_what_is_bound_or_where_it_would_be():
    """A sum over i of x is t x, and one of i is another."""
    summed = eq(total(x, i, 1, t), t * x)
    assert substituted(summed, {x: y}) == eq(total(y, i, 1, t), t * y)
    with pytest.raises(Captured, match="i is bound by a sum there"):
        substituted(summed, {x: i})
    with pytest.raises(Captured, match="t is bound by a limit"):
        substituted(eq(limit(x**t), 0), {t: Integer(2)})


def test_a_hypothesis_is_about_every_whole_index_of_a_range():
    """From i on, f(i) >= 0 is said of no i at all, or of every one."""
    claim = ge(f(0), 0)
    for said in (Always(ge(f(i), 0), i, i), Always(ge(f(x), 0), x, Integer(0))):
        found = refusal(claim, step(claim, Certificate()), hypotheses={"said": said})
        assert "is not about every index of a range" in found


BELOW_ONE = (ge(x, 0), lt(x, 1), ge(t, 1))


def test_powers_vanish_in_what_is_said_of_a_limit_alone():
    claim = eq(1 - x**t, 1)
    assert proved(eq(limit(1 - x**t), 1), Vanishing(t), domain=BELOW_ONE)
    found = refusal(claim, step(claim, Vanishing(t)), domain=BELOW_ONE)
    assert "is not about a limit" in found


def test_a_power_with_an_exponent_that_is_not_known_has_no_known_limit():
    claim = eq(limit((y**2 + 1 + x**t) ** n), (y**2 + 1) ** n)
    found = refusal(claim, step(claim, Vanishing(t)), domain=BELOW_ONE)
    assert "is no power whose limit is known" in found


def test_a_normal_form_without_an_answer_shows_nothing():
    """A cube root is one for it."""
    claim = eq((y + 1) * x ** Rational(1, 3), y * x ** Rational(1, 3) + x ** Rational(1, 3))
    assert "a power with exponent 1/3" in refusal(claim, step(claim, Identity()), domain=BELOW_ONE)


def test_a_logarithm_of_what_may_vanish_has_no_known_limit():
    claim = eq(limit(log(1 + y**2 + x**t)), log(1 + y**2))
    found = refusal(claim, step(claim, Vanishing(t)), domain=BELOW_ONE)
    assert "is not known to be above 0" in found


def test_what_a_limit_rests_on_is_known_for_every_large_index():
    claim = eq(limit(1 - x**t), 1)
    square = step(ge(y**2, 0), Certificate(), "square")
    last = step(claim, Vanishing(t, ("square",)))
    assert refusal(claim, square, last, domain=BELOW_ONE) is None
    tied = (*BELOW_ONE, gt(y - t, 0))
    assert "is known for one t only" in refusal(claim, square, last, domain=tied)
