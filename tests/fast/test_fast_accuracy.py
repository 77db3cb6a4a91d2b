"""One step from any state, and whole trajectories: within the bounds of the order of operations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import exact_step, fast, rules, run
from adamref.bounds import Arithmetic, exactly
from adamref.numbers import formats
from adamref.strategies import hyperparameters, numbers
from algorithms import DTYPES, dtype_of
from orders import bounded_relative, bounded_step

SIZE = 3
# A tenth of the profile's: each example holds several elements, and there are many cases.
FEWER = settings(max_examples=settings().max_examples // 10)
STEPS = {
    "adam": (fast.adam_step, "paper"),
    "adam-eps-hat": (fast.adam_step, "eps-hat"),
    "adam-l2": (fast.adam_step, "paper"),
    "adamw": (fast.adamw_step, "paper"),
    "amsgrad": (fast.amsgrad_step, "paper"),
}


def drawn_array(data, dtype, *, nonnegative=False):
    values = data.draw(st.lists(numbers(dtype), min_size=SIZE, max_size=SIZE))
    array = np.array(values).astype(dtype)
    return np.abs(array) if nonnegative else array


@pytest.mark.slow
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
@settings(max_examples=settings().max_examples // 4)  # a dozen steps an example
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
        bounded = bounded_step("adam", arithmetic, {**bounded, "grad": gradient}, hyper, t)
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
