"""Optimizers of frameworks: each is reached, seen, loaded and given its own learning rate.

Frameworks are extras: where one is not installed, its tests are skipped and say so.
"""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest

from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.load import named
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.session import Failed, Held, Start

HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
THETAS = (np.array([0.5, 2.0]), np.array(1.0))
GRADS = [np.array([-15.0, 0.25]), np.array(1.0)]
SKLEARN = "sklearn.neural_network._stochastic_optimizers:AdamOptimizer"
ALL = ("torch.optim:Adam", "torch.optim:AdamW", "optax:adam", "keras.optimizers:Adam", SKLEARN)
# What float16 and bfloat16 leave of theta near 0.6, and eps-hat of the first step.
NEAR = {"float64": 1e-5, "float32": 1e-5, "float16": 1e-3, "bfloat16": 8e-3}


def target(name):
    package = name.partition(":")[0].partition(".")[0]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: its optimizers are NOT tried here")
    if package == "optax":
        pytest.importorskip("jax")
    return named(name)


def begun(name, dtype="float32", optimizer="adam", hyper=HYPER, states=("m", "v"), **options):
    adapter = chosen(target(name), **options)
    return adapter, adapter.start(Start(dtype, optimizer, THETAS, hyper, states=states))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_it_steps_in_each_dtype(name, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    adapter, abilities = begun(name, dtype)
    assert {"load", "lr", "shapes", "tensors"} <= abilities.can
    assert {"lr", "beta1", "beta2", "eps"} <= abilities.controls
    one, two = adapter.step(GRADS)
    assert (one.t, two.t, one.dtypes["theta"]) == (1, 1, dtype)
    if "keras" not in name or NEAR[dtype] == 1e-5:
        # Keras forms 1 - beta**t in the dtype: in bfloat16 that of beta2 is 0, and nothing moves.
        np.testing.assert_allclose(one.theta, [0.6, 1.9], rtol=NEAR[dtype])
    np.testing.assert_allclose(one.states["m"], [-1.5, 0.025], rtol=NEAR[dtype])
    np.testing.assert_allclose(one.states["v"], [0.225, 6.25e-5], rtol=NEAR[dtype])


@pytest.mark.parametrize("name", ALL)
def test_a_loaded_state_is_gone_on_from(name):
    adapter, _ = begun(name, "float64")
    states = {"m": 0.25, "v": 0.5}
    held = [Held(x + 1, {n: np.full_like(x, y) for n, y in states.items()}, 40) for x in THETAS]
    adapter.load(held)
    for after, theta, g in zip(adapter.step(GRADS), THETAS, GRADS, strict=True):
        m, v = 0.9 * 0.25 + 0.1 * g, 0.999 * 0.5 + 0.001 * g * g
        assert after.t == 41
        np.testing.assert_allclose(after.states["m"], m, rtol=1e-12)
        np.testing.assert_allclose(after.states["v"], v, rtol=1e-12)
        step = 0.1 * m / (1 - 0.9**41) / (np.sqrt(v / (1 - 0.999**41)) + 1e-8)
        np.testing.assert_allclose(after.theta, theta + 1 - step, rtol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_a_learning_rate_of_its_own_for_a_step(name):
    adapter, _ = begun(name)
    (before, *_), (after, *_) = adapter.step(GRADS), adapter.step(GRADS, lr=50.0)
    assert np.all(np.abs(after.theta - before.theta) > 30)


@pytest.mark.parametrize("name", ALL)
def test_it_starts_over_to_the_bit_and_handles_no_elements(name):
    adapter, _ = begun(name)
    one = adapter.step(GRADS)
    adapter.start(Start("float32", "adam", THETAS, HYPER))
    for a, b in zip(one, adapter.step(GRADS), strict=True):
        assert a.theta.tobytes() == b.theta.tobytes()
    for empty in (np.zeros((0, 3)), np.zeros(0)):
        adapter.start(Start("float32", "adam", (empty, THETAS[0]), HYPER))
        assert adapter.step([empty, GRADS[0]])[0].theta.shape == empty.shape


@pytest.mark.parametrize(
    ("name", "eps"), [("torch.optim:Adam", 1e-8), ("keras.optimizers:Adam", 1e-7), (SKLEARN, 1e-8)]
)
def test_its_own_defaults_are_known_and_used(name, eps):
    adapter, abilities = begun(name)
    want = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": eps}
    assert {x: abilities.defaults[x] for x in want} == want
    assert "defaults" in abilities.can
    assert not adapter.start(Start("float32", "adam", THETAS, HYPER, defaults=True)).controls
    np.testing.assert_allclose(adapter.step(GRADS)[0].theta, [0.501, 1.999], rtol=1e-5)


def test_optax_has_no_default_learning_rate_and_is_given_one():
    _, abilities = begun("optax:adam")
    assert "defaults" not in abilities.can
    adapter = chosen(target("optax:adam"))
    hyper = {**HYPER, "beta1": 0.5}
    assert adapter.start(Start("float32", "adam", THETAS, hyper, defaults=True)).controls == {"lr"}
    np.testing.assert_allclose(adapter.step(GRADS)[0].states["m"], [-1.5, 0.025], rtol=1e-6)


@pytest.mark.parametrize("name", ["torch.optim:Adam", "optax:amsgrad", "keras.optimizers:Adam"])
def test_amsgrad_shows_its_maximum(name):
    adapter, abilities = begun(name, optimizer="amsgrad")
    assert "load" in abilities.can
    adapter.step(GRADS)
    (before, *_), (after, *_) = adapter.step(GRADS), adapter.step([np.zeros(2), np.array(0.0)])
    assert np.all(after.states["v_max"] >= after.states["v"])
    assert np.all(after.states["v"] < before.states["v"])


def test_torch_leaves_a_parameter_without_a_gradient_alone():
    adapter, abilities = begun("torch.optim:Adam")
    assert "skip" in abilities.can
    adapter.step(GRADS)
    one, two = adapter.step([GRADS[0], None])
    assert (one.t, two.t) == (2, 1)


def test_torch_is_asked_through_factories_as_well():
    torch = pytest.importorskip("torch", reason="torch is NOT tried here")

    def foreach(params, **hyper):
        return torch.optim.Adam(params, foreach=True, **hyper)

    def pinned(params):
        return torch.optim.AdamW(params, lr=0.25)

    class Sub(torch.optim.AdamW):
        def __init__(self, params, **hyper):
            super().__init__(params, **hyper)

    for make, optimizer, controls in (
        (foreach, "adam", set(HYPER)),
        (pinned, "adamw", {"lr"}),
        (Sub, "adamw", set(HYPER)),
    ):
        found = opened(make)
        assert (found.adapter, found.optimizer, found.isolated) == ("torch", optimizer, False)
        abilities = found.session.start(Start("float32", optimizer, THETAS, HYPER))
        assert abilities.controls == controls
    abilities = opened(pinned).session.start(Start("float32", "adamw", THETAS, HYPER))
    assert abilities.defaults["weight_decay"] == 0.01


def test_torch_findings():
    torch = pytest.importorskip("torch", reason="torch is NOT tried here")

    class Bad(torch.optim.Adam):
        def step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    p.grad.clamp_(-1, 1)
            super().step()
            self.param_groups[0]["lr"] *= 0.5

    adapter = chosen(Bad)
    adapter.start(Start("float32", "adam", THETAS, HYPER))
    (held, *_) = adapter.step(GRADS)
    assert {x.id for x in held.remarks} == {"gradient-modified", "hyper-modified"}

    class Raises(torch.optim.Adam):
        def step(self):
            raise RuntimeError("no")

    adapter = chosen(Raises)
    adapter.start(Start("float32", "adam", THETAS, HYPER))
    with pytest.raises(Failed, match=r"RuntimeError: no in step \(test_frameworks.py:\d+\)"):
        adapter.step(GRADS)


def test_optax_chains_and_finished_transformations():
    optax = pytest.importorskip("optax", reason="optax is NOT tried here")

    def chained(learning_rate):
        return optax.chain(optax.clip(1e9), optax.adam(learning_rate))

    for make, controls in ((chained, {"lr"}), (optax.adam(0.1), set())):
        adapter = chosen(make)
        abilities = adapter.start(Start("float32", "adam", THETAS, HYPER))
        assert (adapter.name, abilities.controls) == ("optax", controls)
        assert "load" in abilities.can
        np.testing.assert_allclose(adapter.step(GRADS)[0].theta, [0.6, 1.9], rtol=1e-5)


def test_optax_has_64_bits_only_where_they_are_asked_for():
    pytest.importorskip("optax", reason="optax is NOT tried here")
    import jax.numpy as jnp

    begun("optax:adam", "float64")[0].step(GRADS)
    assert jnp.asarray(np.ones(2)).dtype == jnp.float32


def test_keras_needs_no_backend_to_be_named_in_a_process_of_its_own(monkeypatch):
    target("keras.optimizers:Adam")
    monkeypatch.delitem(os.environ, "KERAS_BACKEND", raising=False)
    found = opened("keras.optimizers:AdamW", timeout=60)
    assert (found.adapter, found.optimizer) == ("keras", "adamw")
    found.session.start(Start("float32", "adamw", THETAS, {**HYPER, "weight_decay": 0.5}))
    np.testing.assert_allclose(found.session.step(GRADS)[0].theta, [0.575, 1.8], rtol=1e-5)
    found.session.close()
