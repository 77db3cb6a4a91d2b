"""Lion and AdaBelief against their papers' formulas, written again with 700 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import fast
from adamref.bounds import Arithmetic, exactly
from adamref.numbers import formats
from adamref.strategies import hyperparameters, numbers
from orders import bounded_adabelief, bounded_lion

SIZE = 3
# Each example holds several elements, in several cases, and is worked in many digits.
FEWER = settings(max_examples=settings().max_examples // 3)
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
# A gradient that differs from m by 2^-1074, and a square of that: what no format of ours resolves.
DIGITS = 700


def lion(x, h, decay):
    """Chen et al. 2023, Algorithm 2."""
    update = mpmath.sign(h["beta1"] * x["m"] + (1 - h["beta1"]) * x["grad"])
    theta = x["theta"] - h["lr"] * (update + decay * x["theta"])
    return {"theta": theta, "m": h["beta2"] * x["m"] + (1 - h["beta2"]) * x["grad"]}


def adabelief(x, h, decay, t):
    """Zhuang et al. 2020, Algorithm 2, after theta has decayed."""
    m = h["beta1"] * x["m"] + (1 - h["beta1"]) * x["grad"]
    s = h["beta2"] * x["s"] + (1 - h["beta2"]) * (x["grad"] - m) ** 2 + h["eps"]
    m_hat, s_hat = m / (1 - h["beta1"] ** t), s / (1 - h["beta2"] ** t)
    theta = x["theta"] * (1 - h["lr"] * decay)
    return {"theta": theta - h["lr"] * m_hat / (mpmath.sqrt(s_hat) + h["eps"]), "m": m, "s": s}


def elementwise(formula, arrays, hyper, *more):
    """Work a formula on each element in 700 digits, and round to float64."""
    with mpmath.workdps(DIGITS):
        exact = {n: mpmath.mpf(x) for n, x in hyper.items()}
        rows = [
            formula({n: mpmath.mpf(float(a[i])) for n, a in arrays.items()}, exact, *more)
            for i in range(SIZE)
        ]
        return {n: np.array([float(row[n]) for row in rows]) for n in rows[0]}


def drawn(data, dtype, *names):
    lists = st.lists(numbers(dtype), min_size=SIZE, max_size=SIZE)
    found = {n: np.array(data.draw(lists), dtype) for n in names}
    return {n: np.abs(a) if n == "s" else a for n, a in found.items()}


def outside(found, right, bounded):
    """Return what lies beyond its bound: by field, what was found, what is right, and the bound."""
    beyond = {}
    for field, want in right.items():
        got, error = found[field], bounded[field].error
        with np.errstate(all="ignore"):
            half = np.spacing(np.abs(want.astype(got.dtype))).astype(np.float64) / 2
            off = np.abs(got.astype(np.float64) - want)
        fine = np.isinf(error) | ~np.isfinite(want) | (off <= error + half)
        if not fine.all():
            beyond[field] = f"{got}, but should be {want} (bound {error})"
    return beyond


@DTYPES
@pytest.mark.parametrize("decay", [0.0, 0.17])
@FEWER
@given(data=st.data(), hyper=hyperparameters(("lr", "beta1", "beta2")))
def test_lion_from_any_state(dtype, decay, data, hyper):
    arrays = drawn(data, dtype, "theta", "grad", "m")
    theta, state = fast.lion_step(
        arrays["theta"], arrays["grad"], {"t": 3, "m": arrays["m"]}, **hyper, weight_decay=decay
    )
    right = elementwise(lion, arrays, hyper, decay)
    bounded = bounded_lion(Arithmetic(formats.get(dtype)), arrays, hyper, decay)
    assert outside({"theta": theta, **state}, right, bounded) == {}, (arrays, hyper)


@DTYPES
@pytest.mark.parametrize("decay", [0.0, 0.17])
@FEWER
@given(
    data=st.data(),
    hyper=hyperparameters(("lr", "beta1", "beta2", "eps")),
    t=st.one_of(st.integers(1, 20), st.integers(1, 10**6)),
)
def test_adabelief_from_any_state(dtype, decay, data, hyper, t):
    hyper["eps"] = hyper["eps"] or 1e-16  # without it, steady gradients make 0/0
    arrays = drawn(data, dtype, "theta", "grad", "m", "s")
    states = {n: arrays[n] for n in ("m", "s")}
    theta, state = fast.adabelief_step(
        arrays["theta"], arrays["grad"], {"t": t - 1, **states}, **hyper, weight_decay=decay
    )
    right = elementwise(adabelief, arrays, hyper, decay, t)
    bounded = bounded_adabelief(Arithmetic(formats.get(dtype)), arrays, hyper, t, decay)
    assert outside({"theta": theta, **state}, right, bounded) == {}, (arrays, hyper, t)


@pytest.mark.parametrize(
    ("step", "formula", "states"),
    [(fast.lion_step, lion, ("m",)), (fast.adabelief_step, adabelief, ("m", "s"))],
)
def test_a_hundred_steps_at_the_published_defaults(step, formula, states):
    """In float64, to 1e-13: a hundred steps of some ten roundings each, and room."""
    rng = np.random.default_rng(2023)
    kind = fast.Lion if formula is lion else fast.AdaBelief
    hyper = {n: x for n, x in kind.defaults.items() if n != "weight_decay"}
    theta, state = rng.standard_normal(SIZE), None
    right = {"theta": theta, **{n: np.zeros(SIZE) for n in states}}
    for t in range(1, 101):
        grad = rng.standard_normal(SIZE)
        theta, state = step(theta, grad, state)
        more = (0.0,) if formula is lion else (0.0, t)
        right = elementwise(formula, {**right, "grad": grad}, hyper, *more)
    for name, want in right.items():
        assert np.allclose({"theta": theta, **state}[name], want, rtol=1e-13, atol=1e-15), name


def test_the_bounds_are_not_idle():
    """At ordinary inputs the bound is a few units in the last place, for every field."""
    rng = np.random.default_rng(1)
    arrays = {n: rng.standard_normal(50).astype("f4") for n in ("theta", "grad", "m")}
    arrays["s"] = rng.random(50).astype("f4")
    hyper = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-16}
    arithmetic = Arithmetic(formats.BINARY32)
    ulp = np.spacing(np.abs(arrays["theta"])).astype(float)
    assert (bounded_adabelief(arithmetic, arrays, hyper, 10, 0.1)["theta"].error < 4 * ulp).all()
    assert (bounded_lion(arithmetic, arrays, hyper, 0.1)["theta"].error < 4 * ulp).all()
    assert exactly(arrays["theta"]).error.max() == 0
