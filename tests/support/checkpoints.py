"""Writers of checkpoints in every format, without the frameworks that write them in life.

They follow the formats and not the readers: what the frameworks themselves write is read in
``tests/replay/test_real_torch.py`` and ``test_real_jax.py``.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

STORAGES = {
    "float64": "DoubleStorage", "float32": "FloatStorage", "float16": "HalfStorage",
    "bfloat16": "BFloat16Storage", "int64": "LongStorage",
}  # fmt: skip
LETTERS = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64",
    "int32": "I32", "uint8": "U8",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A call in a pickle, by name; ``state`` is given to what it gives."""

    name: str
    args: tuple = ()
    state: object = None


@dataclass
class Archive:
    """What ``torch.save`` writes: a pickle, and storages beside it."""

    storages: list[bytes] = field(default_factory=list)

    def written(self, node) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
            file.writestr("archive/data.pkl", b"\x80\x02" + self.pickled(node) + b".")
            file.writestr("archive/byteorder", b"little")
            for i, data in enumerate(self.storages):
                file.writestr(f"archive/data/{i}", data)
            file.writestr("archive/version", b"3\n")
        return out.getvalue()

    def pickled(self, node) -> bytes:
        if isinstance(node, np.ndarray):
            return self._tensor(node)
        if isinstance(node, Call):
            made = _global(node.name) + self.pickled(node.args) + b"R"
            return made if node.state is None else made + self.pickled(node.state) + b"b"
        if isinstance(node, dict):
            pairs = b"".join(self.pickled(x) for pair in node.items() for x in pair)
            return b"}(" + pairs + b"u"
        if isinstance(node, list | tuple):
            items = b"".join(map(self.pickled, node))
            return b"](" + items + b"e" if isinstance(node, list) else b"(" + items + b"t"
        if node is None or isinstance(node, bool):
            return {None: b"N", True: b"\x88", False: b"\x89"}[node]
        if isinstance(node, str):
            text = node.encode()
            return b"X" + struct.pack("<I", len(text)) + text
        if isinstance(node, int):
            return f"I{node}\n".encode()
        return b"G" + struct.pack(">d", node)

    def _tensor(self, array) -> bytes:
        """Write a tensor with the strides that it has, in a storage of its own."""
        base = array if array.base is None or not array.size else array.base
        width = array.itemsize
        strides = tuple(x // width for x in array.strides)
        key = str(len(self.storages))
        self.storages.append(base.tobytes(order="A"))
        kind = _global(f"torch.{STORAGES[array.dtype.name]}")
        there = b"(" + self.pickled("storage") + kind + b"".join(
            self.pickled(x) for x in (key, "cpu", base.size)
        ) + b"tQ"  # fmt: skip
        rest = b"".join(self.pickled(x) for x in (0, array.shape, strides, False))
        ordered = _global("collections.OrderedDict") + b")R"
        rebuilt = _global("torch._utils._rebuild_tensor_v2")
        return rebuilt + b"(" + there + rest + ordered + b"tR"


def _global(name: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def torch_file(path: Path, node) -> Path:
    """Write what ``torch.save(node)`` would."""
    path.write_bytes(Archive().written(node))
    return path


def safetensors(path: Path, arrays, **changed) -> Path:
    """Write tensors; what is changed goes into the header as it is."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        span = [len(data), len(data) + array.nbytes]
        kind = LETTERS[array.dtype.name]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": span}
        data += array.tobytes()
    text = json.dumps({**header, **changed}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def distributed(folder: Path, tree, cut=lambda _name, array: [((0,) * array.ndim, array)]) -> Path:
    """Write a folder of ``torch.distributed.checkpoint``.

    ``cut`` says for a name and an array in which boxes it is stored, a file for each.
    """
    folder.mkdir(parents=True)
    about = "torch.distributed.checkpoint.metadata."
    described, paths, stored = {}, {}, []
    files: dict[int, bytes] = {}

    def store(name, corner, data, rank):
        at = len(files.get(rank, b""))
        files[rank] = files.get(rank, b"") + data
        index = {"fqn": name, "offset": corner and Call("torch.Size", (corner,)), "index": None}
        place = {"relative_path": f"__{rank}_0.distcp", "offset": at, "length": len(data)}
        stored.append((
            Call(f"{about}MetadataIndex", (), index),
            Call("torch.distributed.checkpoint.filesystem._StorageInfo", (), place),
        ))  # fmt: skip

    for path, leaf in _leaves(tree):
        name = ".".join(map(str, path))
        paths[name] = path
        if not isinstance(leaf, np.ndarray):
            described[name] = Call(f"{about}BytesStorageMetadata")
            store(name, None, Archive().written(leaf), 0)
            continue
        chunks = []
        for rank, (corner, part) in enumerate(cut(name, leaf)):
            sizes = {
                "offsets": Call("torch.Size", (corner,)),
                "sizes": Call("torch.Size", (part.shape,)),
            }
            chunks.append(Call(f"{about}ChunkStorageMetadata", (), sizes))
            store(name, corner, Archive().written(part.copy()), rank)
        state = {
            "properties": Call(f"{about}TensorProperties", (), (_Type(leaf.dtype.name), None)),
            "size": Call("torch.Size", (leaf.shape,)),
            "chunks": chunks,
        }
        described[name] = Call(f"{about}TensorStorageMetadata", (), state)
    archive = _Pairs()
    state = {"state_dict_metadata": described, "planner_data": paths, "storage_data": stored}
    data = archive.pickled(Call(f"{about}Metadata", (), state))
    (folder / ".metadata").write_bytes(b"\x80\x02" + data + b".")
    for rank, held in files.items():
        (folder / f"__{rank}_0.distcp").write_bytes(held)
    return folder


@dataclass(frozen=True)
class _Type:
    name: str


class _Pairs(Archive):
    """Writes types by name, and pairs of calls as a dict whose keys are no text."""

    def pickled(self, node) -> bytes:
        if isinstance(node, _Type):
            return _global(f"torch.{node.name}")
        if isinstance(node, list) and node and isinstance(node[0], tuple):
            return b"}(" + b"".join(self.pickled(x) for pair in node for x in pair) + b"u"
        return super().pickled(node)


def _leaves(node, path=()):
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, node


def adam(shapes, t=7, seed=0, dtype="float32"):
    """Return parameters and states of Adam that have been drawn, by name."""
    draw = np.random.default_rng(seed)
    made = {}
    for name, shape in shapes.items():
        theta, m, root = (np.asarray(draw.normal(size=shape), dtype) for _ in range(3))
        made[name] = {"theta": theta, "m": m, "v": np.asarray(root**2, dtype), "t": t}
    return made


def as_torch(state, numbers=True, groups=None, **settings):
    """Return drawn states as torch saves a model and its optimizer."""
    groups = groups or [[*state]]
    order = [name for group in groups for name in group]
    key = {name: i if numbers else name for i, name in enumerate(order)}
    said = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False,
            "maximize": False, "decoupled_weight_decay": True, **settings}  # fmt: skip
    return {
        "model": {name: one["theta"] for name, one in state.items()},
        "optimizer": {
            "state": {
                key[name]: {"step": np.asarray(one["t"], np.float32), "exp_avg": one["m"],
                            "exp_avg_sq": one["v"]}
                for name, one in state.items()
            },
            "param_groups": [
                {**said, "weight_decay": decay, "params": [key[name] for name in group]}
                for group, decay in zip(groups, (said["weight_decay"], 0.0), strict=False)
            ],
        },
    }  # fmt: skip
