"""Checkpoints with unseen steps in between, and one alone: what must hold, and what is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adamref
from steps import HYPER, Training


@pytest.fixture(scope="module")
def training() -> Training:
    return Training(size=20_000)


@pytest.fixture(scope="module")
def before(training: Training) -> dict:
    return training.after(50)


def _gone_on(training: Training, before: dict, steps: int, **lost: np.ndarray) -> dict:
    held = {**before, **lost}
    for _ in range(steps):
        held = training.step(held)
    return held


@pytest.mark.parametrize("steps", [2, 10, 100])
def test_right_steps_hold_and_a_state_that_was_dropped_is_found(
    training: Training, before: dict, steps: int
) -> None:
    right = adamref.replay(before, _gone_on(training, before, steps), steps=steps, **HYPER)
    assert (right.verdict, right.groups[0].tensors[0].off, right.unread) == ("holds", 0, ())
    zeros = {name: np.zeros_like(before[name]) for name in ("m", "v")}
    lost = adamref.replay(before, _gone_on(training, before, steps, **zeros), steps=steps, **HYPER)
    (tensor,) = lost.groups[0].tensors
    assert lost.verdict == "deviates"
    assert tensor.off > (5 if steps == 100 else 19_000)
    assert tensor.first.field in ("m", "v")


@settings(max_examples=30, deadline=None)
@given(
    dtype=st.sampled_from(["float32", "float64", "bfloat16"]),
    beta1=st.sampled_from([0.0, 0.5, 0.9, 0.99]),
    beta2=st.sampled_from([0.9, 0.99, 0.999, 0.9999]),
    steps=st.integers(2, 6),
    scale=st.sampled_from([1e-30, 1e-22, 1e-12, 1.0, 1e8]),
    constant=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_no_element_of_right_steps_is_off(
    dtype: str, beta1: float, beta2: float, steps: int, scale: float, constant: bool, seed: int
) -> None:
    """Steady gradients come nearest to the bound."""
    hyper = {"lr": 1e-3, "beta1": beta1, "beta2": beta2, "eps": 1e-8}
    one = Training("adam", 64, dtype, hyper=hyper, seed=seed)
    one.sizes = one.sizes * scale
    if constant:
        one.draw = _Steady()
    before = one.after(3)
    after = _gone_on(one, before, steps)
    assert adamref.replay(before, after, steps=steps, **hyper).verdict == "holds"
    assert adamref.replay(after, **hyper).verdict == "holds"


class _Steady:
    """Draws the same size each time."""

    def normal(self, size: int) -> np.ndarray:
        return np.ones(size)


def test_the_bound_is_met_by_gradients_in_proportion() -> None:
    """Of two steps from nothing that make m as large as v allows, a ten-thousandth more is off."""
    beta1, beta2 = 0.5, 0.75
    # Equality of Cauchy and Schwarz: g_i in proportion to (beta2 / beta1)^i.
    g = np.array([1.0, 1.5])
    m = (1 - beta1) * (beta1 * g[0] + g[1])
    v = (1 - beta2) * (beta2 * g[0] ** 2 + g[1] ** 2)
    for factor, verdict in ((1.0, "holds"), (1 + 1e-12, "deviates")):
        one = {"theta": np.zeros(1), "m": np.array([m * factor]), "v": np.array([v]), "t": 2}
        found = adamref.replay(one, beta1=beta1, beta2=beta2)
        assert found.verdict == verdict
        assert found.groups[0].tensors[0].max_over_bound >= 1 - 1e-9


@pytest.mark.parametrize(
    ("field", "value"), [("v", -1e-9), ("v", np.nan), ("m", np.inf), ("theta", np.nan)]
)
def test_what_is_no_state_is_found_in_one(before: dict, field: str, value: float) -> None:
    changed = before[field].copy()
    changed[7] = value
    found = adamref.replay({**before, field: changed}, **HYPER)
    (tensor,) = found.groups[0].tensors
    assert (found.verdict, tensor.off) == ("deviates", 1)
    assert (tensor.first.index, tensor.first.field) == ((7,), field)


def test_a_maximum_below_v_is_found() -> None:
    one = Training("amsgrad", 50, hyper={n: x for n, x in HYPER.items() if n != "weight_decay"})
    state = one.after(4)
    assert adamref.replay(state, **one.hyper).verdict == "holds"
    changed = {**state, "v_max": state["v_max"] * np.float32(0.5)}
    assert adamref.replay(changed, **one.hyper).groups[0].tensors[0].first.field == "v_max"


def test_without_decay_rates_it_says_what_was_not_judged(before: dict) -> None:
    found = adamref.replay(before)
    assert found.verdict == "holds"
    assert [name for name, _ in found.unread] == ["all"]
