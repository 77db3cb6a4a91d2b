"""Looking at steps in JAX: at once where arrays are there, by a callback where they are traced.

In a compiled function a few elements are gathered at every step, and leave it at a step that is
judged: nothing is held back that XLA would reuse.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.watching.seen import SeenTensor, starts_of

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.watching.handle import Watch
    from adamref.watching.seen import Sampling, SeenStep


@final
@dataclass(frozen=True)
class JaxTensor:
    """A tensor around a step, all of it: arrays, or what stands for them while JAX traces.

    Attributes
    ----------
    name : str
    group : int
    before, after : mapping of str to array
        The states by adamref's names; and theta.
    gradient : array or None
    """

    name: str
    group: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    gradient: Any


Making = Callable[[int, Sequence[SeenTensor], Mapping[str, Any]], "SeenStep"]
"""Makes a step of its number, its tensors, and the numbers that went along."""


@final
class JaxSteps:
    """Has steps judged, traced or not.

    Parameters
    ----------
    watch : Watch
    sampling : Sampling
    making : callable
    """

    def __init__(self, watch: Watch, sampling: Sampling, making: Making) -> None:
        self._watch, self._sampling, self._making = watch, sampling, making
        self._first: int | None = None

    def look(
        self, t_before: Any, t: Any, tensors: Sequence[JaxTensor], beside: Mapping[str, Any]
    ) -> None:
        """Look at a step; ``beside`` is passed on, as numbers."""
        jax = sys.modules["jax"]
        tracer = jax.core.Tracer
        held = [t, *(x for one in tensors for x in (*one.before.values(), *one.after.values()))]
        if any(isinstance(x, tracer) for x in held):
            self._look_traced(jax, t_before, t, tensors, beside)
        elif self._is_due(int(t_before), int(t)):
            sizes = [int(np.size(one.before["theta"])) for one in tensors]
            places = self._sampling.places(sizes, int(t))
            picked = _picked(np, tensors, places)
            self._see(tensors, int(t_before), int(t), places, picked, beside)

    def _is_due(self, t_before: int, t: int) -> bool:
        return t != t_before and self._watch.is_due(t)

    def _look_traced(
        self,
        jax: Any,
        t_before: Any,
        t: Any,
        tensors: Sequence[JaxTensor],
        beside: Mapping[str, Any],
    ) -> None:
        jnp, every = jax.numpy, self._watch.every
        sizes = [one.before["theta"].size for one in tensors]
        places = []
        for i, (size, count) in enumerate(zip(sizes, self._sampling.counts(sizes), strict=True)):
            starts, widths = starts_of(size, count)
            key = jax.random.fold_in(jax.random.fold_in(jax.random.key(self._sampling.seed), i), t)
            within = (jax.random.uniform(key, (count,)) * widths).astype(jnp.int32)
            places.append(jnp.asarray(starts, jnp.int32) + jnp.minimum(within, widths - 1))
        picked = _picked(jnp, tensors, places)
        due = (t != t_before) & ((t == 1) | (t % every == 0))
        sent = t_before, t, places, picked, dict(beside)

        def see(t_before: Any, t: Any, places: Any, picked: Any, beside: Any) -> None:
            self._see(tensors_named, int(t_before), int(t), places, picked, beside)

        tensors_named = [_without_arrays(one) for one in tensors]
        jax.lax.cond(due, lambda x: jax.debug.callback(see, *x), lambda _: None, sent)

    def _see(
        self,
        tensors: Sequence[JaxTensor],
        t_before: int,
        t: int,
        places: Sequence[Any],
        picked: Sequence[Mapping[str, Any]],
        beside: Mapping[str, Any],
    ) -> None:
        """Have what was picked judged."""
        if self._first is None:
            self._first = t
        self._watch.steps = max(self._watch.steps, t - self._first + 1)
        seen = []
        for one, at, parts in zip(tensors, places, picked, strict=True):
            arrays = {name: np.asarray(x) for name, x in parts.items()}
            numbers = {name: x.astype(np.float64) for name, x in arrays.items()}
            before, after = (
                {n: numbers[f"{side} {n}"] for n in of}
                for side, of in (("before", one.before), ("after", one.after))
            )
            g = numbers.get("gradient")
            seen.append(SeenTensor(
                one.name, tuple(one.before["theta"].shape), one.group, np.asarray(at, np.int64),
                before, after, {n: arrays[f"before {n}"].dtype.name for n in before},
                t_before, t, g, is_finite=g is None or bool(np.isfinite(g).all()),
            ))  # fmt: skip
        self._watch.see(self._making(t, seen, beside))


def _picked(xp: Any, tensors: Sequence[JaxTensor], places: Sequence[Any]) -> list[dict[str, Array]]:
    """Return some elements of all arrays of tensors."""
    found = []
    for one, at in zip(tensors, places, strict=True):
        arrays = {f"before {n}": x for n, x in one.before.items()}
        arrays |= {f"after {n}": x for n, x in one.after.items()}
        if one.gradient is not None:
            arrays["gradient"] = one.gradient
        found.append({n: xp.reshape(xp.asarray(x), (-1,))[at] for n, x in arrays.items()})
    return found


@final
@dataclass(frozen=True)
class _TracedShape:
    """What is kept of an array that was traced."""

    shape: tuple[int, ...]


def _without_arrays(one: JaxTensor) -> JaxTensor:
    before, after = (
        {n: _TracedShape(tuple(x.shape)) for n, x in side.items()}
        for side in (one.before, one.after)
    )
    return JaxTensor(one.name, one.group, before, after, None)
