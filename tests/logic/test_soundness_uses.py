"""What is put to use elsewhere shows nothing false there: each test was accepted once."""

from __future__ import annotations

from contextlib import suppress

from sympy import Integer, Lambda, Rational

from adamref.logic.arithmetic import Certificate, Combination, Identity
from adamref.logic.check import Checking, algebra
from adamref.logic.facts import Always, last_term
from adamref.logic.induction import Induction
from adamref.logic.proof import Cite, ProofStep, Use
from adamref.logic.relations import eq, ge, le, total
from adamref.logic.statement import Statement
from adamref.theorems.symbols import i, j, n, t
from small_theorems import IH, f, g, proved, refusal, step, supposed, theorem, x, y


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

    inner = ProofStep("s", claim, "", Spy((), (IH,)))
    base = ProofStep("b", le(f(j), g(j)), "", Spy((), ()))
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
    assert "is no index" in refusal(claim, last, domain=(ge(t, 0),), hypotheses=hypotheses)


def test_a_theorem_with_hypotheses_cannot_be_cited():
    """What it supposes would be supposed of nothing."""
    said, supposing = supposed(ge(x, 0))
    lemma = theorem(
        ge(x + 1, 0),
        step(ge(x + 1, 0), Certificate((), (supposing,))),
        hypotheses=said,
        id_="lemma",
    )
    assert algebra(lemma).refusal is None
    claim = ge(y + 1, 0)
    found = refusal(claim, step(claim, Certificate((), (Cite(lemma, {x: y}),))))
    assert "has hypotheses" in found
