"""scikit-learn's optimizers: ``update_params(params, grads)``, with lists of states and one t."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.signs import Sign, by_base
from adamref.oracle.observe.calling.values import cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.oracle.observe.sessions.session import Held

_LISTS = ("ms", "vs", "velocities")


@final
class SklearnAdapter(Adapter):
    """One of scikit-learn's stochastic optimizers."""

    name: ClassVar[str] = "sklearn"
    order: ClassVar[int] = 70
    states: ClassVar[Mapping[str, tuple[str, ...]]] = {"m": ("ms", "velocities"), "v": ("vs",)}
    shared_counter: ClassVar[int | None] = 2**63 - 1

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by its base class."""
        module = "sklearn.neural_network._stochastic_optimizers"
        return by_base(target, module, "BaseOptimizer")

    @classmethod
    def sample(cls) -> tuple[Any, ...] | None:
        """Return a list of arrays."""
        return ([np.zeros(1)],) if "sklearn" in sys.modules else None

    def begin(self) -> None:
        """Make a new optimizer."""
        self._arrays = [self._array(theta) for theta in self._start.thetas]
        self._optimizer = self._make(self._arrays, **self._keywords)

    def _set_rate(self, lr: float) -> None:
        # Adam's is worked from the first at each step; SGD takes the second as it is.
        self._optimizer.learning_rate_init = self._optimizer.learning_rate = lr

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        self._optimizer.update_params(self._arrays, grads)

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._arrays[i]

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        held = vars(self._optimizer)
        return {name: x[i] if name in _LISTS else x for name, x in held.items()}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        new = cast(self.entries(i)[name], value, kind)
        if name in _LISTS:
            getattr(self._optimizer, name)[i] = new
        else:
            setattr(self._optimizer, name, new)

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        for array, held in zip(self._arrays, tensors, strict=True):
            array[...] = self._array(held.theta)
