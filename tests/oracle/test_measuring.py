"""Errors are measured in ulps, each of the right number, over core steps."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import observed
from adamref.numbers import formats
from adamref.oracle.judge.exactly import right_values
from adamref.oracle.judge.identification import Fitters
from adamref.oracle.judge.measuring import accuracy, errors, points

DTYPES = ("float32", "float64")


def adam(theta, g, state, t, h):
    """Adam worked in float64 and rounded once: as good as there is in float32."""
    theta, g, m, v = (x.astype(np.float64) for x in (theta, g, state["m"], state["v"]))
    m = h["beta1"] * m + (1 - h["beta1"]) * g
    v = h["beta2"] * v + (1 - h["beta2"]) * g * g
    below = np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"]
    return theta - h["lr"] * (m / (1 - h["beta1"] ** t)) / below, {"m": m, "v": v}


def rounded(theta, g, state, t, h):
    new, made = adam(theta, g, state, t, h)
    return new.astype(theta.dtype), {n: x.astype(theta.dtype) for n, x in made.items()}


class Moved(observed.Stepping):
    """Right, but for some values of the first step that are some ulps off."""

    def __init__(self, **moves):
        super().__init__(rounded)
        self._moves = moves

    def step(self, grads, lr=None):
        (held,) = super().step(grads, lr)
        if held.t == 1:
            fmt = formats.get(np.dtype(self._kind).name)
            for name, ulps in self._moves.items():
                values = held.theta if name == "theta" else held.states[name]
                exact = fmt.exact(float(values[1]))
                values[1] = float(exact + ulps * fmt.ulp(exact))
        return [held]


TRIAL = observed.trial(
    [[0.75, 1.5, -2.75]], [[[3.0, 0.625, -7.5]], [[1.0, -0.25, 0.5]]],
    hyper={"beta1": 0.5, "beta2": 0.75, "eps": 0.25},
)  # fmt: skip


def measured(session, dtype, trials=(TRIAL,)):
    dialect = observed.paper(dtype, "literal")
    rows = observed.seen(session, trials, dtype)
    found = Fitters(rows, observed.machine(dtype)).fitted(dialect)
    right = right_values(rows, dialect, found.numbers, found.machine)
    return rows, found, right, found.fit.over


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_value_that_is_rounded_once_is_half_an_ulp_off_at_most(dtype):
    made = accuracy(*measured(Moved(), dtype))
    for name in ("theta", "m", "v"):
        assert made[name].count == 6
        assert made[name].max_ulp <= (0.5 if dtype == "float32" else 1)
    if dtype == "float32":
        assert made["theta"].correctly_rounded == made["v"].correctly_rounded == 1
    assert made["first_step"] is None


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("field", ["theta", "v"])
def test_a_value_that_is_five_ulps_off_is_shown_as_that(field, dtype):
    rows, found, right, over = measured(Moved(**{field: 5}), dtype)
    off = errors(rows, found, right)[field]
    assert abs(off[1] - 5) <= (0.5 if dtype == "float32" else 1)
    made = accuracy(rows, found, right, over)[field]
    assert made.max_ulp == off[1]
    assert made.mean_ulp == pytest.approx(off.mean(), rel=1e-12)
    assert made.correctly_rounded == np.mean(rows.got[field] == right[field]) < 1
    assert made.max_over_bound == over[field].max()


def test_an_error_of_m_is_measured_by_its_terms():
    """Where they cancel, what remains has ulps of its own that mean nothing."""
    state = {"m": np.array([1.0]), "v": np.array([1.0])}
    trial = observed.trial(
        [[0.5]], [[[-1.0 + 2.0**-12]]], states=[state], firsts=[5], hyper=TRIAL.hyper
    )

    def near(theta, g, state, t, h):
        new, made = rounded(theta, g, state, t, h)
        return new, {**made, "m": made["m"] + np.float32(2.0**-24)}

    rows, found, right, _ = measured(observed.Stepping(near), "float32", [trial])
    assert right["m"].tolist() == [2.0**-13]
    assert errors(rows, found, right)["m"].tolist() == [1.0]


def test_the_ulp_of_theta_is_that_of_the_larger_of_before_and_after():
    """A step that ends near zero is no better known than where it came from."""
    trial = observed.trial([[1.0]], [[[4.0]]], alpha=1.0, hyper={**TRIAL.hyper, "eps": 2.0**-10})
    rows, found, right, _ = measured(Moved(), "float32", [trial])
    assert 0 < right["theta"][0] < 2.0**-11
    moved = replace(rows, got={**rows.got, "theta": right["theta"] + 2.0**-23})
    off = errors(moved, found, right)["theta"]
    assert off[0] == pytest.approx(1, abs=1e-6)


def test_the_first_step_is_one_from_zero():
    trials = [replace(TRIAL, thetas=(np.array([0.0, 1.5, 0.0]),)), TRIAL]
    made = accuracy(*measured(Moved(), "float32", trials))
    assert made["first_step"].count == 2
    assert made["theta"].count == 12


def test_edges_and_missing_gradients_are_left_out():
    edge = replace(TRIAL, name="edge", kind="edge")
    missing = observed.trial([[0.5]], [[[1.0]], [None]], hyper=TRIAL.hyper)
    made = accuracy(*measured(Moved(), "float32", [TRIAL, edge, missing]))
    assert made["theta"].count == 6 + 1


def test_what_should_be_finite_and_is_not_is_infinitely_far():
    rows, found, right, over = measured(Moved(), "float32")
    got = rows.got["theta"].copy()
    got[2] = math.nan
    lost = replace(rows, got={**rows.got, "theta": got})
    made = accuracy(lost, found, right, over)["theta"]
    assert (made.max_ulp, made.mean_ulp) == (math.inf, math.inf)


def test_a_state_that_is_not_shown_has_no_row():
    session = observed.Stepping(rounded, visible=("v",))
    made = accuracy(*measured(session, "float32"))
    assert made["m"] is None
    assert made["v"].count == 6


def test_points_are_the_errors_by_t_and_gradient():
    rows, found, right, over = measured(Moved(theta=3), "float32")
    off = errors(rows, found, right)
    drawn = points(rows, found, right, over)
    assert {x.field for x in drawn} == {"theta", "m", "v"}
    assert [x.t for x in drawn if x.field == "theta"] == [1, 1, 1, 2, 2, 2]
    assert [x.g for x in drawn if x.field == "m"] == [3.0, 0.625, -7.5, 1.0, -0.25, 0.5]
    assert [x.ulp for x in drawn if x.field == "theta"] == off["theta"].tolist()
    assert [x.over_bound for x in drawn if x.field == "v"] == over["v"].tolist()


def test_points_are_thinned_evenly():
    trial = observed.trial([np.ones(2000)], [[np.ones(2000)]] * 2, hyper=TRIAL.hyper)
    drawn = points(*measured(Moved(), "float32", [trial]))
    assert 2000 < len(drawn) <= 4000
    assert {x.t for x in drawn} == {1, 2}
