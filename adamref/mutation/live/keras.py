"""Optimizers of Keras: ``apply`` of a class is followed, where it is called on numbers.

A training step that a backend compiles shows none: there the target is left as it is.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.mutation.following import FOLLOWER
from adamref.mutation.live.live import Live, switches
from adamref.mutation.memories import OfObjects
from adamref.mutation.remembered import TensorBefore
from adamref.oracle.observe.adapters.keras import KerasAdapter
from adamref.oracle.observe.calling.values import DTYPES

if TYPE_CHECKING:
    from adamref.mutation.stepping import Stepped
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.adapter import Adapter
    from adamref.oracle.observe.sessions.session import Held


@final
class LiveKeras(Live):
    """The ``apply`` of a class of Keras's optimizers, and of what inherits it."""

    adapter: ClassVar[type[Adapter]] = KerasAdapter

    def installed(self) -> Any:
        """Put another ``apply`` around that of the class."""
        kind, inner, memories = self.target, self.target.apply, OfObjects()

        @functools.wraps(inner)
        def apply(optimizer: Any, grads: Any, trainable_variables: Any = None) -> Any:
            if FOLLOWER.is_off:
                return inner(optimizer, grads, trainable_variables)
            grads = list(grads)
            variables = trainable_variables
            if variables is None:
                variables = optimizer._trainable_variables  # noqa: SLF001 - Keras has no other
            variables = list(variables)
            try:
                before = self._before(optimizer, grads, variables)
            except Exception:  # noqa: BLE001 - what is traced raises what the backend likes
                before = []
            back = inner(optimizer, grads, trainable_variables)
            if not before:
                return back
            reader = self._read_by(optimizer, variables, before)

            def read() -> Sequence[Held]:
                return [reader.held(i) for i in range(len(variables))]

            def write(i: int, made: Stepped) -> None:
                variables[i].assign(made.theta.astype(before[i].dtype))
                for ours, theirs in reader.which(reader.entries(i)).items():
                    value = made.t if ours == "t" else made.states.get(ours)
                    if value is not None:
                        reader.put(i, theirs, value, None)

            self.follow(memories.of(optimizer), before, read, write, switches(_settings(optimizer)))
            return back

        kind.apply = apply
        return kind

    def _before(
        self, optimizer: Any, grads: Sequence[Any], variables: Sequence[Any]
    ) -> list[TensorBefore]:
        dtypes = [str(x.dtype) for x in variables]
        if not all(x in DTYPES for x in dtypes) or len(grads) != len(variables):
            return []
        thetas = [_numbers(x) for x in variables]
        hyper = self.hyper(_settings(optimizer))
        # Where momentum has a schedule, its own is that of psi = 1.
        hyper |= {"psi": 1.0} if "psi" in hyper else {}
        tensors = [
            TensorBefore(theta, {}, 0, None if g is None else _numbers(g), hyper, dtype)
            for theta, g, dtype in zip(thetas, grads, dtypes, strict=True)
        ]
        if not optimizer.built:
            return tensors
        reader = self._read_by(optimizer, variables, tensors)
        held = [reader.held(i) for i in range(len(variables))]
        return [
            TensorBefore(x.theta, y.states, y.t, x.g, hyper, x.dtype)
            for x, y in zip(tensors, held, strict=True)
        ]

    def _read_by(
        self, optimizer: Any, variables: Sequence[Any], tensors: Sequence[TensorBefore]
    ) -> Adapter:
        first = tensors[0]
        start = self.start(first.dtype, [x.theta for x in tensors], first.hyper)
        return self.reader.attached(start, optimizer=optimizer, variables=list(variables))


def _settings(optimizer: Any) -> Mapping[str, Any]:
    own = {n: x for n, x in vars(optimizer).items() if not n.startswith("_")}
    plain = {n: x for n, x in own.items() if isinstance(x, int | float | bool) and n != "built"}
    rate = float(_numbers(optimizer.learning_rate))
    return {**plain, "learning_rate": rate} | {"weight_decay": own.get("weight_decay") or 0.0}


def _numbers(x: Any) -> Array:
    ops = sys.modules["keras"].ops
    return np.array(ops.convert_to_numpy(x), dtype=np.float64)
