"""A Keras optimizer class: built on variables, and applied to gradients.

One counter is for all variables, whether they have a gradient or not. At float64 Keras's float is
set to it, as a user of float64 has it: the learning rate is a variable of that dtype.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.errors import MissingPackage
from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.counters import one_for_all
from adamref.oracle.observe.adapters.precision import jax_settings, keras_float
from adamref.oracle.observe.adapters.values import numpy_dtype, steps, taken
from adamref.oracle.observe.sessions.session import Abilities, Held, Remark, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array

# Ours to theirs: attributes that hold a variable for each of the variables.
_STATES = {
    "m": ("_momentums", "momentums", "_m", "m"),
    "v": ("_velocities", "velocities", "_accumulators", "_v", "v"),
    "v_max": ("_velocity_hats", "velocity_hats"),
    "u": ("_u", "u"),
}
_LARGEST = 2**31 - 1
# The counter and the learning rate.
_ALWAYS = 2


@final
class KerasAdapter(Adapter):
    """An optimizer of Keras 3.

    Parameters
    ----------
    make : callable
        The class, or what returns an instance of it.
    args : mapping
    """

    name: ClassVar[str] = "keras"

    def __init__(self, make: Callable[..., Any], args: Mapping[str, Any] | None = None) -> None:
        try:
            self._keras: Any = importlib.import_module("keras")
        except ImportError as missing:
            raise MissingPackage("keras", "an optimizer of Keras", "bench") from missing
        self._make = make
        self._args = dict(args or {})
        # What Keras's base class takes beside is none of the hyperparameters.
        self._takes = names.Parameters(names.parameters(make).named, takes_any=False)
        self._variables: list[Any] = []
        self._optimizer: Any = None
        self._dtype = "float32"

    def start(self, start: Start) -> Abilities:
        """Make new variables and a new optimizer."""
        self._dtype, self._numpy = start.dtype, numpy_dtype(start.dtype)
        bound = names.bound(self._takes, start, self._args, self.name)
        keywords = dict(bound.keywords)
        if keywords.get("weight_decay") == 0 and self._takes.named["weight_decay"].default is None:
            keywords["weight_decay"] = None  # its word for none: of 0, 0 times theta is subtracted
        with self._calling("__init__"):
            self._variables = [self._keras.Variable(x, dtype=start.dtype) for x in start.thetas]
            self._optimizer = self._make(**keywords)
            self._optimizer.build(self._variables)
        can = {"tensors", "shapes"}
        can |= {"lr"} if "lr" in bound.controls else set()
        can |= {"load"} if self._loads(start.optimizer) else set()
        can |= {"defaults"} if names.can_default(self._takes, self._args) else set()
        return Abilities(
            frozenset(can),
            bound.controls,
            names.defaults(self._takes, self.name, start.optimizer),
        )

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Apply gradients."""
        with self._calling("apply"):
            if lr is not None:
                self._optimizer.learning_rate = lr
            handed = [self._tensor(g) for g in grads if g is not None]
            before = [self._numbers(g).tobytes() for g in handed]
            self._optimizer.apply(handed, self._variables)
            after = [self._numbers(g).tobytes() for g in handed]
            values = [self._numbers(x) for x in self._variables]
            says = "the gradient was modified in place"
            remark = (Remark("gradient-modified", "deviation", says),)
            return [
                self._held(i, x, remark if after[i] != before[i] else ())
                for i, x in enumerate(values)
            ]

    def load(self, tensors: Sequence[Held]) -> None:
        """Assign to the variables, and to those of the optimizer."""
        t = one_for_all(tensors, _LARGEST)
        with self._calling("loading a state"):
            for i, held in enumerate(tensors):
                self._variables[i].assign(self._tensor(held.theta))
                for ours, values in held.states.items():
                    theirs = self._list(ours)
                    if theirs:
                        kind = numpy_dtype(str(theirs[i].dtype))
                        theirs[i].assign(self._tensor(values, kind))
            if t is not None:
                self._optimizer.iterations.assign(t)

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        wide = self._dtype == "float64"
        floats = "float64" if wide else self._keras.config.floatx()
        with calling(what), jax_settings(wide=wide), keras_float(self._keras, floats):
            yield

    def _tensor(self, values: Array, kind: Any = None) -> Any:
        array = np.array(values, dtype=kind or self._numpy)
        return self._keras.ops.convert_to_tensor(array, dtype=array.dtype.name)

    def _numbers(self, tensor: Any) -> Any:
        return np.array(self._keras.ops.convert_to_numpy(tensor))

    def _list(self, ours: str) -> list[Any] | None:
        """Return the variables of the optimizer that hold a state."""
        for name in _STATES[ours]:
            found = getattr(self._optimizer, name, None)
            if isinstance(found, list | tuple) and len(found) == len(self._variables):
                return list(found) or None
        return None

    def _loads(self, optimizer: str) -> bool:
        """Say whether all variables of the optimizer are known, and those needed there."""
        lists = {ours: self._list(ours) for ours in _STATES}
        count = sum(len(x) for x in lists.values() if x)
        if not count or len(self._optimizer.variables) != count + _ALWAYS:
            return False
        return optimizer != "amsgrad" or bool(lists["v_max"])

    def _held(self, i: int, value: Any, remarks: tuple[Remark, ...]) -> Held:
        shape = tuple(self._variables[i].shape)
        theta, kind, more = taken("theta", value, shape, self._dtype)
        states, dtypes = {}, {"theta": kind}
        for ours in _STATES:
            found = self._list(ours)
            if found:
                got = self._numbers(found[i])
                states[ours], dtypes[ours], extra = taken(ours, got, shape, self._dtype)
                more += extra
        t, extra = steps(self._numbers(self._optimizer.iterations))
        return Held(theta, states, t, dtypes, (*remarks, *more, *extra))
