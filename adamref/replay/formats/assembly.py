"""A tree of arrays as a checkpoint: parameters with their states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adamref.replay.checkpoint import Checkpoint, StoredArray, TensorState
from adamref.replay.formats.flat import Key, NamedStates, told_by_names
from adamref.replay.formats.naming import named
from adamref.replay.formats.torch_states import OptimizedParameter, Optimizers, optimizers_in
from adamref.replay.formats.tree import leaves

if TYPE_CHECKING:
    from adamref.replay.formats.format import Contents

_WRAPPERS = ("module.", "_orig_mod.", "_fsdp_wrapped_module.")
"""What wrapping a model puts before, or into, the names of its parameters."""


def assembled(path: str, kind: str, contents: Contents) -> Checkpoint:
    """Make a checkpoint of what a format read.

    Raises
    ------
    Unreadable
        If it is nested without end.
    """
    for _ in leaves(contents.tree, path):
        pass  # what has no end is refused before anything else walks through it
    optimizers, rest = optimizers_in(contents.tree)
    told = told_by_names(leaves(rest, path))
    tensors = (
        _of_torch(optimizers, told, contents.ordered) if optimizers.params else _of_names(told)
    )
    groups = tuple(optimizers.groups) or ((told.group,) if told.group else ())
    unread = [*optimizers.unread, *told.unread]
    whole = tuple(_fitting(one, unread) for one in tensors[0])
    return Checkpoint(path, kind, whole, groups, tuple(unread), (*contents.notes, *tensors[1]))


def _of_torch(
    optimizers: Optimizers, told: NamedStates, ordered: bool
) -> tuple[list[TensorState], list[str]]:
    thetas = dict(told.thetas.values())
    by_name = {unwrapped(name): name for name in thetas}
    numbers = [one for one in optimizers.params if isinstance(one.key, int)]
    naming = named(numbers, thetas, optimizers.groups, ordered)
    optimizers.unread += naming.unread
    found: dict[str, TensorState] = {}
    states: list[TensorState] = []
    for one in optimizers.params:
        name = (
            naming.names.get(one.key)
            if isinstance(one.key, int)
            else by_name.get(unwrapped(one.key))
        )
        state = _state(one, name or str(one.key), thetas.get(name) if name else None)
        if name is None or name in found:
            states.append(state)
        else:
            found[name] = state
    ordered_states = [found.get(name) or TensorState(name, x) for name, x in thetas.items()]
    return [*ordered_states, *states], naming.notes


def unwrapped(name: str) -> str:
    """Return the name of a parameter without what wrapping its model put into it."""
    for wrapper in _WRAPPERS:
        name = name.replace(wrapper, "")
    return name


def _state(one: OptimizedParameter, name: str, theta: StoredArray | None) -> TensorState:
    return TensorState(name, theta, t=one.t, group=one.group, **_fields(one.states))


def _fields(states: Mapping[str, StoredArray]) -> dict[str, Any]:
    return {field: states.get(field) for field in ("m", "v", "v_max", "master")}


def _of_names(told: NamedStates) -> tuple[list[TensorState], list[str]]:
    keys: dict[Key, None] = dict.fromkeys([*told.thetas, *told.states])
    group = 0 if told.group else -1
    found = []
    for key in keys:
        name, theta = told.thetas.get(key, (".".join(key), None))
        states = told.states.get(key, {})
        t = told.t_of(key) if states else None
        if states and t is None and len({*told.counters.values()}) > 1:
            told.unread.append((f"{name}.t", "there are several counters, and none is its own"))
        found.append(
            TensorState(name, theta, t=t, group=group if states else -1, **_fields(states))
        )
    return found, []


def _fitting(one: TensorState, unread: list[tuple[str, str]]) -> TensorState:
    """Return a tensor without states of another shape than its own, which are told as unread."""
    shape = one.theta.shape if one.theta is not None else None
    kept: dict[str, StoredArray | None] = {}
    for field, array in (*_fields_of(one),):
        if array is None:
            continue
        if shape is None:
            shape = array.shape
        if array.shape != shape:
            kept[field] = None
            unread.append(
                (f"{one.name}.{field}", f"it has shape {array.shape}, the parameter {shape}")
            )
    if not kept:
        return one
    fields = {**dict(_fields_of(one)), **kept}
    return TensorState(one.name, one.theta, t=one.t, group=one.group, **fields)


def _fields_of(one: TensorState) -> tuple[tuple[str, StoredArray | None], ...]:
    return (("m", one.m), ("v", one.v), ("v_max", one.v_max), ("master", one.master))
