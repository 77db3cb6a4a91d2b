"""A Keras optimizer class: built on variables, and applied to gradients.

One counter is for all variables, whether they have a gradient or not. At float64 Keras's float is
set to it, as a user of float64 has it: the learning rate is a variable of that dtype.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.precision import jax_settings, keras_float
from adamref.oracle.observe.calling.signs import Sign, by_base
from adamref.oracle.observe.calling.values import cast, given
from adamref.oracle.observe.vocabulary import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.session import Held

# Lists of an optimizer that hold no state.
_OTHER = ("_variables", "_trainable_variables")


@final
class KerasAdapter(Adapter):
    """An optimizer of Keras 3."""

    name: ClassVar[str] = "keras"
    order: ClassVar[int] = 40
    package: ClassVar[str] = "keras"
    words: ClassVar[Words] = Words(
        {"lr": "learning_rate", "beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon"},
        neutral={"initial_accumulator_value": 0.0},
    )
    # Attributes that hold a variable for each of the variables.
    states: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "m": ("_average_gradients", "_momentums", "momentums", "_m"),
        "v": ("_velocities", "velocities", "_accumulators", "_v"),
        "v_max": ("_velocity_hats", "velocity_hats"),
        "u": ("_u",),
        "b": ("_momentums",),
        "mu_product": ("_u_product",),
    }
    counters: ClassVar[tuple[str, ...]] = ("_iterations", "iterations")
    shared_counter: ClassVar[int | None] = 2**31 - 1
    leading: ClassVar[int] = 0
    # What Keras's base class takes beside is none of the hyperparameters.
    keeps_rest: ClassVar[bool] = False

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by its base class."""
        return by_base(target, "keras", "BaseOptimizer", "Optimizer")

    @classmethod
    def sample(cls) -> tuple[Any, ...]:
        """Return nothing: hyperparameters are all that a factory takes."""
        return ()

    def begin(self) -> None:
        """Make a new optimizer."""
        keywords = dict(self._keywords)
        if keywords.get("weight_decay") == 0 and self._takes.named["weight_decay"].default is None:
            keywords["weight_decay"] = None  # its word for none: of 0, 0 times theta is subtracted
        start = self._start
        self._variables = [self._package.Variable(x, dtype=start.dtype) for x in start.thetas]
        self._optimizer = self._make(**keywords)
        self._optimizer.build(self._variables)

    def _settings(self) -> Mapping[str, Any]:
        # Where momentum has a schedule, its own is that of psi = 1.
        return {"psi": 1.0} if "psi" in named(self._start.optimizer)["hypers"] else {}

    def _set_rate(self, lr: float) -> None:
        self._optimizer.learning_rate = lr

    def _array(self, values: Array) -> Any:
        return self._tensor(given(values, self._numpy))

    def _bytes(self, array: Any) -> bytes:
        return self._numbers(array).tobytes()

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        self._optimizer.apply(list(grads), self._variables)

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._numbers(self._variables[i])

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        return {name: self._numbers(x) for name, x in self._held_for(i).items()}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        del kind
        variable = self._held_for(i)[name]
        variable.assign(self._tensor(cast(self._numbers(variable), value)))

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        for variable, held in zip(self._variables, tensors, strict=True):
            variable.assign(self._array(held.theta))

    def _held_for(self, i: int) -> dict[str, Any]:
        """Return the variables of the optimizer that are there for one of the variables, or all."""
        found, count = {}, len(self._variables)
        for name, x in vars(self._optimizer).items():
            is_list = isinstance(x, list | tuple) and len(x) == count and name not in _OTHER
            variable = x[i] if is_list else x
            if isinstance(variable, self._package.Variable):
                found[name] = variable
        return found

    def _tensor(self, array: np.ndarray[Any, Any]) -> Any:
        return self._package.ops.convert_to_tensor(array, dtype=array.dtype.name)

    def _numbers(self, tensor: Any) -> np.ndarray[Any, Any]:
        ops = self._package.ops
        if tensor.ndim == 0:  # NumPy refuses what TensorFlow shows of one number of bfloat16
            return np.array(ops.convert_to_numpy(ops.reshape(tensor, (1,)))[0])
        return np.array(ops.convert_to_numpy(tensor))

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        """Call with 64 bits where they are asked for."""
        wide = self._start.dtype == "float64"
        floats = "float64" if wide else self._package.config.floatx()
        with calling(what), jax_settings(wide=wide), keras_float(self._package, floats):
            yield
