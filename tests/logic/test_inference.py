"""Each inference accepts what follows from what it uses, and refuses what does not."""

from __future__ import annotations

import pytest
from sympy import Abs, And, Integer, Lambda, Sum, Symbol, oo, sqrt

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.cases import Parts
from adamref.logic.check import algebra
from adamref.logic.facts import Always, empty, first_term, last_term
from adamref.logic.induction import Induction
from adamref.logic.limits import Unbounded, Vanishing
from adamref.logic.order import FromBoth
from adamref.logic.proof import Cite, Use
from adamref.logic.refusal import Captured
from adamref.logic.relations import eq, ge, gt, le, lt, ne, total
from adamref.logic.sums import TermByTerm, Triangle
from adamref.theorems.record import Theorem
from adamref.theorems.symbols import beta, decay_rate, i, j, t
from small_theorems import IH, f, g, limit, proved, refusal, step, theorem, x, y

# Arithmetic.


def test_an_identity():
    assert proved(eq((x + 1) ** 2, x**2 + 2 * x + 1), Identity())
    assert not proved(eq((x + 1) ** 2, x**2 + 2 * x + 2), Identity())
    assert not proved(ge(x**2, 0), Identity())


def test_a_certificate_by_squares():
    claim = ge(x**2 + y**2, 2 * x * y)
    assert proved(claim, Certificate(((x - y) ** 2,)))
    assert not proved(claim, Certificate(((x + y) ** 2,)))
    assert not proved(claim, Certificate((x * y,)))


def test_the_sign_of_a_term_must_be_known():
    assert not proved(ge(x * y, 0), Certificate())
    assert proved(ge(x * y, 0), Certificate(), domain=(ge(x, 0), ge(y, 0)))
    assert not proved(ge(x * y, 0), Certificate(), domain=(ge(x, 0), le(y, 0)))


def test_a_strict_inequality_needs_a_strict_term():
    assert not proved(gt(x**2, 0), Certificate())
    assert proved(gt(x**2 + 1, 0), Certificate())
    assert proved(gt(x**2, 0), Certificate(), domain=(ne(x, 0),))
    assert not proved(gt(x, 0), Certificate(), domain=(ge(x, 0),))


def test_an_inequation():
    assert proved(ne(x, 0), Certificate(), domain=(gt(x, 0),))
    assert not proved(ne(x, 0), Certificate(), domain=(ge(x, 0),))


def test_squares_compare_numbers_that_are_not_negative():
    claim = eq(sqrt(x) * sqrt(y), sqrt(x * y))
    domain = (ge(x, 0), ge(y, 0))
    assert proved(claim, Squares(), domain=domain)
    assert not proved(eq(x, -x), Squares())
    assert not proved(eq(x, y), Squares(), domain=domain)
    assert proved(le(Abs(x), y), Squares((y**2 - x**2,)), domain=(ge(y, 0), ge(y**2 - x**2, 0)))
    assert not proved(le(Abs(x), y), Squares((y**2 - x**2,)), domain=(ge(y**2 - x**2, 0),))


def test_a_bound_on_an_absolute_value_needs_both_sides():
    above, below = step(le(x, y), Certificate(), "a"), step(le(-x, y), Certificate(), "b")
    last = step(le(Abs(x), y), FromBoth("a", "b"))
    domain = (ge(y - x, 0), ge(y + x, 0))
    assert refusal(last.claim, above, below, last, domain=domain) is None
    wrong = step(le(Abs(x), y), FromBoth("a", "a"))
    assert "is needed" in refusal(last.claim, above, wrong, domain=domain)


def test_what_is_bounded_from_both_sides_is_an_absolute_value():
    """x may be below y, and -x as well: that says nothing of |x| >= y."""
    above, below = step(le(x, y), Certificate(), "a"), step(le(-x, y), Certificate(), "b")
    domain = (ge(y - x, 0), ge(y + x, 0))
    for claim in (ge(Abs(x), y), eq(Abs(x), y), le(x, y)):
        found = refusal(claim, above, below, step(claim, FromBoth("a", "b")), domain=domain)
        assert "is no bound on an absolute value" in found


def test_both_sides_are_bounded_from_above():
    """With x >= y and -x >= y, and y below 0, |x| is not below y."""
    over = [step(ge(side, y), Certificate(), name) for side, name in ((x, "a"), (-x, "b"))]
    last = step(le(Abs(x), y), FromBoth("a", "b"))
    found = refusal(last.claim, *over, last, domain=(ge(x - y, 0), ge(-x - y, 0)))
    assert "a is not an upper bound" in found
    under = [step(le(side, y), Certificate(), name) for side, name in ((x, "a"), (-x, "b"))]
    strict = step(lt(Abs(x), y), FromBoth("a", "b"))
    found = refusal(strict.claim, *under, strict, domain=(ge(y - x, 0), ge(y + x, 0)))
    assert "a is not an upper bound" in found


def test_a_combination_of_equations():
    one, two = eq(x + y, 3), eq(x - y, 1)
    hypotheses = {"one": Always(one, i, Integer(0)), "two": Always(two, i, Integer(0))}
    uses = ((Use("one", {i: 0}), Integer(1)), (Use("two", {i: 0}), Integer(1)))
    assert proved(eq(2 * x, 4), Combination(uses), hypotheses=hypotheses)
    assert not proved(eq(2 * x, 5), Combination(uses), hypotheses=hypotheses)


def test_a_division_by_what_may_be_0_is_refused_even_where_it_cancels():
    """From q = y/x it follows that x q = y only where x is not 0."""
    hypotheses = {"q": Always(eq(f(i), y / x), i, Integer(1))}
    claim = eq(x * f(1), y)
    by = Identity((Use("q", {i: 1}),))
    assert "divided by" in refusal(claim, step(claim, by), hypotheses=hypotheses)
    assert proved(claim, by, hypotheses=hypotheses, domain=(gt(x, 0),))


# Induction.


def geometric(claim, *, start=0, uses=(IH,)):
    (whole,) = claim.lhs.atoms(type(total(i, i, 1, t)))
    base = step(
        claim.func(*(s.subs(t, start) for s in claim.args), evaluate=False), Identity(), "b"
    )
    by = Combination(tuple((u, beta) for u in uses), (last_term(whole),))
    return step(claim, Induction(t, start, (base,), (step(claim, by, "s"),)))


def test_induction_proves_the_geometric_sum():
    claim = eq((1 - beta) * total(beta ** (t - i), i, 1, t), 1 - beta**t)
    domain = (*decay_rate(beta), ge(t, 0))
    assert refusal(claim, geometric(claim), domain=domain) is None


def test_induction_refuses_a_wrong_start_step_or_constant():
    domain = (*decay_rate(beta), ge(t, 0))
    for right in (1 - beta ** (t + 1), 1 - 2 * beta**t, beta**t - 1, 2 - beta**t):
        claim = eq((1 - beta) * total(beta ** (t - i), i, 1, t), right)
        assert refusal(claim, geometric(claim), domain=domain) is not None


def test_induction_is_about_indices_from_its_start_on():
    claim = eq((1 - beta) * total(beta ** (t - i), i, 1, t), 1 - beta**t)
    assert "only about" in refusal(claim, geometric(claim), domain=decay_rate(beta))


def test_the_induction_hypothesis_is_about_the_step_before():
    claim = eq(f(t), 0)
    base = step(eq(f(0), 0), Identity((Use("start", {i: 0}),)), "b")
    cheat = step(claim, Identity((Use(IH, {t: t + 1}),)), "s")
    found = refusal(
        claim,
        step(claim, Induction(t, 0, (base,), (cheat,))),
        domain=(ge(t, 0),),
        hypotheses={"start": Always(eq(f(0), 0), i, Integer(0))},
    )
    assert "speaks of one t" in found


def test_an_induction_that_does_not_use_its_hypothesis_is_refused():
    claim = ge(x**2 + t, 0)
    base = step(ge(x**2, 0), Certificate(), "b")
    inner = step(claim, Certificate(), "s")
    proof = step(claim, Induction(t, 0, (base,), (inner,)))
    assert "induction hypothesis is not used" in refusal(claim, proof, domain=(ge(t, 0),))


def test_no_induction_over_an_index_that_a_hypothesis_fixes():
    """f(t) = 0 for one t says nothing about t - 1."""
    claim = eq(f(t) * g(t), 0)
    base = step(eq(f(0) * g(0), 0), Identity((Use("now", {i: 0}),)), "b")
    inner = step(claim, Identity((Use("now", {i: t}), IH)), "s")
    found = refusal(
        claim,
        step(claim, Induction(t, 0, (base,), (inner,))),
        domain=(ge(t, 0),),
        hypotheses={"now": Always(eq(f(i), 0), i, t, t)},
    )
    assert "about one t" in found


# Hypotheses, steps, citations.


def test_a_hypothesis_holds_from_its_first_index_on():
    hypotheses = {"constant": Always(eq(g(i), x), i, Integer(1))}
    claim = eq(g(t), x)
    by = Identity((Use("constant", {i: t}),))
    assert proved(claim, by, hypotheses=hypotheses, domain=(ge(t, 1),))
    assert not proved(claim, by, hypotheses=hypotheses, domain=(ge(t, 0),))


def test_every_hypothesis_must_be_used():
    hypotheses = {"idle": Always(eq(g(i), x), i, Integer(1))}
    assert "'idle' is not used" in refusal(
        ge(x**2, 0), step(ge(x**2, 0), Certificate()), hypotheses=hypotheses
    )


def test_every_step_must_be_used_and_the_last_one_is_the_claim():
    claim, other = ge(x**2, 0), ge(y**2, 0)
    idle = step(other, Certificate(), "idle")
    assert "'idle' is used by no other" in refusal(claim, idle, step(claim, Certificate()))
    assert "but" in refusal(claim, idle)
    assert "nothing is said" in refusal(claim)


def test_a_step_must_stand_before_its_use():
    assert "there is no step" in refusal(ge(x, 0), step(ge(x, 0), Certificate((), ("later",))))


def test_two_steps_may_not_have_one_name():
    claim = ge(x**2, 0)
    twice = step(claim, Certificate(), "a")
    assert "two steps" in refusal(claim, twice, step(claim, Certificate((), ("a",)), "a"))


def test_a_step_holds_only_where_it_was_shown():
    shown = step(gt(f(j), 0), Certificate((), (Use("up", {i: j}),)), "some", where=(j - 5,))
    last = step(gt(f(t), 0), Certificate((), (Use("some", {j: t}),)))
    hypotheses = {"up": Always(gt(f(i), 0), i, Integer(5))}
    for low, fine in ((5, True), (4, False)):
        found = refusal(last.claim, shown, last, domain=(ge(t, low),), hypotheses=hypotheses)
        assert (found is None) == fine


def test_a_symbol_with_a_domain_cannot_be_instantiated():
    """What was shown for one j with f(j) > 0 is not shown for another."""
    shown = step(gt(f(j), 0), Certificate(), "this")
    last = step(gt(f(t), 0), Certificate((), (Use("this", {j: t}),)))
    assert "speaks of one j" in refusal(last.claim, shown, last, domain=(gt(f(j), 0),))


def test_an_index_is_not_captured_by_a_sum():
    a = step(eq(total(g(i) + t, i, 1, j) - total(g(i) + t, i, 1, j), 0), Identity(), "a")
    claim = eq(total(g(i) + i, i, 1, j), total(g(i), i, 1, j) + total(i, i, 1, j))
    last = step(claim, Identity((Use("a", {t: i}),)))
    found = refusal(claim, a, last, domain=(ge(j, 0),))
    assert found is None or "bound" in found


def test_an_equation_is_not_put_in_below_a_sum_that_binds_its_index():
    hypotheses = {"one": Always(eq(g(i), x), i, i, i)}
    claim = eq(total(g(i), i, 1, t), total(x, i, 1, t))
    assert not proved(claim, Identity(("one",)), hypotheses=hypotheses)


def test_a_cited_theorem_must_be_proved_and_its_domain_hold():
    positive = theorem(gt(1 + beta, 0), step(gt(1 + beta, 0), Certificate()), domain=(ge(beta, 0),))
    false = theorem(gt(beta, 0), step(gt(beta, 0), Certificate()), domain=(ge(beta, 0),), id_="no")
    claim = gt(1 + x, 0)
    cite = Certificate((), (Cite(positive, {beta: x}),))
    assert proved(claim, cite, domain=(ge(x, 0),), id_="other")
    assert not proved(claim, cite, domain=(ge(x, -2),), id_="other")
    wrong = Certificate((), (Cite(false, {beta: x}),))
    assert "is not proved" in refusal(gt(x, 0), step(gt(x, 0), wrong), domain=(ge(x, 0),), id_="o")


def test_a_theorem_cannot_rest_on_itself():
    steps = []
    claim = gt(beta, 0)
    circular = theorem(claim, *steps, id_="circle")
    circular = Theorem(
        **{
            **circular.__dict__,
            "proof": lambda _: (step(claim, Certificate((), (Cite(circular),))),),
        }
    )
    assert "rests on itself" in algebra(circular).refusal


def test_a_cited_theorem_about_a_sequence_may_be_given_another():
    said = ge(total(f(i) ** 2, i, 1, t), 0)
    squares = theorem(said, step(said, Certificate()), domain=(ge(t, 0),), id_="squares")
    claim = ge(total((g(i) - x) ** 2, i, 1, t), 0)
    by = Certificate((), (Cite(squares, {f: Lambda(j, g(j) - x)}),))
    assert proved(claim, by, domain=(ge(t, 0),))


def test_what_is_put_in_for_a_sequence_has_one_argument():
    squares = theorem(ge(f(i) ** 2, 0), step(ge(f(i) ** 2, 0), Certificate()), id_="squares")
    claim = ge((g(i) - x) ** 2, 0)
    for other in (Lambda((i, j), g(i) - g(j)), g(i) - x):
        last = step(claim, Certificate((), (Cite(squares, {f: other}),)))
        assert "is no function of one argument" in refusal(claim, last)


def test_what_is_put_in_for_a_sequence_does_not_bind_its_index():
    """From f(i)^2 >= 0 for f(k) = sum of k g(i) over i nothing follows of the sum of i g(i)."""
    squares = theorem(ge(f(i) ** 2, 0), step(ge(f(i) ** 2, 0), Certificate()), id_="squares")
    other = Lambda(j, total(j * g(i), i, 1, t))
    claim = ge(total(i * g(i), i, 1, t) ** 2, 0)
    last = step(claim, Certificate((), (Cite(squares, {f: other}),)))
    assert "binds one of its symbols" in refusal(claim, last, domain=(ge(t, 0),))


# Sums.


def test_sums_term_by_term():
    term = step(le(f(i), g(i)), Certificate((), (Use("less", {j: i}),)), "term", where=(i - 1,))
    claim = le(total(f(i), i, 1, t), total(g(i), i, 1, t))
    hypotheses = {"less": Always(le(f(j), g(j)), j, Integer(1))}
    domain = (ge(t, 0),)
    last = step(claim, TermByTerm("term"))
    assert refusal(claim, term, last, domain=domain, hypotheses=hypotheses) is None
    longer = le(total(f(i), i, 0, t), total(g(i), i, 0, t))
    found = refusal(
        longer, term, step(longer, TermByTerm("term")), domain=domain, hypotheses=hypotheses
    )
    assert "for all terms" in found
    turned = le(total(g(i), i, 1, t), total(f(i), i, 1, t))
    found = refusal(
        turned, term, step(turned, TermByTerm("term")), domain=domain, hypotheses=hypotheses
    )
    assert "not about the terms" in found


def test_the_triangle_inequality():
    claim = le(Abs(total(g(i), i, 1, t)), total(Abs(g(i)), i, 1, t))
    assert proved(claim, Triangle(), domain=(ge(t, 0),))
    assert not proved(
        le(total(Abs(g(i)), i, 1, t), Abs(total(g(i), i, 1, t))), Triangle(), domain=(ge(t, 0),)
    )
    assert not proved(
        le(Abs(total(g(i), i, 1, t)), total(g(i), i, 1, t)), Triangle(), domain=(ge(t, 0),)
    )


@pytest.mark.parametrize("of", [empty, first_term, last_term])
def test_of_a_sum_with_two_indices_nothing_is_said(of):
    """What bounds the inner one may be the outer one: where that is free says nothing of it."""
    with pytest.raises(Captured, match="more than one index"):
        of(Sum(x, (i, 1, j), (j, 0, 3)))


def test_terms_are_split_off_only_where_there_are_some():
    whole = total(g(i), i, 1, t)
    claim = eq(whole, total(g(i), i, 1, t - 1) + g(t))
    assert proved(claim, Identity((last_term(whole),)), domain=(ge(t, 1),))
    assert not proved(claim, Identity((last_term(whole),)), domain=(ge(t, 0),))
    claim = eq(whole, total(g(i), i, 2, t) + g(1))
    assert proved(claim, Identity((first_term(whole),)), domain=(ge(t, 1),))
    assert not proved(eq(whole, 0), Identity((empty(whole),)), domain=(ge(t, 0),))


# Limits.


def test_powers_vanish_in_a_limit():
    domain = (*decay_rate(beta), ge(t, 1))
    assert proved(eq(limit(1 - beta**t), 1), Vanishing(t), domain=domain)
    assert proved(eq(limit(t * beta**t + x), x), Vanishing(t), domain=domain)
    assert proved(eq(limit(sqrt(4 + beta**t)), 2), Vanishing(t), domain=domain)
    for wrong in (limit(1 - beta**t), limit(t * beta**t), limit(beta**t)):
        assert not proved(eq(wrong, 2), Vanishing(t), domain=domain)


def test_a_limit_is_refused_where_it_may_not_exist():
    domain = (ge(beta, 0), ge(t, 1))
    assert not proved(eq(limit(beta**t), 0), Vanishing(t), domain=domain)
    below_one = (*decay_rate(beta), ge(t, 1))
    for expr in (1 / beta**t, beta**t / beta ** (2 * t), t * (1 + beta**t), f(t) * beta**t):
        assert not proved(eq(limit(expr), 0), Vanishing(t), domain=below_one)


def test_a_limit_is_infinite_if_a_line_lies_below():
    bound = step(ge(t + x**2, t), Certificate((x**2,)), "line")
    claim = eq(limit(t + x**2), oo)
    assert refusal(claim, bound, step(claim, Unbounded("line", t)), domain=(ge(t, 1),)) is None
    flat = step(ge(t + x**2, 1), Certificate((t - 1, x**2)), "flat")
    assert refusal(claim, flat, step(claim, Unbounded("flat", t)), domain=(ge(t, 1),)) is not None


# Conjunctions.


def test_a_conjunction_needs_all_its_parts_and_no_others():
    one, two = ge(x**2, 0), gt(x**2 + 1, 0)
    a, b = step(one, Certificate(), "a"), step(two, Certificate(), "b")
    claim = And(one, two, evaluate=False)
    assert refusal(claim, a, b, step(claim, Parts(("a", "b")))) is None
    assert refusal(claim, a, step(claim, Parts(("a",)))) is not None


def test_a_symbol_of_the_reals_is_not_an_index():
    real = Symbol("r", real=True)
    shown = step(ge(real**2, 0), Certificate(), "a")
    last = step(ge(x**2, 0), Certificate((), (Use("a", {real: x}),)))
    assert "speaks of one r" in refusal(last.claim, shown, last)
