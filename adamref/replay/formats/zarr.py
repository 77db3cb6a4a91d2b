"""Zarr, and Orbax's folders, which are Zarr in a database of its own or not; by TensorStore.

TensorStore is what Orbax itself reads and writes by, and does both versions of Zarr, OCDBT and all
compressions. It reads whole chunks: the memory taken is what is asked for, the chunks it lies in,
and a cache of `_CACHE` bytes at most.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, final

import numpy as np

from adamref.errors import MissingPackage, Unreadable
from adamref.replay.checkpoint import StoredArray
from adamref.replay.formats.dtypes import WIDTHS, dtype_of
from adamref.replay.formats.format import CheckpointFormat, Contents
from adamref.replay.formats.reading import inside, json_of, whole
from adamref.replay.formats.tree import NotRead

_ABOUT = "_METADATA"
_ARRAY, _NODE, _GROUP = ".zarray", "zarr.json", ".zgroup"
_CACHE = 1 << 28
_MOST_CHUNK = 1 << 31
"""Bytes that one chunk may take when unpacked, whatever it takes in its file."""
_MOST_FOLDERS, _LOOKED_AT = 1_000_000, 1000


def _tensorstore() -> Any:
    try:
        import tensorstore
    except ImportError as because:
        raise MissingPackage("tensorstore", "a checkpoint of Orbax or Zarr", "orbax") from because
    return tensorstore


@final
@dataclass(frozen=True, eq=False)
class ArrayInZarr(StoredArray):
    """An array that TensorStore reads.

    Attributes
    ----------
    spec : str
        Where it is, as TensorStore's JSON.
    """

    spec: str

    def _elements(self, start: int, stop: int) -> np.ndarray:
        try:
            store = _opened(self.spec)
            parts = [store[box].read().result() for box in boxes(self.shape, start, stop)]
        except (ValueError, OSError, IndexError) as because:
            raise Unreadable(_path_of(self.spec), _said(because)) from because
        flat = [np.asarray(part).reshape(-1) for part in parts]
        return np.concatenate(flat) if flat else np.empty(0, dtype_of(self.dtype))


@lru_cache(maxsize=64)
def _opened(spec: str) -> Any:
    store = _tensorstore()
    return store.open(json.loads(spec), read=True, context=_context()).result()


@lru_cache(maxsize=1)
def _context() -> Any:
    return _tensorstore().Context({"cache_pool": {"total_bytes_limit": _CACHE}})


def _path_of(spec: str) -> str:
    store = json.loads(spec)["kvstore"]
    base = store.get("base", store)
    return str(base["path"])


def _said(because: BaseException) -> str:
    return " ".join(str(because).split())[:300]


def boxes(shape: tuple[int, ...], start: int, stop: int) -> Iterator[tuple[slice, ...]]:
    """Yield boxes that hold the elements between two places, row by row and in order.

    >>> [[(x.start, x.stop) for x in box] for box in boxes((3, 4), 2, 9)]
    [[(0, 1), (2, 4)], [(1, 2), (0, 4)], [(2, 3), (0, 1)]]
    """
    if start >= stop:
        return
    if not shape:
        yield ()
        return
    row = math.prod(shape[1:])
    while start < stop:
        index, within = divmod(start, row)
        if within or stop - start < row:
            end = min(stop, (index + 1) * row)
            for box in boxes(shape[1:], within, end - index * row):
                yield (slice(index, index + 1), *box)
            start = end
        else:
            rows = (stop - start) // row
            yield (slice(index, index + rows), *(slice(0, n) for n in shape[1:]))
            start += rows * row


def _array(spec: Mapping[str, Any]) -> ArrayInZarr | NotRead:
    text = json.dumps(spec)
    try:
        store = _opened(text)
    except (ValueError, OSError) as because:
        return NotRead(_said(because))
    name = store.dtype.name
    if name not in WIDTHS:
        return NotRead(f"it is of {name}, which is no type of a tensor that is read")
    chunk = math.prod(store.chunk_layout.read_chunk.shape or ()) * WIDTHS[name]
    if chunk > _MOST_CHUNK:
        return NotRead(f"a chunk of it has {chunk} bytes; {_MOST_CHUNK} at most are unpacked")
    return ArrayInZarr(tuple(store.shape), name, text)


def _file(path: str) -> dict[str, Any]:
    return {"driver": "file", "path": f"{Path(path).resolve()}/"}


def _has_orbax(path: str) -> bool:
    return (Path(path) / _ABOUT).is_file()


def _is_orbax(path: str) -> bool:
    return _has_orbax(path) or any(_has_orbax(x) for x in _below(path))


def _below(path: str) -> list[str]:
    return sorted(one.path for one in os.scandir(path) if one.is_dir())


def _read_orbax(path: str) -> Contents:
    """Read one item, or each of those that a manager saved beside each other."""
    if _has_orbax(path):
        return Contents(_item(path))
    items = {Path(x).name: _item(x) for x in _below(path) if _has_orbax(x)}
    return Contents(next(iter(items.values())) if len(items) == 1 else items)


def _item(path: str) -> dict[str, Any]:
    about = str(Path(path) / _ABOUT)
    said = json_of(about, whole(about, _ABOUT), _ABOUT)
    entries = said.get("tree_metadata")
    if not isinstance(entries, dict):
        raise Unreadable(about, "it has no tree_metadata")
    driver = "zarr3" if said.get("use_zarr3") else "zarr"
    packed = (Path(path) / "manifest.ocdbt").is_file()
    tree: dict[str, Any] = {}
    for entry in entries.values():
        try:
            keys = [str(one["key"]) for one in entry["key_metadata"]]
            kind = entry["value_metadata"]["value_type"]
        except (KeyError, TypeError) as because:
            raise Unreadable(about, "its tree_metadata is damaged") from because
        if kind in ("None", "Dict", "List", "Tuple", "NamedTuple") or not keys:
            continue
        name = ".".join(keys)
        kvstore = (
            {"driver": "ocdbt", "base": _file(path), "path": f"{name}/"}
            if packed
            else _file(inside(path, name))
        )
        node = tree
        for key in keys[:-1]:
            below = node.setdefault(key, {})
            node = below if isinstance(below, dict) else {}
        node[keys[-1]] = _array({"driver": driver, "kvstore": kvstore})
    return tree


def _is_zarr(path: str) -> bool:
    """Say whether an array or a group is in it, or in one of the first folders in it."""
    folders = islice(os.walk(path), _LOOKED_AT)
    return any(name in files for _, _, files in folders for name in (_ARRAY, _NODE, _GROUP))


def _read_zarr(path: str) -> Contents:
    tree: dict[str, Any] = {}
    for i, (folder, below, files) in enumerate(os.walk(path)):
        if i > _MOST_FOLDERS:
            raise Unreadable(path, f"it has more than {_MOST_FOLDERS} folders")
        kind = _zarr_kind(folder, files)
        if kind:
            below.clear()
            name = Path(folder).relative_to(path).as_posix()
            tree[name] = _array({"driver": kind, "kvstore": _file(folder)})
        below.sort()
    return Contents(tree)


def _zarr_kind(folder: str, files: list[str]) -> str | None:
    if _ARRAY in files:
        return "zarr"
    if _NODE in files:
        about = str(Path(folder) / _NODE)
        if json_of(about, whole(about, _NODE), _NODE).get("node_type") == "array":
            return "zarr3"
    return None


FORMATS = (
    CheckpointFormat("Orbax", 30, True, _is_orbax, _read_orbax),
    CheckpointFormat("Zarr", 40, True, _is_zarr, _read_zarr),
)
