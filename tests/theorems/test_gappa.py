"""Gappa proves what the derived bounds come to on a box, and does not prove a third of them."""

from __future__ import annotations

import shutil
from fractions import Fraction

import pytest

from adamref.bounds.operations import Operand, root, variables
from adamref.bounds.orders import ORDERS
from adamref.numbers.formats import BINARY32, FORMATS
from adamref.theorems import gappa
from adamref.theorems.operations import held
from adamref.theorems.simulated import Overflows, real, worked

needs_gappa = pytest.mark.skipif(
    shutil.which("gappa") is None, reason=f"THE BOUNDS ARE NOT CHECKED BY GAPPA: {gappa.NEEDS}"
)
EVERY = [(field, name) for field, orders in ORDERS.items() for name in orders]
CONTROLS = (
    ("m", "beta"),
    ("m", "lerp"),
    ("v", "weight-first"),
    ("m_hat", "reciprocal"),
    ("denominator", "paper"),
    ("theta", "plain"),
)


@needs_gappa
@pytest.mark.parametrize(("field", "name"), EVERY)
def test_gappa_proves_the_bound_in_every_format(field, name):
    for fmt in FORMATS:
        answer = gappa.ask(gappa.question(ORDERS[field][name], fmt))
        assert answer.status == "proved", (fmt.name, answer.says)


@needs_gappa
@pytest.mark.parametrize(("field", "name"), CONTROLS)
def test_gappa_does_not_prove_a_third_of_the_bound(field, name):
    order = ORDERS[field][name]
    assert gappa.ask(gappa.question(order, BINARY32, gappa.SHORT)).status == "not proved"


def test_a_question_is_the_order_line_by_line():
    text = gappa.question(ORDERS["m"]["lerp-fma"], BINARY32)
    assert text.splitlines()[:8] == [
        "@fl = float<24, -149, ne>;",
        "g = fl(g_);",
        "m = fl(m_);",
        "w = fl(w_);",
        "x1 = fl(g - m);",
        "r1 = g - m;",
        "x2 = fl(w * x1 + m);",
        "r2 = w * r1 + m;",
    ]
    assert "|x2 - r2| <= " in text


def test_where_gappa_is_not_installed_nothing_was_run(monkeypatch):
    monkeypatch.setattr(gappa.shutil, "which", lambda _: None)
    assert gappa.ask("") == gappa.GappaAnswer("not run", gappa.NEEDS)


@needs_gappa
def test_what_is_no_question_is_not_proved():
    assert gappa.ask("{ x in [0, 1] -> x in [2, 3] }").status == "not proved"
    assert gappa.ask("what?").status == "not proved"


@pytest.mark.parametrize(("field", "name"), EVERY)
def test_the_bound_on_the_box_holds_in_its_corners(field, name):
    """Where Gappa is not installed this is what is left: the corners of the box, exactly."""
    order = ORDERS[field][name]
    box = gappa.box_of(order)
    limit = gappa.bound(order, BINARY32)
    for end in (0, 1):
        corner = {
            p: Fraction(BINARY32.round(box[p.name][end] * Fraction(1001, 1003)))
            for p in variables(order)
        }
        try:
            result = worked(order, {str(held(p)): x for p, x in corner.items()}, BINARY32)[order]
        except Overflows:
            continue
        right = real(order, {p.name: x for p, x in corner.items()})[order]
        assert abs(result - right) <= limit


def test_a_root_is_asked_for_away_from_zero():
    assert gappa.box_of(root(Operand("v")))["v"][0] > 0
    assert gappa.box_of(ORDERS["m"]["beta"])["m"][0] < 0
