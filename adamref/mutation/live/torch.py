"""Optimizers of torch: the class keeps its name, its constructor, its groups and its hooks."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.mutation.following import FOLLOWER
from adamref.mutation.live.live import Live, switches
from adamref.mutation.memories import OfObjects
from adamref.mutation.remembered import TensorBefore
from adamref.oracle.observe.adapters.torch import TorchAdapter
from adamref.oracle.observe.calling.values import DTYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.mutation.stepping import Stepped
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.adapter import Adapter
    from adamref.oracle.observe.sessions.session import Held


@final
class LiveTorch(Live):
    """The ``step`` of a class of torch's optimizers, and of what inherits it."""

    adapter: ClassVar[type[Adapter]] = TorchAdapter

    def installed(self) -> Any:
        """Put a step around that of the class."""
        kind, inner, memories = self.target, self.target.step, OfObjects()

        @functools.wraps(inner)
        def step(optimizer: Any, *args: Any, **keywords: Any) -> Any:
            places = None if FOLLOWER.is_off else _places(optimizer)
            if not places or not all(_dtype(p) in DTYPES for p, _ in places):
                return inner(optimizer, *args, **keywords)
            has_closure = any(x is not None for x in (*args, *keywords.values()))
            parameters = [p for p, _ in places]
            before = self._before(optimizer, places)
            back = inner(optimizer, *args, **keywords)
            if has_closure:  # the gradients are those that it has made
                before = [
                    TensorBefore(x.theta, x.states, x.t, _gradient(*place), x.hyper, x.dtype)
                    for x, place in zip(before, places, strict=True)
                ]
            reader = self.reader

            def read() -> Sequence[Held]:
                return [reader.held(i) for i in range(len(parameters))]

            def write(i: int, made: Stepped) -> None:
                _put(parameters[i], made.theta)
                which = reader.which(reader.entries(i))
                for ours, theirs in which.items():
                    if ours == "t":
                        reader.put(i, theirs, made.t, None)
                    elif ours in made.states:
                        reader.put(i, theirs, made.states[ours], None)

            options = switches(optimizer.param_groups[0])
            self.follow(memories.of(optimizer), before, read, write, options)
            return back

        kind.step = step
        return kind

    def _before(
        self, optimizer: Any, places: Sequence[tuple[Any, Mapping[str, Any]]]
    ) -> list[TensorBefore]:
        thetas = [_numbers(p) for p, _ in places]
        hypers = [self.hyper({n: _plain(x) for n, x in group.items()}) for _, group in places]
        start = self.start(_dtype(places[0][0]), thetas, hypers[0])
        parameters = [p for p, _ in places]
        reader = self.reader.attached(start, optimizer=optimizer, parameters=parameters)
        found = []
        for i, place in enumerate(places):
            held = reader.held(i)
            found.append(
                TensorBefore(
                    held.theta, held.states, held.t, _gradient(*place), hypers[i], _dtype(place[0])
                )
            )
        return found


def _places(optimizer: Any) -> list[tuple[Any, Mapping[str, Any]]]:
    """Return each parameter with its group."""
    return [(p, group) for group in optimizer.param_groups for p in group["params"]]


def _gradient(p: Any, group: Mapping[str, Any]) -> Array | None:
    if p.grad is None:
        return None
    g = p.grad.to_dense() if p.grad.is_sparse else p.grad
    return -_numbers(g) if group.get("maximize") else _numbers(g)


def _numbers(tensor: Any) -> Array:
    torch = sys.modules["torch"]
    made: Array = tensor.detach().to("cpu").to(torch.float64).numpy().copy()
    return made


def _dtype(tensor: Any) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _plain(x: Any) -> Any:
    """Return numbers that are held in tensors as numbers."""
    if isinstance(x, tuple | list):
        return tuple(_plain(one) for one in x)
    return float(x) if hasattr(x, "detach") and x.numel() == 1 else x


def _put(p: Any, values: Array) -> None:
    torch = sys.modules["torch"]
    with torch.no_grad():
        p.copy_(torch.tensor(np.asarray(values)).to(p.dtype))
