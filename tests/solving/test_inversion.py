"""A formula turned inside out: each place's interval is where it may lie, and no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Max, Symbol, evaluate, sqrt

from adamref import rules
from adamref.rules.symbols import Total, alpha, beta1, beta2, eps, g, m, m_prev, t, v, v_prev
from adamref.solving.inversion import Interval, places, put, rate_of, valued

with evaluate(False):
    FORMULAS = {
        "m": rules.ADAM.line("m").expr,
        "v": rules.ADAM.line("v").expr,
        "step": -alpha * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps),
        "greatest": Max(v_prev, beta2 * v_prev + (1 - beta2) * g**2),
        "size": Abs(m_prev - g) * sqrt(v + eps),
    }

NUMBERS = st.floats(0.01, 4)


def columns(drawn):
    names = ("g", "m", "v", "m_prev", "v_prev", "alpha", "eps")
    found = {n: np.array([x]) for n, x in zip(names, drawn, strict=True)}
    found |= {"beta1": np.array([0.83]), "beta2": np.array([0.97]), "t": np.array([3.0])}
    return found


@pytest.mark.parametrize("name", FORMULAS)
@settings(max_examples=25)
@given(drawn=st.tuples(*[NUMBERS] * 7))
def test_the_right_value_of_every_place_lies_in_its_interval(name, drawn):
    values = columns(drawn)
    made = valued(FORMULAS[name], values, 1)
    found = list(places(FORMULAS[name], values, Interval(made, made)))
    assert len(found) > 3
    for place in found:
        assert place.must.holds(place.value).all(), place


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "size"])
@settings(max_examples=25)
@given(drawn=st.tuples(*[NUMBERS] * 7), other=NUMBERS)
def test_what_stands_at_a_place_lies_in_its_interval(name, drawn, other):
    """Another number is put at each place in turn: it is read back from what comes out.

    A size keeps no sign, so that below one what has the other sign is not read back.
    """
    values = columns(drawn) | {"other": np.array([other])}
    right = valued(FORMULAS[name], values, 1)
    for place in places(FORMULAS[name], values, Interval(right, right)):
        changed = put(FORMULAS[name], place.path, Symbol("other", real=True))
        made = valued(changed, values, 1)
        if not np.isfinite(made).all():
            continue
        (its,) = [
            x for x in places(FORMULAS[name], values, Interval(made, made)) if x.path == place.path
        ]
        assert its.must.holds(np.array([other])).all(), (place.path, place.expr)


def test_a_wrong_number_is_outside():
    values = columns([1.0, 0.5, 0.25, 0.3, 0.2, 0.013, 0.01])
    made = valued(FORMULAS["m"], values, 1)
    for place in places(FORMULAS["m"], values, Interval(made, made)):
        assert not place.must.holds(place.value + 0.001).any()


def test_one_less_a_rate_is_one_thing():
    assert rate_of(1 - beta1) == (beta1, None)
    assert rate_of(1 - beta2**t) == (beta2, t)
    assert rate_of(1 - g) is None
    assert rate_of(beta1 - 1) is None
    values = columns([1.0] * 7)
    paths = [x.path for x in places(1 - beta1, values, Interval(np.ones(1), np.ones(1)))]
    assert paths == [()]


def test_of_a_sum_over_a_tensor_nothing_is_known():
    """Rows are worked one by one: what stands beside it is, and it is nowhere called wrong."""
    values = {"m": np.array([1.0, 2.0]), "g": np.array([3.0, 4.0])}
    made = Interval(np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    found = {x.expr: x.value for x in places(m / Max(1, Total(g**2)), values, made)}
    assert found[m].tolist() == [1.0, 2.0]
    assert np.isnan(found[Total(g**2)]).all()
