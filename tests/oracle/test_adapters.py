"""Implementations in this process, in each form: what reaches them, what is seen, what is said."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import check_targets as targets
from adamref import fast
from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.session import Failed, Held, Start

HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
THETAS = (np.array([0.5, 2.0]), np.array(1.0), np.ones((2, 1, 3)))
GRADS = [np.array([-15.0, 0.25]), np.array(1.0), np.full((2, 1, 3), 0.5)]


class _Kept:
    """Adam that keeps its moments in something that it holds."""

    def __init__(self, theta, lr, beta1, beta2, eps):
        self.theta, self.lr, self.rates = np.array(theta), lr, (beta1, beta2, eps)
        self.state = self.kept(np.zeros_like(self.theta))

    def step(self, g):
        b1, b2, eps = self.rates
        m, v, t = self.read()
        m, v, t = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g, t + 1
        self.state = self.kept(m.astype(g.dtype), v.astype(g.dtype), t)
        step = self.lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        self.theta = (self.theta - step).astype(g.dtype)
        return self.theta


class InMapping(_Kept):
    def kept(self, m, v=None, t=0):
        return {"m": m, "v": m if v is None else v, "t": t}

    def read(self):
        return self.state["m"], self.state["v"], self.state["t"]


class Moments(NamedTuple):
    m: np.ndarray
    v: np.ndarray
    t: int


class InTuple(_Kept):
    def kept(self, m, v=None, t=0):
        return Moments(m, m if v is None else v, t)

    def read(self):
        return self.state


RIGHT = [
    (targets.step, "function"),
    (targets.step_of_any, "function"),
    (targets.step_by_other_names, "function"),
    (targets.step_with_defaults, "function"),
    (targets.step_with_a_tuple_of_names, "function"),
    (targets.in_place, "function"),
    (targets.Adam, "class"),
    (InMapping, "class"),
    (InTuple, "class"),
    (targets.transformation, "optax"),
    (fast.Adam, "fast"),
    (fast.adam_step, "function"),
]


def begun(target, dtype="float32", optimizer="adam", hyper=HYPER, thetas=THETAS, **options):
    adapter = chosen(target, **options)
    return adapter, adapter.start(Start(dtype, optimizer, thetas, hyper))


def remarks(target, **options):
    adapter, _ = begun(target, **options)
    return {(x.id, x.severity) for held in adapter.step(GRADS) for x in held.remarks}


@pytest.mark.parametrize(("target", "form"), RIGHT)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_each_form_is_found_and_steps(target, form, dtype):
    adapter, abilities = begun(target, dtype)
    assert adapter.name == form
    assert {"lr", "beta1", "beta2"} <= abilities.controls
    for held, theta, g in zip(adapter.step(GRADS), THETAS, GRADS, strict=True):
        assert held.t == 1
        assert held.theta.shape == theta.shape
        assert set(held.dtypes.values()) == {dtype}
        assert not held.remarks
        near = {"rtol": 4 * np.finfo(dtype).eps}
        np.testing.assert_allclose(held.theta, theta - 0.1 * np.sign(g), atol=1e-3)
        np.testing.assert_allclose(held.states["m"], (1 - 0.9) * g, **near)
        np.testing.assert_allclose(held.states["v"], (1 - 0.999) * g * g, **near)


@pytest.mark.parametrize(("target", "form"), RIGHT)
def test_a_loaded_state_is_gone_on_from(target, form):
    del form
    adapter, abilities = begun(target)
    assert "load" in abilities.can
    t = 41
    states = {"m": 0.25, "v": 0.5}
    held = [
        Held(np.full_like(x, 3.0), {n: np.full_like(x, y) for n, y in states.items()}, t)
        for x in THETAS
    ]
    adapter.load(held)
    for after, g in zip(adapter.step(GRADS), GRADS, strict=True):
        right = targets.adam(3.0, g, 0.25, 0.5, t + 1, 0.1, 0.9, 0.999, 1e-8)
        assert after.t == t + 1
        for got, want in zip((after.theta, *after.states.values()), right, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize(("target", "form"), RIGHT)
def test_a_learning_rate_of_its_own_for_a_step(target, form):
    del form
    adapter, abilities = begun(target)
    assert "lr" in abilities.can
    adapter.step(GRADS)
    (before, *_), (after, *_) = adapter.step(GRADS), adapter.step(GRADS, lr=50.0)
    assert np.all(np.abs(after.theta - before.theta) > 40)


@pytest.mark.parametrize(("target", "form"), RIGHT)
def test_start_starts_over_to_the_bit(target, form):
    del form
    adapter, _ = begun(target)
    runs = []
    for _ in range(2):
        adapter.start(Start("float32", "adam", THETAS, HYPER))
        runs.append([adapter.step(GRADS), adapter.step(GRADS)])
    for one, two in zip(*runs, strict=True):
        for a, b in zip(one, two, strict=True):
            assert a.theta.tobytes() == b.theta.tobytes()


@pytest.mark.parametrize("target", [targets.step, targets.Adam, fast.Adam])
def test_a_tensor_without_a_gradient_stays_with_its_own_t(target):
    adapter, abilities = begun(target)
    assert {"skip", "tensors"} <= abilities.can
    adapter.step(GRADS)
    one, two, _ = adapter.step([GRADS[0], None, GRADS[2]])
    assert (one.t, two.t) == (2, 1)
    assert two.theta == adapter.step([None] * 3)[1].theta


def test_only_hyperparameters_with_a_name_reach_a_function():
    assert begun(targets.step)[1].controls == set(HYPER) - {"weight_decay"}
    assert begun(targets.step_of_any)[1].controls == set(HYPER)
    assert begun(targets.transformation)[1].controls == set(HYPER) - {"weight_decay"}
    assert begun(targets.ReadOnly)[1].controls == {"lr", "beta1", "beta2"}


def test_an_argument_takes_the_place_of_a_hyperparameter():
    adapter, abilities = begun(targets.step, args={"eps": 1e3})
    assert "eps" not in abilities.controls
    assert abs(adapter.step(GRADS)[0].theta[1] - 2) < 1e-3


def test_defaults_are_read_from_signatures_and_used_where_asked_for():
    adapter, abilities = begun(targets.step_with_defaults)
    assert abilities.defaults == {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6}
    assert "defaults" in abilities.can
    again = adapter.start(Start("float32", "adam", THETAS, HYPER, defaults=True))
    assert not again.controls
    np.testing.assert_allclose(adapter.step(GRADS)[0].theta, [0.51, 1.99], rtol=1e-5)
    assert "defaults" not in begun(targets.step)[1].can


def test_a_state_without_names_is_invisible_and_cannot_be_loaded():
    adapter, abilities = begun(targets.step_with_a_hidden_state)
    assert "load" not in abilities.can
    (held, *_) = adapter.step(GRADS)
    assert (held.states, held.t) == ({}, None)
    with pytest.raises(Failed, match="its state is no mapping with m, v and t"):
        adapter.load([Held(x, {"m": x, "v": x}, 3) for x in THETAS])


@pytest.mark.parametrize(
    "target",
    [targets.step_with_a_nested_state, targets.step_with_a_tuple, targets.step_with_other_names],
)
def test_a_state_is_found_by_what_steps_make_of_it(target):
    double = 2.0 if target is targets.step_with_other_names else 1.0
    # A float32 rate is off by 2**-25 at most, as is then its complement; some roundings more.
    off = {x: (2**-25 + 4 * 2**-24 * x) / x for x in (0.1, 1e-3)}
    adapter, abilities = begun(target)
    assert "load" in abilities.can
    shown = adapter.step(GRADS)
    for i, held in enumerate(shown):
        assert held.t == 1
        np.testing.assert_allclose(held.states["m"], 0.1 * GRADS[i], rtol=off[0.1])
        np.testing.assert_allclose(held.states["v"], double * 1e-3 * GRADS[i] ** 2, rtol=off[1e-3])
    after = adapter.step(GRADS)
    adapter.load(shown)
    for one, other in zip(after, adapter.step(GRADS), strict=True):
        assert np.array_equal(one.theta, other.theta)
        assert np.array_equal(one.states["v"], other.states["v"])


def test_a_state_with_more_that_matters_cannot_be_loaded_and_says_why():
    """The last gradient is in it as well, but no step depends on it."""
    _, abilities = begun(targets.step_with_powers)
    assert "load" not in abilities.can
    (remark,) = abilities.remarks
    assert (remark.id, remark.severity) == ("hidden-state", "note")
    assert "has power1, power2 beside" in remark.says


def test_a_class_with_properties_that_cannot_be_set_is_seen_but_not_loaded():
    adapter, abilities = begun(targets.ReadOnly)
    assert not {"load", "lr"} & abilities.can
    assert set(adapter.step(GRADS)[0].states) == {"m", "v"}


def test_a_class_may_work_in_place():
    adapter, _ = begun(targets.InPlace)
    np.testing.assert_allclose(adapter.step(GRADS)[0].theta, [0.6, 1.9], rtol=1e-5)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (targets.step, set()),
        (targets.in_place, set()),
        (targets.warns, set()),
        (targets.in_place_but_another, {("input-modified", "note")}),
        (targets.clips_the_gradient, {("gradient-modified", "deviation")}),
        (targets.in_float64, {("wider-dtype", "note")}),
        (targets.in_float16, {("narrower-dtype", "deviation")}),
        (targets.whole_numbers, {("wrong-dtype", "deviation")}),
        (targets.flat, {("wrong-shape", "deviation")}),
        (targets.one_v_for_all, {("wrong-shape", "deviation")}),
    ],
)
def test_how_it_answered_is_remarked(target, found):
    assert remarks(target) == found


def test_a_wider_answer_is_kept_whole_and_handed_back_rounded():
    seen = []

    def step(theta, grad, state, **hyper):
        seen.append(theta)
        return targets.in_float64(theta, grad, state, **hyper)

    adapter, _ = begun(step)
    seen.clear()
    (held, *_) = adapter.step(GRADS)
    adapter.step(GRADS)
    assert held.dtypes["theta"] == "float64"
    assert np.any(held.theta.astype(np.float32) != held.theta)
    assert seen[3].dtype == np.float32
    assert seen[3].tobytes() == held.theta.astype(np.float32).tobytes()


def test_nothing_that_an_implementation_keeps_is_shared_with_us():
    kept = []

    def step(theta, grad, state, **hyper):
        for array in kept:
            array[...] = np.nan
        kept.extend([theta, grad])
        return targets.in_place(theta, grad, state, **hyper)

    adapter, _ = begun(step)
    one, two = adapter.step(GRADS), adapter.step(GRADS)
    assert np.all(np.isfinite([*one[0].theta, *two[0].theta, *GRADS[0]]))


@pytest.mark.parametrize(
    ("target", "id_", "says"),
    [
        (targets.raises, "exception", r"ValueError: not today in raises \(check_targets.py:\d+\)"),
        (targets.exits, "exit", r"it called sys.exit\('enough'\) in step"),
        (targets.words, "wrong-dtype", "theta is an array of str224, but should be an array"),
        (targets.no_pair, "wrong-shape", "it returned ndarray, but should return a pair"),
        (targets.too_many, "wrong-shape", r"theta has shape \(6,\), but should have \(2,\)"),
        (targets.looks_for_nothing, "exception", "AttributeError: .* in looks_for_nothing"),
        (targets.wants_more, "exception", "missing 1 required keyword-only argument: 'q' in step"),
    ],
)
def test_no_answer_is_a_failure_that_says_where(target, id_, says):
    adapter, _ = begun(target)
    with pytest.raises(Failed, match=says) as failed:
        adapter.step(GRADS)
    assert failed.value.id == id_


def test_an_interrupt_is_the_callers():
    with pytest.raises(KeyboardInterrupt):
        begun(targets.interrupts)


def test_counters_of_any_kind_are_read_and_loaded_in_kind():
    kinds = [np.int32, np.float32, float, lambda t: np.array([t]), lambda t: np.array(t, "i8")]
    for kind in kinds:

        def step(theta, grad, state, kind=kind):
            del grad
            t = 0 if state is None else state["t"]
            assert state is None or type(t) is type(kind(3))
            return theta, {"m": theta, "v": theta, "t": kind(int(np.max(t)) + 1)}

        adapter, _ = begun(step)
        assert adapter.step(GRADS)[0].t == 1
        adapter.load([Held(x, {"m": x, "v": x}, 7) for x in THETAS])
        assert adapter.step(GRADS)[0].t == 8


def test_a_counter_that_is_no_whole_number_is_not_compared():
    (held, *_) = begun(targets.half_a_step)[0].step(GRADS)
    assert held.t is None
    assert [x.id for x in held.remarks] == ["wrong-dtype"]


def test_one_counter_for_all_refuses_several():
    adapter, _ = begun(targets.transformation)
    with pytest.raises(Failed, match=r"cannot hold t = \[3, 4\]") as failed:
        adapter.load([Held(x, {"m": x, "v": x}, 3 + (x.size > 1)) for x in THETAS])
    assert failed.value.id == "refusal"


def test_bfloat16_arrays_are_those_of_ml_dtypes():
    pytest.importorskip("ml_dtypes")
    adapter, _ = begun(fast.adam_step, "bfloat16")
    (held, *_) = adapter.step(GRADS)
    assert set(held.dtypes.values()) == {"bfloat16"}
    assert held.theta.tolist() == [0.6015625, 1.8984375]
