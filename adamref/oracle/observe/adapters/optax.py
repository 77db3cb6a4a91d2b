"""A factory as optax has them: ``init(params)`` and ``update(grads, state, params)``.

States and t are found by the names of their fields, at any depth. Where parameters are parted among
several transformations, of each those are looked at that have not masked it. Another learning rate
at a step is had by making the transformation anew with it, and keeping the state: so it stays the
constant that it was, and no rounding is added.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.entries import each, flat, lists, rewritten
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.precision import jax_settings
from adamref.oracle.observe.calling.signs import Sign, by_methods
from adamref.oracle.observe.calling.values import cast, given
from adamref.oracle.observe.sessions.session import Failed, Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from adamref.numbers.arrays import Array


@final
class OptaxAdapter(Adapter):
    """A gradient transformation of optax, or of its form, or what makes one; on a device of JAX."""

    name: ClassVar[str] = "optax"
    order: ClassVar[int] = 30
    form: ClassVar[str] = "init and update"
    words: ClassVar[Words] = Words(
        {"lr": "learning_rate", "beta1": "b1", "beta2": "b2", "beta3": "b3"},
        neutral={"initial_accumulator_value": 0.0},
    )
    # AdaMax and AdaBelief keep what is theirs where Adam keeps v.
    states: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "m": ("mu", "m1", "m", "trace"),
        "m_slow": ("m2",),
        "v": ("nu", "v", "sum_of_squares"),
        "v_max": ("nu_max",),
        "u": ("nu",),
        "s": ("nu",),
        "b": ("trace",),
    }
    counters: ClassVar[tuple[str, ...]] = ("count", "t")
    shared_counter: ClassVar[int | None] = 2**31 - 1
    leading: ClassVar[int] = 0
    takes_made: ClassVar[bool] = True

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by its methods; who has get_params keeps parameters in the state."""
        return Sign.NONE if hasattr(target, "get_params") else by_methods(target, "init", "update")

    @classmethod
    def takes(cls, target: Any, args: Mapping[str, Any]) -> bool:
        """Say whether update takes (grads, state, params)."""
        del args
        skip = 1 if isinstance(target, type) else 0
        try:
            inspect.signature(target.update).bind(*(None,) * (3 + skip))
            inspect.signature(target.init).bind(*(None,) * (1 + skip))
        except TypeError:
            return False
        except ValueError:  # written in C: it does not say
            return True
        return True

    @classmethod
    def sample(cls) -> tuple[Any, ...]:
        """Return nothing: hyperparameters are all that a factory takes."""
        return ()

    def begin(self) -> None:
        """Make a new optimizer."""
        self._parameters = [self._array(theta) for theta in self._start.thetas]
        self._transform()
        self._state = self._transformation.init(self._parameters)
        self._parts = any(_is_masked(x) for part in lists(self._state) for x in part)

    def _can(self) -> set[str]:
        # Groups with rates of their own keep them.
        return set() if any("lr" in own for own in self._groups()) else super()._can()

    def _groups(self) -> tuple[Mapping[str, float], ...]:
        """Return what parts of the state have of their own, beside one that has what was asked."""
        asked = {} if self._start.defaults else self._start.hyper
        own: list[dict[str, float]] = [{} for _ in self._parameters]
        parts = [*each(self._state, "hyperparams")] if self._parts else []
        for name, ours in (("learning_rate", "lr"), ("weight_decay", "weight_decay")):
            usual = float(np.float32(asked.get(ours, np.nan)))
            if usual not in [float(x[name]) for x in parts if name in x]:
                continue
            for i, mine in enumerate(own):
                held = self._seen(i).get("hyperparams") or {}
                if name in held and float(held[name]) != usual:
                    mine[ours] = float(held[name])
        return tuple(own)

    def _seen(self, i: int) -> dict[str, Any]:
        """Return the fields of the state of a tensor."""
        return flat(self._state, self._left(i))

    def _left(self, i: int) -> Callable[[Any], bool]:
        """Return what says of a part of the state that a tensor is masked there, and only there."""
        count = len(self._parameters)

        def left(tree: Any) -> bool:
            known = [x[i] for x in lists(tree) if len(x) == count] if self._parts else []
            return any(map(_is_masked, known)) and not any(hasattr(x, "dtype") for x in known)

        return left

    def _set_rate(self, lr: float) -> None:
        self._keywords[self._rate] = lr
        injected = flat(self._state).get("hyperparams")
        if isinstance(injected, Mapping) and self._rate in injected:
            # The state holds it, and that is where it is changed.
            new = self._given(cast(np.asarray(injected[self._rate]), lr))
            self._state = rewritten(self._state, "hyperparams", {**injected, self._rate: new})
        # Also where the state holds it: a schedule writes it there anew at each step.
        self._transform()

    def _transform(self) -> None:
        self._transformation = self._make(**self._keywords)
        self._update = self._transformation.update
        if self._micros.count > 1 and "jax" in sys.modules:
            # Whether to step is a choice, which is compiled anew each time unless all is at once.
            self._update = sys.modules["jax"].jit(self._update)

    def _array(self, values: Array) -> Any:
        return self._given(given(values, self._numpy))

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        back = self._update(list(grads), self._state, self._parameters)
        if not isinstance(back, tuple | list) or len(back) != 2:
            says = f"update returned {type(back).__name__}, but should return (updates, state)"
            raise Failed("wrong-shape", says)
        updates, self._state = back
        if "optax" in sys.modules:
            apply_updates = sys.modules["optax"].apply_updates
            self._parameters = list(apply_updates(self._parameters, updates))
        else:
            pairs = zip(self._parameters, updates, strict=True)
            self._parameters = [(p + u).astype(p.dtype) for p, u in pairs]

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._parameters[i]

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        count, found = len(self._parameters), {}
        for name, x in self._seen(i).items():
            if isinstance(x, tuple | list):
                if len(x) == count and hasattr(x[i], "dtype"):
                    found[name] = x[i]
            elif hasattr(x, "dtype") or isinstance(x, int | float):
                found[name] = x
        return found

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        del kind
        old, left = self._seen(i)[name], self._left(i)
        if isinstance(old, tuple | list):
            new = list(old)
            new[i] = self._given(cast(np.asarray(old[i]), value))
            self._state = rewritten(self._state, name, type(old)(new), left)
        else:
            new = self._given(cast(np.asarray(old), value))
            self._state = rewritten(self._state, name, new, left)

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        self._parameters = [self._array(held.theta) for held in tensors]

    def _given(self, array: np.ndarray[Any, Any]) -> Any:
        jax = sys.modules.get("jax")
        return array if jax is None else jax.numpy.asarray(array)

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        """Call with 64 bits where they are asked for, and on the device."""
        wide = self._start.dtype == "float64"
        with calling(what), jax_settings(wide=wide, device=self._device):
            yield


def _is_masked(x: Any) -> bool:
    """Say whether something stands for a parameter that is not looked at: a node without fields."""
    return isinstance(x, tuple) and not x and hasattr(x, "_fields")
