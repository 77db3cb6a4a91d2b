"""Groups of parameters as somebody writes them, in place of those of a checkpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from adamref.errors import OutOfDomain
from adamref.outside import departure, read_json
from adamref.replay.checkpoint import Checkpoint, ParameterGroup
from adamref.replay.options import HYPER

SCHEMA = "replay-groups.schema.json"


def regrouped(one: Checkpoint, given: str | os.PathLike[str] | Mapping[str, Any]) -> Checkpoint:
    """Return a checkpoint whose tensors are in the groups given, or else in their own.

    Parameters
    ----------
    one : Checkpoint
    given : path or mapping
        By the name of a group: ``tensors``, patterns of names (``"*.bias"``), and what is known of
        it. What it does not say is what the checkpoint says of the tensor's own group.

    Raises
    ------
    Unreadable
        For a path.
    OutOfDomain
        For a mapping that is not as the schema asks.
    """
    if isinstance(given, Mapping):
        if (said := departure(given, SCHEMA)) is not None:
            raise OutOfDomain("groups", given, f"as {SCHEMA} asks: {said}")
        wanted = given
    else:
        wanted = read_json(Path(given), SCHEMA)
    groups, places = list(one.groups), {}
    tensors = []
    for tensor in one.tensors:
        name = next((n for n, x in wanted.items() if _has(x["tensors"], tensor.name)), None)
        if name is None:
            tensors.append(tensor)
            continue
        # Of one group that is written there are as many as the checkpoint parts it in.
        key = name, tensor.group
        if key not in places:
            places[key] = len(groups)
            groups.append(_written(name, wanted[name], one, tensor.group))
        tensors.append(replace(tensor, group=places[key]))
    return replace(one, tensors=tuple(tensors), groups=tuple(groups))


def _has(patterns: list[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _written(name: str, said: Mapping[str, Any], one: Checkpoint, number: int) -> ParameterGroup:
    own = one.groups[number] if 0 <= number < len(one.groups) else ParameterGroup(name)
    hyper = {**own.hyper, **{n: float(said[n]) for n in HYPER if n in said}}
    # Decay that is written is decoupled, as that which is given is, unless the checkpoint says not.
    flags = {"decoupled": True, **own.flags} if "weight_decay" in said else own.flags
    optimizer = said.get("optimizer", own.optimizer)
    return replace(own, name=name, optimizer=optimizer, hyper=hyper, flags=flags)
