"""Putting what follows its steps around a target, by name, before anybody imports it."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, final

from adamref.errors import AdamrefError, CannotFollow
from adamref.mutation.following import FOLLOWER
from adamref.mutation.identifying import identify
from adamref.mutation.orders import KnownUse, Order, RunTold
from adamref.oracle.observe.adapters.instance import ClassAdapter
from adamref.oracle.observe.calling.names import parameters
from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.sessions.detect import chosen, signs
from adamref.oracle.observe.sessions.load import module_of

_FILE = ".py:"


def inject(order: Order) -> None:
    """Follow the target of an order from now on, whoever imports it."""
    obey(order)
    module, path, place = parted(order.target)
    if place and place not in sys.path:
        sys.path.append(place)
    found = sys.modules.get(module)
    if found is not None:
        _plant(found, path, order)
        return
    sys.meta_path.insert(0, _Finder(module, path, order))


def obey(order: Order) -> None:
    """Do to its steps from now on what an order says."""
    FOLLOWER.mode, FOLLOWER.fault = order.mode, order.fault
    FOLLOWER.own_rounding = order.own_rounding
    FOLLOWER.dialects = {x.configuration: x.dialect for x in order.known if x.dialect is not None}
    FOLLOWER.steps = FOLLOWER.changed = FOLLOWER.unknown = 0


def parted(target: str) -> tuple[str, str, str]:
    """Return the module of a target, the attribute, and from which folder a file is imported."""
    file, is_file, path = target.rpartition(_FILE)
    if not is_file:
        module, _, path = target.partition(":")
        return module, path, ""
    place, module = module_of(Path(file + _FILE[:-1]))
    return module, path, place


def told(order: Order) -> RunTold:
    """Return what was found, without the tests."""
    known: list[KnownUse] = []
    if order.mode == "observe":
        for configuration, runs in FOLLOWER.observed.items():
            dialect = identify(order.optimizer, configuration, runs)
            known.append(KnownUse(configuration, dialect, sum(map(len, runs))))
    its = FOLLOWER
    counts = its.steps, its.changed, its.unknown
    of = list(its.takes), its.interface, dict(its.names)
    return RunTold({}, known, *counts, its.failed, _refused, *of)


_refused = ""


def _plant(module: ModuleType, path: str, order: Order) -> None:
    global _refused  # noqa: PLW0603 - what is planted is the process's
    *above, name = path.split(".")
    holder: Any = module
    try:
        for one in above:
            holder = getattr(holder, one)
        target = getattr(holder, name)
    except AttributeError:
        _refused = f"{order.target}: {module.__name__} has no {path}"
        return
    FOLLOWER.busy = True
    try:
        made = _live(target, order).installed()
    except AdamrefError as error:
        _refused = str(error)
        return
    finally:
        FOLLOWER.busy = False
    if made is target:
        return
    setattr(holder, name, made)
    for other in list(sys.modules.values()):
        # What has been imported from it already is exchanged too.
        for key, x in list(getattr(other, "__dict__", {}).items()):
            if x is target and isinstance(other, ModuleType):
                setattr(other, key, made)


def _live(target: Any, order: Order) -> Any:
    name = order.adapter
    if name is None:
        strong = signs(target).get(Sign.BASE, ())
        name = strong[0] if strong else chosen(target).name
        # Whatever it is made on and given, one array or several, its step is followed alike.
        if name not in _KINDS and ClassAdapter.recognises(target) is not Sign.NONE:
            name = ClassAdapter.name
    if name not in _KINDS:
        says = f"mutate knows no way to follow the steps of {name}; it follows {', '.join(_KINDS)}"
        raise CannotFollow(order.target, says)
    from adamref.rules.family import family

    read_as = order.optimizer if order.optimizer in family() else "adam"
    FOLLOWER.interface = name
    FOLLOWER.takes = tuple(parameters(target).named)
    file, kind = _KINDS[name]
    return getattr(importlib.import_module(f"adamref.mutation.live.{file}"), kind)(target, read_as)


_KINDS = {
    "function": ("functions", "LiveFunction"),
    "torch": ("torch", "LiveTorch"),
    "optax": ("optax", "LiveOptax"),
    "keras": ("keras", "LiveKeras"),
    "class": ("instances", "LiveInstances"),
    "fast": ("instances", "LiveInstances"),
    "sklearn": ("sklearn", "LiveSklearn"),
}
"""The file and the class that follow what an adapter is for."""


@final
class _Finder:
    """Finds one module as all others do, and plants once it has been read."""

    def __init__(self, module: str, path: str, order: Order) -> None:
        self._module, self._path, self._order = module, path, order

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the module by those that are asked after this one."""
        if name != self._module:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                made: Any = _Loader(spec.loader, self._path, self._order)
                spec.loader = made
                return spec
        return None


@final
class _Loader:
    """A loader that plants what it has loaded."""

    def __init__(self, inner: Any, path: str, order: Order) -> None:
        self._inner, self._path, self._order = inner, path, order

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Make the module as the loader does."""
        made: ModuleType | None = self._inner.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Read the module, then plant."""
        self._inner.exec_module(module)
        module.__loader__ = self._inner
        _plant(module, self._path, self._order)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
