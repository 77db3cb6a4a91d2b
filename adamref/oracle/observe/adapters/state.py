"""The state that a plain function returns: what is visible of it, and how another is made of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.oracle.observe.adapters.values import like, steps, taken

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Remark

NAMES = ("m", "v", "v_max", "u")


def entries(state: Any) -> dict[str, Any] | None:
    """Return the entries of a state by name; None if they have no names."""
    if isinstance(state, Mapping):
        return {str(name): value for name, value in state.items()}
    if hasattr(state, "_asdict"):  # a NamedTuple
        return dict(state._asdict())
    if is_dataclass(state) and not isinstance(state, type):
        return {x.name: getattr(state, x.name) for x in fields(state)}
    return None


def replaced(state: Any, changes: Mapping[str, Any]) -> Any:
    """Return a copy of a state in which some entries are others."""
    if isinstance(state, Mapping):
        other = copy.deepcopy(state)
        if hasattr(other, "update"):
            other.update(changes)
            return other
        return {**other, **changes}
    if hasattr(state, "_replace"):
        return copy.deepcopy(state)._replace(**changes)
    return replace(copy.deepcopy(state), **changes)


def shown(
    found: Mapping[str, Any], shape: tuple[int, ...], dtype: str
) -> tuple[dict[str, Array], dict[str, str], int | None, tuple[Remark, ...]]:
    """Read m, v, v_max, u and t of those entries that are there."""
    states: dict[str, Array] = {}
    dtypes: dict[str, str] = {}
    remarks: tuple[Remark, ...] = ()
    for name in NAMES:
        if found.get(name) is not None:
            states[name], dtypes[name], more = taken(name, found[name], shape, dtype)
            remarks += more
    t, more = steps(found.get("t"))
    return states, dtypes, t, (*remarks, *more)


def changes(
    found: Mapping[str, Any], states: Mapping[str, Array], t: int | None, dtypes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the entries that put other numbers into a state, each of the kind it was."""
    made: dict[str, Any] = {}
    for name, values in states.items():
        if name in found:
            kind = dtypes.get(name) or np.asarray(found[name]).dtype
            made[name] = np.array(values, dtype=kind)
    if t is not None and "t" in found:
        made["t"] = like(found["t"], t)
    return made


def other(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name the entries beside the known ones that a step changes."""
    known = {*NAMES, "t", "theta"}
    return [
        name
        for name in after
        if name not in known and name in before and not same(before[name], after[name])
    ]


def same(one: Any, two: Any) -> bool:
    """Say whether two values, of any kind, are the same to the bit."""
    if one is two:
        return True
    try:
        a, b = np.asarray(one), np.asarray(two)
    except (TypeError, ValueError):
        return False
    if a.dtype.kind == "O" or b.dtype.kind == "O":
        return repr(one) == repr(two)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
