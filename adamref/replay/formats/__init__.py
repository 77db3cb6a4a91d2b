"""Formats of checkpoints: one file a format, found by what the checkpoint holds.

`open_checkpoint` reads no array; what it gives reads them piece by piece.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from adamref.errors import Unreadable
from adamref.replay.formats.assembly import assembled
from adamref.replay.formats.reading import bytes_at, size_of

if TYPE_CHECKING:
    from types import ModuleType

    from adamref.replay.checkpoint import Checkpoint
    from adamref.replay.formats.format import CheckpointFormat

_HDF5 = b"\x89HDF\r\n\x1a\n"


@cache
def checkpoint_formats() -> tuple[CheckpointFormat, ...]:
    """Return every format, in the order in which they are asked."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    own = [one for module in modules for one in _of(module)]
    return tuple(sorted(own, key=lambda one: (one.order, one.name)))


def _of(module: ModuleType) -> tuple[CheckpointFormat, ...]:
    """Return the ``FORMAT`` of a module, or its ``FORMATS``; what has none helps the others."""
    if hasattr(module, "FORMAT"):
        return (module.FORMAT,)
    return getattr(module, "FORMATS", ())


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open a file or a folder, whose format is found by what is in it.

    Parameters
    ----------
    path : path
        An NPZ file, a safetensors file, a file of ``torch.save``, or a folder: of
        ``torch.distributed.checkpoint``, of Hugging Face's Trainer, of Orbax, of Zarr.

    Returns
    -------
    Checkpoint
        No array of it is read yet. What cannot be read of it is listed in `Checkpoint.unread`.

    Raises
    ------
    Unreadable
        If it is not there, of no known format, or damaged so that nothing of it can be read.
    MissingPackage
        If its format needs a package that is not installed.

    Notes
    -----
    Nothing that a checkpoint names is run or imported, and nothing is extracted: pickles are read
    as data (see `adamref.replay.formats.pickles`), archives where they lie. A name that leads out
    of the archive or the folder is refused.
    """
    shown = os.fspath(path)
    where = Path(shown)
    if not where.exists():
        raise Unreadable(shown, "there is no such file or folder")
    if not where.is_dir() and bytes_at(shown, 0, min(8, size_of(shown))) == _HDF5:
        raise Unreadable(shown, "it is HDF5, which is not read: save its arrays as NPZ")
    for one in checkpoint_formats():
        if one.folder is where.is_dir() and one.recognises(shown):
            return assembled(shown, one.name, one.read(shown))
    known = ", ".join(one.name for one in checkpoint_formats() if one.folder is where.is_dir())
    raise Unreadable(shown, f"it is no checkpoint of a format that is known ({known}), or cut off")
