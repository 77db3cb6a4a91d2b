"""The arrays of a step: which are legal, and in which precision they are worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.errors import ReadOnly, ShapeMismatch, WrongDtype

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
    """
    target = parameter("theta", theta)
    for name, array in states.items():
        if parameter(name, array).shape != target.shape:
            raise ShapeMismatch(name, array.shape, target.shape, "theta")
    if in_place:
        for name, array in {"theta": target, **states}.items():
            if not array.flags.writeable:
                raise ReadOnly(name)
    return target


def precision(arrays: tuple[Array, ...]) -> Any:
    """Return the dtype that a step is worked in: float64 if one is that, else float32."""
    wide = any(array.dtype.type is np.float64 for array in arrays)
    return np.dtype(np.float64 if wide else np.float32)
