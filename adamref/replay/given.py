"""Checkpoints as they are given: paths, checkpoints, or arrays in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from adamref.errors import MissingInput, OutOfDomain, ShapeMismatch
from adamref.replay.checkpoint import ArrayInMemory, Checkpoint, ParameterGroup, TensorState

_ARRAYS = ("theta", "m", "v", "v_max", "master")


def checkpoint_of(given: object, name: str) -> Checkpoint:
    """Return a checkpoint as the formats give it.

    Parameters
    ----------
    given : path, Checkpoint or mapping
        A mapping is a tensor, with ``theta``, ``m``, ``v`` and ``t``, or tensors by their names,
        each such a mapping. ``v_max`` and ``master`` may be there too.
    name : str
        Of the argument.

    Raises
    ------
    Unreadable
        For a path.
    MissingInput, OutOfDomain, ShapeMismatch
        For anything else.
    """
    if isinstance(given, Checkpoint):
        return given
    if isinstance(given, Mapping):
        tensors = {"theta": given} if _is_tensor(given) else given
        made = tuple(_tensor(f"{name}[{key!r}]", key, x) for key, x in tensors.items())
        return Checkpoint(f"({name})", "memory", made, (ParameterGroup("all"),))
    if isinstance(given, (str, os.PathLike)):
        from adamref.replay.formats import open_checkpoint

        return open_checkpoint(os.fspath(given))
    raise OutOfDomain(name, given, "a path, a mapping of arrays or a Checkpoint")


def _is_tensor(given: Mapping[Any, Any]) -> bool:
    return any(key in given and not isinstance(given[key], Mapping) for key in _ARRAYS)


def _tensor(name: str, key: str, given: Mapping[str, Any]) -> TensorState:
    if not isinstance(given, Mapping):
        raise OutOfDomain(name, given, "a mapping with theta, m, v and t")
    held = {x: np.asarray(given[x]) for x in _ARRAYS if given.get(x) is not None}
    if not held:
        raise MissingInput("theta", f"{name} has none of {', '.join(_ARRAYS)}")
    shape = next(iter(held.values())).shape
    for field, array in held.items():
        if array.shape != shape:
            raise ShapeMismatch(f"{name}[{field!r}]", array.shape, shape, next(iter(held)))
    t = given.get("t")
    arrays = {field: ArrayInMemory.of(array) for field, array in held.items()}
    return TensorState(str(key), t=None if t is None else int(t), group=0, **arrays)
