"""Optimizers over several arrays: their own t, schedules, states that are saved and taken up."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from adamref import fast
from adamref.errors import (
    MissingInput,
    OutOfDomain,
    ReadOnly,
    ShapeMismatch,
    Unreadable,
    WrongDtype,
)
from algorithms import CLASSES, STEPS, dtype_of

EACH = pytest.mark.parametrize(
    ("kind", "step"), [*zip(CLASSES.values(), STEPS.values(), strict=True)], ids=CLASSES
)
RNG = np.random.default_rng(20150507)


def params(dtype="f4"):
    return {n: RNG.standard_normal(s).astype(dtype) for n, s in (("w", (3, 4)), ("b", ()))}


def gradients(like, count):
    return [
        {n: RNG.standard_normal(x.shape).astype(x.dtype) for n, x in like.items()}
        for _ in range(count)
    ]


@EACH
def test_a_class_takes_the_functional_step_on_each_array(kind, step):
    arrays = params()
    expected = {n: x.copy() for n, x in arrays.items()}
    states = dict.fromkeys(arrays)
    optimizer = kind(arrays, lr=0.01, weight_decay=0.1)
    for grads in gradients(arrays, 4):
        optimizer.step(grads)
        for n, g in grads.items():
            expected[n], states[n] = step(expected[n], g, states[n], lr=0.01, weight_decay=0.1)
    for n, array in arrays.items():
        assert array.tobytes() == expected[n].tobytes()
        for field, value in states[n].items():
            assert np.array_equal(optimizer.state[n][field], value)


@EACH
def test_an_array_without_a_gradient_keeps_its_own_t(kind, step):
    one, other = RNG.standard_normal((2, 5))
    alone = other.copy()
    optimizer = kind([one, other], lr=0.01)
    first, second, third = RNG.standard_normal((3, 5))
    optimizer.step([first, None])
    optimizer.step([second, None])
    optimizer.step([third, third])
    assert optimizer.t == 3
    assert (optimizer.state["0"]["t"], optimizer.state["1"]["t"]) == (3, 1)
    alone, _ = step(alone, third, lr=0.01)
    assert other.tobytes() == alone.tobytes()


def test_a_dict_may_leave_gradients_out():
    arrays = params()
    before = arrays["b"].copy()
    optimizer = fast.Adam(arrays)
    optimizer.step({"w": np.ones((3, 4), "f4")})
    assert arrays["b"] == before
    assert optimizer.state["b"]["t"] == 0


def test_a_schedule_is_asked_with_the_number_of_the_step():
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.1 / t

    theta, alone = np.array([1.0]), np.array([1.0])
    optimizer = fast.AdamW([theta], lr=schedule)
    state = None
    for t in range(1, 4):
        optimizer.step([np.array([2.0])])
        alone, state = fast.adamw_step(alone, np.array([2.0]), state, lr=0.1 / t)
    assert asked == [1, 2, 3]
    assert theta == alone


@EACH
@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_a_saved_state_goes_on_to_the_bit(kind, step, dtype, tmp_path):
    del step
    arrays = params(dtype_of(dtype))
    start = {n: x.copy() for n, x in arrays.items()}
    grads = gradients(arrays, 5)
    optimizer = kind(arrays, lr=0.01)
    for g in grads:
        optimizer.step(g)
    again = {n: x.copy() for n, x in start.items()}
    first = kind(again, lr=0.01)
    for g in grads[:2]:
        first.step(g)
    path = tmp_path / "state.npz"
    first.save(path)
    assert [x.name for x in tmp_path.iterdir()] == ["state.npz"]
    second = kind(again, lr=0.01)
    second.load(path)
    assert second.t == 2
    for g in grads[2:]:
        second.step(g)
    for n, array in arrays.items():
        assert array.tobytes() == again[n].tobytes()
        for field, value in optimizer.state[n].items():
            assert np.array_equal(second.state[n][field], value)


def test_a_state_dict_is_a_copy():
    theta = np.ones(3)
    optimizer = fast.Adam([theta])
    optimizer.step([np.ones(3)])
    saved = optimizer.state_dict()
    held = saved["state"]["0"]["m"].copy()
    optimizer.step([np.ones(3)])
    assert np.array_equal(saved["state"]["0"]["m"], held)
    optimizer.load_state_dict(saved)
    optimizer.step([np.ones(3)])
    assert np.array_equal(saved["state"]["0"]["m"], held)


def test_a_state_that_does_not_fit_is_refused_whole():
    optimizer = fast.Adam([np.ones(3)])
    optimizer.step([np.ones(3)])
    good = optimizer.state_dict()
    before = optimizer.state_dict()["state"]["0"]["m"]
    for change, error, text in (
        ({"algorithm": "nadam"}, OutOfDomain, "algorithm = nadam, but should be adam"),
        ({"state": {}}, MissingInput, r"state\['0'\] is missing"),
        ({"state": {"0": {"t": 1, "m": np.ones(3)}}}, MissingInput, r"state\['0'\]\['v'\]"),
        (
            {"state": {"0": {"t": 1, "m": np.ones(2), "v": np.ones(3)}}},
            ShapeMismatch,
            r"m has shape \(2,\)",
        ),
        (
            {"state": {"0": {"t": 1, "m": np.arange(3), "v": np.ones(3)}}},
            WrongDtype,
            "has dtype int64",
        ),
    ):
        with pytest.raises(error, match=text):
            optimizer.load_state_dict({**good, **change})
    with pytest.raises(MissingInput, match="t is missing: a saved state has it"):
        optimizer.load_state_dict({"algorithm": "adam", "state": {}})
    assert np.array_equal(optimizer.state["0"]["m"], before)


def test_what_is_no_saved_state_is_unreadable(tmp_path):
    optimizer = fast.Adam([np.ones(3)])
    with pytest.raises(Unreadable, match=r"absent\.npz"):
        optimizer.load(tmp_path / "absent.npz")
    torn = tmp_path / "torn.npz"
    torn.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(Unreadable, match=r"torn\.npz"):
        optimizer.load(torn)
    other = tmp_path / "other.npz"
    np.savez(other, x=np.ones(3))
    with pytest.raises(Unreadable, match=r"it is not a state that adamref\.fast wrote"):
        optimizer.load(other)


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    optimizer = fast.Adam([np.ones(3)])
    path = tmp_path / "state.npz"
    optimizer.save(path)
    before = path.read_bytes()

    def full(*_args, **_arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        optimizer.save(path)
    assert path.read_bytes() == before
    assert [x.name for x in tmp_path.iterdir()] == ["state.npz"]


def test_gradients_that_do_not_fit_change_nothing():
    one, other = np.ones(3, "f4"), np.ones(2, "f4")
    optimizer = fast.Adam([one, other])
    with pytest.raises(MissingInput, match="grads is missing: 1 of 2 are there"):
        optimizer.step([one])
    with pytest.raises(
        ShapeMismatch, match=r"grads\['1'\] has shape \(3,\), but should have \(2,\)"
    ):
        optimizer.step([one, one])
    with pytest.raises(WrongDtype, match=r"grads\['1'\] has dtype float64"):
        optimizer.step([one, np.ones(2)])
    with pytest.raises(MissingInput, match=r"the parameter of grads\['c'\]"):
        fast.Adam({"a": one}).step({"c": one})
    assert optimizer.t == 0
    assert (one == 1).all()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_works_on_its_own_arrays(copied):
    theta = np.ones(3)
    optimizer = fast.Adam([theta], lr=0.1)
    other, again = copied((theta, optimizer))
    again.step([np.ones(3)])
    assert np.allclose(other, 0.9)
    assert np.allclose(again.state["0"]["m"], 0.1)
    assert (theta == 1).all()
    assert optimizer.state["0"]["t"] == 0


def test_a_state_that_was_replaced_is_the_one_that_counts():
    one, other = np.ones(3), np.ones(3)
    first, second = fast.Adam([one]), fast.Adam([other])
    for optimizer in (first, second):
        optimizer.step([np.ones(3)])
    m = np.full(3, -2.0)
    first.state["0"]["m"] = m
    first.step([np.ones(3)])
    second.state["0"]["m"][...] = -2.0
    second.step([np.ones(3)])
    assert one.tolist() == other.tolist()
    assert np.allclose(m, -1.7)
    first.state["0"]["v"] = np.ones(2)
    with pytest.raises(ShapeMismatch, match=r"v has shape \(2,\)"):
        first.step([np.ones(3)])


@pytest.mark.parametrize("t", [-1, 2.5, "x", None, 10**400])
def test_a_t_that_counts_no_steps_is_refused(t):
    theta = np.ones(3)
    _, state = fast.adamax_step(theta, theta)
    with pytest.raises(OutOfDomain, match=r"t = .*, but should be a whole number >= 0"):
        fast.adamax_step(theta, theta, {**state, "t": t})
    optimizer = fast.Adam([theta])
    saved = optimizer.state_dict()
    saved["state"]["0"]["t"] = t
    with pytest.raises(OutOfDomain, match=r"t = .*, but should be a whole number >= 0"):
        optimizer.load_state_dict(saved)
    assert fast.adam_step(theta, theta, {"t": np.int8(127), "m": theta, "v": theta})[1]["t"] == 128


def test_keys_may_be_any_text_but_not_the_same(tmp_path):
    names = ("a", "a.npy", "", "x/y", "../z", "bfloat16/q")
    arrays = {n: np.full(2, float(i)) for i, n in enumerate(names)}
    optimizer = fast.Adam(arrays)
    optimizer.step({n: np.full(2, i + 1.0) for i, n in enumerate(names)})
    optimizer.save(tmp_path / "state.npz")
    again = fast.Adam(arrays)
    again.load(tmp_path / "state.npz")
    for n in names:
        assert np.array_equal(again.state[n]["m"], optimizer.state[n]["m"])
    with pytest.raises(OutOfDomain, match="different as text"):
        fast.Adam({1: np.ones(1), "1": np.ones(1)})


def test_a_damaged_file_is_unreadable(tmp_path):
    optimizer = fast.Adam([np.ones(3)])
    plain = tmp_path / "plain.npy"
    np.save(plain, np.ones(3))
    lacking = tmp_path / "lacking.npz"
    np.savez(lacking, format=np.array("adamref.fast.state/1"))
    for path in (plain, lacking):
        with pytest.raises(Unreadable, match=path.name):
            optimizer.load(path)


def test_a_parameter_that_becomes_read_only_is_not_written_to():
    theta = np.ones(2)
    optimizer = fast.Adam([theta])
    theta.flags.writeable = False
    with pytest.raises(ReadOnly, match="0 is read-only"):
        optimizer.step([np.ones(2)])
    assert optimizer.t == 0


@pytest.mark.filterwarnings("default")  # else a step keeps what it may have to put back
def test_arrays_of_two_dtypes_share_no_memory_that_is_made_anew():
    arrays = [np.ones(30_000, "f4"), np.ones(30_000, "f8")]
    optimizer = fast.Adam(arrays)
    grads = [np.ones(30_000, "f4"), np.ones(30_000, "f8")]
    for _ in range(3):
        optimizer.step(grads)
    tracemalloc.start()
    optimizer.step(grads)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000


def test_parameters_must_be_arrays_that_can_be_updated():
    with pytest.raises(
        WrongDtype, match="params has dtype ndarray, but should have a list or a dict"
    ):
        fast.Adam(np.ones(3))
    fixed = np.ones(3)
    fixed.flags.writeable = False
    with pytest.raises(ReadOnly, match="w is read-only"):
        fast.Adam({"w": fixed})
    with pytest.raises(OutOfDomain, match="in_place = False"):
        fast.Adam([np.ones(3)], in_place=False)
    with pytest.raises(WrongDtype, match="0 has dtype >f8, but should have the byte order"):
        fast.Adam([np.ones(3, ">f8")])
    with pytest.raises(WrongDtype, match="0 has dtype MaskedArray"):
        fast.Adam([np.ma.masked_array(np.ones(3))])
