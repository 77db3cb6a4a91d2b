"""The tolerance of a test: right implementations stay within it, and it is no more than it must."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adamref
from adamref import fast, rules, run
from adamref.errors import OutOfDomain, UnknownName, Unreadable
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.rules.orders import averages
from adamref.rules.orders import steps as orders_of
from adamref.tolerances.given import an_ordinary_test, as_document
from rounded_rules import rounded_run

DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def trial_of(optimizer, dtype, steps, seed, spread=1.0, **hyper):
    """Normal theta and gradients up to 1, with some of any size and some 0."""
    rule = rules.get(optimizer)
    one = an_ordinary_test(rule, dtype, steps, hyper)
    draw, fmt = np.random.default_rng(seed), formats.get(dtype)
    size = 2.0 ** draw.uniform(-20 * spread, 0, (steps, 8))
    g = draw.uniform(-1, 1, (steps, 8)) * size * draw.choice([0, 1, 1, 1], (steps, 8))
    theta = nearest(draw.standard_normal(8), fmt)
    grads = tuple((nearest(x, fmt),) for x in g)
    return replace(one, thetas=(theta,), grads=grads)


def exact(rule, trial, digits=40):
    """The exact real values after the last step, as near as float64 has them."""
    trace = run(
        rule,
        trial.thetas[0],
        [list(g[0]) for g in trial.grads],
        digits=digits,
        alpha=trial.alphas[0],
        **trial.hyper,
    )
    return {n: np.array([float(x) for x in trace[-1][n]]) for n in rule.fields}


def share(found, got, want):
    """How much of a tolerance is used up, by field."""
    used = {}
    for one in found.fields:
        allowed = one.atol + one.rtol * np.abs(want[one.name])
        off = np.abs(got[one.name] - want[one.name])
        with np.errstate(invalid="ignore"):
            used[one.name] = float(np.max(np.where(off == 0, 0.0, off / allowed)))
    return used


def in_any_order(rule, draw):
    """Lines of a rule in an order that is drawn."""
    lines = dict(draw.choice(list(orders_of(rule).values())))
    for name in averages(rule, "beta"):
        order = draw.choice(["beta", "lerp", "weight-first"])
        if name in averages(rule, order):
            lines[name] = averages(rule, order)[name]
    return lines


class Choice:
    """What `in_any_order` draws with, from a Hypothesis draw."""

    def __init__(self, data):
        self._data = data

    def choice(self, of):
        return self._data.draw(st.sampled_from(of))


WORKS = {
    "float32": (("float32", "float32"), ("float32", "float64")),
    "float64": (("float64", "float64"),),
    "bfloat16": (("bfloat16", "float32"),),
}


def of_any_right_one(data, optimizer, dtype, steps):
    """An implementation that is right, and how much of both tolerances it uses up."""
    rule, fmt = rules.get(optimizer), formats.get(dtype)
    trial = trial_of(optimizer, dtype, steps, data.draw(st.integers(0, 2**32)))
    stored, work = data.draw(st.sampled_from(WORKS[dtype]))
    work = formats.get(work)
    narrow = dict.fromkeys(rule.states, fmt) if work.precision > fmt.precision else {}
    ways = ["literal"] if dtype == "float64" else ["literal", "mixed", "rounded"]
    held = formats.get("float32" if dtype == "bfloat16" else dtype)
    convention = data.draw(st.sampled_from(ways))
    got = rounded_run(
        rule,
        trial,
        dtype,
        lines=in_any_order(rule, Choice(data)),
        work=work,
        how=data.draw(st.sampled_from(["exact", "power", "running-product"])),
        stored=narrow,
        convention=(convention, held),
    )
    del stored
    want = exact(rule, trial)
    every = adamref.tolerance(optimizer, dtype, steps, faults=False)
    document = as_document(trial, optimizer, dtype, rule.dialect)
    these = adamref.tolerance(given=document, faults=False)
    for found in (every, these):
        used = share(found, got, want)
        assert all(x <= 1 for x in used.values()), (used, found)


@settings(max_examples=3)
@given(data=st.data())
@pytest.mark.parametrize(
    ("optimizer", "dtype"),
    [("adamw", "float32"), pytest.param("amsgrad", "bfloat16", marks=pytest.mark.slow)],
)
def test_no_right_implementation_exceeds_it(data, optimizer, dtype):
    """Any order of operations, correction and convention, on gradients of many sizes."""
    of_any_right_one(data, optimizer, dtype, data.draw(st.integers(1, 4)))


@pytest.mark.long
@settings(max_examples=5)
@given(data=st.data())
@pytest.mark.parametrize(
    "dtype", ["float32", pytest.param("float64", marks=pytest.mark.long), "bfloat16"]
)
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "amsgrad", "nadam", "rmsprop"])
def test_no_right_implementation_exceeds_it_of_more(data, optimizer, dtype):
    """The same of other rules, and after more steps."""
    steps = data.draw(st.integers(1, 30))
    if optimizer == "nadam":
        return _of_inputs_alone(data, optimizer, dtype, steps)
    return of_any_right_one(data, optimizer, dtype, steps)


def _of_inputs_alone(data, optimizer, dtype, steps):
    with pytest.raises(OutOfDomain, match="unless inputs are given"):
        adamref.tolerance(optimizer, dtype, steps, faults=False)
    rule = rules.get(optimizer)
    trial = trial_of(optimizer, dtype, steps, data.draw(st.integers(0, 2**32)), spread=0.2)
    work = formats.get("float32" if dtype == "bfloat16" else dtype)
    narrow = dict.fromkeys(rule.states, formats.get(dtype)) if dtype == "bfloat16" else {}
    lines = in_any_order(rule, Choice(data))
    got = rounded_run(rule, trial, dtype, lines=lines, work=work, stored=narrow)
    document = as_document(trial, optimizer, dtype, rule.dialect)
    used = share(adamref.tolerance(given=document, faults=False), got, exact(rule, trial))
    assert all(x <= 1 for x in used.values()), used


FAST = {"adam": fast.Adam, "adamw": fast.AdamW, "amsgrad": fast.AMSGrad}


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
@pytest.mark.parametrize("optimizer", FAST)
def test_the_fast_ones_stay_within_it(optimizer, dtype):
    """Those are written by hand, and share nothing with what is bounded."""
    steps, rule = 8, rules.get(optimizer)
    trial = trial_of(optimizer, dtype, steps, 7, spread=0.2)
    theta = trial.thetas[0].astype(dtype)
    hyper = {n: x for n, x in trial.hyper.items() if n in {"eps", "weight_decay"}}
    betas = trial.hyper["beta1"], trial.hyper["beta2"]
    one = FAST[optimizer]([theta], lr=trial.alphas[0], betas=betas, **hyper)
    for (g,) in trial.grads:
        one.step([g.astype(dtype)])
    found = adamref.tolerance(optimizer, dtype, steps, faults=False)
    want = exact(rule, trial)
    used = share(found, {**want, "theta": theta}, want)
    assert used["theta"] <= 1


def worst_seen(optimizer, dtype, steps, seeds):
    """The greatest share of a tolerance that right implementations use up, by field."""
    rule, fmt = rules.get(optimizer), formats.get(dtype)
    found = adamref.tolerance(optimizer, dtype, steps, faults=False)
    worst: dict[str, float] = {}
    for seed, how in product(seeds, ("exact", "power", "running-product")):
        trial = trial_of(optimizer, dtype, steps, seed, spread=0.2)
        want = exact(rule, trial)
        for lines in orders_of(rule).values():
            more = averages(rule, "lerp") if seed % 2 else {}
            got = rounded_run(
                rule, trial, dtype, lines={**lines, **more}, work=fmt, how=how,
                convention=("rounded" if seed % 3 else "mixed", fmt),
            )  # fmt: skip
            for name, x in share(found, got, want).items():
                worst[name] = max(worst.get(name, 0.0), x)
    return worst


def test_it_is_not_absurd():
    """Right implementations use up a part of it that shows: of theta more than a twentieth."""
    worst = worst_seen("adam", "float32", 1, range(3))
    assert worst["theta"] > 1 / 20, worst
    assert worst["v"] > 1 / 3, worst
    assert worst["m"] > 1 / 10, worst


def test_it_says_where_nothing_bounds():
    """In float16 the epsilon of the paper is 0, and v underflows: theta has no tolerance."""
    found = adamref.tolerance("adam", "float16", 3, compute="storage")
    assert math.isinf(found.rtol)
    assert found["m"].is_known
    assert "no bound is known" in found["theta"].says
    assert found.missed == ()
    assert "Faults were not tried" in found.notes[-1]
    large = adamref.tolerance("adam", "float16", 3, smallest=0.5, faults=False, eps=1e-3)
    assert large["theta"].is_known


def test_a_wider_state_is_worked_in_its_own_format():
    """A bfloat16 theta with float32 states: of m and v the bounds are those of float32."""
    narrow = adamref.tolerance("adamw", "bfloat16", 10, state_dtype="float32", faults=False)
    wide = adamref.tolerance("adamw", "float32", 10, faults=False)
    assert narrow.compute == "float32"
    assert narrow["v"].rtol == wide["v"].rtol
    assert narrow["theta"].rtol > 1000 * wide["theta"].rtol
    assert any("beta2 is 1 there" in note for note in narrow.notes)


def test_an_order_that_is_pinned_has_a_narrower_tolerance():
    """A correction that is worked in float64 costs a rounding; a power next to 1 costs digits."""
    any_order = adamref.tolerance("adam", "float32", 1, faults=False)
    pinned = adamref.tolerance(
        "adam", "float32", 1, order={"correction": "exact"}, hyper="mixed", faults=False
    )
    assert pinned.atol < any_order.atol / 100
    with pytest.raises(UnknownName, match="order of m"):
        adamref.tolerance(order=["m=nowhere"])
    with pytest.raises(UnknownName, match="field of adam"):
        adamref.tolerance(order="delta=plain")
    with pytest.raises(OutOfDomain, match="FIELD=NAME"):
        adamref.tolerance(order="lerp")


_ROUNDED_UP = 10.0**-2
"""Two numbers that are rounded up to three digits: each is more by a unit of the third at most."""


def test_larger_gradients_move_m_and_nothing_else():
    """theta's errors are shares of steps: they do not grow with the gradient, those of m do."""
    one, ten = (adamref.tolerance(steps=5, largest=x, faults=False) for x in (1.0, 10.0))
    assert ten["m"].atol == pytest.approx(10 * one["m"].atol, rel=_ROUNDED_UP)
    assert ten.atol == pytest.approx(one.atol, rel=_ROUNDED_UP)
    assert math.isinf(adamref.tolerance(steps=5, largest=1e20, faults=False).rtol)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"optimizer": "adan"}, OutOfDomain, "averages of g and of g"),
        ({"optimizer": "adam-l2"}, OutOfDomain, "unless inputs are given"),
        ({"optimizer": "nobody"}, UnknownName, "nobody"),
        ({"dtype": "float8"}, UnknownName, "float8"),
        ({"steps": 0}, OutOfDomain, "1 to 10000"),
        ({"compute": "float16"}, UnknownName, "storage"),
        ({"weight_decay": 0.1}, UnknownName, "hyperparameter of adam"),
        ({"beta1": 1.5}, OutOfDomain, "beta1"),
        ({"beta1": "much"}, adamref.errors.NotANumber, "beta1"),
        ({"largest": 0.0}, OutOfDomain, "largest"),
        ({"given": {"tensors": []}}, Unreadable, "tolerance-inputs"),
        ({"given": {"tensors": [{"theta": [1], "gradients": [[1, 2]]}]}},
         adamref.errors.ShapeMismatch, "gradients at step 1"),
        ({"given": "nowhere.json"}, Unreadable, "nowhere.json"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(options, error, says):
    """In one line, with what was got and what is wanted."""
    with pytest.raises(error, match=says):
        adamref.tolerance(**{"faults": False, **options})


def test_inputs_of_another_optimizer_are_refused():
    """Rather than to judge them by a rule that they are not of."""
    document = {"rule": "adamw", "tensors": [{"theta": [1.0], "gradients": [[0.5]]}]}
    with pytest.raises(OutOfDomain, match="adamw"):
        adamref.tolerance("adam", given=document)
    assert adamref.tolerance(given=document, faults=False).optimizer == "adamw"
    with pytest.raises(OutOfDomain, match="1 to 1"):
        adamref.tolerance(given=document, steps=2)


def test_a_result_shows_itself():
    """In a line or two, and as JSON."""
    found = adamref.tolerance(faults=False)
    assert repr(found).startswith("<Tolerance of adam in float32 after 1 step: rtol=1.2e-07")
    assert found.to_json()["fields"]["v"]["at"] is None
    assert "numpy.allclose(theta, reference, rtol=" in str(found)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_steps_that_are_rounded_once_stay_within_it(dtype):
    """The best there can be: every step exact from its own state, and rounded once."""
    rule = rules.get("adamw")
    trial = trial_of("adamw", dtype, 6, 3, spread=0.2)
    given_ = [list(g[0]) for g in trial.grads]
    hyper = {"alpha": trial.alphas[0], **trial.hyper}
    made = run(rule, trial.thetas[0], given_, dtype=dtype, resync=True, **hyper)[-1]
    want = exact(rule, trial)
    got = {name: np.asarray(made[name], dtype=np.float64) for name in ("theta", "m", "v")}
    used = share(adamref.tolerance("adamw", dtype, 6, faults=False), got, want)
    assert all(0 < x <= 1 for x in used.values()), used
