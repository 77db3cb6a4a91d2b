"""The optimizers of `adamref.fast`: arrays updated in place, each with its own t."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.state import changes, shown
from adamref.oracle.observe.adapters.values import given, numpy_dtype, taken, touched
from adamref.oracle.observe.sessions.session import Abilities, Held, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.numbers.arrays import Array


@final
class FastAdapter(Adapter):
    """An optimizer of `adamref.fast`.

    Parameters
    ----------
    make : callable
        The class, or what returns an instance of it for a list of arrays.
    args : mapping
    """

    name: ClassVar[str] = "fast"

    def __init__(self, make: Callable[..., Any], args: Mapping[str, Any] | None = None) -> None:
        self._make = make
        self._args = dict(args or {})
        self._takes = names.parameters(make, skip=1)
        self._arrays: list[Any] = []
        self._optimizer: Any = None
        self._rate = 0.0

    def start(self, start: Start) -> Abilities:
        """Make a new optimizer."""
        self._dtype, self._numpy = start.dtype, numpy_dtype(start.dtype)
        bound = names.bound(self._takes, start, self._args, self.name)
        keywords = dict(bound.keywords)
        can = {"load", "tensors", "skip", "shapes"}
        if "lr" in bound.controls:
            can.add("lr")
            self._rate = keywords["lr"]
            keywords["lr"] = self._asked  # a schedule: it is asked at each step
        self._arrays = [given(theta, self._numpy) for theta in start.thetas]
        with calling("__init__"):
            self._optimizer = self._make(self._arrays, **keywords)
        if names.can_default(self._takes, self._args):
            can.add("defaults")
        return Abilities(
            frozenset(can),
            bound.controls,
            names.defaults(self._takes, self.name, start.optimizer),
        )

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step of all arrays."""
        if lr is not None:
            self._rate = lr
        handed = [None if g is None else given(g, self._numpy) for g in grads]
        before = [b"" if g is None else g.tobytes() for g in handed]
        with calling("step"):
            self._optimizer.step(handed)
        remarks = [
            () if g is None else touched("gradient", was, g)
            for g, was in zip(handed, before, strict=True)
        ]
        return [self._held(i, remarks[i]) for i in range(len(grads))]

    def load(self, tensors: Sequence[Held]) -> None:
        """Write over the arrays and the states."""
        for i, held in enumerate(tensors):
            self._arrays[i][...] = given(held.theta, self._numpy)
            state = self._optimizer.state[str(i)]
            state.update(changes(state, held.states, held.t, {}))
            if held.t is not None:
                state["t"] = held.t
        self._optimizer.t = max((held.t or 0 for held in tensors), default=0)

    def _asked(self, t: int) -> float:
        del t
        return self._rate

    def _held(self, i: int, remarks: Any) -> Held:
        array = self._arrays[i]
        theta, dtype, more = taken("theta", array, np.shape(array), self._dtype)
        states, dtypes, t, others = shown(self._optimizer.state[str(i)], theta.shape, self._dtype)
        return Held(theta, states, t, {"theta": dtype, **dtypes}, (*remarks, *more, *others))
