"""A step carried out block by block, so that what is in use stays in a core's cache.

Nothing is allocated for it but a few blocks of scratch memory, once for each thread.
"""

from __future__ import annotations

import contextvars
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

import numpy as np

from adamref.fast.arrays import precision

if TYPE_CHECKING:
    from adamref.fast.method import Array, Method
    from adamref.fast.options import Chosen

Order: TypeAlias = Literal["C_CONTIGUOUS", "F_CONTIGUOUS"]

_BLOCK = 1 << 17
"""Bytes of a block of one array: 32,768 elements of float32. Larger ones leave the cache."""
_BLOCK_OF_A_THREAD = 1 << 19
"""Bytes of a block where several threads work: short operations would wait for one another."""
_WORTH_A_THREAD = 1 << 20
"""Elements for each thread, below which it costs more than it gains."""


@final
class Worker:
    """Takes steps on one array and its states, which stay where they are.

    Parameters
    ----------
    method : Method
    theta : array
    states : tuple of arrays
        Of theta's shape.
    chosen : Chosen
    l2 : float
        What of theta is added to the gradient.
    """

    def __init__(
        self, method: Method, theta: Array, states: tuple[Array, ...], chosen: Chosen, l2: float
    ) -> None:
        self._method = method
        self.names, self.states = method.states, states
        self.arrays = theta, *states
        self._owners = _owners(self.arrays)
        self._kind = precision(self.arrays)
        self._type = self._kind.type
        self._maximize, self._l2 = chosen.maximize, self._type(l2)
        self._changes = chosen.maximize or l2 != 0
        self._loop = method.compiled if chosen.kernel == "numba" else None
        self._shared: tuple[Array, ...] = ()
        self._filled = 0
        self._order = _order(self.arrays, self._kind)
        self._flat = [_flattened(x, self._order) for x in self.arrays] if self._order else []
        self._threads = min(chosen.threads, theta.size // _WORTH_A_THREAD)
        bytes_of_block = _BLOCK if self._threads < 2 else _BLOCK_OF_A_THREAD
        self._block = bytes_of_block // self._kind.itemsize
        self._states = tuple(self._flat[1:])
        # What is compiled needs no scratch memory, and so no blocks.
        self._at_once = theta.size <= self._block or (self._loop is not None and not self._changes)
        plain = self._loop is None and not self._changes and self._threads < 2
        self._is_short = plain and theta.size <= self._block

    def step(self, grad: Array, scalars: tuple[float, ...], keep: float) -> None:
        """Take a step.

        Parameters
        ----------
        grad : array
            Of theta's shape and dtype.
        scalars : tuple of float
            What all elements share, in float64.
        keep : float
            By what theta is multiplied first.
        """
        # What has memory of its own shares it with nobody who did not take it from there.
        own = grad.flags.owndata and self._owners is not None and id(grad) not in self._owners
        if not own and any(np.may_share_memory(grad, x) for x in self.arrays):
            grad = grad.copy()
        shared: tuple[Any, ...]
        if self._loop is None:
            # Arrays without axes: a ufunc takes them faster than it takes scalars.
            if not self._shared:
                self._shared = tuple([np.empty((), self._kind) for _ in scalars])
            shared = self._shared
            for place, value in zip(shared[self._filled :], scalars[self._filled :], strict=True):
                place[()] = value
            self._filled = self._method.fixed
        else:
            shared = tuple([self._type(x) for x in scalars])
        if self._order is None or not grad.flags[self._order]:
            self._over_parts(grad, shared, keep)
            return
        if self._is_short and keep == 1:
            # All that a small array needs: what surrounds it would take as long.
            scratch = _scratch(self._kind, self._method.scratch, grad.size)
            flat_grad = grad if grad.ndim == 1 else _flattened(grad, self._order)
            self._method.block(self._flat[0], flat_grad, self._states, shared, scratch)
            return
        flat = self._flat[0], _flattened(grad, self._order), *self._states
        if self._threads < 2:
            (self._work if self._at_once else self._over_blocks)(flat, shared, keep)
            return
        # Ends on whole blocks, so that no two threads write to one line of a cache.
        size = flat[0].size
        share = -(-size // (self._threads * self._block)) * self._block
        parts = [tuple(x[i : i + share] for x in flat) for i in range(0, size, share)]
        pool = _pool(self._threads)
        work = self._work if self._at_once else self._over_blocks
        # Each in a copy of the context: what the caller set with np.errstate holds in it, too.
        context = contextvars.copy_context
        for done in [pool.submit(context().run, work, part, shared, keep) for part in parts]:
            done.result()

    def _over_blocks(self, arrays: tuple[Array, ...], shared: tuple[Any, ...], keep: float) -> None:
        block = self._block
        for start in range(0, arrays[0].size, block):
            self._work(tuple([x[start : start + block] for x in arrays]), shared, keep)

    def _over_parts(self, grad: Array, shared: tuple[Any, ...], keep: float) -> None:
        """Let NumPy gather blocks of whatever strides and dtypes, and put the results back."""
        theta, *states = self.arrays
        arrays = (theta, grad, *states)
        changed: Any = [["readwrite"], ["readonly"], *([["readwrite"]] * len(states))]
        with np.nditer(
            arrays,
            ["external_loop", "buffered", "zerosize_ok"],
            changed,
            op_dtypes=[self._kind] * len(arrays),
            casting="same_kind",
            buffersize=self._block,
            order="K",
        ) as parts:
            for part in parts:
                self._work(part, shared, keep)

    def _work(self, arrays: tuple[Array, ...], shared: tuple[Any, ...], keep: float) -> None:
        """Work a step on one-dimensional arrays of one dtype."""
        theta, grad, states = arrays[0], arrays[1], arrays[2:]
        if self._changes:
            spare = _scratch(self._kind, self._method.scratch + 1, theta.size)[-1]
            grad = self._changed(grad, theta, spare)
        if keep != 1:
            np.multiply(theta, self._type(keep), theta)
        if self._loop is None:
            scratch = _scratch(self._kind, self._method.scratch, theta.size)
            self._method.block(theta, grad, states, shared, scratch)
        else:
            self._loop(theta, grad, states, shared)

    def _changed(self, grad: Array, theta: Array, out: Array) -> Array:
        """Return the gradient with its sign changed and weight decay added, as asked for."""
        if self._l2 == 0:
            return np.negative(grad, out)
        np.multiply(theta, self._l2, out)
        (np.subtract if self._maximize else np.add)(out, grad, out)
        return out


def _owners(arrays: tuple[Array, ...]) -> frozenset[int] | None:
    """Return which arrays have the memory of some; None where that is not told."""
    found = set()
    for array in arrays:
        owner: Any = array
        while isinstance(owner, np.ndarray) and not owner.flags.owndata:
            owner = owner.base
        if not isinstance(owner, np.ndarray):
            return None
        found.add(id(owner))
    return frozenset(found)


def _order(arrays: tuple[Array, ...], kind: Any) -> Order | None:
    """Return the flag of the order in which all are one piece; None if there is none."""
    if any(array.dtype != kind for array in arrays):
        return None
    flags: tuple[Order, ...] = ("C_CONTIGUOUS", "F_CONTIGUOUS")
    for flag in flags:
        if all(array.flags[flag] for array in arrays):
            return flag
    return None


def _flattened(array: Array, order: Order) -> Array:
    """Return a one-dimensional view of an array that is in one piece."""
    plain = np.asarray(array)
    return plain.reshape(-1) if order == "C_CONTIGUOUS" else plain.T.reshape(-1)


_local = threading.local()


def _scratch(kind: Any, count: int, size: int) -> tuple[Array, ...]:
    """Return scratch arrays of this thread's own; the next call returns the same memory."""
    held: dict[Any, Any] = _local.__dict__.setdefault(kind.char, {})
    known = held.get((count, size))
    if known is None:
        whole = held.get("memory")
        if whole is None or len(whole) < count or whole.shape[1] < size:
            rows = max(count, 0 if whole is None else len(whole))
            length = max(size, 0 if whole is None else whole.shape[1])
            held.clear()
            whole = held["memory"] = np.empty((rows, length), kind)
        elif len(held) > _SIZES:
            held.clear()
            held["memory"] = whole
        known = held[count, size] = tuple([row[:size] for row in whole[:count]])
    found: tuple[Array, ...] = known
    return found


_SIZES = 64
"""How many sizes of blocks are remembered."""


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """Return threads, each kept on a processor of its own where the system can do that."""
    free = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    places = iter(free[:count] if len(free) >= count else [])
    taking = threading.Lock()

    def keep() -> None:
        with taking:
            place = next(places, None)
        if place is not None:
            os.sched_setaffinity(0, {place})

    return ThreadPoolExecutor(count, "adamref-fast", keep)


if hasattr(os, "register_at_fork"):
    # The threads stay behind with the parent.
    os.register_at_fork(after_in_child=_pool.cache_clear)
