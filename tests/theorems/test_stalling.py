"""States stored in a format: where they move, every number of the small formats tried."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Function, Integer, Rational, Symbol

from adamref.logic.check import Checking
from adamref.logic.facts import Always
from adamref.logic.proof import Use
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.logic.statement import Statement
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64
from adamref.rules import ADAM
from adamref.theorems.stalling import AtEveryPlace, InTheFormat, NextPlace, StoredState
from adamref.theorems.stored import Stored, fixed_interval
from adamref.theorems.symbols import i

DEFAULT = {"beta2": Fraction(999, 1000), "g": Fraction(1)}
ORDERS = [(fmt, compute) for fmt in (BINARY16, BFLOAT16) for compute in (None, fmt, BINARY32)]
after = Function("after", real=True)


def stored(fmt, compute=None, **values):
    return Stored(ADAM, "v", fmt, {**DEFAULT, **values}, compute)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fmt", "compute"),
    [ORDERS[-1], *(pytest.param(*order, marks=pytest.mark.long) for order in ORDERS[:-1])],
)
def test_every_number_of_a_small_format(fmt, compute):
    """All that are finite and not negative, as v never is."""
    state = stored(fmt, compute)
    low, high = fixed_interval(state)
    fixed = []
    for place in range(state.last + 1):
        value = state.number(place)
        ahead = state.after(value)
        if ahead == value:
            fixed.append(value)
        assert (ahead > value) == (value < low) or low <= value <= high
        assert (ahead < value) == (value > high) or low <= value <= high
    assert (fixed[0], fixed[-1]) == (low, high)


@pytest.mark.parametrize("fmt", [BINARY32, BINARY64])
@pytest.mark.parametrize("ordered", [False, True])
def test_the_edges_in_a_large_format(fmt, ordered):
    state = stored(fmt, fmt if ordered else None)
    low, high = fixed_interval(state)
    assert state.after(low) == low
    assert state.after(high) == high
    assert state.after(fmt.next_down(low)) > fmt.next_down(low)
    assert state.after(fmt.next_up(high)) < fmt.next_up(high)


@pytest.mark.long
@pytest.mark.parametrize("beta2", ["0", "0.5", "0.9", "0.99"])
@pytest.mark.parametrize("g", ["0", "1e-3", "0.3", "7"])
def test_the_interval_by_trying_every_place(beta2, g):
    state = stored(BINARY16, None, beta2=Fraction(beta2), g=Fraction(BINARY16.round(Fraction(g))))
    fixed = [p for p in range(state.last + 1) if state.next_place(p) == p]
    assert tuple(map(state.place, fixed_interval(state))) == (fixed[0], fixed[-1])


def refusal(claim, *domain):
    """Check a claim about every place of a range; return why it is refused, if it is."""
    meanings = {"after": NextPlace(stored(BINARY16))}
    scope = Checking(Statement(claim, domain, meanings=meanings))
    try:
        AtEveryPlace(stored(BINARY16), "after").check(claim, scope)
    except Refused as refused:
        return str(refused)
    return None


def test_ranges_of_places():
    """binary16, rounded once: fixed from the 14860th to the 15860th number, and nowhere else."""
    assert refusal(eq(after(i), i), ge(i, 14860), le(i, 15860)) is None
    assert refusal(gt(after(i), i), ge(i, 0), lt(i, 14860)) is None
    assert refusal(lt(after(i), i), gt(i, 15860), le(i, 31743)) is None
    assert refusal(eq(after(14860), 14860)) is None


@pytest.mark.parametrize(
    ("claim", "domain"),
    [
        (eq(after(i), i), (ge(i, 14859), le(i, 15860))),
        (eq(after(i), i), (ge(i, 14860), le(i, 15861))),
        (gt(after(i), i), (ge(i, 0), le(i, 14860))),
        (lt(after(i), i), (ge(i, 15860), le(i, 31743))),
        (gt(after(i), i), (lt(i, 14860),)),
        (gt(after(i), i), (ge(i, 0),)),
        (lt(after(i), i), (gt(i, 15860), le(i, 31744))),
        (ge(after(i), i), (ge(i, 0), lt(i, 14860))),
        (gt(after(i), i - 1), (ge(i, 0), lt(i, 14860))),
        (eq(after(14859), 14859), ()),
    ],
)
def test_other_ranges_are_refused(claim, domain):
    assert refusal(claim, *domain) is not None


@pytest.mark.parametrize(
    ("claim", "domain", "said"),
    [
        (ge(after(i), i), (ge(i, 0), lt(i, 14860)), "does not compare a place with the next one"),
        (eq(after(2 * i), 2 * i), (ge(i, 7430), le(i, 7930)), "is no index"),
        (gt(after(i), i), (ge(i, 0),), "has no range"),
        (lt(after(i), i), (ge(i, 15861), le(i, 31744)), "are not all of binary16"),
        (gt(after(i), i), (ge(i, 0), le(i, 14860)), "does not hold for all places"),
    ],
)
def test_why_a_range_is_refused(claim, domain, said):
    assert said in refusal(claim, *domain)


def test_why_another_function_is_refused():
    """In bfloat16 the places from 14860 on are others."""
    claim, domain = eq(after(i), i), (ge(i, 14860), le(i, 15860))
    meanings = {"after": NextPlace(stored(BFLOAT16))}
    scope = Checking(Statement(claim, domain, meanings=meanings))
    with pytest.raises(Refused, match="after means something else in the statement"):
        AtEveryPlace(stored(BINARY16), "after").check(claim, scope)


V = Function("v", real=True)
STATE = stored(BFLOAT16, BINARY32)


def why_not(claim, *, domain=(), before=None, start=Fraction(4)):
    """Return why a claim about a stored state is refused, given what it was the step before."""
    said = {} if before is None else {"said": Always(eq(V(i), before), i, Integer(0))}
    uses = () if before is None else (Use("said", {i: i - 1}),)
    meanings = {"v": StoredState(STATE, Fraction(4))}
    scope = Checking(Statement(claim, domain, said, meanings=meanings))
    try:
        InTheFormat(STATE, start, "v", uses).check(claim, scope)
    except Refused as refused:
        return str(refused)
    return None


def test_why_what_is_said_of_a_state_is_refused():
    later = (ge(i, 1),)
    assert why_not(eq(V(i), 4), domain=later, before=4) is None
    assert "is 4 there, not 1" in why_not(eq(V(i), 1), domain=later, before=4)
    assert "does not say what a stored number is" in why_not(gt(V(3), 1))
    assert "does not say what a stored number is" in why_not(eq(V(3), Symbol("x", real=True)))
    assert "is not about v" in why_not(eq(after(3), 4))
    assert "means something else" in why_not(eq(V(0), 1), start=Fraction(1))
    assert "there is no step -1" in why_not(eq(V(-1), 4))
    assert "may be the start" in why_not(eq(V(i), 4))
    assert "nothing is said about v(i - 1)" in why_not(eq(V(i), 4), domain=later)
    third = Rational(1, 3)
    assert "is not a bfloat16 number" in why_not(eq(V(i), third), domain=later, before=third)
    unknown = Symbol("x", real=True)
    assert "is no number" in why_not(eq(V(i), 4), domain=later, before=unknown)


def test_states_are_worked_from_the_start():
    v = Function("v", real=True)
    state = stored(BFLOAT16, BINARY32)
    rule = InTheFormat(state, Fraction(4), "v")
    scope = Checking(Statement(eq(v(0), 4), (), meanings={"v": StoredState(state, Fraction(4))}))
    rule.check(eq(v(3), 4), scope)
    for claim in (eq(v(3), 1), eq(v(-1), 4), eq(v(i), 4), gt(v(3), 1), eq(after(3), 4)):
        with pytest.raises(Refused):
            rule.check(claim, scope)
