"""What an exact step does with arrays: shapes, strides, blocks, memory, and what is refused."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from adamref.errors import MissingInput, OutOfDomain, ShapeMismatch, UnknownName
from adamref.golden import blocks
from adamref.golden.exact import exact_step
from exact_arrays import DECIMAL, random_state, stepped


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_strides_and_orders(dtype):
    flat = random_state(3, 24, dtype)
    want = exact_step(**flat, **DECIMAL, t=5)
    for shape, view in (
        ((2, 3, 4), lambda a: a.reshape(2, 3, 4)),
        ((4, 6), lambda a: np.asfortranarray(a.reshape(4, 6))),
        ((24,), lambda a: np.repeat(a, 2)[::2]),
        ((24,), lambda a: a[::-1].copy()[::-1]),
    ):
        got = exact_step(**{name: view(a) for name, a in flat.items()}, **DECIMAL, t=5)
        assert got.theta.shape == shape
        assert got.theta.tobytes() == want.theta.tobytes()
        assert got.m.tobytes() == want.m.tobytes()
    single = exact_step(**{name: a[7].reshape(()) for name, a in flat.items()}, **DECIMAL, t=5)
    assert single.theta.shape == ()
    assert single.theta == want.theta[7]
    empty = exact_step(**{name: a[:0].reshape(0, 3) for name, a in flat.items()}, **DECIMAL, t=5)
    assert empty.theta.shape == (0, 3)


def test_blocks_do_not_change_bits(monkeypatch):
    for dtype in ("float32", "float64"):
        arrays = random_state(11, 1000, dtype)
        whole = stepped(arrays, DECIMAL, t=2)
        monkeypatch.setattr(blocks, "_BLOCK", 97)
        monkeypatch.setattr(blocks, "_BLOCK_COMPILED", 101)
        for one, other in zip(whole, stepped(arrays, DECIMAL, t=2), strict=True):
            assert one is other is None or one.tobytes() == other.tobytes()
        monkeypatch.undo()


def test_inputs_are_not_written_to():
    arrays = random_state(13, 100, "float32")
    before = {name: a.copy() for name, a in arrays.items()}
    for a in arrays.values():
        a.flags.writeable = False
    exact_step(**arrays, **DECIMAL, t=2)
    assert all(np.array_equal(a, before[name]) for name, a in arrays.items())


def test_what_is_wrong_is_said():
    four = ([1.0], [1.0], [0.0], [0.0])
    with pytest.raises(ShapeMismatch, match=r"grad has shape \(2,\), but should have \(1,\)"):
        exact_step([1.0], [1.0, 2.0], [0.0], [0.0], t=1, **DECIMAL)
    with pytest.raises(OutOfDomain, match="t = 0, but should be a whole number >= 1"):
        exact_step(*four, t=0, **DECIMAL)
    with pytest.raises(OutOfDomain, match="beta1 = 1"):
        exact_step(*four, t=1, **{**DECIMAL, "beta1": 1})
    with pytest.raises(UnknownName, match="optimizer 'nobody' is unknown"):
        exact_step(*four, t=1, optimizer="nobody", **DECIMAL)
    with pytest.raises(UnknownName, match="dtype of m 'int64' is unknown"):
        exact_step([1.0], [1.0], [0], [0.0], t=1, **DECIMAL)
    with pytest.raises(MissingInput, match="v_max is missing"):
        exact_step(*four, t=1, optimizer="amsgrad", **DECIMAL)
    with pytest.raises(OutOfDomain, match="v_max = an array, but should be absent for adam"):
        exact_step(*four, t=1, v_max=[0.0], **DECIMAL)
    with pytest.raises(OutOfDomain, match=r"weight_decay = 0\.1, but should be 0 for adam"):
        exact_step(*four, t=1, weight_decay=0.1, **DECIMAL)


def test_memory_is_the_results_and_a_few_blocks():
    count = 400_000
    arrays = random_state(29, count, "float32")
    tracemalloc.start()
    exact_step(**arrays, **DECIMAL, t=4)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    results = 3 * 4 * count
    assert peak < results + 60 * 8 * blocks._BLOCK
