"""What an implementation returned from a call on small arrays, part by part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.oracle.observe.forms import graph, leaves
from adamref.oracle.observe.forms.asked import Memory
from adamref.oracle.observe.forms.plans import ADDED, SUBTRACTED, THETA, T
from adamref.oracle.observe.forms.units import Unit
from adamref.oracle.observe.forms.words import Role

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.forms.plans import Handed, Plan

FAR = 0.5
"""No step on a trial is a greater share of the parameters: they are 8 and more."""

_EVEN = 0.05
"""Adam's first step is of one size, whatever the gradient, corrected or not."""

_LOOK = 4.0
"""A moment to begin with that shows where it comes back."""


class Unfit(Exception):
    """A plan does not fit; the message says why."""


class Still(Unfit):
    """Parameters do not move, as far as is seen."""


@final
class FormTrial:
    """Tensors and gradients to try a plan on.

    Parameters
    ----------
    count : int or None
        Of tensors; None for two, of shapes that nobody takes for each other.
    single : bool
        Whether each is one number.
    """

    def __init__(self, count: int | None, *, single: bool = False) -> None:
        shapes: list[tuple[int, ...]] = [(3,), (2, 2), (5,), (4, 2)]
        shapes = [() for _ in shapes] if single else shapes
        self.shapes = shapes[: min(count or 2, 4)]
        signs = np.array([1, -1, -1, 1, -1, 1, 1, -1])
        self.thetas = [self._spread(8.5, 1.375, s) * _first(signs, s) for s in self.shapes]
        self.grads = [
            [self._spread(0.75, 0.3125, s) * _first(-signs, s) for s in self.shapes],
            [self._spread(2.5, -0.1875, s) * _first(np.roll(signs, 1), s) for s in self.shapes],
        ]
        self.opposite = [-g for g in self.grads[0]]

    @staticmethod
    def _spread(first: float, by: float, shape: tuple[int, ...]) -> Array:
        return np.array(first + by * np.arange(math.prod(shape)).reshape(shape))


@final
class Results:
    """What a call returned, part by part."""

    def __init__(
        self, plan: Plan, target: Any, given: Handed, trial: FormTrial, unit: Unit, back: Any
    ) -> None:
        self._plan, self._target, self._given = plan, target, given
        self._trial, self._unit = trial, unit
        self._parts = dict(_parts(back, unit))
        self._found: dict[graph.Path, str] = {}

    def found(self, kept: Mapping[str, Any], *, first: bool = True) -> dict[graph.Path, str]:
        """Say what the parts are, of the first step or of a later one.

        Raises
        ------
        Still
            If parameters neither come back nor are changed in place.
        Unfit
            If a moment does not, or is not.
        """
        self._theta()
        for path, part in self._parts.items():
            is_next = isinstance(part, int | float | np.number) and part == self._unit.t + 1
            if path not in self._found and is_next and Role.T in self._plan.takes.values():
                self._found[path] = T
        for name, role in self._plan.takes.items():
            if role is Role.MOMENT:
                self._moment(name, kept[name])
            elif role is Role.STATE:
                self._state(name, kept[name])
        comes = any(x.startswith(THETA) for x in self._found.values())
        seen = comes or self._moved_in_place() or (first and self._is_update())
        if not seen:
            raise Still("parameters neither come back nor move in place")
        return self._found

    def _theta(self) -> None:
        if self._plan.holder == "arguments":
            for i, theta in enumerate(self._trial.thetas):
                near = {p: _share(x, theta) for p, x in self._parts.items()}
                which = min(near, key=near.__getitem__, default=())
                if near and near[which] < FAR:
                    self._found[which] = f"{THETA}:{i}"
            if any(x.startswith(THETA) for x in self._found.values()):
                return
        best, found = FAR, None
        for path, part in self._parts.items():
            tensors = self._tensors(part)
            if tensors is None:
                continue
            pairs = list(zip(tensors, self._trial.thetas, strict=True))
            share = max(float(np.max(np.abs(x.ravel() / t.ravel() - 1))) for x, t in pairs)
            if share < best and any(np.any(x.ravel() != t.ravel()) for x, t in pairs):
                best, found = share, path
        if found is not None:
            self._found[found] = THETA

    def _moved_in_place(self) -> bool:
        now = [array(x) for x in self._unit.thetas()]
        return any(
            np.any(a.ravel() != b.ravel()) for a, b in zip(now, self._trial.thetas, strict=True)
        )

    def _is_update(self) -> bool:
        """Find an update, to be added or subtracted: all of one size, as Adam's first."""
        best, which, sign = math.inf, None, 0.0
        for path, part in self._parts.items():
            tensors = None if path in self._found else self._tensors(part)
            if tensors is None:
                continue
            flat = np.concatenate([x.ravel() for x in tensors])
            size = np.abs(flat)
            if np.all(np.isfinite(flat)) and np.all(size > 0) and np.max(size) < _LOOK:
                grads = np.concatenate([x.ravel() for x in self._trial.grads[0]])
                spread = float(np.std(size) / np.mean(size))
                given = Role.THETA in self._plan.takes.values()
                if given and (flat.size == 1 or spread > _EVEN):
                    continue  # whoever is given parameters returns new ones, not any numbers
                if spread < best:
                    best, which, sign = spread, path, float(flat @ grads)
        if which is not None:
            self._found[which] = SUBTRACTED if sign > 0 else ADDED
        return which is not None

    def _moment(self, name: str, before: Any) -> None:
        if _changed(self._unit.held[name], before):
            return  # in place
        # A first step may begin with another value than it is given: then the next one shows.
        which = self._showing(name, self._parts, 0)
        if which is None and Role.T in self._plan.takes.values():
            unit = self._begun(1)
            which = self._showing(name, dict(_parts(unit.call(self._trial.grads[0]), unit)), 1)
        if which is None:
            raise Unfit(f"{name} neither comes back nor is changed in place")
        self._found[which] = name

    def _begun(self, steps: int) -> Unit:
        unit = Unit(self._plan, self._target, self._given, "float64", self._trial.thetas)
        unit.t += steps
        return unit

    def _showing(self, name: str, parts: Mapping[graph.Path, Any], steps: int) -> graph.Path | None:
        """Return the part that changes most with a moment: in its least element, or on average."""
        again = self._begun(steps)
        again.held[name] = filled(self._plan, again, name, _LOOK)
        other = dict(_parts(again.call(self._trial.grads[0]), again))
        found: dict[graph.Path, tuple[float, float]] = {}
        for path, part in parts.items():
            one, two = (self._alike(x, again.held[name]) for x in (part, other.get(path)))
            if path in self._found or one is None or two is None:
                continue
            off = np.concatenate([np.abs(a - b).ravel() for a, b in zip(one, two, strict=True)])
            if off.size and np.isfinite(off).all() and off.any():
                found[path] = float(np.min(off)), float(np.mean(off))
        return max(found, key=found.__getitem__, default=None)

    def _state(self, name: str, before: Any) -> None:
        held = self._unit.held[name]
        for path, part in self._parts.items():
            if path in self._found or part is None:
                continue
            alike = isinstance(part, type(held)) or (
                isinstance(held, Mapping) and isinstance(part, Mapping)
            )
            if part is held or alike or (held is None and not graph.is_leaf(part)):
                self._found[path] = name
                return
        if isinstance(held, Memory) and held and set(held) == set(held.asked()):
            return  # hyperparameters, and nothing to keep
        if not _changed(held, before):
            raise Unfit(f"{name} neither comes back nor is changed in place")

    def _alike(self, part: Any, held: Any) -> list[Array] | None:
        """Return the tensors of a part in the form of all parameters, or of one that is held."""
        if self._plan.holder != "arguments":
            return self._tensors(part)
        try:
            return [array(part)] if np.shape(part) == np.shape(held) else None
        except (TypeError, ValueError):
            return None

    def _tensors(self, part: Any) -> list[Array] | None:
        tensors = self._unit.holder.parts(part)
        if tensors is None:
            return None
        count = self._unit.holder.count
        read = leaves.named(self._plan.leaves).read
        return [array(read(x)) for x in tensors[:count]]


def filled(plan: Plan, unit: Unit, name: str, value: float) -> Any:
    """Return a moment that is one number throughout, held as it is by a plan."""
    if plan.holder == "arguments":
        return np.full(np.shape(unit.held[name]), value)
    return unit.holder.zeros(value)


def _share(part: Any, theta: Array) -> float:
    """Return how far a part is from parameters, as a share of them; infinite if it is no such."""
    try:
        x = array(part)
    except (TypeError, ValueError):
        return math.inf
    if x.size != theta.size or np.all(x.ravel() == theta.ravel()):
        return math.inf
    share = float(np.max(np.abs(x.ravel() / theta.ravel() - 1)))
    return share if math.isfinite(share) else math.inf


def _parts(back: Any, unit: Unit, path: graph.Path = ()) -> list[tuple[graph.Path, Any]]:
    """Return the parts of a result: itself, or what is in it."""
    if back is None:
        return []
    is_whole = unit.holder.parts(back) is not None or graph.is_leaf(back)
    is_held = any(back is x for x in unit.held.values())
    if is_whole or is_held or len(path) == 2:
        return [(path, back)]
    found: list[tuple[graph.Path, Any]] = [(path, back)] if path else []
    inner: list[tuple[Any, Any]] = []
    if isinstance(back, tuple | list):
        inner = list(enumerate(back))
    elif isinstance(back, Mapping):
        inner = list(back.items())
    for key, x in inner:
        found += _parts(x, unit, (*path, ("item", key)))
    return found or [(path, back)]


def numbers_of(value: Any) -> dict[str, bytes]:
    """Return the numbers of something, for a look whether they changed."""
    asked = value.asked() if isinstance(value, Memory) else []
    found = {}
    for path, x in graph.leaves(value):
        if path and path[0][1] in asked:
            continue
        number = leaves.named("torch").read(x) if type(x).__module__ == "torch" else x
        found[graph.text(path)] = np.asarray(number).tobytes()
    return found


def _changed(value: Any, before: Mapping[str, bytes]) -> bool:
    """Say whether numbers are others than before; what was only asked for is zero."""
    now = numbers_of(value)
    return any(x != before.get(name, bytes(len(x))) for name, x in now.items())


def array(value: Any) -> Array:
    """Return numbers in float64."""
    return np.array(value, dtype=np.float64)


def _first(signs: Array, shape: tuple[int, ...]) -> Array:
    return np.resize(signs, math.prod(shape)).reshape(shape)
