"""What is false is refused, by whatever way it is led to: each test was accepted once."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from sympy import (
    Abs,
    Float,
    Function,
    I,
    Integer,
    Lambda,
    Limit,
    Max,
    Min,
    Pow,
    Rational,
    Sum,
    Symbol,
    oo,
    sqrt,
    symbols,
)

from adamref.logic import smt
from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.check import Checking, algebra
from adamref.logic.context import Context
from adamref.logic.facts import Always, last_term
from adamref.logic.induction import Induction
from adamref.logic.limits import Unbounded, Vanishing
from adamref.logic.order import Extremes
from adamref.logic.proof import Cite, Obligation, Step, Use
from adamref.logic.refusal import Captured
from adamref.logic.relations import eq, ge, gt, le, lt, ne, total
from adamref.logic.statement import Statement
from adamref.logic.sums import TermByTerm
from adamref.numbers.rational import Rational as Rationals
from adamref.rules import ADAM
from adamref.theorems.evaluation import Evaluation, NoValue, refuted_at
from adamref.theorems.grounded import grounded
from adamref.theorems.points import Point, Space
from adamref.theorems.quantities import Mean, Run
from adamref.theorems.record import Theorem
from adamref.theorems.spaces import points
from adamref.theorems.symbols import beta, beta1, beta2, i, j, n, t

x, y, z = symbols("x y z", real=True)
f, g, h = (Function(name, real=True) for name in "fgh")
m = Function("m", real=True)
IH = "induction hypothesis"
adam = Run(ADAM)


def theorem(claim, *steps, domain=(), hypotheses=None, id_="test", runs=()):
    return Theorem(
        id=id_,
        title="",
        says="",
        statement=Statement(claim, tuple(domain), hypotheses or {}),
        proof=lambda _: steps,
        source="",
        space=Space(points(), runs),
    )


def refusal(claim, *steps, **more):
    return algebra(theorem(claim, *steps, **more)).refusal


def step(claim, by, name="only", where=()):
    return Step(name, claim, "", by, where)


def proved(claim, by, **more):
    return refusal(claim, step(claim, by), **more) is None


def limit(expr):
    return Limit(expr, t, oo)


# What may be divided by 0, or have no root.


def test_a_factor_of_a_combination_may_not_divide_by_0():
    """From x f(1) = 0 it follows that f(1) = 0 only where x is not 0."""
    hypotheses = {"one": Always(eq(x * f(i), 0), i, Integer(0))}
    by = Combination(((Use("one", {i: 1}), 1 / x),))
    assert not proved(eq(f(1), 0), by, hypotheses=hypotheses)
    assert proved(eq(f(1), 0), by, hypotheses=hypotheses, domain=(gt(x, 0),))


def test_a_divisor_may_not_become_0_when_an_equation_is_put_in():
    """1/0 = 2/0 leads to 1 = 2."""
    start = adam.start("m")
    lie = step(eq(1 / m(0), 2 / m(0)), Identity((start,)), "lie")
    last = step(eq(1, 2), Combination((("lie", m(0)),)))
    assert refusal(last.claim, lie, last) is not None


def test_a_division_is_seen_behind_an_equation_that_is_not_taken_apart():
    """f(1) = y/x does not give x f(1) = y where x may be 0, whatever stands before it."""
    hypotheses = {
        "odd": Always(eq(g(i), z ** Rational(1, 3)), i, Integer(1)),
        "q": Always(eq(f(i), y / x), i, Integer(1)),
    }
    by = Identity((Use("odd", {i: 1}), Use("q", {i: 1})))
    assert not proved(eq(x * f(1), y), by, hypotheses=hypotheses)


def test_a_power_that_may_be_negative_is_a_division():
    """f(t) = y beta^(-t) does not give beta^t f(t) = y where beta may be 0."""
    hypotheses = {"q": Always(eq(f(i), y * beta ** (-i)), i, Integer(1))}
    by = Identity((Use("q", {i: t}),))
    claim = eq(beta**t * f(t), y)
    assert not proved(claim, by, hypotheses=hypotheses, domain=(ge(t, 1),))
    assert proved(claim, by, hypotheses=hypotheses, domain=(ge(t, 1), gt(beta, 0)))


def test_a_root_is_squared_only_where_its_radicand_is_not_negative():
    """f(1) = sqrt(x) does not show x >= 0, nor that the square of f(1) is x."""
    hypotheses = {"root": Always(eq(f(i), sqrt(x)), i, Integer(1))}
    assert not proved(
        ge(x, 0), Certificate((f(1) ** 2,), (Use("root", {i: 1}),)), hypotheses=hypotheses
    )
    claim, by = eq(f(1) ** 2, x), Identity((Use("root", {i: 1}),))
    assert not proved(claim, by, hypotheses=hypotheses)
    assert proved(claim, by, hypotheses=hypotheses, domain=(ge(x, 0),))


def test_roots_are_multiplied_only_where_they_are_real():
    """sqrt(x) sqrt(y) = sqrt(x y) at x = y = -1 - z^2 would be -1 - z^2 = 1 + z^2."""
    assert not proved(eq(sqrt(x) * sqrt(y), sqrt(x * y)), Squares())
    assert not proved(ge(sqrt(x) * sqrt(y), sqrt(x * y)), Squares())


def test_what_is_put_into_a_cited_theorem_must_be_defined():
    """y^2 + (x y - 1)^2 > 0; with 1/y for x this would be y^2 > 0."""
    said = gt(y**2 + (x * y - 1) ** 2, 0)
    terms = ((1 + x**2) * (y - x / (1 + x**2)) ** 2, 1 / (1 + x**2))
    lemma = theorem(said, step(said, Certificate(terms)), id_="lemma")
    assert algebra(lemma).refusal is None
    assert not proved(gt(y**2, 0), Certificate((), (Cite(lemma, {x: 1 / y}),)))


def test_a_divisor_that_vanishes_at_infinity_is_seen():
    """beta1^t / (beta1^t + beta2^t) tends to 1 where beta1 > beta2."""
    domain = (gt(beta1, 0), lt(beta1, 1), gt(beta2, 0), lt(beta2, 1), ge(t, 1))
    assert not proved(eq(limit(beta1**t / (beta1**t + beta2**t)), 0), Vanishing(t), domain=domain)
    assert not proved(eq(limit(beta2**t / (beta1**t + beta2**t)), 0), Vanishing(t), domain=domain)


# What is no real number, or says more than it shows.


def test_imaginary_numbers_are_refused():
    claim = ge(-(x**2), 0)
    whole = Sum(Pow(I * g(i), 2, evaluate=False), (i, 1, t))
    assert not proved(ge(-total(g(i) ** 2, i, 1, t), 0), Certificate((whole,)))
    squares = theorem(ge(beta**2, 0), step(ge(beta**2, 0), Certificate()), id_="squares")
    by = Certificate((), (Cite(squares, {beta: I}),))
    assert not proved(ge(-1, 0), by)
    assert not proved(claim, Certificate((), (Cite(squares, {beta: I * x}),)))


def test_floats_are_refused():
    """1e20 + 1 is not 1e20."""
    hypotheses = {"large": Always(eq(f(i), Float(1e20)), i, Integer(1))}
    claim = eq(f(1) + 1, Float(1e20))
    assert not proved(claim, Identity((Use("large", {i: 1}),)), hypotheses=hypotheses)


def test_infinity_is_no_number():
    """L = oo does not give L + 1 = L, which would give 1 = 0."""
    bound = step(ge(t + x**2, t), Certificate((x**2,)), "line")
    lim = limit(t + x**2)
    infinite = step(eq(lim, oo), Unbounded("line", t), "infinite")
    lie = step(eq(lim + 1, lim), Identity(("infinite",)), "lie")
    last = step(eq(1, 0), Combination((("lie", Integer(1)),)))
    assert refusal(last.claim, bound, infinite, lie, last, domain=(ge(t, 1),)) is not None


def test_a_symbol_assumes_no_more_than_it_shows():
    """With Symbol("y", positive=True) a statement would have a hypothesis that nobody reads."""
    hidden = Symbol("y", nonnegative=True)
    hypotheses = {"same": Always(eq(f(i), hidden), i, Integer(1))}
    lie = step(eq(f(1), Abs(hidden)), Identity((Use("same", {i: 1}),)), "lie")
    last = step(
        ge(hidden, 0),
        Certificate((Pow(f(1) ** 2, Rational(1, 2)),), (Use("same", {i: 1}), "lie")),
    )
    assert refusal(last.claim, lie, last, hypotheses=hypotheses) is not None
    positive = Function("f", positive=True)
    assert not proved(eq(Abs(positive(t)), positive(t)), Identity())


def test_a_sum_over_two_indices_is_refused():
    """A sum of 1 over i = 1, 2 and j = 1, 2, 3 is 6, not 2."""
    assert not proved(eq(Sum(1, (i, 1, 2), (j, 1, 3)), 2), Identity())


def test_other_binders_are_refused():
    from sympy import Product

    product = Product(f(i), (i, 1, 3))
    hypotheses = {"large": Always(eq(f(j), x), j, Integer(4))}
    claim = eq(product, Product(x, (i, 1, 3)))
    by = Identity((Use("large", {j: i}),))
    assert not proved(claim, by, hypotheses=hypotheses, domain=(ge(i, 4),))


# Indices and what binds them.


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


# Steps and theorems put to use elsewhere.


def test_a_step_holds_for_whole_numbers_only():
    """y^(2 n) >= 0 for every whole n, but not for n = 1/2, nor for 2 n = 3."""
    for at, claim in (({n: Rational(1, 2)}, ge(y, 0)), ({2 * n: 3}, ge(y**3, 0))):
        even = step(ge(y ** (2 * n), 0), Certificate(), "even")
        last = step(claim, Certificate((), (Use("even", at),)))
        assert refusal(claim, even, last) is not None


def test_a_cited_theorem_about_whole_numbers_is_about_these_only():
    said = ge(y ** (2 * n), 0)
    even = theorem(said, step(said, Certificate()), domain=(ge(n, 1),), id_="even")
    for at in ({n: Rational(3, 2)}, {2 * n: 3}):
        assert not proved(ge(y**3, 0), Certificate((), (Cite(even, at),)))
    square = theorem(ge(x**2, 0), step(ge(x**2, 0), Certificate()), id_="square")
    assert not proved(ge(-1, 0), Certificate((), (Cite(square, {x**2: -1}),)))


def test_a_function_put_into_a_theorem_is_not_captured():
    """The sum of f(i) for i = 1, 2 is f(1) + f(2), but with f = i it is not 2 i."""
    whole = total(f(i), i, 1, 2)
    one, none = total(f(i), i, 1, 1), total(f(i), i, 1, 0)
    from adamref.logic.facts import empty

    said = eq(whole, f(1) + f(2))
    by = Identity((last_term(whole), last_term(one), empty(none)))
    split = theorem(said, step(said, by), id_="split")
    assert algebra(split).refusal is None
    claim = eq(total(i, i, 1, 2), 2 * i)
    assert not proved(claim, Identity((Cite(split, {f: Lambda(j, i)}),)))
    claim = eq(total(total(g(i) * i, i, 1, 3), i, 1, 2), 3 * total(g(i), i, 1, 3))
    inner = Lambda(j, total(g(i) * j, i, 1, 3))
    assert not proved(claim, Identity((Cite(split, {f: inner}),)))


def test_what_follows_from_the_induction_hypothesis_is_about_one_index():
    """With g(t) = f(t - 1), f(t - 1) = 0 gives g(t) = 0, but not g(t + 1) = 0."""
    hypotheses = {
        "start": Always(eq(f(i), 0), i, Integer(0), Integer(0)),
        "shift": Always(eq(g(i), f(i - 1)), i, Integer(1)),
    }
    claim = eq(f(t), 0)
    base = step(eq(f(0), 0), Identity((Use("start", {i: 0}),)), "base")
    before = step(eq(g(t), 0), Identity((Use("shift", {i: t}), IH)), "before", where=(t - 1,))
    cheat = step(
        claim,
        Combination(
            ((Use("before", {t: t + 1}), Integer(1)), (Use("shift", {i: t + 1}), Integer(-1)))
        ),
        "cheat",
    )
    last = step(claim, Induction(t, 0, (base,), (before, cheat)))
    assert refusal(claim, last, domain=(ge(t, 0),), hypotheses=hypotheses) is not None


def test_the_induction_hypothesis_keeps_all_its_conditions():
    """What holds at t - 1 for j >= 5 is not there to be added up from j = 0 on."""
    scope = Checking(Statement(eq(x, x), (ge(t, 0),)))
    claim = le(f(j), g(j) + t)
    seen = []

    class Spy(Certificate):
        def check(self, claim, scope):
            seen.append(scope.facts.get(IH))
            super().check(claim, scope)

    inner = Step("s", claim, "", Spy((), (IH,)))
    base = Step("b", le(f(j), g(j)), "", Spy((), ()))
    scope.conditions = (j - 5,)
    with suppress(ValueError):
        Induction(t, 0, (base,), (inner,)).check(claim, scope)
    fact = [found for found in seen if found is not None]
    assert all(j - 5 in found.conditions for found in fact)


def test_an_induction_goes_over_every_whole_number():
    """f(2 t) = 0 if f(2 t - 1) = 0 says nothing about the odd ones."""
    hypotheses = {
        "start": Always(eq(f(i), 0), i, Integer(0), Integer(0)),
        "even": Always(eq(f(2 * i), f(2 * i - 1)), i, Integer(1)),
    }
    claim = eq(f(2 * t), 0)
    base = step(eq(f(0), 0), Identity((Use("start", {i: 0}),)), "base")
    inner = step(claim, Identity((Use("even", {i: t}), IH)), "inner")
    last = step(claim, Induction(2 * t, 0, (base,), (inner,)))
    assert refusal(claim, last, domain=(ge(t, 0),), hypotheses=hypotheses) is not None


# Runs.


def closed():
    """Return the theorem that m(1) = (1 - beta1) g(1)."""
    said = eq(adam("m", 1), (1 - beta1) * g(1))
    by = Identity((adam.line("m", 1), adam.start("m")))
    return theorem(said, step(said, by), id_="closed", runs=(adam,))


def test_a_theorem_about_a_run_is_about_its_own_rates_and_gradients():
    """m belongs to beta1 and g: with others it is another m."""
    lemma = closed()
    assert algebra(lemma).refusal is None
    for at, claim in (
        ({beta1: beta2}, eq(m(1), (1 - beta2) * g(1))),
        ({g: Lambda(j, h(j))}, eq(m(1), (1 - beta1) * h(1))),
        ({m: Lambda(j, Integer(5))}, eq(5, (1 - beta1) * g(1))),
    ):
        assert not proved(claim, Identity((Cite(lemma, at),)), runs=(adam,))
    assert proved(lemma.statement.claim, Identity((Cite(lemma, {beta1: beta1}),)), runs=(adam,))


def test_two_runs_may_not_share_their_fields():
    """With beta1 = 0 the fields need another mark, or beta1 m(0) + (1 - beta1) g = g for all."""
    other = Run(ADAM, hypers={"beta1": Integer(0)})
    claim = eq((1 - beta1) * g(1), g(1))
    by = Combination(
        ((other.line("m", 1), Integer(1)), (adam.line("m", 1), Integer(-1))), (adam.start("m"),)
    )
    assert not proved(claim, by)


def test_a_rate_that_speaks_of_t_is_one_rate():
    """With beta1 = 1/t for one t, m(1) says nothing about other t."""
    run = Run(ADAM, hypers={"beta1": 1 / t})
    one = step(
        eq(run("m", 1), (1 - 1 / t) * g(1)), Identity((run.line("m", 1), run.start("m"))), "one"
    )
    claim = eq((1 - 1 / t) * g(1), g(1) / 2)
    by = Combination(((Use("one", {t: 2}), Integer(1)), ("one", Integer(-1))))
    assert refusal(claim, one, step(claim, by), domain=(ge(t, 1),)) is not None


def test_a_gradient_may_not_speak_of_what_it_leads_to():
    """m(t) = beta1 m(t - 1) + (1 - beta1) (m(t) + 1) has no solution for beta1 = 0."""
    run = Run(ADAM, gradient=lambda at: m(at) + 1, hypers={"beta1": Integer(0)})
    with pytest.raises(ValueError, match="leads to"):
        run.line("m", 1)


def test_a_gradient_is_the_same_expression_at_every_step():
    run = Run(ADAM, gradient=lambda at: Integer(0) if at == t else Integer(1))
    with pytest.raises(ValueError, match="not what it is at any step"):
        run.line("m", t)


def test_a_sum_in_a_gradient_stays_a_sum():
    """The sum of 1 from 1 to n is n only for n >= 0."""
    run = Run(ADAM, gradient=lambda _: total(1, j, 1, n), hypers={"beta1": Integer(0)})
    claim = eq(run("m", 1), n)
    assert not proved(claim, Identity((run.line("m", 1),)))


def test_an_expectation_passes_by_no_gradient():
    """With the gradient 2 g(t), the expectation of m does not hold g(t) itself."""
    mean = Mean(Run(ADAM, gradient=lambda at: 2 * g(at)))
    try:
        fact = mean.line("m", t)
    except ValueError:
        return
    assert not fact.relation.rhs.has(g(t))


# Other checkers.


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


def test_a_rate_tied_to_another_is_not_one_that_is_free_here():
    """From beta2 = beta1 nothing follows for beta1 = 1/2 and a beta2 that is called beta1."""
    tied = Run(ADAM, hypers={"beta2": beta1})
    here = Run(ADAM, hypers={"beta1": Rational(1, 2), "beta2": beta1})
    assert here.is_case_of(Run(ADAM))
    assert not here.is_case_of(tied)
    assert tied.is_same_as(Run(ADAM, hypers={"beta2": beta1}))
    scaled = Run(ADAM, mark="'", hypers={"eps": 2 * Symbol("eps", real=True)})
    assert scaled.is_same_as(Run(ADAM, mark="'", hypers={"eps": 2 * Symbol("eps", real=True)}))
    assert not scaled.is_case_of(Run(ADAM, mark="'", hypers={"eps": Symbol("eps", real=True)}))
