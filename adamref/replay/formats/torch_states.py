"""The state of torch's optimizers: states by number or name, and groups that list those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from adamref.replay.checkpoint import ParameterGroup, StoredArray
from adamref.replay.formats.settings import group_of, setting
from adamref.replay.formats.tree import MOST_DEPTH, NotRead, children, count
from adamref.replay.formats.words import COUNTERS, FIELDS, SHORT

_STATE, _GROUPS = "state", "param_groups"


@final
@dataclass(frozen=True)
class OptimizedParameter:
    """A parameter as an optimizer knows it.

    Attributes
    ----------
    key : int or str
        Its number, counted over all optimizers, or its name.
    states : mapping of str to StoredArray
        By the fields of `TensorState`.
    t : int or None
    group : int
    """

    key: int | str
    states: Mapping[str, StoredArray]
    t: int | None
    group: int

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of its states; None without any."""
        return next((one.shape for one in self.states.values()), None)


@final
@dataclass
class Optimizers:
    """All optimizers of a checkpoint.

    Attributes
    ----------
    params : list of OptimizedParameter
    groups : list of ParameterGroup
    unread : list of (str, str)
    """

    params: list[OptimizedParameter] = field(default_factory=list)
    groups: list[ParameterGroup] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def take(self, name: str, node: Mapping[Any, Any]) -> None:
        """Add one."""
        states = {str(key): x for key, x in children(node[_STATE]) or [] if isinstance(x, Mapping)}
        numbered = len(self.params)
        for _, said in children(node[_GROUPS]) or []:
            if not isinstance(said, Mapping):
                self.unread.append((f"{name}.{_GROUPS}", "a group is no dict"))
                continue
            keys = [key for _, key in children(said.get("params")) or []]
            named = [text for _, text in children(said.get("param_names")) or []]
            names = frozenset(str(x) for key in keys for x in states.get(str(key), {}))
            self.groups.append(group_of(f"{name}.{len(self.groups)}", said, names))
            for i, key in enumerate(keys):
                shown = named[i] if len(named) == len(keys) else key
                if isinstance(shown, int):
                    shown += numbered
                if isinstance(shown, int | str):
                    held = states.pop(str(key), {})
                    self.params.append(self._param(f"{name}.{key}", shown, held, said))
        self.unread += [(f"{name}.{key}", "it is in no parameter group") for key in states]

    def _param(
        self, name: str, key: int | str, held: Mapping[Any, Any], said: Mapping[Any, Any]
    ) -> OptimizedParameter:
        states: dict[str, StoredArray] = {}
        t: int | None = None
        for word, leaf in held.items():
            where = f"{name}.{word}"
            kept = FIELDS.get(str(word)) or SHORT.get(str(word))
            if word in COUNTERS:
                t = count(leaf)
                if t is None:
                    self.unread.append((where, "it is no number of steps"))
            elif isinstance(leaf, NotRead):
                self.unread.append((where, leaf.because))
            elif kept and isinstance(leaf, StoredArray) and kept not in states:
                states[kept] = leaf
            elif isinstance(leaf, StoredArray):
                self.unread.append((where, "a state of that name is not judged"))
        if t is None and "step" in said:
            t = count(said["step"])
        return OptimizedParameter(key, states, t, len(self.groups) - 1)


def optimizers_in(tree: Mapping[Any, Any]) -> tuple[Optimizers, dict[Any, Any]]:
    """Return the optimizers of a tree, and the tree without them."""
    found = Optimizers()
    rest = _without(tree, (), found)
    return found, rest if isinstance(rest, dict) else {}


def _without(node: Any, path: tuple[str, ...], found: Optimizers) -> Any:
    below = children(node)
    if below is None or len(path) > MOST_DEPTH:
        return node
    if isinstance(node, Mapping):
        node = _unflattened(node)
        if children(node.get(_GROUPS)) is not None and children(node.get(_STATE)) is not None:
            found.take(".".join(path) or "optimizer", node)
            return {}
    return {key: _without(x, (*path, str(key)), found) for key, x in below}


def _unflattened(node: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return an optimizer whose keys are flat, ``state.0.weight.exp_avg``, as one that is not.

    So FSDP writes it where it is asked to; each parameter then has its settings by itself, and
    those with the same ones are a group.
    """
    keys = [key for key in node if isinstance(key, str)]
    if not any(x.startswith(f"{_STATE}.") for x in keys) or not any(
        x.startswith(f"{_GROUPS}.") for x in keys
    ):
        return node
    states: dict[str, dict[str, Any]] = {}
    settings: dict[str, dict[str, Any]] = {}
    for kind, into in ((_STATE, states), (_GROUPS, settings)):
        for key in keys:
            if key.startswith(f"{kind}."):
                name, _, last = key.removeprefix(f"{kind}.").rpartition(".")
                into.setdefault(name, {})[last] = node[key]
    groups: dict[str, dict[str, Any]] = {}
    for name, said in settings.items():
        same = repr(sorted((key, _shown(x)) for key, x in said.items()))
        groups.setdefault(same, {**said, "params": []})["params"].append(name)
    return {_STATE: states, _GROUPS: list(groups.values())}


def _shown(leaf: Any) -> str:
    below = children(leaf)
    return str([_shown(x) for _, x in below] if below is not None else setting(leaf) or leaf)
