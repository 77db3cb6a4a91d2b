"""Checkpoints that training systems wrote, a step apart: no alarm."""

from __future__ import annotations

import os

import numpy as np
import pytest

import adamref
from adamref import fast

pytestmark = pytest.mark.slow

FAST = {
    "adam": (lambda p: fast.Adam(p, lr=1e-2), {"lr": 1e-2, "weight_decay": 0}),
    "adamw": (lambda p: fast.AdamW(p, lr=1e-2), {"lr": 1e-2, "weight_decay": 0.01}),
    "amsgrad": (lambda p: fast.AMSGrad(p, lr=1e-2), {"lr": 1e-2, "weight_decay": 0}),
    "eps-hat": (lambda p: fast.Adam(p, form="eps-hat"), {"lr": 1e-3, "weight_decay": 0}),
    "maximize": (lambda p: fast.Adam(p, maximize=True), {"lr": 1e-3, "weight_decay": 0}),
}
NUMBERS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def held(optimizer, params):
    return {
        name: {"theta": x.copy(), **{n: np.copy(y) for n, y in optimizer.state[name].items()}}
        for name, x in params.items()
    }


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("way", FAST)
def test_a_step_of_fast_holds(way, dtype):
    draw = np.random.default_rng(0)
    params = {"w": draw.normal(size=(20, 5)).astype(dtype), "b": draw.normal(size=5).astype(dtype)}
    make, said = FAST[way]
    optimizer = make(params)
    for _ in range(7):
        before = held(optimizer, params)
        optimizer.step({n: draw.normal(size=x.shape).astype(dtype) for n, x in params.items()})
    found = adamref.replay(before, held(optimizer, params), diagnose=False, **said, **NUMBERS)
    assert (found.verdict, found.unread) == ("holds", ())


def saved(path, tree):
    jax = pytest.importorskip("jax")
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    flat = {
        "/".join(
            str(getattr(x, "key", getattr(x, "name", getattr(x, "idx", x)))) for x in keys
        ): leaf
        for keys, leaf in leaves
    }
    np.savez(path, **{name: np.asarray(x) for name, x in flat.items()})
    return path


@pytest.mark.parametrize("way", ["adam", "adamw", "amsgrad", "schedule"])
def test_a_step_of_optax_holds(way, tmp_path):
    jax = pytest.importorskip("jax", reason="JAX is NOT installed: its steps are NOT replayed")
    optax = pytest.importorskip("optax", reason="optax is NOT installed: NOT replayed")
    schedule = optax.cosine_decay_schedule(1e-2, 20)
    rule = {
        "adam": optax.adam(1e-2),
        "adamw": optax.adamw(1e-2, weight_decay=0.01),
        "amsgrad": optax.amsgrad(1e-2),
        "schedule": optax.adamw(schedule, weight_decay=0.01),
    }[way]
    params = {"w": jax.numpy.linspace(-1, 2, 60).reshape(12, 5), "b": jax.numpy.linspace(1, 2, 5)}
    state, files = rule.init(params), []
    for i in range(6):
        grads = jax.tree.map(lambda x, i=i: jax.numpy.sin(7 * x + i), params)
        updates, state = rule.update(grads, state, params)
        params = optax.apply_updates(params, updates)
        files.append(saved(tmp_path / f"{i}.npz", {"params": params, "opt_state": state}))
    lr = float(schedule(5)) if way == "schedule" else 1e-2
    decay = 0.01 if way in ("adamw", "schedule") else 0
    found = adamref.replay(*files[-2:], lr=lr, weight_decay=decay, diagnose=False, **NUMBERS)
    assert (found.verdict, found.unread) == ("holds", ())


@pytest.mark.parametrize("way", ["adam", "adamw", "amsgrad"])
def test_a_step_of_keras_holds(way, tmp_path):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras", reason="Keras is NOT installed: NOT replayed")
    optimizer = {
        "adam": lambda: keras.optimizers.Adam(1e-2),
        "adamw": lambda: keras.optimizers.AdamW(1e-2, weight_decay=0.01),
        "amsgrad": lambda: keras.optimizers.Adam(1e-2, amsgrad=True),
    }[way]()
    model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(5), keras.layers.Dense(3)])
    model.compile(optimizer, "mse")
    draw, files = np.random.default_rng(0), []
    for i in range(5):
        model.fit(draw.normal(size=(8, 20)), np.ones((8, 3)), batch_size=8, verbose=0)
        every = {x.path: np.asarray(x) for x in (*model.weights, *model.optimizer.variables)}
        np.savez(tmp_path / f"{i}.npz", **every)
        files.append(tmp_path / f"{i}.npz")
    decay = 0.01 if way == "adamw" else 0
    numbers = {**NUMBERS, "eps": 1e-7}
    found = adamref.replay(*files[-2:], lr=1e-2, weight_decay=decay, diagnose=False, **numbers)
    assert found.verdict == "holds"
    assert not [x for x in found.unread if "rate" not in x[0] and "iteration" not in x[0]]
