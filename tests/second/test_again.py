"""The second checker finds what is false, shares no code, and its disagreement is heard."""

from __future__ import annotations

import ast
from fractions import Fraction
from pathlib import Path

import pytest
from sympy import Abs, Integer, Max, Mod, Symbol, log, sqrt

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.check import algebra
from adamref.logic.context import Context
from adamref.logic.facts import Fact
from adamref.logic.proof import Obligation
from adamref.logic.relations import eq, ge, gt, le, lt, ne, total
from adamref.second import again as module
from adamref.second.again import again
from adamref.second.fractions import is_zero
from adamref.second.values import Sample, Undefined
from adamref.theorems import prove
from adamref.theorems.library import theorem
from adamref.theorems.symbols import beta, i, t
from small_theorems import f, g, step, x, y
from small_theorems import theorem as made

WHOLE = Symbol("n", integer=True)


def test_it_shares_no_code():
    """Types are named for the reader; nothing is imported when it runs."""
    for path in Path(module.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imported = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        found = {str(node.module) for node in imported}
        assert all(name.startswith("adamref.second.") for name in found if "adamref" in name)


@pytest.mark.parametrize(
    ("expr", "zero"),
    [
        ((x + y) ** 2 - x**2 - 2 * x * y - y**2, True),
        ((x**2 - y**2) / (x - y) - x - y, True),
        (beta**t - beta * beta ** (t - 1), True),
        ((x * y) ** t - x**t * y**t, True),
        (sqrt(x + 1) ** 3 - (x + 1) * sqrt(x + 1), True),
        (1 / (1 + sqrt(x)) - (1 - sqrt(x)) / (1 - x), True),
        (f(t + 1 - 1) - f(t), True),
        (total(f(i), i, 1, t) - total(f(i), i, 1, t), True),
        ((x + y) ** 2 - x**2 - y**2, False),
        (beta**t - beta ** (t - 1), False),
        (sqrt(x) - x, False),
        (f(t) - f(t - 1), False),
        (log(x) - x, False),
    ],
)
def test_polynomials_tell_what_is_0(expr, zero):
    assert is_zero(expr) is zero


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (sqrt(x) + x**-2, Fraction(33, 16)),
        (Abs(-x) + Max(x, 5), 9),
        (total(i**2, i, 1, 3), 14),
        (total(i, i, 3, 1), 0),
        (Mod(x, 3), 1),
        (x ** (t - 1), 4),
    ],
)
def test_values_are_exact(expr, value):
    point = Sample({x: Fraction(4), t: Fraction(2)}, lambda: Fraction(0))
    assert point.value(expr) == value


@pytest.mark.parametrize("expr", [1 / (x - 4), sqrt(-x), log(x - 4), x ** (10**6), f(x / 3)])
def test_what_has_no_value_has_none(expr):
    with pytest.raises(Undefined):
        Sample({x: Fraction(4)}, lambda: Fraction(0)).value(expr)


def test_a_function_has_one_value_at_a_step():
    drawn = iter(range(9))
    point = Sample({t: Fraction(3)}, lambda: Fraction(next(drawn)))
    assert point.holds(eq(f(t), f(3)))
    assert point.holds(ne(f(t), f(t - 1)))
    assert point.holds(lt(sqrt(2), 2)) is True
    assert point.holds(eq(sqrt(Integer(2)) ** 2, 2)) is True


def looked_at(claim, by, *facts, domain=(), conditions=()):
    given = tuple(Fact(relation, (), "") for relation in facts)
    return again(Obligation("", Context(domain, conditions, given), claim, None, by))


@pytest.mark.parametrize(
    ("claim", "by", "facts", "domain"),
    [
        (eq(x * (y + 1), x * y + x), Identity(), (), ()),
        (eq(f(t), 2 * y), Identity(("",)), (eq(f(t), y + y),), ()),
        (eq(x, y), Combination((("", 1 / g(1)),)), (eq(x * g(1), y * g(1)),), (gt(g(1), 0),)),
        (ge(x**2 + y**2, 2 * x * y), Certificate(((x - y) ** 2,)), (), ()),
        (gt(x * y, 0), Certificate(), (), (gt(x, 0), gt(y, 0))),
        (le(sqrt(x), (1 + x) / 2), Squares(((1 - x) ** 2 / 4,)), (), (ge(x, 0),)),
    ],
)
def test_what_follows_is_found_to_follow(claim, by, facts, domain):
    found = looked_at(claim, by, *facts, domain=domain)
    assert found.wrong == ""
    assert found.points or found.as_polynomials
    wrong = claim.func(claim.args[0], claim.args[1] + 1, evaluate=False)
    if claim.func in (type(eq(x, y)), type(ge(x, y))) or domain:
        assert looked_at(wrong, by, *facts, domain=domain).wrong or isinstance(by, Squares)


@pytest.mark.parametrize("name", ["closed-form-m", "first-step", "scale-with-eps"])
def test_theorems_are_seen_through_again(name):
    shown = algebra(theorem(name))
    for obligation in shown.obligations:
        found = again(obligation)
        assert not found.wrong
        assert found.points or found.as_polynomials


def test_its_disagreement_leaves_the_verdict_unknown(monkeypatch):
    """The first checker is made to believe anything of two normal forms."""
    claim = eq((x + 1) ** 2, x**2 + 1)
    false = made(claim, step(claim, Identity()))
    monkeypatch.setattr(Context, "same", lambda *_: True)
    assert algebra(false).refusal is None
    found = prove._proved_by_algebra(false)
    assert found.status == "failed"
    assert "second checker" in found.says


@pytest.mark.slow
@pytest.mark.parametrize("name", ["step-bound-increases", "online-adam-worst"])
def test_long_proofs_are_seen_through_again(name):
    assert not any(again(obligation).wrong for obligation in algebra(theorem(name)).obligations)


@pytest.mark.long
def test_hardly_a_step_escapes_it():
    """Ten hang together in ways that random points do not meet and polynomials do not show."""
    from adamref.theorems.library import theorems

    escaped = []
    for one in theorems().values():
        if one.verdict == "PROVED":
            for obligation in algebra(one).obligations:
                found = again(obligation)
                assert not found.wrong, (one.id, found.wrong)
                if not (found.points or found.as_polynomials):
                    escaped.append((one.id, obligation.step))
    assert len(escaped) <= 10, escaped
