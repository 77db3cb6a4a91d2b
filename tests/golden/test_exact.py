"""The certified vector oracle against balls: every element, every result, to the bit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref import rules, run
from adamref.golden import blocks
from adamref.golden.exact import exact_step, step_of
from adamref.numbers import formats
from adamref.rules.hyper import COMMON
from algorithms import dtype_of
from exact_arrays import DECIMAL, DTYPES, GENERIC, LITERAL, agree, random_state, state_of

FORMS = ("paper", "eps-hat", "eps-inside")
OPTIMIZERS = ("adam", "adam-l2", "adamw", "amsgrad")
KINDS = {"decimal": DECIMAL, "literal": LITERAL, "generic": GENERIC}
# Each two of form, optimizer, dtype and hyperparameters meet always, all four in make test-long.
MET = [
    pytest.param(optimizer, form, dtype, hypers, id=f"{form}-{optimizer}-{dtype}-{name}",
                 marks=() if (i + j + k + n) % 3 == 0 else pytest.mark.long)
    for i, form in enumerate(FORMS)
    for j, optimizer in enumerate(OPTIMIZERS)
    for k, dtype in enumerate(DTYPES)
    for n, (name, hypers) in enumerate(KINDS.items())
]  # fmt: skip


@pytest.mark.parametrize(("optimizer", "form", "dtype", "hypers"), MET)
def test_random_elements(optimizer, form, dtype, hypers):
    maximum = optimizer == "amsgrad"
    decay = {"weight_decay": "0.17"} if optimizer in ("adam-l2", "adamw") else {}
    arrays = random_state(1, 40, dtype, maximum)
    assert agree(arrays, hypers, t=3, optimizer=optimizer, form=form, **decay)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hypers", [DECIMAL, LITERAL], ids=["decimal", "literal"])
def test_midpoints_and_other_short_numbers(dtype, hypers):
    """(9 m + g)/10 of short numbers is a midpoint in many elements; 0, ±1 and powers of two too."""
    rng = np.random.default_rng(5)
    digits = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}[dtype]
    top = 1 << digits - 1
    m = rng.integers(top, 2 * top, 150)
    m -= (9 * m) % 10 // 2  # near multiples of ten
    g = 10 * rng.integers(0, top // 8, 150) + 5 - 9 * (m % 10)
    arrays = state_of((rng.integers(-3, 4, 150), g, m, rng.integers(0, 4, 150)), dtype)
    assert agree(arrays, hypers, t=1)


def test_many_ties_are_met_and_settled_without_balls(monkeypatch):
    """At beta1 = 9/10 some percent of float32 m are exact midpoints: no error bound tells them."""
    arrays = random_state(7, 20_000, "float32")
    looked, in_balls = [], []
    look = blocks.Blocks._looked

    def counted(self, inputs, into, carrier, how):
        looked.append((how, len(inputs["g"])))
        return look(self, inputs, into, carrier, how)

    monkeypatch.setattr(blocks.Blocks, "_looked", counted)
    monkeypatch.setattr(blocks.Blocks, "_in_balls", lambda *given: in_balls.append(given))
    exact_step(**arrays, **DECIMAL, t=4)
    unsettled, closely = (
        sum(count for how, count in looked if how == name) for name in ("with ties", "closely")
    )
    assert 0.01 < unsettled / 20_000 < 0.2
    assert closely < unsettled / 50
    assert not in_balls


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "hypers", [DECIMAL, LITERAL, GENERIC], ids=["decimal", "literal", "generic"]
)
def test_moments_that_cancel(dtype, hypers):
    """9 m + g may be so near to 0 that pairs know fewer of its digits than the format has."""
    kind = dtype_of(dtype)
    rest = Fraction(1 - Fraction(str(hypers["beta1"])))
    grad, m = [], []
    for k in range(40):
        m.append(float(np.asarray(1 + k * 2.0**-6, dtype=kind)))
        near = np.asarray(float(-m[-1] * (1 - rest) / rest), dtype=kind)
        for _ in range(k % 8):
            near = np.nextafter(near, kind.type(0))
        grad.append(float(near))
    arrays = state_of(([0.0] * 40, grad, m, [1.0] * 40), dtype)
    assert agree(arrays, hypers, t=1)
    # In L2's gradient too, which v has the square of.
    arrays = state_of((grad, m, [0.0] * 40, [0.0] * 40), dtype)
    decay = Fraction(rest / (1 - rest))
    assert agree(arrays, hypers, t=1, optimizer="adam-l2", weight_decay=decay)


@pytest.mark.parametrize("nothing", ["lr", "beta1", "beta2", "eps"])
@pytest.mark.parametrize("optimizer", ["adam", "amsgrad"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_hyperparameter_of_0_leaves_nothing_to_balls(nothing, optimizer, dtype, monkeypatch):
    arrays = random_state(17, 200, dtype, optimizer == "amsgrad")
    in_balls = []
    one_by_one = blocks.Blocks._in_balls

    def counted(self, *given):
        in_balls.append(given)
        return one_by_one(self, *given)

    monkeypatch.setattr(blocks.Blocks, "_in_balls", counted)
    exact_step(**arrays, **{**DECIMAL, nothing: 0}, t=3, optimizer=optimizer)
    assert len(in_balls) <= 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", ["decoupled-before", "decoupled-after"])
def test_decay_leaves_nothing_to_balls(form, dtype, monkeypatch):
    """Its chains are the longest: low parts grow there, and the range of exponents."""
    in_balls = []
    monkeypatch.setattr(blocks.Blocks, "_in_balls", lambda *given: in_balls.append(given) or 0.0)
    arrays = random_state(19, 400, dtype)
    rule = rules.get("adamw", weight_decay=form)
    exacts = {COMMON[n if n != "lr" else "alpha"].name: Fraction(x) for n, x in GENERIC.items()}
    arrays["g"] = arrays.pop("grad")
    step_of(rule, {**exacts, "weight_decay": Fraction("0.17"), "t": Fraction(3)}, arrays)
    assert not in_balls


@given(st.data())
def test_drawn_elements(data):
    dtype = data.draw(st.sampled_from(DTYPES))
    width = {"float16": 16, "bfloat16": 16, "float32": 32, "float64": 64}[dtype]
    floats = st.floats(width=width if dtype != "bfloat16" else 32, allow_nan=True)
    rows = data.draw(st.lists(st.tuples(*[floats] * 4), min_size=1, max_size=4))
    rates = st.sampled_from(["0", "0.9", 0.9, "0.999", 0.5, 1 - 1e-8])
    hypers = {
        "lr": data.draw(st.sampled_from(["0", "0.001", 1e-3, 1, "1e-30"])),
        "beta1": data.draw(rates),
        "beta2": data.draw(rates),
        "eps": data.draw(st.sampled_from(["1e-8", 0, 1, 1e-8])),
    }
    arrays = state_of(np.array(rows).T, dtype)
    assert agree(arrays, hypers, t=data.draw(st.sampled_from([1, 2, 100, 2**24])))


def test_states_may_have_another_dtype_than_the_parameter():
    arrays = random_state(9, 60, "float32")
    for theta, state in (("bfloat16", "float32"), ("float32", "float64"), ("float64", "float16")):
        mixed = {
            name: a.astype(dtype_of(theta if name in ("theta", "grad") else state))
            for name, a in arrays.items()
        }
        assert agree(mixed, DECIMAL, t=6)


@pytest.mark.long
@pytest.mark.parametrize("hypers", [DECIMAL, LITERAL], ids=["decimal", "literal"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_quarter_of_a_million_elements(dtype, hypers):
    arrays = random_state(17, 250_000, dtype)
    assert agree(arrays, hypers, t=10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_thetas_made_to_lie_next_to_a_midpoint(dtype):
    """A small theta is set so that theta + delta comes as near to a midpoint as its ulp allows."""
    fmt = formats.get(dtype)
    rng = np.random.default_rng(19)
    arrays = random_state(23, 30, dtype)
    hypers = {**DECIMAL, "lr": "1"}
    for i in range(30):
        inputs = {n: arrays[n][i] for n in ("m", "v")}
        step = run(
            rules.ADAM, 0, [arrays["grad"][i]], state=inputs, t=3, digits=60,
            alpha="1", beta1="0.9", beta2="0.999", eps="1e-8",
        )[0]  # fmt: skip
        delta = Fraction(step.delta)
        near = Fraction(fmt.round(delta * (1 + Fraction(int(rng.integers(1, 99)), 10**5))))
        midpoint = near + fmt.ulp(near) / 2
        arrays["theta"][i] = fmt.round(midpoint - delta)
    assert agree(arrays, hypers, t=3)
