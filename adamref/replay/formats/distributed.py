"""torch.distributed.checkpoint: shards in a folder, and `.metadata` on where each belongs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adamref.errors import Unreadable
from adamref.replay.checkpoint import StoredArray
from adamref.replay.formats.arrays import Shard, sharded
from adamref.replay.formats.format import CheckpointFormat, Contents
from adamref.replay.formats.pickles import Made, read_pickle, shown
from adamref.replay.formats.reading import inside, whole
from adamref.replay.formats.torch_file import loaded
from adamref.replay.formats.tree import NotRead

_METADATA = ".metadata"
_OF = "torch.distributed.checkpoint.metadata."
_TENSOR, _BYTES = f"{_OF}TensorStorageMetadata", f"{_OF}BytesStorageMetadata"


def _recognises(path: str) -> bool:
    return (Path(path) / _METADATA).is_file()


def _read(path: str) -> Contents:
    about = str(Path(path) / _METADATA)
    said = read_pickle(whole(about, _METADATA), about, _METADATA)
    top = said.state if isinstance(said, Made) and said.is_of(f"{_OF}Metadata") else None
    names = top.get("state_dict_metadata") if isinstance(top, dict) else None
    where = top.get("storage_data") if isinstance(top, dict) else None
    if not isinstance(top, dict) or not isinstance(names, dict) or not isinstance(where, dict):
        raise Unreadable(about, "it is no metadata of torch.distributed.checkpoint")
    stored = _by_name(where)
    paths = top.get("planner_data")
    paths = paths if isinstance(paths, dict) else {}
    tree: dict[Any, Any] = {}
    for name, what in names.items():
        try:
            found = _entry(path, shown(name), what, stored)
        except Unreadable as because:
            found = NotRead(str(because))
        keys = paths.get(name)
        _put(tree, keys if isinstance(keys, tuple) and keys else (shown(name),), found)
    return Contents(tree, ordered=True)


def _by_name(where: dict[Any, Any]) -> dict[str, dict[tuple[int, ...], dict[str, Any]]]:
    """Return where shards are stored, by name and first corner."""
    found: dict[str, dict[tuple[int, ...], dict[str, Any]]] = {}
    for index, info in where.items():
        key = index.state if isinstance(index, Made) else None
        place = info.state if isinstance(info, Made) else None
        if isinstance(key, dict) and isinstance(place, dict):
            corner = _ints(key.get("offset"))
            found.setdefault(shown(key.get("fqn")), {})[corner or ()] = place
    return found


def _ints(node: Any) -> tuple[int, ...] | None:
    if isinstance(node, Made) and node.is_of("torch.Size") and len(node.args) == 1:
        (node,) = node.args
    if isinstance(node, tuple | list) and all(type(x) is int for x in node):
        return tuple(node)
    return None


def _entry(
    folder: str, name: str, what: Any, stored: dict[str, dict[tuple[int, ...], dict[str, Any]]]
) -> Any:
    places = stored.get(name, {})
    if isinstance(what, Made) and what.is_of(_BYTES):
        return _object(folder, next(iter(places.values()), None))
    if not isinstance(what, Made) or not what.is_of(_TENSOR) or not isinstance(what.state, dict):
        return NotRead("its metadata is of a kind that is not read")
    shape, dtype = _ints(what.state.get("size")), _dtype(what.state.get("properties"))
    chunks = what.state.get("chunks")
    if shape is None or not isinstance(chunks, list):
        return NotRead("its metadata does not say its shape and its shards")
    shards: list[Shard] = []
    for chunk in chunks:
        state = chunk.state if isinstance(chunk, Made) and isinstance(chunk.state, dict) else {}
        corner, sizes = _ints(state.get("offsets")), _ints(state.get("sizes"))
        place = None if corner is None else places.get(corner, places.get(()))
        if corner is None or place is None:
            return NotRead(f"its shard at {corner} is stored nowhere")
        array = _object(folder, place)
        if not isinstance(array, StoredArray):
            return (
                array if isinstance(array, NotRead) else NotRead(f"its shard at {corner} is none")
            )
        if array.shape != sizes:
            return NotRead(
                f"its shard at {corner} has shape {array.shape}, where its metadata says {sizes}"
            )
        shards.append(Shard(corner, array))
    whole_array = sharded(shape, dtype or (shards[0].array.dtype if shards else ""), shards)
    return NotRead(whole_array) if isinstance(whole_array, str) else whole_array


def _dtype(properties: Any) -> str | None:
    state = properties.state if isinstance(properties, Made) else None
    first = state[0] if isinstance(state, tuple) and state else None
    if isinstance(state, dict):
        first = state.get("dtype")
    return shown(first).removeprefix("torch.") if first is not None else None


def _object(folder: str, place: dict[str, Any] | None) -> Any:
    """Return what is stored at a place: each is a file of `torch.save` of its own."""
    if place is None:
        return NotRead("it is stored nowhere")
    if place.get("transform_descriptors"):
        return NotRead("it is stored transformed, as compressed or encrypted")
    offset, length = place.get("offset"), place.get("length")
    if not (type(offset) is int and type(length) is int and min(offset, length) >= 0):
        return NotRead("its place in a file is none")
    return loaded(inside(folder, place.get("relative_path")), offset, length)


def _put(tree: dict[Any, Any], keys: tuple[Any, ...], value: Any) -> None:
    """Put a value where keys lead; numbers lead into lists, which are dicts here."""
    for key in keys[:-1]:
        below = tree.setdefault(key, {})
        tree = below if isinstance(below, dict) else {}
    tree[keys[-1]] = value


FORMAT = CheckpointFormat("torch.distributed.checkpoint", 10, True, _recognises, _read)
