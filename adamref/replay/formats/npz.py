"""NPZ: NumPy's archive of arrays, and the states that `adamref.fast` saves in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adamref.errors import Unreadable
from adamref.replay.formats.archives import is_archive, members
from adamref.replay.formats.arrays import ArrayInFile
from adamref.replay.formats.format import CheckpointFormat, Contents
from adamref.replay.formats.npy import array_of

_ENDING = ".npy"
_OURS = "adamref.fast.state/1"


def _recognises(path: str) -> bool:
    return is_archive(path) and all(name.endswith(_ENDING) for name in members(path))


def _read(path: str) -> Contents:
    held = {name.removesuffix(_ENDING): array_of(x) for name, x in members(path).items()}
    if held.get("format") == _OURS:
        return Contents(_ours(path, held))
    return Contents(held)


def _ours(path: str, held: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state of `adamref.fast` with the names of its parameters."""
    try:
        names = json.loads(held["keys"])
        states: dict[str, dict[str, Any]] = {str(name): {} for name in names}
        for entry, array in held.items():
            kind, _, rest = entry.partition("/")
            number, _, name = rest.partition("/")
            if kind in ("state", "bfloat16") and name:
                bits = kind == "bfloat16" and isinstance(array, ArrayInFile)
                found = replace(array, dtype="bfloat16") if bits else array
                states[str(names[int(number)])][name] = found
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as because:
        raise Unreadable(path, f"it is a damaged state of adamref.fast ({because})") from because
    return {
        "state": states,
        "param_groups": [
            {"params": list(states), "algorithm": held.get("algorithm"), "step": held.get("t")}
        ],
    }


FORMAT = CheckpointFormat("npz", 30, False, _recognises, _read)
