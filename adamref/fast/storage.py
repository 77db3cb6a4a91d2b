"""States in NPZ files, written so that a crash leaves the old file or the new one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile

import numpy as np

from adamref.errors import Unreadable
from adamref.output import write_whole

_FORMAT = "adamref.fast.state/1"
_SEPARATOR = "/"
_LONGEST = 200


def save(state: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a state; the file appears whole or not at all."""
    arrays: dict[str, Any] = {
        "format": np.array(_FORMAT),
        "algorithm": np.array(state["algorithm"]),
        "t": np.array(state["t"]),
        # By number in the file: keys may be any text.
        "keys": np.array(json.dumps(list(state["state"]))),
    }
    for i, entries in enumerate(state["state"].values()):
        for name, value in entries.items():
            array = np.asarray(value)
            # NumPy's files know no bfloat16: its bits, and what they are.
            if array.dtype.name == "bfloat16":
                arrays[_SEPARATOR.join(("bfloat16", str(i), name))] = array.view(np.uint16)
            else:
                arrays[_SEPARATOR.join(("state", str(i), name))] = array
    write_whole(Path(path), lambda file: np.savez(file, **arrays))


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a state.

    Raises
    ------
    Unreadable
        If there is no such file, or it is not one that `save` wrote.
    """
    try:
        with Path(path).open("rb") as opened:
            _must_fit(opened)
            with np.load(opened, allow_pickle=False) as file:
                arrays = dict(file)
    except OSError as because:
        raise Unreadable(str(path), str(because)) from because
    except Exception as because:  # NumPy parses a header as Python does: anything may come of it
        said = (str(because) or type(because).__name__)[:_LONGEST]
        raise Unreadable(str(path), f"it is no NPZ file that can be read ({said})") from because
    if str(arrays.get("format")) != _FORMAT:
        raise Unreadable(str(path), f"it is not a state that adamref.fast wrote ({_FORMAT})")
    try:
        keys = _keys(arrays["keys"])
        state: dict[str, dict[str, Any]] = {key: {} for key in keys}
        for entry, array in arrays.items():
            kind, *rest = entry.split(_SEPARATOR, 2)
            if rest and kind in ("state", "bfloat16"):
                i, name = rest
                value = array.view(_bfloat16(str(path))) if kind == "bfloat16" else array
                state[keys[int(i)]][name] = _count(value) if name == "t" else value
        return {"algorithm": str(arrays["algorithm"]), "t": _count(arrays["t"]), "state": state}
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as because:
        raise Unreadable(str(path), f"it is damaged ({because})") from because


def _must_fit(opened: BinaryIO) -> None:
    """Check that an archive says to hold no more than its file does: `save` compresses nothing."""
    size = os.fstat(opened.fileno()).st_size
    with ZipFile(opened) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > size:
            raise ValueError("it says to hold more than there is in the file")
    opened.seek(0)


def _keys(array: Any) -> list[str]:
    """Read the keys of the parameters."""
    keys = json.loads(str(array))
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise ValueError("its keys are no list of texts")
    if len(set(keys)) < len(keys):
        raise ValueError("two of its keys are the same")
    return keys


def _count(array: Any) -> int:
    """Read a number of steps."""
    if array.ndim or array.dtype.kind not in "iu":
        raise ValueError("t is no whole number")
    return int(array)


def _bfloat16(path: str) -> Any:
    try:
        import ml_dtypes  # optional
    except ImportError as missing:
        raise Unreadable(path, "it holds bfloat16, which needs ml_dtypes") from missing
    return np.dtype(ml_dtypes.bfloat16)
