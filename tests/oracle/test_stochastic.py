"""Rounding by chance: either neighbour is right, and how often each comes is tested exactly."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.numbers import formats
from adamref.numbers.arrays import nearest, ulp
from adamref.oracle.check import check
from adamref.oracle.judge.shares import _tail, biased

BFLOAT = np.dtype(ml_dtypes.bfloat16)
PROBES = tuple(f"{x}-bfloat16" for x in ("random-generic", "random-many", "random-scalar"))
F = np.float32


def stepping(rounded, scale=1.0):
    """Return an Adam worked in float32, whose theta is rounded to bfloat16 in a way of its own."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or {"m": np.zeros(theta.shape, F), "v": np.zeros(theta.shape, F), "t": 0}
        t, g = s["t"] + 1, grad.astype(F)
        m = F(beta1) * s["m"] + F(1 - beta1) * g
        v = F(beta2) * s["v"] + F(1 - beta2) * g * g
        root = np.sqrt(v / F(1 - beta2**t)) + F(eps)
        wide = theta.astype(F) - F(scale * lr) * (m / F(1 - beta1**t)) / root
        return rounded(wide), {"m": m, "v": v, "t": t}

    return step


def dithered(random, low=0, high=1 << 16):
    """Add random bits below the last place, and cut them off."""

    def rounded(x):
        bits = np.asarray(x, F).view(np.uint32)
        noise = random.integers(low, high, bits.shape, dtype=np.uint32)
        return ((bits + noise) & np.uint32(0xFFFF0000)).view(F).astype(BFLOAT)

    return rounded


def seeded(seed=0, **how):
    return dithered(np.random.default_rng(seed), **how)


@pytest.mark.slow
def test_other_bits_the_second_time_may_be_a_rounding_by_chance():
    report = check(stepping(seeded()), dtype="bfloat16", probes=PROBES)
    assert report.verdict == "conforms"
    assert report.dialect["rounding"] == "stochastic"
    assert not [x for x in report.findings if x.id == "not-repeatable"]


def test_what_is_rounded_to_the_nearest_is_no_chance_where_that_was_asked_for():
    nearest = stepping(lambda x: x.astype(BFLOAT))
    assert check(nearest, dtype="bfloat16", probes=PROBES).verdict == "conforms"
    report = check(nearest, dtype="bfloat16", probes=PROBES, rounding="stochastic")
    (found,) = [x for x in report.findings if x.severity == "deviation"]
    assert (report.verdict, found.id) == ("deviates", "rounding-of-theta")
    assert "theta is rounded away from 0 in 0 of" in found.says


@pytest.mark.parametrize("how", [{"high": 1}, {"low": 1 << 14}, {"high": 1 << 15}])
def test_a_chance_that_is_not_even_is_found(how):
    report = check(stepping(seeded(**how)), dtype="bfloat16", probes=PROBES, rounding="stochastic")
    assert [x.id for x in report.findings if x.severity == "deviation"] == ["rounding-of-theta"]


@pytest.mark.slow
def test_a_step_that_is_wrong_by_more_than_a_place_is_wrong_in_any_rounding():
    report = check(
        stepping(seeded(), scale=1.5), dtype="bfloat16", probes=PROBES, rounding="stochastic"
    )
    assert report.verdict == "deviates"
    assert "theta" in report.diagnosis[0].line


@pytest.mark.slow
def test_another_step_at_each_call_is_not_excused_by_chance():
    random = np.random.default_rng(1)

    def noisy(theta, grad, state, *, lr, beta1, beta2, eps):
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        theta, state = stepping(lambda x: x.astype(BFLOAT))(theta, grad, state, **hyper)
        noise = random.normal(size=theta.shape).astype(F) * F(0.05)
        return (theta.astype(F) + noise).astype(BFLOAT), state

    report = check(noisy, dtype="bfloat16", probes=PROBES)
    assert report.verdict == "deviates"
    assert "not-repeatable" in {x.id for x in report.findings}


@given(
    st.lists(st.fractions(0, 1, max_denominator=50), min_size=1, max_size=9),
    st.integers(0, 9),
    st.booleans(),
)
def test_a_tail_is_that_of_all_outcomes(chances, count, above):
    count = min(count, len(chances))
    total = 0
    for outcome in range(1 << len(chances)):
        ups = [outcome >> i & 1 for i in range(len(chances))]
        if (sum(ups) >= count) if above else (sum(ups) <= count):
            total += math.prod(p if up else 1 - p for p, up in zip(chances, ups, strict=True))
    found = _tail(np.array([float(x) for x in chances]), count, above=above)
    # Of at most nine factors each is rounded as a chance, from 1, and in its product; 1 less a
    # chance of 49/50 has fifty times the share of the rounding. What is added up is not negative:
    # nine more roundings. A unit roundoff is 2^-53; twice that leaves room for the second order.
    assert found == pytest.approx(float(total), rel=9 * (50 + 3) * 2.0**-52, abs=0)


@pytest.mark.parametrize("fmt", [formats.get("bfloat16"), formats.get("float16")])
def test_honest_chance_is_not_called_biased_also_for_negative_numbers(fmt):
    random = np.random.default_rng(7)
    value = random.normal(size=4000)
    near = nearest(value, fmt)
    low = np.where(near > value, near - ulp(value, fmt), near)
    up = random.random(4000) < (value - low) / ulp(value, fmt)
    got = np.where(up, low + ulp(value, fmt), low)
    assert biased(value, np.zeros(4000), got, fmt, 1) is None
    always = biased(np.abs(value), np.zeros(4000), np.abs(near), fmt, 1)
    assert always.way == "away from 0"
    assert biased(value, np.full(4000, 1.0), low, fmt, 1) is None, "nothing is known of the shares"
