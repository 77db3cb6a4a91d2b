"""Each format gives the same checkpoint, found by its content, element by element."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import fast
from adamref.errors import MissingPackage
from adamref.replay.checkpoint import ArrayInMemory
from adamref.replay.formats import checkpoint_formats, open_checkpoint
from adamref.replay.formats.arrays import Shard, ShardedArray, sharded
from checkpoints import adam, as_torch, distributed, safetensors, torch_file

SHAPES = {"0.weight": (5, 4), "0.bias": (5,), "2.weight": (3, 5), "scale": ()}
STATE = adam(SHAPES)
FIELDS = ("theta", "m", "v")


def flat(state, separator="/"):
    made = {
        separator.join((top, name)): one[field]
        for name, one in state.items()
        for top, field in (("params", "theta"), ("opt_state/0/mu", "m"), ("opt_state/0/nu", "v"))
    }
    return {**made, "opt_state/0/count": np.array(next(iter(state.values()))["t"], np.int32)}


def by_fields(state):
    return {f"{name}.{field}": x for name, one in state.items() for field, x in one.items()}


def in_rows(_, array):
    """Cut the first axis in three, unevenly."""
    at = [0, (len(array) + 2) // 3, len(array) - 1, len(array)] if array.ndim else []
    cuts = [(low, high) for low, high in itertools.pairwise(at) if low < high]
    return [((low, *(0,) * (array.ndim - 1)), array[low:high]) for low, high in cuts] or [
        ((), array)
    ]


def in_columns(_, array):
    if array.ndim < 2:
        return [((0,) * array.ndim, array)]
    return [((0, 0), array[:2, :3]), ((0, 3), array[:2, 3:]), ((2, 0), array[2:])]


def trainer(folder):
    folder.mkdir()
    made = as_torch(STATE)
    names = [*made["model"]]
    for i, some in enumerate((names[:2], names[2:])):
        safetensors(folder / f"part-{i}.safetensors", {x: made["model"][x] for x in some})
    where = {x: f"part-{int(x in names[2:])}.safetensors" for x in names}
    (folder / "model.safetensors.index.json").write_text(
        f'{{"weight_map": {where}}}'.replace("'", '"')
    )
    (folder / "trainer_state.json").write_text('{"global_step": 7}')
    torch_file(folder / "optimizer.pt", made["optimizer"])
    torch_file(folder / "scheduler.pt", {"_last_lr": [1e-3], "last_epoch": 7})
    return folder


def zarr(folder, version):
    tensorstore = pytest.importorskip("tensorstore", reason="Zarr is NOT read here")
    for name, array in flat(STATE).items():
        store = tensorstore.open(
            {"driver": version, "kvstore": {"driver": "file", "path": f"{folder}/{name}/"}},
            create=True, dtype=array.dtype, shape=array.shape,
            chunk_layout=tensorstore.ChunkLayout(chunk_shape=[2] * array.ndim),
        ).result()  # fmt: skip
        store.write(array).result()
    return folder


def npz(path, save, arrays=None):
    with path.open("wb") as file:
        save(file, **(flat(STATE) if arrays is None else arrays))
    return path


MADE = {
    "npz": lambda to: npz(to / "a", np.savez),
    "npz by fields": lambda to: npz(to / "a", np.savez, by_fields(STATE)),
    "npz deflated": lambda to: npz(to / "a", np.savez_compressed),
    "safetensors": lambda to: safetensors(to / "a", flat(STATE)),
    "torch": lambda to: torch_file(to / "a", as_torch(STATE)),
    "torch.distributed.checkpoint": lambda to: distributed(
        to / "a", as_torch(STATE, numbers=False)
    ),
    "torch.distributed.checkpoint rows": lambda to: distributed(
        to / "a", as_torch(STATE, numbers=False), in_rows
    ),
    "torch.distributed.checkpoint boxes": lambda to: distributed(
        to / "a", as_torch(STATE, numbers=False), in_columns
    ),
    "Hugging Face Trainer": lambda to: trainer(to / "a"),
    "Zarr": lambda to: zarr(to / "a", "zarr"),
    "Zarr 3": lambda to: zarr(to / "a", "zarr3"),
}


@pytest.mark.parametrize("kind", MADE)
def test_every_format_gives_the_same(kind, tmp_path):
    with open_checkpoint(MADE[kind](tmp_path)) as found:
        assert kind.startswith(found.format)
        assert (found.unread, sorted(x.name for x in found.tensors)) == ((), sorted(SHAPES))
        for one in found.tensors:
            assert one.t == 7
            for field in FIELDS:
                array, want = getattr(one, field), STATE[one.name][field]
                assert (array.shape, array.dtype) == (want.shape, "float32")
                np.testing.assert_array_equal(array.read(0, array.size), want.reshape(-1))
                low, high = array.size // 3, array.size - array.size // 4
                np.testing.assert_array_equal(array.read(low, high), want.reshape(-1)[low:high])
                again = pickle.loads(pickle.dumps(array))
                np.testing.assert_array_equal(again.read(0, 1), want.reshape(-1)[:1])


def test_groups_have_their_settings(tmp_path):
    groups = [["0.weight", "2.weight"], ["0.bias", "scale"]]
    found = open_checkpoint(torch_file(tmp_path / "a", as_torch(STATE, groups=groups)))
    one, two = found.groups
    assert (one.optimizer, one.hyper["weight_decay"], two.hyper["weight_decay"]) == (
        "adamw",
        0.01,
        0,
    )
    assert one.hyper | {"weight_decay": 0} == two.hyper
    assert one.hyper == {
        "lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01
    }  # fmt: skip
    assert one.flags == {"amsgrad": False, "maximize": False, "decoupled": True}
    assert {x.name: x.group for x in found.tensors} == {
        "0.weight": 0, "2.weight": 0, "0.bias": 1, "scale": 1
    }  # fmt: skip


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_other_orders_are_put_right(save, tmp_path):
    want = np.arange(12.0).reshape(3, 4)
    columns = want if save is np.savez_compressed else np.asfortranarray(want)
    with (tmp_path / "a").open("wb") as file:
        save(file, theta=columns, m=want.astype(">f8"), v=want.astype(">f4"), t=2)
    (one,) = open_checkpoint(tmp_path / "a").tensors
    assert (one.t, one.theta.dtype, one.m.dtype, one.v.dtype) == (
        2,
        "float64",
        "float64",
        "float32",
    )
    for array in (one.theta, one.m, one.v):
        assert [array.read(i, i + 2).tolist() for i in (5, 0, 9)] == [[5, 6], [0, 1], [9, 10]]


def test_a_tensor_with_strides_is_read_in_order(tmp_path):
    whole = np.arange(20, dtype=np.float32).reshape(4, 5)
    torch_file(tmp_path / "a", {"model": {"w": whole.T, "x": whole[1:2]}})
    one, two = open_checkpoint(tmp_path / "a").tensors
    assert one.theta.read(3, 9).tolist() == whole.T.reshape(-1)[3:9].tolist()
    assert one.theta.read(4, 4).shape == (0,)
    assert two.theta.shape == (1, 5)


def test_bfloat16_keeps_its_bits(tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="bfloat16 is NOT read here")
    bits = np.array([0x3F80, 0xFF80, 0x7FC1, 0x0001], np.uint16)
    array = bits.view(ml_dtypes.bfloat16)
    np.savez(tmp_path / "a.npz", theta=array)
    safetensors(tmp_path / "b", {"w": array})
    torch_file(tmp_path / "c", {"w": array})
    for name in ("a.npz", "b", "c"):
        (one,) = open_checkpoint(tmp_path / name).tensors
        assert one.theta.dtype == "bfloat16"
        assert one.theta.read(1, 4).view(np.uint16).tolist() == bits[1:].tolist()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_states_of_our_own_are_read(dtype, tmp_path):
    if dtype == "bfloat16":
        dtype = pytest.importorskip("ml_dtypes", reason="bfloat16 is NOT read here").bfloat16
    theta = {"a/b": np.ones(3, dtype), "c": np.zeros((2, 2), dtype)}
    optimizer = fast.AMSGrad(theta, lr=0.1)
    optimizer.step({"a/b": np.full(3, 2, dtype)})
    optimizer.save(tmp_path / "a")
    found = open_checkpoint(tmp_path / "a")
    assert [(x.name, x.t) for x in found.tensors] == [("a/b", 1), ("c", 0)]
    assert found.groups[0].optimizer == "amsgrad"
    for one in found.tensors:
        for field in ("m", "v", "v_max"):
            want = optimizer.state[one.name][field]
            np.testing.assert_array_equal(getattr(one, field).read(0, want.size), want.reshape(-1))


def test_what_needs_a_package_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorstore", None)
    (tmp_path / "_METADATA").write_text("{\"tree_metadata\": {\"('w',)\": {\"key_metadata\": "
                                        '[{"key": "w"}], "value_metadata": '
                                        '{"value_type": "jax.Array"}}}}')  # fmt: skip
    with pytest.raises(MissingPackage, match="tensorstore is not installed"):
        open_checkpoint(tmp_path)


def test_each_format_has_a_name_of_its_own():
    names = [one.name for one in checkpoint_formats()]
    assert sorted(names) == sorted({*names})
    tried = {name for name in names if any(kind.startswith(name) for kind in MADE)}
    assert {*names} - tried == {"Orbax"}  # only Orbax writes it: see test_real_jax.py


@st.composite
def boxed(draw):
    """An array and a way to cut it along each axis."""
    shape = tuple(draw(st.lists(st.integers(1, 5), max_size=3)))
    array = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    cuts = [[0, *sorted(draw(st.sets(st.integers(1, n)) if n else st.just([]))), n] for n in shape]
    places = [[(a, b) for a, b in itertools.pairwise(c) if a < b] for c in cuts]
    corners = [()]
    for axis in places:
        corners = [(*one, span) for one in corners for span in axis]
    start = draw(st.integers(0, array.size))
    return array, corners, start, draw(st.integers(start, array.size))


def as_shard(array, spans):
    part = array[tuple(slice(a, b) for a, b in spans)]
    return Shard(
        tuple(a for a, _ in spans), ArrayInMemory.of(np.ascontiguousarray(part).reshape(part.shape))
    )


@settings(max_examples=50)
@given(boxed())
def test_shards_are_put_together_wherever_they_are_cut(case):
    array, spans, start, stop = case
    whole = sharded(array.shape, "float32", [as_shard(array, one) for one in spans])
    assert isinstance(whole, ShardedArray | ArrayInMemory)
    assert whole.read(start, stop).tolist() == array.reshape(-1)[start:stop].tolist()


def test_shards_that_do_not_fit_are_no_array():
    array = np.zeros((4, 4), np.float32)
    parts = {
        span: as_shard(array, span)
        for span in (((0, 2), (0, 4)), ((2, 4), (0, 4)), ((1, 3), (0, 4)))
    }
    top, bottom, middle = parts.values()
    said = [
        sharded((4, 4), "float32", some)
        for some in ([top], [top, middle, bottom], [top, bottom, bottom])
    ]
    assert said == [
        "of 16 elements 8 are in no shard",
        "the shards at (0, 0) and (1, 0) overlap",
        "the shards at (2, 0) and (2, 0) overlap",
    ]
    assert "does not lie in" in sharded((3, 4), "float32", [top, bottom])
    assert "is of float32, the array of float16" in sharded((4, 4), "float16", [top, bottom])
