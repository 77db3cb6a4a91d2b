"""A class: ``__init__(theta, **hyper)`` and ``step(grad) -> theta``.

There is an instance for each tensor. m, v, t and v_max are read where it has them as attributes; a
state is loaded by making a new instance on the new theta and setting them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.state import NAMES, changes, other, same, shown
from adamref.oracle.observe.adapters.values import DTYPES, given, numpy_dtype, taken, touched
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Remark, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.numbers.arrays import Array

_SHOWN = (*NAMES, "t")


@dataclass
class _Tensor:
    """An instance, the array that it was made on, and theta as it last returned it."""

    instance: Any
    parameters: np.ndarray[Any, Any]
    theta: Array
    dtype: str
    remarks: tuple[Remark, ...] = ()


@final
class ClassAdapter(Adapter):
    """A class with an instance a tensor.

    Parameters
    ----------
    make : callable
        The class, or what returns an instance of it.
    args : mapping
        What the constructor is given beside theta and the hyperparameters.
    """

    name: ClassVar[str] = "class"

    def __init__(self, make: Callable[..., Any], args: Mapping[str, Any] | None = None) -> None:
        self._make = make
        self._args = dict(args or {})
        self._takes = names.parameters(make, skip=1)
        self._tensors: list[_Tensor] = []
        self._keywords: dict[str, Any] = {}

    def start(self, start: Start) -> Abilities:
        """Make new instances."""
        self._dtype, self._numpy = start.dtype, numpy_dtype(start.dtype)
        self._optimizer = start.optimizer
        bound = names.bound(self._takes, start, self._args, self.name)
        self._keywords = dict(bound.keywords)
        self._tensors = [self._made(theta) for theta in start.thetas]
        self._lr = self._rate_attribute() if "lr" in bound.controls else ""
        can = {"tensors", "skip", "shapes"}
        can |= {"lr"} if self._lr else set()
        can |= {"defaults"} if names.can_default(self._takes, self._args) else set()
        loads, remarks = self._tried(start)
        return Abilities(
            frozenset(can | ({"load"} if loads else set())),
            bound.controls,
            names.defaults(self._takes, self.name, start.optimizer),
            remarks,
        )

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Call step of each instance whose tensor has a gradient."""
        if lr is not None:
            self._keywords[self._lr] = lr
            for mine in self._tensors:
                with calling(f"setting {self._lr}"):
                    setattr(mine.instance, self._lr, lr)
        for mine, grad in zip(self._tensors, grads, strict=True):
            mine.remarks = ()
            if grad is not None:
                self._stepped(mine, grad)
        return [self._held(mine) for mine in self._tensors]

    def load(self, tensors: Sequence[Held]) -> None:
        """Make new instances on the new thetas, and set m, v, t and v_max of them."""
        old, self._tensors = self._tensors, []
        for mine, held in zip(old, tensors, strict=True):
            fresh = self._made(held.theta)
            kinds = {name: numpy_dtype(x) for name, x in held.dtypes.items() if x in DTYPES}
            found = _attributes(mine.instance)
            if not set(held.states) <= set(found):
                # Not a step taken yet: a throw-away one shows of what kind they are.
                found = _attributes(self._seen(held.theta))
            _set(fresh.instance, changes(found, held.states, held.t, kinds))
            self._tensors.append(fresh)

    def _made(self, theta: Array) -> _Tensor:
        x = given(theta, self._numpy)
        with calling("__init__"):
            instance = self._make(x, **self._keywords)
        return _Tensor(instance, x, np.array(theta), self._dtype)

    def _stepped(self, mine: _Tensor, grad: Array) -> None:
        g = given(grad, self._numpy)
        before = g.tobytes()
        with calling("step"):
            back = mine.instance.step(g)
        if back is None:  # in place: the attribute, or the array that it was made on
            back = getattr(mine.instance, "theta", mine.parameters)
        remarks = touched("gradient", before, g)
        mine.theta, mine.dtype, more = taken("theta", back, mine.theta.shape, self._dtype)
        mine.remarks = (*remarks, *more)

    def _held(self, mine: _Tensor) -> Held:
        found = _attributes(mine.instance)
        states, dtypes, t, more = shown(found, mine.theta.shape, self._dtype)
        dtypes = {"theta": mine.dtype, **dtypes}
        return Held(np.array(mine.theta), states, t, dtypes, (*mine.remarks, *more))

    def _rate_attribute(self) -> str:
        """Name the public attribute that holds the learning rate as it was given."""
        for name, value in self._keywords.items():
            if names.ours(name, self.name, self._optimizer) == "lr" and self._tensors:
                instance = self._tensors[0].instance
                if getattr(instance, name, None) == value and _can_set(instance, name):
                    return name
        return ""

    def _seen(self, theta: Array) -> Any:
        """Return an instance after a throw-away step."""
        other_one = self._made(theta)
        self._stepped(other_one, np.ones_like(theta))
        return other_one.instance

    def _tried(self, start: Start) -> tuple[bool, tuple[Remark, ...]]:
        """Say whether a state can be loaded: seen from throw-away steps on copies."""
        if not start.thetas:
            return False, ()
        try:
            first = self._made(start.thetas[0])
            self._stepped(first, np.ones_like(first.theta))
            found = copy.deepcopy(_attributes(first.instance))
            wanted = {"t"} | ({"v_max"} if start.optimizer == "amsgrad" else set())
            settable = {name for name in found if _can_set(first.instance, name)}
            if not wanted <= settable or not {"m", "v", "u"} & settable or settable != set(found):
                return False, ()
            hidden = self._hidden(first)
        except (Failed, TypeError):  # not everything can be copied
            return False, ()
        if hidden:
            says = f"it keeps {', '.join(hidden)} beside m, v and t: no other state can be loaded"
            return False, (Remark("hidden-state", "note", says),)
        return True, ()

    def _hidden(self, first: _Tensor) -> list[str]:
        """Name attributes that a step depends on and that are neither theta, m, v nor t."""
        later, before = copy.deepcopy(first), _own(first.instance)
        ones = np.ones_like(first.theta)
        self._stepped(later, ones)
        after, hidden = _own(later.instance), []
        for name in other(before, after):
            if name.strip("_") in (*_SHOWN, "theta") or same(after[name], later.parameters):
                continue
            third = copy.deepcopy(first)
            setattr(third.instance, name, copy.deepcopy(after[name]))
            self._stepped(third, ones)
            if not same(third.theta, later.theta):
                hidden.append(name)
        return hidden


def _attributes(instance: Any) -> dict[str, Any]:
    with calling("reading m, v and t"):
        found = {name: getattr(instance, name, None) for name in _SHOWN}
    return {name: x for name, x in found.items() if x is not None and not callable(x)}


def _own(instance: Any) -> dict[str, Any]:
    return dict(getattr(instance, "__dict__", {}))


def _can_set(instance: Any, name: str) -> bool:
    try:
        setattr(instance, name, getattr(instance, name))
    except Exception:  # noqa: BLE001 - a setter may raise anything; then it cannot be set
        return False
    return True


def _set(instance: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        with calling(f"setting {name}"):
            setattr(instance, name, value)
