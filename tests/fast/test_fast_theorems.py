"""What the theorems say of Adam, its steps in arrays keep to."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adamref import fast
from adamref.fast.passes import one_minus_power
from adamref.numbers.ball import Ball
from adamref.strategies import hyperparameters
from algorithms import drawn, taken


@given(
    hyper=hyperparameters(("lr", "beta1", "beta2")),
    exponent=st.integers(-20, 20),
    seed=st.integers(0, 1000),
)
def test_the_scale_of_the_gradient_does_not_matter(hyper, exponent, seed):
    """With eps = 0 a power of two on every gradient changes no bit of the steps."""
    theta, *gradients = drawn(seed, 5, "f8", 6)
    scaled = [g * 2.0**exponent for g in gradients]
    one, other = (taken(fast.adam_step, theta, x, eps=0.0, **hyper)[0] for x in (gradients, scaled))
    assert one.tobytes() == other.tobytes()


@given(hyper=hyperparameters(), seed=st.integers(0, 1000))
def test_the_sign_goes_through(hyper, seed):
    theta, *gradients = drawn(seed, 5, "f4", 5)
    one, _ = taken(fast.adamw_step, theta, gradients, **hyper)
    other, _ = taken(fast.adamw_step, -theta, [-g for g in gradients], **hyper)
    assert np.array_equal(one, -other)


@given(hyper=hyperparameters(("lr", "beta1", "beta2")), grad=st.floats(1e-100, 1e100))
def test_the_first_step_is_the_step_size(hyper, grad):
    """With eps = 0, whatever the gradient: five roundings and the coefficients' own."""
    theta, _ = fast.adam_step(np.zeros(2), np.array([grad, -grad]), eps=0.0, **hyper)
    assert np.abs(theta / [-hyper["lr"], hyper["lr"]] - 1).max() <= 16 * 2.0**-53


@given(hyper=hyperparameters(("lr", "beta1", "beta2")), grad=st.floats(1e-60, 1e60))
def test_a_constant_gradient_gives_equal_steps(hyper, grad):
    theta, state = np.zeros(1), None
    for t in range(1, 30):
        before = theta
        theta, state = fast.adam_step(theta, np.array([grad]), state, eps=0.0, **hyper)
        # Each step of the recurrences rounds thrice; theta itself is rounded too.
        room = 8 * (t + 4) * 2.0**-53 * hyper["lr"] + np.spacing(abs(theta[0]))
        assert abs(before[0] - theta[0] - hyper["lr"]) <= room


def largest_ratio(beta1, beta2, t):
    """The theorem step-bound: |m_hat| / sqrt(v_hat) is at most this."""
    if beta2 < 1e-100:
        return math.inf  # beyond float64, or nearly
    q = np.float64(beta1 * beta1 / beta2)  # its power may be infinite
    geometric = t if q == 1 else (1 - q**t) / (1 - q)
    corrections = math.sqrt(one_minus_power(beta2, t)) / one_minus_power(beta1, t)
    return (1 - beta1) / math.sqrt(1 - beta2) * math.sqrt(geometric) * corrections


@given(data=st.data(), hyper=hyperparameters(("lr", "beta1", "beta2", "eps")))
def test_no_step_is_longer_than_the_bound(data, hyper):
    steps = st.lists(st.one_of(st.just(0.0), st.floats(-1e3, 1e3)), min_size=1, max_size=12)
    theta, state = np.zeros(1), None
    for t, grad in enumerate(data.draw(steps), 1):
        before = theta
        theta, state = fast.adam_step(theta, np.array([grad]), state, **hyper)
        limit = hyper["lr"] * largest_ratio(hyper["beta1"], hyper["beta2"], t)
        if state["v"][0] < 1e-290:
            return  # 0/0, and squares that underflow: the theorem is about the reals
        assert abs(theta[0] - before[0]) <= limit * (1 + 1e-9) + np.spacing(abs(before[0]))


@given(beta=st.floats(0, 1, exclude_max=True), t=st.integers(1, 10**9))
def test_the_corrections_keep_their_digits(beta, t):
    ball = Ball(300)
    with ball.working():
        right = ball.one_minus_power(Fraction(beta), Fraction(t))
        off = abs(Fraction(one_minus_power(beta, t)) - Ball.ends(right)[0])
        assert off <= Ball.ends(right)[1] * Fraction(8, 2**53)
