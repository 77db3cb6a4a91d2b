"""The order of the reals: bounds on maxima and minima, and equality from both sides."""

from __future__ import annotations

import pytest
from sympy import Max, Min, symbols

from adamref.logic.check import Checking
from adamref.logic.facts import Fact, power_of_zero
from adamref.logic.order import Extremes, FromBothSides
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.logic.statement import Statement
from adamref.theorems.symbols import t

x, y, z = symbols("x y z", real=True)


def scope(*domain):
    return Checking(Statement(eq(x, x), domain))


@pytest.mark.parametrize(
    "claim",
    [
        ge(Max(x, y), z),
        le(z, Max(x, y)),
        le(Min(z, y), x),
        ge(x, Min(z, y)),
        le(Min(z, Max(y, z)), Max(y, z)),
    ],
)
def test_what_follows_from_x_above_z(claim):
    Extremes().check(claim, scope(ge(x, z)))


@pytest.mark.parametrize(
    "claim",
    [
        ge(Min(x, y), z),
        le(Max(z, y), x),
        ge(z, Max(x, y)),
        gt(Max(x, y), z),
        lt(Min(z, y), x),
        eq(Max(x, z), x),
    ],
)
def test_what_does_not(claim):
    with pytest.raises(Refused):
        Extremes().check(claim, scope(ge(x, z)))


def test_equations_are_put_in_first():
    here = scope()
    here.facts["clipped"] = Fact(eq(x, Min(1, Max(-1, y))), (), "a projection")
    Extremes(("clipped",)).check(le(x, 1), here)
    Extremes(("clipped",)).check(ge(x, -1), here)
    with pytest.raises(Refused):
        Extremes(("clipped",)).check(ge(x, 0), here)


def test_equality_from_both_sides():
    here = scope()
    here.facts.update(
        above=Fact(le(x, y), (), ""), below=Fact(ge(x, y), (), ""), strict=Fact(lt(x, y), (), "")
    )
    FromBothSides("above", "below").check(eq(x, y), here)
    for above, below, claim in (
        ("below", "above", eq(x, y)),
        ("above", "above", eq(x, y)),
        ("above", "below", eq(x, z)),
        ("above", "below", le(x, y)),
    ):
        with pytest.raises(Refused):
            FromBothSides(above, below).check(claim, here)


def test_a_power_of_zero_needs_an_exponent_of_1():
    assert power_of_zero(t).conditions == (t - 1,)
