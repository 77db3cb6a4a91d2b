"""Conditions are told in what a programmer branches on, with the numbers that one writes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import observed
from adamref.oracle.explain.conditions import Vocabulary, _bounded
from adamref.oracle.explain.facts import numbers_of


def table():
    random = np.random.default_rng(5)
    hypers = [{"beta1": 0.9, "beta2": 0.99}, {"beta1": 0.5, "beta2": 0.9}]
    made = []
    for hyper in hypers:
        thetas = [random.uniform(-2, 2, shape) for shape in (19, (4, 3), 21, 24, 5)]
        grads = [[random.uniform(-2, 2, x.shape) for x in thetas] for _ in range(6)]
        made.append(observed.trial(thetas, grads, hyper=hyper))

    def still(theta, g, state, t, h):
        del t, h
        return theta, {"m": state["m"] + g, "v": state["v"] + g * g}

    return observed.seen(observed.Stepping(still), made, "float64")


SEEN = table()
C = SEEN.columns


SIZE, AT = SEEN.sizes, C["element"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (C["t"] >= 3, "t >= 3"),
        (C["beta1"] ** C["t"] <= 0.1, "beta1^t <= 0.1"),
        (np.abs(C["g"]) > 0.1, "|g| >= 0.1"),
        (SIZE == 19, "the number of the tensor = 0"),
        (
            (AT >= 8) & (AT % 3 != 1),
            "the element's number >= 8 and not the element's number mod 3 = 1",
        ),
        (AT >= SIZE // 11 * 11, "the element is behind the last whole 11 of its tensor"),
        (SIZE % 8 == 5, "the number of elements mod 4 = 1"),
        ((SIZE == 19) & (AT < 16), "the number of elements = 19 and the element's number <= 15"),
        (
            (SIZE > 8) & (SIZE % 8 != 0) & (SIZE - 8 <= AT) & (AT < SIZE // 8 * 8),
            "the element's number from the end <= 7",
        ),
    ],
)
def test_a_condition_is_the_shortest_that_parts(wrong, says):
    found = Vocabulary(SEEN, {}).parting(wrong, ~wrong)
    assert says in found.says
    assert np.array_equal(found.rows, wrong)


def test_what_nothing_parts_has_no_condition():
    wrong = np.random.default_rng(6).random(len(SEEN)) < 0.5
    assert Vocabulary(SEEN, {}).parting(wrong, ~wrong) is None


def test_a_bound_holds_beyond_all_numbers():
    values = np.array([1.0, 2.0, 3.0, np.inf, 0.5])
    (found,) = _bounded("x", values, values >= 3, values < 3)
    assert found.says == "x >= 3"
    assert found.rows.tolist() == [False, False, True, True, False]


def test_a_state_is_held_against_epsilon():
    columns = {**C, "eps": np.full(len(SEEN), 0.25)}
    seen = replace(SEEN, columns=columns)
    right = {"m": SEEN.got["m"], "v": SEEN.got["v"]}
    corrected = right["v"] / (1 - C["beta2"] ** C["t"])
    found = Vocabulary(seen, right).parting(corrected <= 0.25, corrected > 0.25)
    assert found.says == "the corrected v over epsilon <= 1"


def test_a_step_is_held_against_the_window_of_an_average():
    """Whether a correction is past its window: of rates enough no power says the same."""
    numbers = dict(numbers_of(SEEN, {}))
    assert np.array_equal(numbers["t*(1 - beta1)"], C["t"] * (1 - C["beta1"]))
    beta1 = np.tile([0.5, 0.75, 0.9, 0.96], len(SEEN))[: len(SEEN)]
    seen = replace(SEEN, columns={**C, "beta1": beta1, "t": C["t"] * 2.0})
    past = seen.columns["t"] > 1 / (1 - beta1)
    found = Vocabulary(seen, {}).parting(past, ~past)
    assert found.says == "t*(1 - beta1) > 1"
