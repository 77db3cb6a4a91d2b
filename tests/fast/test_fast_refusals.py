"""What a step may be given, and that the rest is refused before anything is written."""

from __future__ import annotations

import dataclasses
import math
import sys
from fractions import Fraction

import numpy as np
import pytest

from adamref import fast
from adamref.errors import (
    MissingInput,
    MissingPackage,
    NotANumber,
    OutOfDomain,
    ReadOnly,
    ShapeMismatch,
    UnknownName,
    WrongDtype,
)
from algorithms import drawn

WRONG = [
    (fast.adam_step, {"beta1": 1.0}, OutOfDomain, r"beta1 = 1\.0, but should be in \[0, 1\)"),
    (fast.adam_step, {"lr": math.nan}, OutOfDomain, "lr = nan, but should be finite and not neg"),
    (fast.adam_step, {"eps": "tiny"}, NotANumber, "eps = 'tiny', but should be a float, an int"),
    (fast.adam_step, {"lr": True}, NotANumber, "lr = True.*truth value"),
    (fast.adamw_step, {"weight_decay": -1}, OutOfDomain, "weight_decay = -1, but"),
    (fast.adam_step, {"threads": 0}, OutOfDomain, "threads = 0, but should be from 1 to"),
    (
        fast.adam_step,
        {"threads": 1.5},
        OutOfDomain,
        r"threads = 1\.5, but should be a whole number",
    ),
    (fast.adam_step, {"kernel": "cuda"}, UnknownName, "'cuda' is unknown; known are numpy, numba"),
    (fast.adam_step, {"form": "inside"}, UnknownName, "form 'inside' is unknown"),
    (fast.momentum_step, {"kind": "nesterov"}, UnknownName, "kind of momentum 'nesterov' is unk"),
    (fast.adam_step, {"foreach": True}, UnknownName, "'foreach' is unknown; known are in_place"),
]


@pytest.mark.parametrize(("step", "option", "error", "message"), WRONG)
def test_an_option_that_is_wrong_is_named_with_what_it_should_be(step, option, error, message):
    with pytest.raises(error, match=message):
        step(*drawn(8, 3, "f4"), **option)


def test_arrays_that_do_not_fit_are_named_with_what_they_should_be():
    theta, grad = drawn(8, 3, "f4")
    for given, error, message in (
        ((theta, grad[:2]), ShapeMismatch, r"grad has shape \(2,\), but should have \(3,\)"),
        ((theta, grad.astype("f8")), WrongDtype, "grad has dtype float64, .* float32, as theta"),
        ((np.arange(3), grad), WrongDtype, "theta has dtype int64, but should have float16 or"),
        (([0.5], grad), WrongDtype, "theta has dtype list"),
        ((theta, grad, {"t": 1, "m": theta}), MissingInput, "v is missing: a state of adam has it"),
        ((theta, grad, {"t": 1, "m": theta, "v": theta[:1]}), ShapeMismatch, r"v has shape \(1,\)"),
    ):
        with pytest.raises(error, match=message):
            fast.adam_step(*given)


def test_hyperparameters_may_be_any_numbers():
    theta, grad = drawn(14, 3, "f4")
    plain, _ = fast.adamw_step(theta, grad, lr=0.25, beta1=0.5, weight_decay=0.5)
    for half, quarter in ((Fraction(1, 2), "0.25"), (np.float32(0.5), Fraction(1, 4))):
        made, _ = fast.adamw_step(theta, grad, lr=quarter, beta1=half, weight_decay=half)
        assert np.array_equal(made, plain)
        again = theta.copy()
        optimizer = fast.AdamW([again], quarter, (half, "0.999"), weight_decay=half)
        optimizer.step([grad])
        assert np.array_equal(again, plain)


def test_what_cannot_be_written_to_is_refused_whole():
    theta, grad = drawn(9, 3, "f4")
    _, state = fast.adam_step(theta, grad)
    before = {n: np.copy(x) for n, x in state.items()}
    theta.flags.writeable = False
    with pytest.raises(ReadOnly, match="theta is read-only, but should be writeable"):
        fast.adam_step(theta, grad, state, in_place=True)
    theta.flags.writeable = True
    state["v"].flags.writeable = False
    with pytest.raises(ReadOnly, match="v is read-only"):
        fast.adam_step(theta, grad, state, in_place=True)
    assert all(np.array_equal(state[n], before[n]) for n in before)


def test_a_missing_numba_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(fast.Adam, "method", dataclasses.replace(fast.Adam.method))
    theta, grad = drawn(10, 3, "f4")
    with pytest.raises(
        MissingPackage, match=r"numba is not installed, and kernel='numba' needs it"
    ):
        fast.adam_step(theta, grad, kernel="numba")
