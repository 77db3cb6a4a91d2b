"""z3 as the second checker of every arithmetic step."""

from __future__ import annotations

import pytest
from sympy import Abs, Function, Max, sqrt, symbols

from adamref.logic import smt
from adamref.logic.context import Context
from adamref.logic.facts import Fact
from adamref.logic.proof import Obligation
from adamref.logic.relations import eq, ge, gt, le, lt, total
from adamref.theorems.symbols import beta, i, t

pytestmark = pytest.mark.skipif(not smt.installed(), reason="z3 is not installed: NOT checked here")

x, y = symbols("x y", real=True)
f = Function("f", real=True)


def ask(claim, domain=(), facts=(), hypothesis=None):
    uses = tuple(Fact(relation, (), "") for relation in facts)
    held = None if hypothesis is None else Fact(hypothesis, (), "")
    context = Context(domain, (), (*uses, *([held] if held else [])))
    return smt.ask(Obligation("step", context, claim, held))


def test_what_follows_is_proved_and_what_does_not_is_refuted():
    assert ask(ge(x**2 + y**2, 2 * x * y)).status == "proved"
    assert ask(ge(x**2 + y**2, 3 * x * y)).status == "refuted"
    assert ask(gt(x, 0), facts=(gt(x, 1),)).status == "proved"
    assert ask(gt(x, 1), facts=(gt(x, 0),)).status == "refuted"


ATOMS = {
    "a root": (gt(sqrt(x), 0), (gt(x, 0),)),
    "a root squared": (eq(sqrt(x) ** 2, x), (ge(x, 0),)),
    "an absolute value": (ge(Abs(x), x), ()),
    "a maximum": (ge(Max(x, y), y), ()),
    "a power": (eq(beta ** (t + 1), beta * beta**t), (ge(beta, 0), ge(t, 0))),
    "a sum": (eq(total(2 * f(i), i, 1, t), 2 * total(f(i), i, 1, t)), ()),
    "a quotient": (eq(x / y * y, x), (gt(y, 0),)),
}
WRONG = {
    "a root": (gt(sqrt(x), 1), (gt(x, 0),)),
    "a root of what may be negative": (eq(sqrt(x) ** 4 + 1, x**2 + 2), ()),
    "an absolute value": (eq(Abs(x), x), ()),
    "a maximum": (eq(Max(x, y), y), ()),
    "a power": (eq(beta ** (t + 1), beta**t), (ge(beta, 0), ge(t, 0))),
    "a quotient": (gt(1 / y, 0), (ge(y, -1),)),
    "a quotient by what may be 0": (gt(1 / y, 0), (ge(y, 0),)),
}


@pytest.mark.parametrize(("claim", "domain"), ATOMS.values(), ids=ATOMS.keys())
def test_atoms_are_axiomatised(claim, domain):
    assert ask(claim, domain).status == "proved"


@pytest.mark.parametrize(("claim", "domain"), WRONG.values(), ids=WRONG.keys())
def test_the_axioms_of_atoms_prove_nothing_wrong(claim, domain):
    assert ask(claim, domain).status != "proved"


def test_nothing_is_proved_from_a_contradiction():
    answer = ask(gt(x, 5), facts=(gt(x, 1), lt(x, 0)))
    assert answer.status == "unknown"
    assert "contradict" in answer.says


def test_a_claim_that_does_not_need_the_induction_hypothesis_is_noticed():
    needed = ask(gt(x + 1, 1), hypothesis=gt(x, 0))
    assert needed.status == "proved"
    idle = ask(ge(y**2, 0), hypothesis=gt(x, 0))
    assert (idle.status, idle.says) == (
        "unknown",
        "the claim does not need the induction hypothesis",
    )


def test_an_equation_between_what_can_be_anything_is_noticed():
    """From x = y and x = y + 1 everything follows: the hypotheses contradict each other."""
    assert ask(eq(x, y), facts=(eq(x, y), eq(x, y + 1))).status == "unknown"


def test_a_claim_at_a_point_is_refuted_by_its_equations():
    context = Context((), (), (Fact(eq(f(1), 3), (), ""),))
    assert smt.refute(context, le(f(1), 2)).status == "refuted"
    assert smt.refute(context, le(f(1), 4)).status == "unknown"
