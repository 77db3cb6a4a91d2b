"""What has no value, or is no real number, shows nothing: each test was accepted once."""

from __future__ import annotations

from sympy import Abs, Float, Function, I, Integer, Pow, Rational, Sum, Symbol, oo, sqrt

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.check import algebra
from adamref.logic.facts import Always
from adamref.logic.limits import Unbounded, Vanishing
from adamref.logic.proof import Cite, Use
from adamref.logic.relations import eq, ge, gt, lt, total
from adamref.rules import ADAM
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import beta, beta1, beta2, i, j, t
from small_theorems import f, g, limit, proved, refusal, step, theorem, x, y, z

m = Function("m", real=True)
adam = Run(ADAM)


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
