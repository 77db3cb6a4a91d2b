"""Factories as optax has them: ``update`` is followed, traced by JAX or not.

Where JAX traces, the step is followed by a callback: what was compiled asks again at each step.
"""

from __future__ import annotations

import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.mutation.following import FOLLOWER
from adamref.mutation.live.live import Live, switches
from adamref.mutation.memories import OfStates
from adamref.mutation.remembered import TensorBefore, bits
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.observe.adapters.optax import OptaxAdapter
from adamref.oracle.observe.calling.entries import flat, named, rewritten
from adamref.oracle.observe.calling.values import DTYPES
from adamref.oracle.observe.sessions.session import Held
from adamref.rules.family import family

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.mutation.stepping import Stepped
    from adamref.oracle.observe.calling.adapter import Adapter


@final
class LiveOptax(Live):
    """What a factory makes: its ``update``, whatever ``init`` is."""

    adapter: ClassVar[type[Adapter]] = OptaxAdapter

    found: Mapping[str, str] = {}

    def names(self) -> Mapping[str, str]:
        """Return those that were found in a state."""
        return {**self.found, "t": "count"}

    def installed(self) -> Any:
        """Return a factory that calls the target."""
        inner = self.target
        signature = inspect.signature(inner)

        @functools.wraps(inner)
        def factory(*args: Any, **keywords: Any) -> Any:
            made = inner(*args, **keywords)
            call = signature.bind(*args, **keywords)
            call.apply_defaults()
            its = _Transformation(self, made.update, dict(call.arguments))

            @functools.wraps(made.update)
            def update(grads: Any, state: Any, params: Any = None, **more: Any) -> Any:
                return its.update(grads, state, params, **more)

            return made._replace(update=update)

        return factory


@final
class _Transformation:
    """A transformation that was made, with the numbers that it was made with."""

    def __init__(
        self, live: LiveOptax, inner: Callable[..., Any], values: Mapping[str, Any]
    ) -> None:
        self._live, self._inner, self._values = live, inner, values
        self._memories = OfStates()

    def update(self, grads: Any, state: Any, params: Any = None, **more: Any) -> Any:
        """Update as the target does, and let that be followed."""
        back = self._inner(grads, state, params, **more)
        jax = sys.modules["jax"]
        names = self._live.adapter.states
        old, new = flat(state), flat(back[1])
        wanted_states = [n for n in family()[self._live.optimizer].states if n != "theta"]
        which = named(wanted_states, names, old)
        self._live.found = which
        counter = next((x for x in ("count", "t") if x in old), None)
        lr = self._values.get("learning_rate")
        rate = lr(old[counter]) if callable(lr) and counter else lr
        numbers = {n: x for n, x in self._values.items() if _is_number(x)}
        numbers |= {} if rate is None else {"learning_rate": rate}
        # Through a callback a number of Python would lose digits.
        fixed = {n: x for n, x in numbers.items() if isinstance(x, int | float)}
        numbers = {n: x for n, x in numbers.items() if n not in fixed}
        followed = functools.partial(self._followed, fixed)
        before, after = ({n: x[y] for n, y in which.items()} for x in (old, new))
        given = (grads, params, back[0], before, after, old.get(counter or ""), numbers)
        wanted = (back[0], given[4])
        leaves = jax.tree_util.tree_leaves(given)
        if any(isinstance(x, jax.core.Tracer) for x in leaves):
            shapes = jax.tree_util.tree_map(
                lambda x: jax.ShapeDtypeStruct(np.shape(x), x.dtype), wanted
            )
            updates, states = jax.pure_callback(followed, shapes, *given, vmap_method="sequential")
        elif FOLLOWER.is_off:
            return back
        else:
            updates, states = jax.tree_util.tree_map(jax.numpy.asarray, followed(*given))
        for ours, theirs in which.items():
            back = back[0], rewritten(back[1], theirs, states[ours])
        return updates, back[1]

    def _followed(
        self,
        fixed: Mapping[str, float],
        grads: Any,
        params: Any,
        updates: Any,
        old: Any,
        new: Any,
        count: Any,
        numbers: Any,
    ) -> Any:
        """Follow a step on arrays."""
        jax = sys.modules["jax"]
        if FOLLOWER.is_off:
            return updates, new
        leaf = jax.tree_util.tree_leaves
        gs, us = leaf(grads), leaf(updates)
        dtypes = [str(np.asarray(x).dtype) for x in gs]
        parts = {n: leaf(x) for n, x in old.items()}
        whole = all(len(x) == len(gs) for x in parts.values()) and len(us) == len(gs)
        if not gs or not whole or any(x not in DTYPES for x in dtypes):
            return updates, new
        ps = leaf(params) if params is not None else []
        thetas = (
            [_wide(x) for x in ps] if len(ps) == len(gs) else [np.zeros(np.shape(g)) for g in gs]
        )
        hyper = self._live.hyper({**fixed, **{n: float(x) for n, x in numbers.items()}})
        t = None if count is None else int(count)
        before = [
            TensorBefore(
                thetas[i], {n: _wide(x[i]) for n, x in parts.items()}, t, _wide(g), hyper, dtypes[i]
            )
            for i, g in enumerate(gs)
        ]
        key = b"".join(bits(x.states) for x in before) + str(t).encode()
        memory = self._memories.of(key)
        made_updates = list(us)
        made_states = {n: leaf(x) for n, x in new.items()}
        after_t = None if t is None else t + 1

        def read() -> Sequence[Held]:
            return [
                Held(
                    _in(thetas[i] + _wide(made_updates[i]), dtypes[i]),
                    {n: _wide(x[i]) for n, x in made_states.items()},
                    after_t,
                )
                for i in range(len(gs))
            ]

        def write(i: int, one: Stepped) -> None:
            with np.errstate(all="ignore"):
                kind = np.asarray(us[i]).dtype
                made_updates[i] = np.asarray(one.theta - thetas[i]).astype(kind)
                for n, x in made_states.items():
                    if n in one.states:
                        x[i] = np.asarray(one.states[n]).astype(np.asarray(x[i]).dtype)

        self._live.follow(memory, before, read, write, switches(self._values))
        after = b"".join(
            bits({n: _wide(x[i]) for n, x in made_states.items()}) for i in range(len(gs))
        )
        self._memories.keep(after + str(after_t).encode(), memory)
        rebuilt = jax.tree_util.tree_unflatten
        tree = jax.tree_util.tree_structure
        return (
            rebuilt(tree(updates), [np.asarray(x) for x in made_updates]),
            {n: rebuilt(tree(new[n]), [np.asarray(y) for y in x]) for n, x in made_states.items()},
        )


def _wide(x: Any) -> Any:
    return np.array(np.asarray(x), dtype=np.float64)


def _in(x: Any, dtype: str) -> Any:
    return nearest(x, formats.get(dtype))


def _is_number(x: Any) -> bool:
    if isinstance(x, bool) or x is None:
        return False
    return isinstance(x, int | float) or (hasattr(x, "dtype") and np.ndim(x) == 0)
