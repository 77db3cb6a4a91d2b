"""Watching what updates NumPy arrays in place: `adamref.fast`, and whatever is made as it is.

That has ``step(grads)``, the arrays, and by their keys a ``state`` with ``t`` and what else it
keeps, by adamref's names. What it says of its numbers is read: `adamref.fast` says all, others may
have a ``rule`` and a mapping ``hyper``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.fast.functional import number
from adamref.fast.method import separated
from adamref.fast.optimizer import ArrayOptimizer
from adamref.replay.checkpoint import ParameterGroup
from adamref.watching.seen import SeenStep, SeenTensor

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices
    from adamref.watching.handle import Watch
    from adamref.watching.seen import Sampling


def recognises(optimizer: object) -> bool:
    """Say whether it updates arrays that it holds, with a state for each."""
    if isinstance(optimizer, ArrayOptimizer):
        return True
    has_step = callable(getattr(optimizer, "step", None))
    state, params = (getattr(optimizer, name, None) for name in ("state", "params"))
    return (
        has_step
        and isinstance(state, Mapping)
        and isinstance(params, Mapping)
        and all(isinstance(x, np.ndarray) for x in params.values())
    )


def watch(optimizer: Any, watch: Watch, sampling: Sampling) -> None:
    """Have the steps of an optimizer judged until the watch ends."""
    sight = ArrayWatch(optimizer, watch, sampling)
    optimizer.step = sight.step
    watch.at_end(lambda: vars(optimizer).pop("step", None))


@final
class ArrayWatch:
    """Looks at the steps of an optimizer of arrays: stands in the place of its ``step``."""

    def __init__(self, optimizer: Any, watch: Watch, sampling: Sampling) -> None:
        self._optimizer, self._watch, self._sampling = optimizer, watch, sampling
        self._inner = optimizer.step

    def step(self, grads: Any) -> Any:
        """Take a step, and have it judged where it is due."""
        if not self._watch.due():
            return self._inner(grads)
        arrays, given = self._arrays(), self._given(grads)
        sizes = [x.size for x in arrays.values()]
        each = self._sampling.places(sizes, self._watch.steps)
        places = {key: at for key, at in zip(arrays, each, strict=True) if len(at)}
        group, minus = self._group(), self._maximizes()
        before = {key: self._look(arrays[key], key, at) for key, at in places.items()}
        made = self._inner(grads)
        tensors = []
        for key, at in places.items():
            old, t_before = before[key]
            new, t = self._look(arrays[key], key, at)
            raw = given.get(key)
            g = None if raw is None else np.ravel(raw)[at].astype(np.float64)
            tensors.append(SeenTensor(
                key, arrays[key].shape, 0, at, old, new, self._dtypes(arrays[key], key), t_before,
                t, None if g is None else (-g if minus else g), raw is not None,
                g is None or bool(np.isfinite(g).all()),
            ))  # fmt: skip
        self._watch.see(SeenStep(self._watch.steps, (group,), tuple(tensors)))
        return made

    def _arrays(self) -> dict[str, Array]:
        optimizer = self._optimizer
        params = optimizer.given["params"] if self._is_ours else optimizer.params
        return _by_key(params)

    def _given(self, grads: Any) -> dict[str, Any]:
        return {key: x for key, x in _by_key(grads).items() if x is not None}

    def _look(self, theta: Array, key: str, at: Indices) -> tuple[dict[str, Array], int]:
        """Return elements of a tensor and of its states, and how many steps it has taken."""
        arrays = {"theta": theta, **self._states(key)}
        found = {n: np.ravel(x)[at].astype(np.float64) for n, x in arrays.items()}
        return found, int(self._optimizer.state[key]["t"])

    def _states(self, key: str) -> dict[str, Array]:
        """Return the states of a tensor; a number that all its elements share as an array of it."""
        theta = self._arrays()[key]
        return {
            _CALLED.get(n, n): x
            if isinstance(x, np.ndarray)
            else np.broadcast_to(np.float64(x), theta.shape)
            for n, x in self._optimizer.state[key].items()
            if n != "t"
        }

    def _dtypes(self, theta: Array, key: str) -> dict[str, str]:
        return {n: x.dtype.name for n, x in {"theta": theta, **self._states(key)}.items()}

    @property
    def _is_ours(self) -> bool:
        return isinstance(self._optimizer, ArrayOptimizer)

    def _maximizes(self) -> bool:
        return self._is_ours and bool(self._optimizer.maximizes)

    def _group(self) -> ParameterGroup:
        """Return what the optimizer says of its numbers at the step that it takes next."""
        optimizer = self._optimizer
        if not self._is_ours:
            said = getattr(optimizer, "rule", None)
            hyper = getattr(optimizer, "hyper", {})
            return ParameterGroup("all", said, dict(hyper) if isinstance(hyper, Mapping) else {})
        hyper = separated({n: x for n, x in optimizer.given.items() if n != "params"})
        if callable(hyper["lr"]):
            hyper["lr"] = hyper["lr"](optimizer.t + 1)
        known = {n: number(n, x) for n, x in hyper.items() if n not in type(optimizer).words}
        rule = str(optimizer.method.name)
        if rule == "adam" and (optimizer.decoupled or known.get("weight_decay")):
            rule = "adamw" if optimizer.decoupled else "adam-l2"
        return ParameterGroup("all", rule, known, {"decoupled": optimizer.decoupled})


_CALLED = {"s": "v"}
"""What AdaBelief's paper calls its second moment."""


def _by_key(arrays: Mapping[Any, Any] | Sequence[Any]) -> dict[str, Any]:
    if isinstance(arrays, Mapping):
        return {str(key): x for key, x in arrays.items()}
    return {str(i): x for i, x in enumerate(arrays)}
