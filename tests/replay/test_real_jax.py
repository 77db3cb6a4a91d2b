"""What optax, Keras and Orbax write is read as what it holds."""

from __future__ import annotations

import os

import numpy as np
import pytest

from adamref.replay.formats import open_checkpoint

jax = pytest.importorskip("jax", reason="JAX is NOT installed: its checkpoints are NOT read here")


def flat(tree):
    def named(keys):
        return "/".join(
            str(getattr(x, "key", getattr(x, "name", getattr(x, "idx", x)))) for x in keys
        )

    found, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {named(keys): np.asarray(leaf) for keys, leaf in found}


@pytest.fixture(scope="module")
def made():
    optax = pytest.importorskip("optax", reason="optax is NOT installed: its states are NOT read")
    params = {"dense": {"kernel": jax.numpy.ones((4, 5)), "bias": jax.numpy.arange(5.0)},
              "out": {"kernel": jax.numpy.full((5, 3), 0.5)}}  # fmt: skip
    rule = optax.adamw(optax.cosine_decay_schedule(1e-3, 100))
    state = rule.init(params)
    for i in range(3):
        grads = jax.tree.map(lambda x, i=i: jax.numpy.sin(x + i), params)
        updates, state = rule.update(grads, state, params)
        params = optax.apply_updates(params, updates)
    return {"params": params, "opt_state": state}


def holds(found, made):
    want = flat(made)
    assert found.unread == ()
    assert len(found.tensors) == 3
    for one in found.tensors:
        name = one.name.replace(".", "/")
        assert one.t == 3
        tops = ("params", "opt_state/0/mu", "opt_state/0/nu")
        for array, top in zip((one.theta, one.m, one.v), tops, strict=True):
            leaf = want[f"{top}/{name}"]
            np.testing.assert_array_equal(array.read(0, array.size), leaf.reshape(-1))
            np.testing.assert_array_equal(array.read(3, 5), leaf.reshape(-1)[3:5])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_states_of_optax_are_read(made, save, tmp_path):
    save(tmp_path / "a.npz", **flat(made))
    holds(open_checkpoint(tmp_path / "a.npz"), made)


@pytest.mark.parametrize("options", [{}, {"use_ocdbt": False}, {"use_zarr3": True}])
def test_folders_of_orbax_are_read(made, options, tmp_path):
    orbax = pytest.importorskip("orbax.checkpoint", reason="Orbax is NOT installed: NOT read here")
    pytest.importorskip("tensorstore", reason="TensorStore is NOT installed: Orbax is NOT read")
    with orbax.Checkpointer(orbax.PyTreeCheckpointHandler(**options)) as writer:
        writer.save(tmp_path / "a", made)
    holds(open_checkpoint(tmp_path / "a"), made)
    with orbax.CheckpointManager(tmp_path / "b") as manager:
        manager.save(3, args=orbax.args.StandardSave(made))
    holds(open_checkpoint(tmp_path / "b" / "3"), made)


def test_variables_of_keras_are_read(tmp_path):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras", reason="Keras is NOT installed: NOT read here")
    layers = [
        keras.Input((4,)),
        keras.layers.Dense(5, name="one"),
        keras.layers.Dense(3, name="two"),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(1e-3, amsgrad=True), "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0)
    held = {x.path: np.asarray(x) for x in (*model.weights, *model.optimizer.variables)}
    np.savez(tmp_path / "a.npz", **held)
    found = open_checkpoint(tmp_path / "a.npz")
    assert [x.name for x in found.tensors] == [x.path for x in model.weights]
    for one in found.tensors:
        assert one.t == 1
        joined = f"adam/{one.name.replace('/', '_')}"
        for array, name in (
            (one.theta, one.name), (one.m, f"{joined}_momentum"), (one.v, f"{joined}_velocity"),
            (one.v_max, f"{joined}_velocity_hat"),
        ):  # fmt: skip
            np.testing.assert_array_equal(array.read(0, array.size), held[name].reshape(-1))
