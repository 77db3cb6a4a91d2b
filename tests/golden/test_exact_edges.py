"""An exact step at the edges of a format: overflow, underflow, zeros and their signs, NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adamref.golden.exact import exact_step
from adamref.numbers import formats
from algorithms import dtype_of
from exact_arrays import DECIMAL, DTYPES, agree, state_of, stepped

EDGES = {
    "float32": [0.0, -0.0, 1e-45, -1e-45, 1.1754944e-38, 3.4e38, -3.4e38, 1e20, 1.0, -1e-8, 1e-12],
    "float64": [
        0.0, -0.0, 5e-324, -5e-324, 2.3e-308, 1.7e308, -1.7e308, 1e200, 1.0, -1e-160, 1e-12,
    ],
    "float16": [0.0, -0.0, 6e-8, -6e-8, 6.1e-5, 65504.0, -65504.0, 1e3, 1.0, -1e-4, 1e-2],
}  # fmt: skip
SPECIAL = [math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("dtype", EDGES)
@pytest.mark.parametrize("eps", ["1e-8", 0, "1e-30"])
@pytest.mark.parametrize("optimizer", ["adam", "amsgrad"])
def test_edges(dtype, eps, optimizer):
    values = EDGES[dtype]
    grid = np.array(np.meshgrid(values, values, indexing="ij")).reshape(2, -1)
    theta, grad = grid
    m, v = np.roll(theta, 17), np.abs(np.roll(grad, 29))
    arrays = state_of((theta, grad, m, v, np.roll(v, 3)), dtype, optimizer == "amsgrad")
    assert agree(arrays, {**DECIMAL, "eps": eps}, t=2, optimizer=optimizer)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "amsgrad"])
def test_what_is_not_finite_stays_where_it_is(place, optimizer):
    columns = np.tile(np.array([[0.5], [1.5], [-0.25], [0.125], [0.25]]), (1, 8))
    columns[place, 1:4] = SPECIAL
    arrays = state_of(columns, "float32", optimizer == "amsgrad")
    assert agree(arrays, DECIMAL, t=2, optimizer=optimizer)
    got = exact_step(**arrays, **DECIMAL, t=2, optimizer=optimizer)
    assert np.isfinite(got.theta[[0, 4, 5, 6, 7]]).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("grad", "want"), [(1.0, -0.0), (-1.0, 0.0)])
def test_a_step_size_of_0_leaves_the_sign_that_ieee_754_gives(dtype, grad, want):
    """-0 minus +0 is -0; minus -0 it is +0."""
    arrays = state_of(([-0.0, 2.0], [grad, grad], [0.0, 0.0], [0.0, 0.0]), dtype)
    got = stepped(arrays, {**DECIMAL, "lr": 0}, t=1).theta.astype(float)
    assert math.copysign(1, got[0]) == math.copysign(1, want)
    assert got.tolist() == [0.0, 2.0]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_square_that_overflows_is_infinite_without_a_warning(dtype):
    kind = dtype_of(dtype)
    grad = np.array([0.0, float(formats.get(kind).largest)]).astype(kind)
    zero = np.zeros(2, kind)
    got = exact_step(zero, grad, zero, zero, t=1, optimizer="adam-l2", **DECIMAL)
    assert np.isinf(got.v).tolist() == [False, True]
    assert got.theta[1] == kind.type(-0.001)


def test_a_negative_v_makes_theta_nan_and_nothing_else():
    got = exact_step(
        np.float32([1, 1]), np.float32([0.1, 0.1]), np.float32([0, 0]), np.float32([-1, 1]),
        **DECIMAL, t=1,
    )  # fmt: skip
    assert np.isnan(got.theta).tolist() == [True, False]
    assert got.v[0] == np.float32(-0.99899)


@pytest.mark.parametrize(
    ("m", "grad", "want"), [(0.0, 0.0, 0.0), (-0.0, -0.0, -0.0), (-0.0, 0.0, 0.0), (1.0, -9.0, 0.0)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("v", [1.0, 1e-38, 1e-300])  # in columns, and in balls
def test_exact_zeros_have_the_sign_of_ieee_754(m, grad, want, dtype, v):
    arrays = state_of(([-0.0], [grad], [m], [v]), dtype)
    got = stepped(arrays, DECIMAL, t=1)
    assert math.copysign(1, got.m[0]) == math.copysign(1, want)
    assert got.m[0] == got.theta[0] == 0
    # -0 minus +0 is -0, as where m cancelled to +0; minus -0 it is +0.
    assert math.copysign(1, got.theta[0]) == -math.copysign(1, want)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_nan_among_the_states_is_no_warning(dtype, size):
    """Comparing a NaN of bfloat16 with a number warns where the others are silent."""
    kind = dtype_of(dtype)
    arrays = [np.zeros(size, kind) for _ in range(4)]
    arrays[3][-1] = np.nan
    made = exact_step(*arrays, t=1, lr="0.1", beta1="0.9", beta2="0.999", eps="1e-8")
    assert np.isnan(made.v.astype(float)[-1])
    assert np.isnan(made.theta.astype(float)[-1])
