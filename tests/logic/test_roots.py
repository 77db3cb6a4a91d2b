"""A root grows without bound where its square does, and the root is not negative."""

from __future__ import annotations

from sympy import Integer, Limit, oo, sqrt

import small_theorems
from adamref.logic.arithmetic import Certificate
from adamref.logic.facts import Always
from adamref.logic.limits import RootUnbounded, Unbounded
from adamref.logic.proof import ProofStep, Use
from adamref.logic.relations import eq, ge, gt
from adamref.theorems.symbols import i, t
from small_theorems import f, x


def refusal(function, square, by, over=t):
    """Return why the limit of a root is refused, or None; the square is at least t."""
    claim = eq(Limit(function, over, oo), oo)
    steps = (
        ProofStep("bound", ge(square, t), "", Certificate((square - t,))),
        ProofStep("square", eq(Limit(square, t, oo), oo), "", Unbounded("bound", t)),
        ProofStep("root", claim, "", by),
    )
    return small_theorems.refusal(claim, *steps, domain=(ge(t, 1),))


def test_a_root_grows_without_bound():
    assert refusal(sqrt(t + x**2), t + x**2, RootUnbounded("square")) is None


def test_a_negative_root_does_not():
    why = refusal(-sqrt(t + x**2), t + x**2, RootUnbounded("square"))
    assert "not known to be >= 0" in why


def test_another_root_does_not_follow():
    why = refusal(sqrt(2 * t + x**2), t + x**2, RootUnbounded("square"))
    assert "is not the square of" in why


def test_nor_does_another_limit():
    why = refusal(sqrt(t + x**2), t + x**2, RootUnbounded("square"), over=i)
    assert "another limit" in why


def test_what_is_not_about_an_infinite_limit_is_refused():
    why = refusal(sqrt(t + x**2), t + x**2, RootUnbounded("bound"))
    assert "does not say that a limit is infinite" in why


def test_nor_what_is_assumed_of_one_index():
    claim, square = eq(Limit(sqrt(t + x**2), t, oo), oo), eq(Limit(t + x**2, t, oo), oo)
    supposed = {"square": Always(square, i, Integer(0))}
    root = ProofStep("root", claim, "", RootUnbounded("square"))
    found = small_theorems.refusal(claim, root, domain=(gt(x * t, 0),), hypotheses=supposed)
    assert "what is known is about one t" in found


def test_nor_from_a_sign_that_is_known_for_small_indices_only():
    """f(t) = -t for t > 9 has a square that grows without bound, and a sign up to 9."""
    claim, square = eq(Limit(f(t), t, oo), oo), eq(Limit(f(t) ** 2, t, oo), oo)
    supposed = {
        "square": Always(square, i, Integer(0)),
        "sign": Always(ge(f(t), 0), t, Integer(0), Integer(9)),
    }
    root = ProofStep("root", claim, "", RootUnbounded("square", ("sign",)), (t, 9 - t))
    last = ProofStep("limit", claim, "", Certificate((), (Use("root", {t: Integer(1)}),)))
    assert small_theorems.refusal(claim, root, last, hypotheses=supposed) is not None
    where = ProofStep("root", claim, "", RootUnbounded("square", ("sign",)), (t, 9 - t))
    assert "all large" in small_theorems.refusal(claim, where, hypotheses=supposed)
