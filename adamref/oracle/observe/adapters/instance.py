"""A class: ``__init__(theta, **hyper)`` and ``step(grad) -> theta``.

There is an instance for each tensor. m, v, t and other states are read where it has them as
attributes, or as entries of a public one; a state is loaded by making a new instance on the new
theta and setting them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.entries import entries, replaced
from adamref.oracle.observe.calling.names import TRIED, parameters
from adamref.oracle.observe.calling.signs import Sign, by_methods
from adamref.oracle.observe.calling.told import COUNTERS, STATES
from adamref.oracle.observe.calling.values import DTYPES, cast, given, numpy_dtype
from adamref.oracle.observe.forms.words import hyper_of, is_plural, is_theta
from adamref.oracle.observe.sessions.session import SCALARS, Failed, Start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Held


@dataclass
class HeldInstance:
    """An instance, the array that it was made on, and theta as it last returned it."""

    instance: Any
    parameters: np.ndarray[Any, Any]
    theta: Any


@final
class ClassAdapter(Adapter):
    """A class with an instance a tensor."""

    name: ClassVar[str] = "class"
    order: ClassVar[int] = 50
    form: ClassVar[str] = "step"
    states: ClassVar[Mapping[str, tuple[str, ...]]] = STATES
    counters: ClassVar[tuple[str, ...]] = COUNTERS
    tells: ClassVar[bool] = True
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "skip", "shapes", "carries"})

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise a class with step; an instance would have to start over."""
        return by_methods(target, "step") if isinstance(target, type) else Sign.NONE

    @classmethod
    def takes(cls, target: Any, args: Mapping[str, Any]) -> bool | None:
        """Say whether step takes a gradient, and moves the array that it was made on.

        That is tried only where names speak of several tensors, which another form is for.
        """
        if not isinstance(target, type):
            return True
        stepping: Any = target
        given_ = list(parameters(stepping.step, skip=1).named.values())
        needed = [x for x in given_ if x.default is x.empty]
        if len(needed) > 1 or not given_:
            return False
        first = next(iter(parameters(target).named), "")
        if not (is_plural(first) or is_plural(given_[0].name)):
            return True if is_theta(first) or not hyper_of(first) else None
        try:
            start = Start("float64", "adam", (np.full(3, 8.5),), dict(TRIED))
            adapter = cls(target, args)
            adapter.begun(start)
            after = adapter.step([np.ones(3)])[0].theta
        except Failed:
            return None
        return True if np.all(after != start.thetas[0]) else None

    @classmethod
    def sample(cls) -> tuple[Any, ...]:
        """Return an array."""
        return (np.zeros(1),)

    def begin(self) -> None:
        """Make a new optimizer."""
        self._tensors = [self._made(theta) for theta in self._start.thetas]

    def _gradient(self) -> str:
        """Return the name of the argument of step."""
        stepping: Any = self._target
        named = parameters(stepping.step, skip=1).named if isinstance(self._target, type) else {}
        return next(iter(named), "")

    def _can(self) -> set[str]:
        """Say whether a public attribute holds the learning rate as it was given."""
        if not self._rate or not self._tensors:
            return set()
        instance = self._tensors[0].instance
        value = getattr(instance, self._rate, None)
        try:
            setattr(instance, self._rate, value)
        except Exception:  # noqa: BLE001 - a setter may raise anything; then it cannot be set
            return set()
        return {"lr"} if value == self._keywords[self._rate] else set()

    def _set_rate(self, lr: float) -> None:
        self._keywords[self._rate] = lr
        for mine in self._tensors:
            setattr(mine.instance, self._rate, lr)

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        for mine, grad in zip(self._tensors, grads, strict=True):
            if grad is not None:
                back = mine.instance.step(grad)
                if back is None:  # in place: the attribute, or the array that it was made on
                    back = getattr(mine.instance, "theta", mine.parameters)
                mine.theta = np.array(back)

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._tensors[i].theta

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        return self._attributes(self._tensors[i].instance)

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        instance = self._tensors[i].instance
        _put(instance, name, cast(self._attributes(instance)[name], value, kind))

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        self._tensors = [self._made(held.theta, held.dtypes.get("theta")) for held in tensors]
        for mine, held in zip(self._tensors, tensors, strict=True):
            own = self._attributes(mine.instance)
            # A number that stands for a whole array, as before the first step, shows no more of it.
            which = self.which(own)
            bare = {
                n for n in held.states
                if np.ndim(own.get(which.get(n, ""), 0)) < min(held.theta.ndim, 1)
            }  # fmt: skip
            missing = ({*held.states, "t"} - which.keys()) | (bare - set(SCALARS))
            if missing:  # a throw-away step shows of what kind they are
                other = self._made(held.theta).instance
                other.step(self._graded(np.ones_like(held.theta)))
                seen = self._attributes(other)
                which = self.which(seen)
                for name in (which[x] for x in missing & which.keys()):
                    _put(mine.instance, name, copy.deepcopy(seen[name]), _holders(other))

    def _made(self, theta: Array, kind: str | None = None) -> HeldInstance:
        dtype = numpy_dtype(kind) if kind in DTYPES else self._numpy
        x = given(theta, dtype)
        return HeldInstance(self._make(x, **self._keywords), x, given(theta, dtype))

    def _attributes(self, instance: Any) -> dict[str, Any]:
        own = dict(getattr(instance, "__dict__", {}))
        shown = {name: getattr(instance, name, None) for name in (*self.wanted, *self.counters)}
        holders = _holders(instance)
        inside = {name: x for held in holders.values() for name, x in held.items()}
        own = {name: x for name, x in own.items() if name not in holders}
        found = {**inside, **own, **{name: x for name, x in shown.items() if x is not None}}
        return {name: x for name, x in found.items() if x is not None and not callable(x)}


def _holders(instance: Any) -> dict[str, dict[str, Any]]:
    """Return the public attributes that hold entries by name, as ``self.state`` may, and these."""
    own = getattr(instance, "__dict__", {})
    held = {attribute: entries(x) for attribute, x in own.items() if not attribute.startswith("_")}
    return {attribute: x for attribute, x in held.items() if x}


def _put(
    instance: Any, name: str, value: Any, holders: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Write over an attribute, or over the entry of that name in one that holds entries."""
    if not hasattr(instance, name):
        for attribute, held in (_holders(instance) if holders is None else holders).items():
            if name in held:
                container = getattr(instance, attribute)
                if isinstance(container, MutableMapping):
                    container[name] = value  # others may hold the same one
                else:
                    setattr(instance, attribute, replaced(container, {name: value}))
                return
    setattr(instance, name, value)
