"""A factory as optax has them: ``init(params)`` and ``update(grads, state, params)``.

m, v and t are found in the state by the names of its fields, at any depth. Another learning rate at
a step is had by making the transformation anew with it, and keeping the state: so it stays the
constant that it was, and no rounding is added.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.counters import one_for_all
from adamref.oracle.observe.adapters.precision import jax_settings
from adamref.oracle.observe.adapters.pytree import field, replaced
from adamref.oracle.observe.adapters.values import numpy_dtype, steps, taken, touched
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array

_STATES = {"m": ("mu", "m"), "v": ("nu", "v"), "v_max": ("nu_max", "v_max")}
# AdaMax keeps its norm where Adam keeps v.
_OF_ADAMAX = {"m": ("mu", "m"), "u": ("nu", "u")}
_COUNTERS = ("count", "t")
_LARGEST = 2**31 - 1


@final
class OptaxAdapter(Adapter):
    """A gradient transformation of optax, or of its form.

    Parameters
    ----------
    make : callable or transformation
    args : mapping
    device : str, optional
        ``cpu``, ``gpu``, …: of JAX.
    """

    name: ClassVar[str] = "optax"

    def __init__(
        self, make: Any, args: Mapping[str, Any] | None = None, device: str | None = None
    ) -> None:
        is_made = not isinstance(make, type) and hasattr(make, "init") and hasattr(make, "update")
        self._make: Callable[..., Any] = (lambda: make) if is_made else make
        self._args = dict(args or {})
        self._device = device
        self._takes = names.parameters(self._make)
        self._keywords: dict[str, Any] = {}
        self._wide = False
        self._parameters: list[Any] = []
        self._state: Any = None

    def start(self, start: Start) -> Abilities:
        """Make a new transformation and its state."""
        self._dtype, self._numpy = start.dtype, numpy_dtype(start.dtype)
        self._wide = start.dtype == "float64"
        self._names = _OF_ADAMAX if start.optimizer == "adamax" else _STATES
        bound = names.bound(self._takes, start, self._args, self.name)
        self._keywords = dict(bound.keywords)
        self._rate = next(
            (x for x in bound.keywords if names.ours(x, self.name, start.optimizer) == "lr"), ""
        )
        with self._calling("init"):
            self._parameters = [self._array(theta) for theta in start.thetas]
            self._transformation = self._make(**self._keywords)
            self._state = self._transformation.init(self._parameters)
        can = {"tensors", "shapes"}
        can |= {"lr"} if "lr" in bound.controls else set()
        can |= {"defaults"} if names.can_default(self._takes, self._args) else set()
        can |= {"load"} if self._loads(start.optimizer) else set()
        return Abilities(
            frozenset(can),
            bound.controls,
            names.defaults(self._takes, self.name, start.optimizer),
        )

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Update, and add the updates to the parameters."""
        handed = [np.array(g, dtype=self._numpy) for g in grads if g is not None]
        before = [g.tobytes() for g in handed]
        with self._calling("update"):
            if lr is not None:
                self._keywords[self._rate] = lr
                self._transformation = self._make(**self._keywords)
            arrays = [self._array(g) for g in handed]
            back = self._transformation.update(arrays, self._state, self._parameters)
        if not isinstance(back, tuple | list) or len(back) != 2:
            says = f"update returned {type(back).__name__}, but should return (updates, state)"
            raise Failed("wrong-shape", says)
        with self._calling("update"):
            updates, self._state = back
            self._parameters = self._applied(updates)
            remarks = [touched("gradient", x, y) for x, y in zip(before, arrays, strict=True)]
        return [self._held(i, remarks[i]) for i in range(len(handed))]

    def load(self, tensors: Sequence[Held]) -> None:
        """Replace the fields in the state."""
        t = one_for_all(tensors, _LARGEST)
        with self._calling("loading a state"):
            self._parameters = [self._array(held.theta) for held in tensors]
            for ours, theirs in self._names.items():
                name, old = field(self._state, theirs)
                if name and all(ours in held.states for held in tensors):
                    pairs = zip(old, tensors, strict=True)
                    new = [self._array(held.states[ours], x.dtype) for x, held in pairs]
                    self._state = replaced(self._state, name, type(old)(new))
            name, old = field(self._state, _COUNTERS)
            if name and t is not None:
                counter = self._array(np.array(float(t)), np.asarray(old).dtype)
                self._state = replaced(self._state, name, counter)

    def _loads(self, optimizer: str) -> bool:
        wanted = {"m", "u"} if optimizer == "adamax" else {"m", "v"}
        wanted |= {"v_max"} if optimizer == "amsgrad" else set()
        wanted = {"v"} if optimizer in {"rmsprop", "adagrad"} else wanted
        has_counter = bool(field(self._state, _COUNTERS)[0]) or optimizer in {"rmsprop", "adagrad"}
        return has_counter and all(field(self._state, self._names[x])[0] for x in wanted)

    def _applied(self, updates: Any) -> list[Any]:
        if "optax" in sys.modules:
            return list(sys.modules["optax"].apply_updates(self._parameters, updates))
        pairs = zip(self._parameters, updates, strict=True)
        return [(p + u).astype(p.dtype) for p, u in pairs]

    def _array(self, values: Any, dtype: Any = None) -> Any:
        array = np.array(values, dtype=dtype or self._numpy)
        jax = sys.modules.get("jax")
        return array if jax is None else jax.numpy.asarray(array)

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        """Call with 64 bits where they are asked for, and on the device."""
        with calling(what), jax_settings(wide=self._wide, device=self._device):
            yield

    def _held(self, i: int, remarks: Any) -> Held:
        shape = np.shape(self._parameters[i])
        theta, kind, more = taken("theta", self._parameters[i], shape, self._dtype)
        states, dtypes = {}, {"theta": kind}
        for ours, theirs in self._names.items():
            name, found = field(self._state, theirs)
            if name:
                states[ours], dtypes[ours], extra = taken(ours, found[i], shape, self._dtype)
                more += extra
        t, extra = steps(field(self._state, _COUNTERS)[1])
        return Held(theta, states, t, dtypes, (*remarks, *more, *extra))
