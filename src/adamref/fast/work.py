"""A step carried out block by block, so that what is in use stays in a core's cache.

Nothing is allocated for it but a few blocks of scratch memory, once for each thread.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from adamref.fast.arrays import precision
from adamref.fast.kernel import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.fast.method import Array, Method

_BLOCK = 1 << 17
"""Bytes of a block of one array: 32,768 elements of float32. Larger ones leave the cache."""
_WORTH_A_THREAD = 1 << 20
"""Elements for each thread, below which it costs more than it gains."""


@final
class Task(NamedTuple):
    """What is done to each block.

    Attributes
    ----------
    method : Method
    scalars : tuple of float
        What all elements share, in float64.
    l2, keep : float
        What of theta is added to the gradient, and by what theta is multiplied first.
    maximize : bool
    kernel : str
    threads : int
    """

    method: Method
    scalars: tuple[float, ...]
    l2: float
    keep: float
    maximize: bool
    kernel: str
    threads: int


def carry_out(task: Task, theta: Array, grad: Array, states: tuple[Array, ...]) -> None:
    """Work a step in place, all arrays of one shape."""
    arrays = (theta, grad, *states)
    kind = precision(arrays)
    work = _worker(task, kind)
    flat = _flat(arrays, kind)
    if flat is None:
        _over_parts(work, arrays, kind)
        return
    count = min(task.threads, theta.size // _WORTH_A_THREAD)
    if count < 2:
        _over_blocks(work, flat)
        return
    # Ends on whole blocks, so that no two threads write to one line of a cache.
    block = _BLOCK // kind.itemsize
    share = -(-theta.size // (count * block)) * block
    parts = [tuple(a[i : i + share] for a in flat) for i in range(0, theta.size, share)]
    for done in [_pool(count).submit(_over_blocks, work, part) for part in parts]:
        done.result()


def _worker(task: Task, kind: Any) -> Callable[..., None]:
    """Return what works on one-dimensional arrays of one dtype."""
    scalars = tuple(kind.type(x) for x in task.scalars)
    l2, keep = kind.type(task.l2), kind.type(task.keep)
    changes = task.maximize or task.l2 != 0
    method = task.method
    loop = compiled(method) if task.kernel == "numba" else None

    def work(theta: Array, grad: Array, *states: Array) -> None:
        scratch = _scratch(kind, method.scratch + 1, theta.size)
        if changes:
            grad = _changed(grad, theta, l2, task.maximize, scratch[-1])
        if task.keep != 1:
            np.multiply(theta, keep, theta)
        if loop is None:
            with np.errstate(all="ignore"):
                method.block(theta, grad, states, scalars, scratch[:-1])
        else:
            loop(theta, grad, *states, *scalars)

    return work


def _changed(grad: Array, theta: Array, l2: Any, maximize: bool, out: Array) -> Array:
    """Return the gradient with its sign changed and weight decay added, as asked for."""
    if l2 == 0:
        return np.negative(grad, out)
    np.multiply(theta, l2, out)
    (np.subtract if maximize else np.add)(out, grad, out)
    return out


def _flat(arrays: tuple[Array, ...], kind: Any) -> tuple[Array, ...] | None:
    """Return one-dimensional views in one order; None if there are none, or of another dtype."""
    if any(array.dtype != kind for array in arrays):
        return None
    if all(array.flags.c_contiguous for array in arrays):
        return tuple(array.reshape(-1) for array in arrays)
    if all(array.flags.f_contiguous for array in arrays):
        return tuple(array.T.reshape(-1) for array in arrays)
    return None


def _over_blocks(work: Callable[..., None], arrays: tuple[Array, ...]) -> None:
    block = _BLOCK // arrays[0].itemsize
    for start in range(0, arrays[0].size, block):
        work(*[array[start : start + block] for array in arrays])


def _over_parts(work: Callable[..., None], arrays: tuple[Array, ...], kind: Any) -> None:
    """Let NumPy gather blocks of whatever strides and dtypes, and put the results back."""
    changed: Any = [["readwrite"], ["readonly"], *([["readwrite"]] * (len(arrays) - 2))]
    with np.nditer(
        arrays,
        ["external_loop", "buffered", "zerosize_ok"],
        changed,
        op_dtypes=[kind] * len(arrays),
        casting="same_kind",
        buffersize=_BLOCK // kind.itemsize,
        order="K",
    ) as parts:
        for part in parts:
            work(*part)


_local = threading.local()


def _scratch(kind: Any, count: int, size: int) -> tuple[Array, ...]:
    """Return scratch arrays of this thread's own; the next call returns the same memory."""
    held: dict[Any, list[Array]] = _local.__dict__.setdefault("held", {})
    arrays = held.setdefault(kind, [])
    # Rounded up: small tensors of many sizes do not make new ones each time.
    wanted = 1 << max(size - 1, 0).bit_length()
    for i in range(count):
        if i == len(arrays):
            arrays.append(np.empty(wanted, kind))
        elif arrays[i].size < size:
            arrays[i] = np.empty(wanted, kind)
    return tuple(array[:size] for array in arrays[:count])


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
