"""Functions ``step(theta, grad, state, ...) -> (theta, state)``, compiled ones too."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.mutation.following import FOLLOWER
from adamref.mutation.live.live import Live, switches
from adamref.mutation.memories import OfStates
from adamref.mutation.remembered import TensorBefore, bits
from adamref.oracle.observe.adapters.function import FunctionAdapter, HeldTensor
from adamref.oracle.observe.calling.values import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.mutation.stepping import Stepped
    from adamref.oracle.observe.calling.adapter import Adapter
    from adamref.oracle.observe.sessions.session import Held


@final
class LiveFunction(Live):
    """A function: another stands in its place, with its name and signature."""

    adapter: ClassVar[type[Adapter]] = FunctionAdapter

    def installed(self) -> Any:
        """Return a function that calls the target."""
        inner, memories = self.target, OfStates()
        bound = _binder(inner)

        @functools.wraps(inner)
        def step(*args: Any, **keywords: Any) -> Any:
            if FOLLOWER.is_off:
                return inner(*args, **keywords)
            given = bound(args, keywords)
            theta, grad, state = list(given.values())[:3]
            dtype = str(np.asarray(theta).dtype)
            if dtype not in DTYPES:
                return inner(*args, **keywords)
            values = {n: x for n, x in list(given.items())[3:] if n != "kwargs"}
            values |= given.get("kwargs", {})
            hyper = self.hyper(values)
            was, g = (np.array(x, dtype=np.float64) for x in (theta, grad))
            start = self.start(dtype, (was,), hyper)
            reader = self.reader.attached(start, tensors=[HeldTensor(was, state)], keywords={})
            FOLLOWER.busy = True
            try:
                held = reader.held(0)
            finally:
                FOLLOWER.busy = False
            g = -g if values.get("maximize") else g
            before = [TensorBefore(was, held.states, held.t, g, hyper, dtype)]
            memory = memories.of(_key(held))
            back = inner(*args, **keywords)
            if not isinstance(back, tuple | list) or len(back) != 2:
                return back
            mine = HeldTensor(back[0], back[1])
            reader.attached(start, tensors=[mine], keywords={})

            def write(i: int, made: Stepped) -> None:
                mine.theta = _replaced(back[0], made.theta)
                for ours, theirs in reader.which(reader.entries(i)).items():
                    value = made.t if ours == "t" else made.states.get(ours)
                    if value is not None:
                        reader.put(i, theirs, value, None)

            def read() -> Sequence[Held]:
                return [reader.held(0)]

            self.follow(memory, before, read, write, switches(values))
            FOLLOWER.busy = True
            try:
                memories.keep(_key(reader.held(0)), memory)
            finally:
                FOLLOWER.busy = False
            made: Any = type(back)
            return made((mine.theta, mine.state))

        return step


def _key(held: Held) -> bytes:
    return bits(held.states) + str(held.t).encode()


def _binder(inner: Any) -> Callable[[Any, Any], Mapping[str, Any]]:
    try:
        signature = inspect.signature(inner)
    except (TypeError, ValueError):  # written in C: it does not say
        names = ("theta", "grad", "state")
        return lambda args, keywords: {**dict(zip(names, args, strict=False)), **keywords}

    def bound(args: Any, keywords: Any) -> Mapping[str, Any]:
        call = signature.bind(*args, **keywords)
        call.apply_defaults()
        found = dict(call.arguments)
        rest = [n for n, x in signature.parameters.items() if x.kind is x.VAR_KEYWORD]
        return {**{n: x for n, x in found.items() if n not in rest},
                **({"kwargs": found[rest[0]]} if rest else {})}  # fmt: skip

    return bound


def _replaced(old: Any, values: Any) -> Any:
    """Return values as what is replaced was: in its place, where it is an array."""
    if isinstance(old, np.ndarray) and old.flags.writeable:
        with np.errstate(all="ignore"):
            old[...] = values
        return old
    with np.errstate(all="ignore"):
        made = np.asarray(values).astype(np.asarray(old).dtype)
    return type(old)(made) if isinstance(old, float | np.generic) else made
