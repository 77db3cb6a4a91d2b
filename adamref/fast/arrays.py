"""The arrays of a step: which are legal, and in which precision they are worked."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.errors import OutOfDomain, ReadOnly, ShapeMismatch, WrongDtype

if TYPE_CHECKING:
    from adamref.fast.method import Array

_NAMES = ("float16", "bfloat16", "float32", "float64")
_CHARACTERS = "efd"
"""Those of float16, float32 and float64."""


def parameter(name: str, array: object) -> Array:
    """Return an array that can be updated.

    Raises
    ------
    WrongDtype
        If it is not an array of a float dtype.
    """
    if not isinstance(array, np.ndarray) or isinstance(array, np.matrix | np.ma.MaskedArray):
        raise WrongDtype(name, type(array).__name__, "an array of " + " or ".join(_NAMES))
    if not array.dtype.isnative:
        raise WrongDtype(name, str(array.dtype), "the byte order of this machine")
    # By character first: making the name takes longer than a short step.
    if array.dtype.char not in _CHARACTERS and array.dtype.name not in _NAMES:
        raise WrongDtype(name, array.dtype.name, " or ".join(_NAMES))
    return array


def fits(name: str, grad: object, theta: Array, of: str) -> None:
    """See that a gradient is one of theta.

    Raises
    ------
    WrongDtype, ShapeMismatch
    """
    slope = parameter(name, grad)
    if slope.dtype != theta.dtype:
        raise WrongDtype(name, slope.dtype.name, f"{theta.dtype.name}, as {of}")
    if slope.shape != theta.shape:
        raise ShapeMismatch(name, slope.shape, theta.shape, of)


def legal(theta: object, states: dict[str, Any], *, in_place: bool) -> Array:
    """Return theta, if its states belong to it.

    Raises
    ------
    WrongDtype, ShapeMismatch, ReadOnly
    OutOfDomain
        If two that are updated share memory.
    """
    target = parameter("theta", theta)
    for name, array in states.items():
        if parameter(name, array).shape != target.shape:
            raise ShapeMismatch(name, array.shape, target.shape, "theta")
    if in_place:
        for name, array in {"theta": target, **states}.items():
            if not array.flags.writeable:
                raise ReadOnly(name)
        apart({"theta": target, **states}.items())
    return target


def apart(named: Iterable[tuple[str, Array]]) -> None:
    """See that no two arrays, and no two elements of one, have memory in common.

    Raises
    ------
    OutOfDomain
    """
    placed = [(*_ends(array), name, array) for name, array in named if array.size]
    placed.sort(key=lambda one: one[:2])
    open_: list[tuple[int, str, Array]] = []
    for low, high, name, array in placed:
        if high - low < array.nbytes:
            raise OutOfDomain(name, "an array that overlaps itself", "one without")
        open_ = [one for one in open_ if one[0] > low]
        for _, other, held in open_:
            if _share(array, held):
                raise OutOfDomain(name, f"an array that shares memory with {other}", "one apart")
        open_.append((high, name, array))


def _ends(array: Array) -> tuple[int, int]:
    """Return the first byte of an array in memory, and the one after its last."""
    low = high = array.ctypes.data
    for count, stride in zip(array.shape, array.strides, strict=True):
        low, high = low + min(stride, 0) * (count - 1), high + max(stride, 0) * (count - 1)
    return low, high + array.itemsize


def _share(one: Array, other: Array) -> bool:
    try:
        most: Any = _MOST_WORK  # NumPy's stubs know of two numbers only
        return bool(np.shares_memory(one, other, max_work=most))
    except np.exceptions.TooHardError:
        return True


_MOST_WORK = 10**6


def may_raise() -> bool:
    """Say whether a floating-point error, or the warning of one, is to be raised."""
    handled = np.geterr().values()
    return "raise" in handled or "call" in handled or ("warn" in handled and _warnings_raise())


def _warnings_raise() -> bool:
    """Say whether the warning of a floating-point error may be an error by the filters."""
    for action, message, category, module, _ in warnings.filters:
        if issubclass(RuntimeWarning, category):
            if action == "error":
                return True
            if message is None and module is None:
                return False
    return False


def copies(arrays: Iterable[Array]) -> tuple[tuple[Array, Array], ...]:
    """Return arrays, each with a copy of it."""
    return tuple((array, array.copy()) for array in arrays)


def put_back(kept: Iterable[tuple[Array, Array]]) -> None:
    """Give arrays the values that they had."""
    for array, old in kept:
        array[...] = old


def precision(arrays: tuple[Array, ...]) -> Any:
    """Return the dtype that a step is worked in: float64 if one is that, else float32."""
    wide = any(array.dtype.type is np.float64 for array in arrays)
    return np.dtype(np.float64 if wide else np.float32)
