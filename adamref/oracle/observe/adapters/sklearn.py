"""scikit-learn's AdamOptimizer: ``update_params(params, grads)``, with ms, vs and one t for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.counters import one_for_all
from adamref.oracle.observe.adapters.state import shown
from adamref.oracle.observe.adapters.values import given, numpy_dtype, taken, touched
from adamref.oracle.observe.sessions.session import Abilities, Held, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.numbers.arrays import Array


@final
class SklearnAdapter(Adapter):
    """One of scikit-learn's stochastic optimizers.

    Parameters
    ----------
    make : callable
        The class, or what returns an instance of it for a list of arrays.
    args : mapping
    """

    name: ClassVar[str] = "sklearn"

    def __init__(self, make: Callable[..., Any], args: Mapping[str, Any] | None = None) -> None:
        self._make = make
        self._args = dict(args or {})
        self._takes = names.parameters(make, skip=1)
        self._arrays: list[Any] = []
        self._optimizer: Any = None

    def start(self, start: Start) -> Abilities:
        """Make a new optimizer."""
        self._dtype, self._numpy = start.dtype, numpy_dtype(start.dtype)
        bound = names.bound(self._takes, start, self._args, self.name)
        self._arrays = [given(theta, self._numpy) for theta in start.thetas]
        with calling("__init__"):
            self._optimizer = self._make(self._arrays, **bound.keywords)
        can = {"tensors", "shapes"}
        if hasattr(self._optimizer, "learning_rate_init") and "lr" in bound.controls:
            can.add("lr")
        if all(hasattr(self._optimizer, name) for name in ("ms", "vs", "t")):
            can.add("load")
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
            self._optimizer.learning_rate_init = lr
        handed = [given(g, self._numpy) for g in grads if g is not None]
        before = [g.tobytes() for g in handed]
        with calling("update_params"):
            self._optimizer.update_params(self._arrays, handed)
        pairs = zip(before, handed, strict=True)
        remarks = [touched("gradient", was, g) for was, g in pairs]
        return [self._held(i, remarks[i]) for i in range(len(handed))]

    def load(self, tensors: Sequence[Held]) -> None:
        """Write over the arrays, ms, vs and t."""
        t = one_for_all(tensors)
        for i, held in enumerate(tensors):
            self._arrays[i][...] = given(held.theta, self._numpy)
            for name, ours in (("ms", "m"), ("vs", "v")):
                if ours in held.states:
                    arrays = getattr(self._optimizer, name)
                    arrays[i] = np.array(held.states[ours], dtype=arrays[i].dtype)
        if t is not None:
            self._optimizer.t = t

    def _held(self, i: int, remarks: Any) -> Held:
        array = self._arrays[i]
        theta, dtype, more = taken("theta", array, np.shape(array), self._dtype)
        found = {"t": getattr(self._optimizer, "t", None)}
        for name, ours in (("ms", "m"), ("vs", "v")):
            if hasattr(self._optimizer, name):
                found[ours] = getattr(self._optimizer, name)[i]
        states, dtypes, t, others = shown(found, theta.shape, self._dtype)
        return Held(theta, states, t, {"theta": dtype, **dtypes}, (*remarks, *more, *others))
