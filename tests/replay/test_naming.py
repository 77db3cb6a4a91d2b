"""Names of states: by the model's order, by shape, by habit, by the step; else it is said."""

from __future__ import annotations

import numpy as np
import pytest

from adamref import fast
from adamref.replay.formats import open_checkpoint
from adamref.replay.movement import named_by_movement
from checkpoints import adam, as_torch, safetensors, torch_file

ALIKE = {f"layers.{i}.{x}.weight": (8, 8) for i in (2, 10) for x in ("q", "k", "v")}
NORMS = {"attention.weight": (6,), "norm.weight": (6,), "out.bias": (6,)}


def theirs(found, state):
    """Say whether each parameter has the states that were drawn for it."""
    return {
        x.name: x.m is not None and (x.m.read(0, x.m.size) == state[x.name]["m"].ravel()).all()
        for x in found.tensors
        if x.theta is not None
    }


def folder(path, made):
    """Write a folder of a trainer, whose parameters stand in the order of their names."""
    path.mkdir()
    model = made["model"]
    safetensors(path / "model.safetensors", {name: model[name] for name in sorted(model)})
    torch_file(path / "optimizer.pt", made["optimizer"])
    return open_checkpoint(path)


def test_the_order_of_the_model_names_what_is_alike(tmp_path):
    state = adam(ALIKE)
    found = open_checkpoint(torch_file(tmp_path / "a", as_torch(state)))
    assert all(theirs(found, state).values())
    assert found.notes == (
        "names are given to numbers in the order of the model's state, whose shapes all agree",
    )


def test_what_is_not_decayed_is_known_by_habit(tmp_path):
    state = adam({**NORMS, "in.weight": (6,)})
    groups = [["attention.weight", "in.weight"], ["norm.weight", "out.bias"]]
    found = open_checkpoint(torch_file(tmp_path / "a", as_torch(state, groups=groups)))
    assert all(theirs(found, state).values())
    assert found.notes == (
        "biases and norms are taken to be those in the group that is not decayed",
    )


def test_buffers_are_no_parameters(tmp_path):
    state = adam({"a.weight": (3,), "b.weight": (3,)})
    made = as_torch(state)
    ones = np.ones(3, np.float32)
    buffers = {"n.running_mean": ones, "n.running_var": ones, "n.num_batches_tracked": np.array(3)}
    model = made["model"]
    made["model"] = {"a.weight": model["a.weight"], **buffers, "b.weight": model["b.weight"]}
    found = {x.name: x for x in open_checkpoint(torch_file(tmp_path / "a", made)).tensors}
    assert all(found[name].m is not None for name in state)
    assert found["n.running_mean"].m is None


def test_what_nothing_says_is_not_guessed(tmp_path):
    found = folder(tmp_path / "a", as_torch(adam(ALIKE)))
    assert not any(x.theta is not None and x.m is not None for x in found.tensors)
    ((name, because),) = found.unread
    assert name == "states 0, 1, 2 and 3 more"
    assert because == (
        "of shape (8, 8) there are 6 states and 6 parameters (layers.10.k.weight, "
        "layers.10.q.weight, layers.10.v.weight and 3 more), and nothing says which belongs to "
        "which"
    )


def stepped(state, seed):
    """Take a step of AdamW from drawn states; the order of the parameters stays."""
    draw = np.random.default_rng(seed)
    made = {}
    for name, one in state.items():
        grad = draw.normal(size=one["theta"].shape).astype(np.float32)
        held = {"t": one["t"], "m": one["m"], "v": one["v"]}
        theta, state_after = fast.adamw_step(one["theta"], grad, held, weight_decay=0.1)
        made[name] = {"theta": theta, **state_after}
    return made


def test_a_step_names_what_is_alike(tmp_path):
    state = adam(ALIKE)
    after = stepped(state, 1)
    before, later = (folder(tmp_path / x, as_torch(s)) for x, s in (("a", state), ("b", after)))
    for found, want in zip(named_by_movement(before, later), (state, after), strict=True):
        assert (len(found.tensors), found.unread) == (6, ())
        assert all(theirs(found, want).values())
        assert [x.t for x in found.tensors] == [want["layers.2.q.weight"]["t"]] * 6
        assert "by what the step did" in found.notes[-1]


@pytest.mark.parametrize("lost", ["small", "still", "same"])
def test_a_step_that_says_nothing_names_nothing(lost, tmp_path):
    shape = (3,) if lost == "small" else (8, 8)
    state = adam(dict.fromkeys(ALIKE, shape))
    after = stepped(state, 1)
    if lost == "still":
        after = {name: {**one, "theta": state[name]["theta"]} for name, one in after.items()}
    if lost == "same":
        first = next(iter(after.values()))
        after = dict.fromkeys(after, first)
        state = dict.fromkeys(state, next(iter(state.values())))
    before, later = (folder(tmp_path / x, as_torch(s)) for x, s in (("a", state), ("b", after)))
    assert named_by_movement(before, later) == (before, later)


def test_two_that_are_named_stay_as_they_are(tmp_path):
    made = open_checkpoint(torch_file(tmp_path / "a", as_torch(adam(ALIKE))))
    assert named_by_movement(made, made) == (made, made)
