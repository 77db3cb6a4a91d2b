"""What is said of a run is about that run alone: each test was accepted once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Function, Integer, Lambda, Rational, Symbol

from adamref.logic.arithmetic import Certificate, Combination, Identity
from adamref.logic.check import algebra
from adamref.logic.facts import Always
from adamref.logic.proof import Cite, Use
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, gt, le, lt, total
from adamref.logic.runs import Runs
from adamref.rules import ADAM
from adamref.theorems.expectations import Mean
from adamref.theorems.quantities import Run
from adamref.theorems.symbols import beta1, beta2, eps, j, n, t
from small_theorems import g, h, proved, refusal, step, theorem

m = Function("m", real=True)
adam = Run(ADAM)


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
    assert {run("g", at) for at in (t, t - 1, Integer(3))} == {1}


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


def test_a_mark_stands_for_one_run_and_a_field_for_one_meaning():
    """Of a run at beta1 = 0 and of another one m(1) = g(1) and m(1) = (1 - beta1) g(1) hold."""
    other = Run(ADAM, hypers={"beta1": Integer(0)})
    with pytest.raises(Refused, match="two different runs are marked ''"):
        Runs.of((adam, other), frozenset())
    met = Runs.of((adam,), frozenset())
    with pytest.raises(Refused, match="two different runs are marked ''"):
        met.meet(other)
    with pytest.raises(Refused, match="two runs have a field"):
        Runs().keep_apart({"": adam, "'": other})
    with pytest.raises(Refused, match="m is a field of a run and something else"):
        Runs.of((adam,), frozenset({"m"}))


def test_a_field_that_a_proof_gives_a_function_of_the_theorem_is_its_own():
    met = Runs()
    met.meet(adam)
    with pytest.raises(Refused, match="is a field of a run that the theorem does not name"):
        met.must_be_bound({m})
    Runs.of((adam,), frozenset()).must_be_bound({m})


def test_an_index_that_a_run_speaks_of_is_given_no_other_value():
    met = Runs()
    met.meet(Run(ADAM, hypers={"beta1": 1 / t}))
    met.must_be_fixed({n})
    with pytest.raises(Refused, match="the run marked '' is about one t"):
        met.must_be_fixed({t})


def test_a_line_speaks_of_what_stands_before_it():
    """A line that speaks of a later one may say anything of it."""
    turned = replace(ADAM, lines=ADAM.lines[::-1])
    with pytest.raises(Refused, match="the run marked ''"):
        Runs().meet(Run(turned))


@pytest.mark.parametrize(
    ("name", "domain", "there"),
    [
        ("m_hat", (), False),
        ("m_hat", (ge(beta1, 0), lt(beta1, 1)), True),
        ("m_hat", (ge(beta1, 0), le(beta1, 1)), False),
        ("m", (), True),
        ("theta", (ge(beta1, 0), lt(beta1, 1)), False),
        ("theta", (ge(beta2, 0), le(beta2, beta1), ge(beta1, 0), lt(beta1, 1), gt(eps, 0)), True),
    ],
)
def test_a_field_is_named_where_the_lines_it_rests_on_divide_by_no_0(name, domain, there):
    """m_hat^2 >= 0 says something where m_hat is there: 1 - beta1^t is not 0."""
    run = Run(ADAM, starts={"theta": Integer(0)})
    claim = ge(run(name, t) ** 2, 0)
    one = step(claim, Certificate((run(name, t) ** 2,)))
    said = theorem(claim, one, domain=(ge(t, 1), *domain), runs=(run,))
    found = algebra(said).refusal
    assert (found is None) == there, found
    assert there or "rests on what may not be there" in found


def test_a_field_of_a_hypothesis_is_there_too():
    given = {"given": Always(eq(adam("m_hat", n), 5), n, Integer(1))}
    claim = eq(adam("m_hat", t) + 1, 6)
    one = step(claim, Identity((Use("given", {n: t}),)))
    said = theorem(claim, one, domain=(ge(t, 1),), hypotheses=given, runs=(adam,))
    assert "m_hat" in algebra(said).refusal
    there = replace(said.statement, domain=(*said.statement.domain, ge(beta1, 0), lt(beta1, 1)))
    assert algebra(replace(said, statement=there)).refusal is None
