"""Which numbers an implementation holds for a tensor, and what they are."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.forms import graph
from adamref.oracle.observe.forms.holding import LAYERED
from adamref.oracle.observe.forms.results import Unfit
from adamref.oracle.observe.forms.telling import told
from adamref.oracle.observe.forms.trying import trial_of
from adamref.oracle.observe.forms.units import Unit
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from adamref.oracle.observe.forms.plans import Handed, Plan


@final
@dataclass(frozen=True)
class FormReading:
    """What the numbers of an implementation are.

    Attributes
    ----------
    names : mapping of str to str
        The names of entries by adamref's: m, v, t.
    last : frozenset of str
        Roots of lists in which the last index, not the first, tells the tensor.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    last: frozenset[str] = frozenset()


@final
@dataclass(frozen=True)
class Entry:
    """A number that an implementation holds, and where.

    Attributes
    ----------
    name : str
        The same for all tensors.
    tensor : int or None
        To which it belongs; None where it is for all.
    root : str
    path : way
    value : object
    """

    name: str
    tensor: int | None
    root: str
    path: graph.Path
    value: Any


def entries_of(unit: Unit, last: Collection[str] = ()) -> list[Entry]:
    """Return all numbers of a unit, by the tensor that they belong to."""
    found = []
    for root, path, value in unit.numbers():
        tensor, general = _located(unit, root, path, _family(root, path) in last)
        found.append(Entry(general, tensor, root, path, value))
    return found


def by_tensor(entries: Sequence[Entry], count: int) -> list[dict[str, Entry]]:
    """Return the entries of each tensor, by name, with those that are for all."""
    shared = {x.name: x for x in entries if x.tensor is None}
    found = [dict(shared) for _ in range(count)]
    for x in entries:
        if x.tensor is not None and x.tensor < count:
            found[x.tensor][x.name] = x
    return found


def read(plan: Plan, target: Any, given: Handed) -> FormReading:
    """Return what the numbers of an implementation are, as two steps and one with -g show it."""
    trial = trial_of(plan)

    def after(*grads: Any) -> Unit:
        unit = Unit(plan, target, given, "float64", trial.thetas)
        for g in grads:
            unit.step(g)
        return unit

    try:
        with calling("a trial"):
            first, both = after(trial.grads[0]), after(*trial.grads)
            opposite = after(trial.opposite)
    except Failed as failed:
        raise Unfit(failed.says) from failed
    last = _by_the_last(first)
    seen = [by_tensor(entries_of(x, last), 1)[0] for x in (first, both, opposite)]
    numbers = [{n: x.value for n, x in some.items()} for some in seen]
    return FormReading(told(numbers, [g[0] for g in trial.grads]), last)


def _family(root: str, path: graph.Path) -> str:
    return root + "." + (str(path[0][1]) if path and root == "self" else "")


def _by_the_last(unit: Unit) -> frozenset[str]:
    """Return the lists in which the last index tells the tensor: the shapes say so."""
    found = set()
    for root, path, value in unit.numbers():
        for last in (False, True):
            tensor, _ = _located(unit, root, path, last)
            if tensor is None:
                continue
            fits = np.size(value) == math.prod(unit.holder.shapes[tensor])
            if fits and not last:
                break
            if fits:
                found.add(_family(root, path))
    return frozenset(found)


def _located(unit: Unit, root: str, path: graph.Path, last: bool) -> tuple[int | None, str]:
    """Return the tensor that a way leads to, and a name in which all are alike."""
    held = unit.holder
    way: graph.Path = (("attr", "*" if root.startswith("*") else root), *path)
    if held.capacity == 1:
        return 0, graph.text(way)
    if held.name in LAYERED:
        return _in_layers(unit, int(root[1:]) if root.startswith("*") else None, way)
    if root.startswith("*") and held.name == "parameters":
        return int(root[1:]), graph.text(way)
    where = [p for p, (_, key) in enumerate(way) if held.index(key) is not None]
    if not where:
        return None, graph.text(way)
    p = where[-1] if last else where[0]
    key = way[p][1]
    general = (*way[:p], (way[p][0], _without(key, held.names.thetas)), *way[p + 1 :])
    return held.index(key), graph.text(general)


def _in_layers(unit: Unit, layer: int | None, way: graph.Path) -> tuple[int | None, str]:
    part = None
    general: list[tuple[str, Any]] = []
    keys = [(kind, x) for kind, key in way for x in (key if isinstance(key, tuple) else (key,))]
    for kind, key in keys:
        number = (
            re.fullmatch(r"[a-z_]*?(\d+)", key, re.IGNORECASE) if isinstance(key, str) else None
        )
        own = unit.holder.names.index(key)
        if layer is None and type(key) is int:
            layer, general_ = key, "*"
        elif part is None and type(key) is int and key < 2:
            part, general_ = key, "*"
        elif layer is None and number:
            layer, general_ = int(number[1]) - 1, "*"
        elif part is None and own is not None:
            part, general_ = own, _without(key, unit.holder.names.thetas)
        else:
            general_ = key
        general.append((kind, general_))
    if layer is None or part is None:
        return None, graph.text(way)
    return 2 * layer + part, graph.text(tuple(general))


def _without(key: Any, names: Sequence[str]) -> str:
    """Return a key without the name of a tensor."""
    if not isinstance(key, str):
        return "*"
    held = max((x for x in names if x in key), key=len, default="")
    spoken = rf"weights?|bias(es)?|{re.escape(held)}" if held else "weights?|bias(es)?"
    return re.sub(spoken, "*", key)
