"""Corners of exact arithmetic: signs of zeros on every path, near-ties far out, odd arrays."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref.errors import NotANumber
from adamref.golden.exact import exact_step
from adamref.numbers.signs import Signs, followed
from algorithms import dtype_of

USUAL = {"lr": "0.001", "beta1": "0.9", "beta2": "0.999"}
OPTIMIZERS = ("adam", "adamw", "adam-l2", "amsgrad")
DTYPES = ("float32", "float64", "float16", "bfloat16")
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -0.25, math.inf, -math.inf, math.nan)


def by_ieee(theta, g, m, v, hyper, optimizer):
    """Work the step in float64, operation by operation: its zeros have IEEE 754's signs."""
    one, two, lr, eps, decay = (
        np.float64(hyper[n]) for n in ("beta1", "beta2", "lr", "eps", "weight_decay")
    )
    theta, g, m, v = map(np.float64, (theta, g, m, v))
    with np.errstate(all="ignore"):
        if optimizer == "adam-l2":
            g = g + decay * theta
        m = one * m + (1 - one) * g
        v = two * v + (1 - two) * g * g
        delta = -lr * (m / (1 - one)) / (np.sqrt(v / (1 - two)) + eps)
        kept = theta * (1 - lr * decay) if optimizer == "adamw" else theta
        return kept + delta, m, v


def same(got, want):
    """Whether two numbers are one where that is 0 or not finite, or both are neither."""
    got, want = float(got), float(want)
    if math.isnan(want) or math.isnan(got):
        return math.isnan(want) and math.isnan(got)
    if want == 0 or math.isinf(want):
        return got == want and math.copysign(1, got) == math.copysign(1, want)
    return got != 0 and math.isfinite(got) and (got > 0) == (want > 0)


SPECIALS = st.sampled_from(SPECIAL)


@given(
    st.tuples(SPECIALS, SPECIALS, SPECIALS, st.sampled_from((0.0, 1.0, 0.25, math.inf))),
    st.sampled_from(OPTIMIZERS[:3]),
    st.sampled_from(DTYPES),
    st.sampled_from(("1e-8", "0", "1e-300")),
    st.sampled_from(("0.5", "0")),
    st.sampled_from((1, 7, 300)),
)
@settings(max_examples=40)
def test_specials_are_as_ieee_operations_make_them(element, optimizer, dtype, eps, lr, size):
    """In an array of any size, at any place, whatever epsilon and the step size are.

    Decay rates of 1/2 keep every operation of the comparison exact.
    """
    decay = "0" if optimizer == "adam" else "0.5"
    hyper = {"lr": lr, "beta1": "0.5", "beta2": "0.5", "eps": eps, "weight_decay": decay}
    columns = np.full((4, size), 1.0)
    columns[:, size // 2] = element
    theta, g, m, v = columns.astype(dtype_of(dtype))
    got = exact_step(theta, g, m, v, t=1, optimizer=optimizer, **hyper)
    want = by_ieee(*element, hyper, optimizer)
    numbers = zip((got.theta, got.m, got.v), want, strict=True)
    for name, (found, right) in zip(("theta", "m", "v"), numbers, strict=True):
        at = found[size // 2]
        # With eps = 1e-300 whether it overflows is a matter of the format.
        if not (name == "theta" and eps == "1e-300" and abs(right) > 1e290):
            assert same(at, right), (name, float(at), float(right))


@pytest.mark.parametrize("optimizer", ["adamw", "adam"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_zero_has_one_sign_in_small_and_large_arrays(optimizer, dtype):
    """A large one is compiled where that is possible."""
    decay = {"weight_decay": "0.01"} if optimizer == "adamw" else {}
    for size, eps in ((1, "1e-8"), (1, "1e-300"), (1 << 18, "1e-8")):
        theta = np.ones(size, dtype)
        theta[size // 2] = -0.0
        none = np.zeros(size, dtype)
        given = {"eps": eps, "optimizer": optimizer, **USUAL, **decay}
        made = exact_step(theta, none, none, none + 1, t=1, **given)
        assert np.signbit(made.theta[size // 2])
        assert not np.signbit(made.m).any()


@pytest.mark.parametrize(("theta", "negative"), [(-0.0, True), (0.0, False)])
def test_what_cancels_is_a_positive_zero_and_goes_on_as_one(theta, negative):
    """m cancels to +0; the step is -0, and -0 + -0 is -0."""
    for eps in ("1e-8", "1e-300"):
        half = {"lr": "0.5", "beta1": "0.5", "beta2": "0.5", "eps": eps}
        made = exact_step([theta], [1.0], [-1.0], [1.0], t=1, **half)
        assert made.m[0] == 0
        assert not np.signbit(made.m[0])
        assert np.signbit(made.theta[0]) == negative


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        (Fraction(1), Fraction(-1), 0.0),
        (Fraction(2), Fraction(-1), Fraction(1)),
        (-0.0, -0.0, -0.0),
        (-0.0, Fraction(-3), Fraction(-3)),
        (1.0, Fraction(5), 1.0),
        (1.0, Fraction(-5), math.nan),
        (math.inf, Fraction(-5), math.inf),
    ],
)
def test_signs_follow_exact_numbers(a, b, total):
    got = Signs().add(a, b)
    assert (got == total and math.copysign(1, got) == math.copysign(1, total)) or (
        math.isnan(total) and math.isnan(got)
    )
    assert followed(Fraction(3) ** 20_000) == 1.0


def test_a_near_tie_far_out_is_decided():
    """sqrt(1 - (3/4)^t) at t = 10^5 is next to 1 by 2^-41504, and decides between neighbours."""
    one = 1 + 2**-52
    hyper = {"lr": 2**-53, "beta1": 0, "beta2": "0.75", "eps": 0}
    made = exact_step([one, 0.5], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0], t=10**5, **hyper)
    assert made.theta.tolist() == [one, 0.5 - 2**-53]


@pytest.mark.slow
def test_a_near_tie_is_decided_at_a_million_steps():
    one = 1 + 2**-52
    hyper = {"lr": 2**-53, "beta1": 0, "beta2": "0.75", "eps": 0}
    made = exact_step([one, 0.5], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0], t=10**6, **hyper)
    assert made.theta.tolist() == [one, 0.5 - 2**-53]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_either_byte_order_is_taken_and_given_back(dtype):
    rows = np.array([[0.5, -1], [3, 0.25], [0, 1], [1, 2]])
    native = [row.astype(dtype) for row in rows]
    for kinds in ((">", ">", ">", ">"), (">", "<", "=", ">")):
        swapped = [
            row.astype(np.dtype(dtype).newbyteorder(kind))
            for row, kind in zip(native, kinds, strict=True)
        ]
        one, other = (exact_step(*rows, t=2, **USUAL) for rows in (native, swapped))
        for name, array in other.states.items():
            assert array.tolist() == one.states[name].tolist()
        assert other.theta.tolist() == one.theta.tolist()
        assert other.theta.dtype == swapped[0].dtype


@pytest.mark.parametrize("which", range(4))
def test_a_mask_is_refused(which):
    """It would be dropped, and what it hides taken for numbers."""
    rows = [np.array([0.5, -1.0]) for _ in range(4)]
    rows[which] = np.ma.masked_array(rows[which], mask=[False, True])
    with pytest.raises(NotANumber, match="mask"):
        exact_step(*rows, t=1, **USUAL)
