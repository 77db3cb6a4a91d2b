"""The optimizers of `adamref.fast`: arrays updated in place, each with its own t."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.signs import Sign, by_base
from adamref.oracle.observe.calling.values import cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.oracle.observe.sessions.session import Held


@final
class FastAdapter(Adapter):
    """An optimizer of `adamref.fast`, or what returns one for a list of arrays."""

    name: ClassVar[str] = "fast"
    order: ClassVar[int] = 60
    words: ClassVar[Words] = Words({"beta1": "betas", "beta2": "betas"})
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "skip", "shapes"})

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by its base class."""
        return by_base(target, "adamref.fast", "ArrayOptimizer")

    @classmethod
    def sample(cls) -> tuple[Any, ...]:
        """Return a list of arrays."""
        return ([np.zeros(1)],)

    def begin(self) -> None:
        """Make a new optimizer."""
        self._arrays = [self._array(theta) for theta in self._start.thetas]
        keywords = self._keywords
        if self._rate:  # a schedule: it is asked at each step
            keywords = keywords | {self._rate: lambda _: self._keywords[self._rate]}
        self._optimizer = self._make(self._arrays, **keywords)

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        self._optimizer.step(grads)

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._arrays[i]

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        entries: Mapping[str, Any] = self._optimizer.state[str(i)]
        return entries

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        state = self._optimizer.state[str(i)]
        state[name] = cast(state[name], value, kind)
        self._optimizer.t = max(x["t"] for x in self._optimizer.state.values())

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        for array, held in zip(self._arrays, tensors, strict=True):
            array[...] = self._array(held.theta)
