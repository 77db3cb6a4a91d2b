"""Transformations of optax and optimizers of Keras, watched, traced and not."""

from __future__ import annotations

import os

import numpy as np
import pytest

import adamref
from adamref.errors import MissingInput, StepDeviates

jax = pytest.importorskip("jax", reason="JAX is NOT installed: no step of optax is watched")
optax = pytest.importorskip("optax", reason="optax is NOT installed: no step of it is watched")

pytestmark = pytest.mark.slow

SCHEDULE = optax.cosine_decay_schedule(1e-3, 50)
SAID = {"lr": 1e-3, "weight_decay": 0.1}
WAYS = {
    "adam": (lambda: optax.adam(1e-3), {"lr": 1e-3}),
    "adamw": (lambda: optax.adamw(1e-3, weight_decay=0.1), SAID),
    "schedule": (
        lambda: optax.adamw(SCHEDULE, weight_decay=0.1),
        {"lr": SCHEDULE, "weight_decay": 0.1},
    ),
    "injected": (lambda: optax.inject_hyperparams(optax.adamw)(SCHEDULE), {}),
    "rates": (
        lambda: optax.adam(1e-3, b1=0.8, b2=0.95, eps=1e-6),
        {"lr": 1e-3, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
    ),
    "clipped": (lambda: optax.chain(optax.clip(0.1), optax.adamw(1e-3, weight_decay=0.1)), SAID),
    "amsgrad": (lambda: optax.amsgrad(1e-3), {"lr": 1e-3}),
    "lion": (lambda: optax.lion(1e-3, weight_decay=0), {"lr": 1e-3, "weight_decay": 0}),
    "parts": (
        lambda: optax.multi_transform(
            {x: optax.adamw(1e-3, weight_decay=0.1) for x in "ab"},
            {"dense": {"kernel": "a", "bias": "b"}, "out": "a"},
        ),
        SAID,
    ),
}


def begun():
    draw = np.random.default_rng(0)
    shapes = {"dense": {"kernel": (20, 5), "bias": (5,)}, "out": (5, 3)}
    return jax.tree.map(
        lambda shape: jax.numpy.asarray(draw.normal(size=shape), "float32"),
        shapes,
        is_leaf=lambda x: isinstance(x, tuple),
    )


def trained(watched, steps, jit, params=None):
    params = begun() if params is None else params
    state = watched.init(params)

    def step(params, state, i):
        grads = jax.tree.map(lambda x: jax.numpy.sin(3 * x + i), params)
        updates, state = watched.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    step = jax.jit(step) if jit else step
    for i in range(steps):
        params, state = step(params, state, float(i))
    return params


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_right_steps_of_optax_hold(way, jit):
    make, said = WAYS[way]
    watched = adamref.watch(make(), every=2, **said)
    params = trained(watched, 4, jit)
    report = watched.report()
    assert (report.verdict, report.judged, report.elements) == ("holds", 3, 3 * 120)
    assert 0 < report.worst <= 1
    assert jax.tree.all(jax.tree.map(np.array_equal, params, trained(make(), 4, jit)))


@pytest.mark.parametrize("jit", [False, True])
def test_a_rate_that_is_not_used_is_named(jit):
    seen = []
    watched = adamref.watch(optax.adamw(1e-3), every=1, lr=1.1e-3, on_deviation=seen.append)
    trained(watched, 1, jit)
    assert watched.report().verdict == "deviates"
    assert str(seen[0]).startswith("lr was 0.001 where 0.0011 is written, in dense.bias, dense.ker")


def test_a_deviation_stops_a_run_traced_or_not():
    said = "lr was 0.001 where 0.002 is written"
    watched = adamref.watch(optax.adam(1e-3), lr=2e-3)
    with pytest.raises(StepDeviates, match=said):
        trained(watched, 1, jit=False)
    watched = adamref.watch(optax.adam(1e-3), lr=2e-3)
    with pytest.raises(jax.errors.JaxRuntimeError, match="StepDeviates"):
        jax.block_until_ready(trained(watched, 2, jit=True))


def test_a_state_that_is_not_carried_on_is_told():
    seen, params = [], begun()
    watched = adamref.watch(optax.adam(1e-3), every=1, lr=1e-3, on_deviation=seen.append)
    state = watched.init(params)
    for _ in range(2):
        _, _ = watched.update(params, state, params)
    assert [x.id for x in seen[0].deviations] == ["t-went-back"]


def test_a_watched_transformation_stands_in_a_chain():
    watched = adamref.watch(optax.adam(1e-3), every=1, lr=1e-3)
    trained(optax.chain(optax.clip(1.0), watched), 2, jit=True)
    assert watched.report().judged == 2
    assert repr(watched).startswith("<watch of optax transformation: holds, 2 of 2 steps judged")


def test_an_update_needs_the_parameters():
    watched = adamref.watch(optax.adam(1e-3), lr=1e-3)
    state = watched.init(begun())
    with pytest.raises(MissingInput, match="params"):
        watched.update(begun(), state)


KERAS = {
    "adam": lambda keras: keras.optimizers.Adam(1e-3),
    "decay": lambda keras: keras.optimizers.AdamW(1e-3, weight_decay=0.1),
    "amsgrad": lambda keras: keras.optimizers.Adam(1e-3, amsgrad=True),
    "schedule": lambda keras: keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(1e-3, 20), weight_decay=0.1
    ),
    "clipped": lambda keras: keras.optimizers.Adam(1e-3, clipnorm=0.1),
    "accumulating": lambda keras: keras.optimizers.Adam(1e-3, gradient_accumulation_steps=2),
    "momentum": lambda keras: keras.optimizers.SGD(1e-2, momentum=0.9),
    "rmsprop": lambda keras: keras.optimizers.RMSprop(1e-3),
}


@pytest.fixture
def keras():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", reason="Keras is NOT installed: no step of it is watched")


def fitted(keras, optimizer, **options):
    keras.utils.set_random_seed(1)
    layers = keras.layers.Dense(10, activation="relu"), keras.layers.Dense(3)
    model = keras.Sequential([keras.Input((20,)), *layers])
    model.compile(optimizer, "mse", **options)
    draw = np.random.default_rng(0)
    model.fit(draw.normal(size=(32, 20)), np.ones((32, 3)), batch_size=4, epochs=1, verbose=0)


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("way", KERAS)
def test_right_steps_of_keras_hold(way, eager, keras):
    optimizer = KERAS[way](keras)
    with adamref.watch(optimizer, every=2) as watch:
        fitted(keras, optimizer, run_eagerly=eager)
    report = watch.report()
    judged = 3 if way == "accumulating" else 5
    assert (report.verdict, report.judged, report.elements) == ("holds", judged, judged * 243)
    assert report.worst <= 1
    assert "apply" not in vars(optimizer)


def test_variables_that_do_not_decay_are_judged_so(keras):
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    with adamref.watch(optimizer, every=2) as watch:
        fitted(keras, optimizer)
    assert watch.report().verdict == "holds"


def test_a_rate_that_keras_does_not_use_is_named(keras):
    optimizer, seen = keras.optimizers.Adam(1e-3), []
    with adamref.watch(optimizer, every=1, lr=2e-3, on_deviation=seen.append):
        fitted(keras, optimizer)
    assert str(seen[0]).startswith("lr was 0.001 where 0.002 is written, in sequential")
