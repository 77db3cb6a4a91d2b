"""One step from any state, and whole trajectories: within the bounds of the order of operations."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import bounds, exact_step, fast, rules, run
from adamref.bounds import Arithmetic, exactly, within
from adamref.bounds.generated import (
    delta_size_first,
    denominator_paper,
    g_total_plain,
    theta_decoupled_before,
    theta_plain,
)
from adamref.numbers import formats
from adamref.numbers.ball import Ball
from adamref.strategies import hyperparameters, numbers

SIZE = 3
# A third of the profile's: each example holds several elements, and there are many cases.
FEWER = settings(max_examples=settings().max_examples // 3)
DTYPES = ("float32", "float64", "float16", "bfloat16")
STEPS = {
    "adam": (fast.adam_step, "paper"),
    "adam-eps-hat": (fast.adam_step, "eps-hat"),
    "adam-l2": (fast.adam_step, "paper"),
    "adamw": (fast.adamw_step, "paper"),
    "amsgrad": (fast.amsgrad_step, "paper"),
}


def dtype_of(name):
    if name == "bfloat16":
        return np.dtype(pytest.importorskip("ml_dtypes").bfloat16)
    return np.dtype(name)


def drawn_array(data, dtype, *, nonnegative=False):
    values = data.draw(st.lists(numbers(dtype), min_size=SIZE, max_size=SIZE))
    array = np.array(values).astype(dtype)
    return np.abs(array) if nonnegative else array


def stored(arithmetic, value):
    """What float64 makes of a scalar: off by 16 units of 2^-53, then rounded once."""
    return arithmetic.stored(within(value, abs(value) * 16 * 2.0**-53))


def correction(beta, t):
    """1 - beta^t from balls, not from the code under test."""
    ball = Ball(120)
    with ball.working():
        return float(ball.one_minus_power(Fraction(beta), Fraction(t)).mid())


def scalars_of(hyper, t):
    """Size and eps of step t, nearly exactly."""
    first, second = (correction(hyper[name], t) for name in ("beta1", "beta2"))
    return hyper["lr"] * math.sqrt(second) / first, math.sqrt(second)


def bounded_step(name, arithmetic, arrays, hyper, t, decay=0.0):
    """Follow Adam's order of operations, with a bound on every value."""
    a = arithmetic
    theta, g = arrays["theta"], exactly(arrays["grad"]) if "grad" in arrays else arrays["g"]
    if name == "adam-l2":
        g = g_total_plain(a, stored(a, decay), g, exactly(theta))
    m, v = (
        moments(field, arithmetic, arrays[field], g, hyper[rate])
        for field, rate in (("m", "beta1"), ("v", "beta2"))
    )
    inside = v
    if name == "amsgrad":
        before = exactly(arrays["v_max"])
        inside = bounds.Bounded(
            np.maximum(v.value, before.value),
            v.slack + before.slack,
            np.maximum(v.error, before.error),
        )
    size, root2 = scalars_of(hyper, t)
    eps = hyper["eps"] * (1 if name == "adam-eps-hat" else root2)
    denominator = denominator_paper(a, stored(a, eps), inside)
    delta = delta_size_first(a, stored(a, size), denominator, m)
    if name == "adamw":
        keep = stored(a, 1 - hyper["lr"] * decay)
        made = theta_decoupled_before(a, delta, keep, exactly(theta))
    else:
        made = theta_plain(a, delta, exactly(theta))
    return {"m": m, "v": v, "theta": made, "v_max": inside}


def moments(field, arithmetic, state, g, beta):
    """m or v as beta*x + (1 - beta)*y, its coefficients rounded once; g may have an error."""
    a = arithmetic
    rate, weight = stored(a, beta), stored(a, 1 - beta)
    taken = g if field == "m" else a.product(g, g)
    return a.sum(a.product(rate, exactly(state)), a.product(weight, taken))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STEPS)
@FEWER
@given(
    data=st.data(),
    hyper=hyperparameters(("lr", "beta1", "beta2", "eps")),
    t=st.one_of(st.integers(1, 20), st.integers(1, 10**6)),
)
def test_one_step_from_any_state(name, dtype, data, hyper, t):
    kind = dtype_of(dtype)
    step, form = STEPS[name]
    arrays = {
        "theta": drawn_array(data, kind),
        "grad": drawn_array(data, kind),
        "m": drawn_array(data, kind),
        "v": drawn_array(data, kind, nonnegative=True),
    }
    if name == "amsgrad":
        arrays["v_max"] = drawn_array(data, kind, nonnegative=True)
    decay = 0.17 if name in ("adam-l2", "adamw") else 0.0
    states = {n: a for n, a in arrays.items() if n not in ("theta", "grad")}
    theta, state = step(
        arrays["theta"], arrays["grad"], {"t": t - 1, **states}, **hyper,
        weight_decay=decay, form=form,
    )  # fmt: skip
    optimizer = {"adam-eps-hat": "adam"}.get(name, name)
    right = exact_step(**arrays, t=t, **hyper, weight_decay=decay, optimizer=optimizer, form=form)
    narrow = kind.itemsize == 2
    fmt = formats.get("float32" if narrow else kind)
    found = bounded_step(name, Arithmetic(fmt), arrays, hyper, t, decay)
    for field, got in {"theta": theta, **{n: state[n] for n in states}}.items():
        bounded, want = found[field], getattr(right, field).astype(np.float64)
        error = bounded.error
        if narrow:
            # Rounded once more, to the format it is stored in.
            error = Arithmetic(formats.get(kind)).stored(bounded).error
        with np.errstate(all="ignore"):
            half = np.spacing(np.abs(getattr(right, field))).astype(np.float64) / 2
            off = np.abs(got.astype(np.float64) - want)
        held = np.isinf(error) | ~np.isfinite(want) | (off <= error + half)
        i = int(np.argmin(held))
        assert held.all(), (
            f"{field}[{i}] = {got[i]!r}, but should be {want[i]!r} (bound {error[i]:.3g}) "
            f"[{ {n: float(a[i]) for n, a in arrays.items()} }, {hyper}, t={t}]"
        )


def test_bounds_are_not_idle():
    """At ordinary inputs the bound is a few units in the last place, for every field."""
    rng = np.random.default_rng(1)
    arrays = {n: rng.standard_normal(50).astype("f4") for n in ("theta", "grad", "m")}
    arrays["v"] = rng.random(50).astype("f4")
    hyper = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    found = bounded_step("adam", Arithmetic(formats.BINARY32), arrays, hyper, 10)
    ulp = np.spacing(np.abs(arrays["theta"])).astype(float)
    assert (found["theta"].error < 2 * ulp).all()
    assert (found["v"].error < 4 * np.spacing(found["v"].value.astype("f4"))).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(
    data=st.data(),
    hyper=hyperparameters(("lr", "beta1", "beta2", "eps")),
)
def test_a_trajectory_stays_within_the_accumulated_bound(dtype, data, hyper):
    steps = 12
    gradients = [
        np.array(data.draw(st.lists(st.floats(-9, 9, width=32), min_size=3, max_size=3))).astype(
            dtype
        )
        for _ in range(steps)
    ]
    start = np.array([0.5, -1.25, 0.0], dtype=dtype)
    fmt = formats.get(dtype)
    arithmetic = Arithmetic(fmt)
    theta, state = start, None
    bounded = {"theta": exactly(start), "m": exactly(np.zeros(3)), "v": exactly(np.zeros(3))}
    names = {"alpha": hyper["lr"], **{k: x for k, x in hyper.items() if k != "lr"}}
    trace = run(rules.ADAM, start, gradients, dtype=dtype, **names)
    for t, gradient in enumerate(gradients, 1):
        theta, state = fast.adam_step(theta, gradient, state, **hyper)
        arrays = {**bounded, "g": exactly(gradient)}
        arrays["theta"] = bounded["theta"]
        bounded = bounded_step("adam", arithmetic, arrays, hyper, t)
        for field, got in (("theta", theta), ("m", state["m"]), ("v", state["v"])):
            want = np.asarray(getattr(trace[t - 1], field), dtype=np.float64)
            error = bounded[field].error
            with np.errstate(all="ignore"):
                half = np.spacing(np.abs(want.astype(dtype))).astype(np.float64) / 2
                off = np.abs(got.astype(np.float64) - want)
            assert (np.isinf(error) | ~np.isfinite(want) | (off <= error + half)).all(), (field, t)


RELATIVES = {
    "rmsprop": (fast.rmsprop_step, rules.get("rmsprop"), ("v",)),
    "adagrad": (fast.adagrad_step, rules.get("adagrad"), ("v",)),
    "momentum": (fast.momentum_step, rules.get("momentum"), ("m",)),
    "heavy-ball": (fast.momentum_step, rules.get("heavy-ball"), ("m",)),
    "adamax": (fast.adamax_step, rules.get("adamax"), ("m", "u")),
    "nadam": (fast.nadam_step, rules.get("nadam"), ("m", "v")),
}


def bounded_relative(name, a, arrays, hyper, t, product):
    theta, g = exactly(arrays["theta"]), exactly(arrays["grad"])
    lr = hyper["lr"]
    if name in ("momentum", "heavy-ball"):
        weight = 1 - hyper["beta1"] if name == "momentum" else 1.0
        kept = a.product(stored(a, hyper["beta1"]), exactly(arrays["m"]))
        m = a.sum(kept, a.product(stored(a, weight), g))
        return {"m": m, "theta": theta_plain(a, a.product(stored(a, lr), m), theta)}
    if name == "adamax":
        m = moments("m", a, arrays["m"], g, hyper["beta1"])
        decayed = a.product(stored(a, hyper["beta2"]), exactly(arrays["u"]))
        u = bounds.Bounded(np.maximum(decayed.value, np.abs(g.value)), decayed.slack, decayed.error)
        size = stored(a, lr / correction(hyper["beta1"], t))
        return {"m": m, "u": u, "theta": theta_plain(a, delta_size_first(a, size, u, m), theta)}
    if name == "adagrad":
        v = a.sum(exactly(arrays["v"]), a.product(g, g))
    else:
        v = moments("v", a, arrays["v"], g, hyper["beta2"])
    if name == "nadam":
        m = moments("m", a, arrays["m"], g, hyper["beta1"])
        now, ahead = (hyper["beta1"] * (1 - 0.96 ** (k * 4e-3) / 2) for k in (t, t + 1))
        root2 = math.sqrt(correction(hyper["beta2"], t))
        size = lr * root2
        whole = product * now
        parts = (
            a.product(stored(a, size * ahead / (1 - whole * ahead)), m),
            a.product(stored(a, size * (1 - now) / (1 - whole)), g),
        )
        denominator = denominator_paper(a, stored(a, hyper["eps"] * root2), v)
        delta = a.quotient(a.sum(*parts), denominator)
        return {"m": m, "v": v, "theta": theta_plain(a, delta, theta)}
    denominator = denominator_paper(a, stored(a, hyper["eps"]), v)
    delta = delta_size_first(a, stored(a, lr), denominator, g)
    return {"v": v, "theta": theta_plain(a, delta, theta)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", RELATIVES)
@FEWER
@given(data=st.data(), t=st.integers(1, 30))
def test_the_relatives_too(name, dtype, data, t):
    step, rule, states = RELATIVES[name]
    taken = {"alpha": "lr"}
    given_ = tuple(taken.get(n, n) for n in rule.defaults if n != "psi")
    hyper = data.draw(hyperparameters(given_))
    if name == "nadam":
        # Where both rates are 0 the product of the momenta is 0, and nothing is looked ahead.
        hyper["beta1"] = max(hyper["beta1"], 0.1)
    kind = np.dtype(dtype)
    arrays = {
        n: drawn_array(data, kind, nonnegative=n in ("v", "u")) for n in ("theta", "grad", *states)
    }
    state = {"t": t - 1, **{n: arrays[n] for n in states}}
    start = {n: arrays[n] for n in states}
    product = 1.0
    if name == "nadam":
        product = data.draw(st.floats(0.001, 1.0))
        state["mu_product"] = start["mu_product"] = product
    extra = {"kind": "sum"} if name == "heavy-ball" else {}
    theta, after = step(arrays["theta"], arrays["grad"], state, **hyper, **extra)
    names = {"lr": "alpha"}
    trace = run(
        rule, arrays["theta"], [arrays["grad"]], dtype=dtype, t=t,
        state={n: np.full(SIZE, x) if np.ndim(x) == 0 else x for n, x in start.items()},
        **{names.get(n, n): x for n, x in hyper.items()},
    )  # fmt: skip
    found = bounded_relative(name, Arithmetic(formats.get(kind)), arrays, hyper, t, product)
    for field, got in {"theta": theta, **{n: after[n] for n in states}}.items():
        want = np.asarray(getattr(trace[0], field), dtype=np.float64)
        error = found[field].error
        with np.errstate(all="ignore"):
            half = np.spacing(np.abs(want.astype(dtype))).astype(np.float64) / 2
            off = np.abs(got.astype(np.float64) - want)
        held = np.isinf(error) | ~np.isfinite(want) | (off <= error + half)
        i = int(np.argmin(held))
        assert held.all(), (
            f"{field}[{i}] = {got[i]!r}, but should be {want[i]!r} (bound {error[i]:.3g}) "
            f"[{ {n: float(a[i]) for n, a in arrays.items()} }, {hyper}, t={t}]"
        )
