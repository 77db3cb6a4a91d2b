"""An optimizer with parameters in its state: ``init(params)``, ``update`` and ``get_params``.

NumPyro's have ``update(grads, state)``; those of JAX's example libraries come as three functions,
one of them ``update(i, grads, state)``. There is a state for each tensor; another learning rate at
a step is had by making the optimizer anew with it, and keeping the state.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.precision import jax_settings
from adamref.oracle.observe.calling.signs import Sign, by_methods
from adamref.oracle.observe.forms import graph, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Held


@final
class GettingAdapter(Adapter):
    """An optimizer whose state has the parameters, or what makes one."""

    name: ClassVar[str] = "getting"
    order: ClassVar[int] = 88
    form: ClassVar[str] = "init, update and get_params"
    words: ClassVar[Words] = Words({"lr": "step_size", "beta1": "b1", "beta2": "b2"})
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "skip", "shapes", "carries"})
    tells: ClassVar[bool] = True
    leading: ClassVar[int] = 0
    takes_made: ClassVar[bool] = True

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by its methods, or as three functions."""
        is_triple = isinstance(target, tuple) and len(target) == 3 and all(map(callable, target))
        return Sign.METHODS if is_triple else by_methods(target, "init", "update", "get_params")

    @classmethod
    def sample(cls) -> tuple[Any, ...]:
        """Return nothing: hyperparameters are all that it takes."""
        return ()

    def begin(self) -> None:
        """Make a new optimizer, and a state for each tensor."""
        self._leaves = leaves.named("jax" if "jax" in sys.modules else "numpy")
        self._build()
        self._states = [self._init([self._array(x)]) for x in self._start.thetas]
        self._t = [0 for _ in self._states]

    def _build(self) -> None:
        made = self._make(**self._keywords)
        if isinstance(made, tuple):
            self._init, update, self._get = made
        else:
            self._init, update, self._get = made.init, made.update, made.get_params
        takes = inspect.signature(update).parameters.values()
        needed = [x for x in takes if x.default is x.empty]
        self._update = update if len(needed) == 3 else lambda _, g, state: update(g, state)

    def _set_rate(self, lr: float) -> None:
        self._keywords[self._rate] = lr
        self._build()

    def _array(self, values: Array) -> Any:
        return self._leaves.make(values, self._start.dtype)

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        for i, g in enumerate(grads):
            if g is not None:
                self._states[i] = self._update(self._t[i], [g], self._states[i])
                self._t[i] += 1

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._get(self._states[i])[0]

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor, by where it stands in the state."""
        found = {graph.text(path): x for path, x in graph.leaves(self._states[i])}
        return {"t": self._t[i], **found}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        for path, old in graph.leaves(self._states[i]):
            if graph.text(path) == name:
                new = self._leaves.like(old, value, kind)
                self._states[i] = graph.put(self._states[i], path, new)
        if name == "t":
            self._t[i] = int(np.ravel(value)[0])

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        self._states = [self._init([self._array(held.theta)]) for held in tensors]

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        """Call with 64 bits where they are asked for, and on the device."""
        wide = self._start.dtype == "float64"
        with calling(what), jax_settings(wide=wide, device=self._device):
            yield
