"""torch's files: an archive with one pickle, that says what the tensors are, and their storages."""

from __future__ import annotations

import sys
from typing import Any

from adamref.errors import Unreadable
from adamref.replay.formats.archives import is_archive, members
from adamref.replay.formats.format import CheckpointFormat, Contents
from adamref.replay.formats.pickles import read_pickle
from adamref.replay.formats.reading import bytes_at, size_of
from adamref.replay.formats.torch_objects import Storages

_PICKLE = "data.pkl"
_NODES_A_BYTE = 8
"""A node takes a byte or more; only what is named again takes less, as a pair of betas may be."""
_OLD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How files of torch before 1.6 begin: a pickle of its magic number."""


def _recognises(path: str) -> bool:
    if bytes_at(path, 0, min(size_of(path), len(_OLD))) == _OLD:
        return True
    return is_archive(path) and any(_is_pickle(name) for name in members(path))


def _is_pickle(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(f"/{_PICKLE}")


def loaded(path: str, offset: int = 0, length: int | None = None) -> Any:
    """Return what `torch.save` wrote to a file, or to a part of one: see `Storages.plain`.

    Raises
    ------
    Unreadable
        If it is damaged, cut off, of torch before 1.6, or compiled (TorchScript).
    """
    if bytes_at(path, offset, min(size_of(path) - offset, len(_OLD))) == _OLD:
        raise Unreadable(
            path, "it is in the format of torch before 1.6, which is not read: save it again"
        )
    held = members(path, offset, length)
    pickles = [name for name in held if _is_pickle(name)]
    if len(pickles) != 1 or any(name.endswith("/constants.pkl") for name in held):
        raise Unreadable(path, "it is no checkpoint that torch.save wrote (TorchScript is none)")
    top = pickles[0].removesuffix(_PICKLE)
    order = held.get(f"{top}byteorder")
    written = "little" if order is None else order.whole().decode("ascii", "replace").strip()
    stored = f"{top}data/"
    data = held[pickles[0]].whole()
    storages = Storages(
        {name.removeprefix(stored): x for name, x in held.items() if name.startswith(stored)},
        written != sys.byteorder,
        _NODES_A_BYTE * len(data) + 1000,
    )
    return storages.plain(read_pickle(data, path, pickles[0]))


def _read(path: str) -> Contents:
    tree = loaded(path)
    return Contents(tree if isinstance(tree, dict) else {"": tree}, ordered=True)


FORMAT = CheckpointFormat("torch", 10, False, _recognises, _read)
