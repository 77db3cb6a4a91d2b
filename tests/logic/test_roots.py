"""A root grows without bound where its square does, and the root is not negative."""

from __future__ import annotations

from sympy import Limit, oo, sqrt

import small_theorems
from adamref.logic.arithmetic import Certificate
from adamref.logic.limits import RootUnbounded, Unbounded
from adamref.logic.proof import ProofStep
from adamref.logic.relations import eq, ge
from adamref.theorems.symbols import i, t
from small_theorems import x


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
