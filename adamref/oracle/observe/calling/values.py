"""Arrays handed to an implementation, and what it returns: shapes, dtypes, and what was touched.

What is handed over is a fresh copy each time, so that an implementation that keeps a reference to
it neither sees nor changes anything of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.errors import MissingPackage, UnknownName
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.sessions.session import SCALARS, Failed, Remark, Severity

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array

DTYPES = ("float16", "bfloat16", "float32", "float64")

# What holds every number of a format, beside itself.
_WIDER = {
    "float16": ("float32", "float64", "longdouble"),
    "bfloat16": ("float32", "float64", "longdouble"),
    "float32": ("float64", "longdouble"),
    "float64": ("longdouble",),
}

# The formats that ml_dtypes adds; NumPy has them as kind V.
_SMALL_FLOATS = ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3", "float8_e3m4")


@final
@dataclass(frozen=True)
class Typed:
    """Numbers of a dtype that NumPy may not have.

    Attributes
    ----------
    values : float64 array
    dtype : str
        In which they were held.
    """

    values: Array
    dtype: str

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return the numbers."""
        return np.array(self.values, dtype=dtype, copy=bool(copy))


def numpy_dtype(name: str, what: str = "an array of bfloat16") -> np.dtype[Any]:
    """Return the NumPy dtype of a name.

    Parameters
    ----------
    name : str
    what : str
        What bfloat16 is wanted for, for the message where ml_dtypes is missing.

    Raises
    ------
    UnknownName
    MissingPackage
        For bfloat16, if ml_dtypes is not installed.
    """
    if name not in DTYPES:
        raise UnknownName("dtype", name, DTYPES)
    if name != "bfloat16":
        return np.dtype(name)
    try:
        import ml_dtypes
    except ImportError as missing:
        raise MissingPackage("ml_dtypes", what, "bfloat16") from missing
    dtype: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return dtype


def given(values: Array, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Return a fresh, writeable array of a dtype, to be handed over; it lies in memory as given."""
    return np.array(values, dtype=dtype, order="K")


def taken(
    name: str, value: Any, shape: tuple[int, ...], dtype: str
) -> tuple[Array, str, tuple[Remark, ...]]:
    """Read what an implementation returned.

    Parameters
    ----------
    name : str
        theta, or of which state.
    value : anything that NumPy makes an array of
    shape : tuple of int
        What it should have.
    dtype : str
        The dtype under check.

    Returns
    -------
    tuple
        A copy in float64 in the right shape, the dtype that it had, and remarks.

    Raises
    ------
    Failed
        If there is no way to read it in that shape, or it does not hold real numbers.
    """
    with calling(f"reading {name}"):  # it may be anything that says it is an array
        array = np.asarray(value)
    got = value.dtype if isinstance(value, Typed) else _named(array.dtype)
    if array.dtype.kind not in "fiubV" or (array.dtype.kind == "V" and got not in _SMALL_FLOATS):
        what = type(value).__name__ if array.dtype.kind == "O" else f"an array of {got}"
        raise Failed("wrong-dtype", f"{name} is {what}, but should be an array of {dtype}")
    remarks = dtype_remarks(name, got, dtype)
    if array.shape != shape and not (name in SCALARS and array.size == 1):
        # How a state is laid out is its own affair; theta has a shape that was given.
        is_state = name != "theta" and array.size == math.prod(shape)
        remarks += (_reshaped(name, array.shape, shape, "note" if is_state else "deviation"),)
    with np.errstate(all="ignore"):
        numbers = array.astype(np.float64)
    return fitted(name, numbers, shape), got, remarks


def is_number(value: Any) -> bool:
    """Say whether it is one real number, of Python or NumPy, and no array."""
    is_real = isinstance(value, int | float | np.integer | np.floating)
    return is_real and not isinstance(value, bool)


def floats(value: Any) -> Array | None:
    """Return the numbers of an array of floats, whatever else it is; None of anything else."""
    if isinstance(value, int | float) and not isinstance(value, np.generic):
        return None
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    kind = value.dtype if isinstance(value, Typed) else _named(array.dtype)
    return array.astype(np.float64) if kind in DTYPES else None


def fitted(name: str, array: Array, shape: tuple[int, ...]) -> Array:
    """Return a copy in a shape: of as many elements, or repeated over it.

    Raises
    ------
    Failed
        If it cannot be.
    """
    if array.size == math.prod(shape):
        return np.array(array).reshape(shape)
    try:
        return np.array(np.broadcast_to(array, shape))
    except ValueError:
        says = f"{name} has shape {array.shape}, but should have {shape}, the shape of theta"
        raise Failed("wrong-shape", says) from None


def dtype_remarks(name: str, got: str, want: str) -> tuple[Remark, ...]:
    """Say what there is to say about a dtype that was returned.

    A state in another float format is how some store it, and judged by its numbers.
    """
    if got == want:
        return ()
    says = f"{name} was returned as {got}, but should be {want}"
    if got in _WIDER[want]:
        return (Remark("wider-dtype", "note", says),)
    if got in DTYPES or got in _SMALL_FLOATS:
        return (Remark("narrower-dtype", "deviation" if name == "theta" else "note", says),)
    return (Remark("wrong-dtype", "deviation", says),)


_MOST_STEPS = 2**63


def steps(value: Any) -> tuple[int | None, tuple[Remark, ...]]:
    """Read a step counter of any kind: a number, or an array that holds one number."""
    if value is None or (type(value) is int and abs(value) < _MOST_STEPS):
        return value, ()
    with calling("reading t"):
        # Through an int where it is one: a float64 does not hold every int64.
        exact = np.asarray(value).ravel()
    numbers = exact.astype(np.float64) if exact.dtype.kind in "fiuV" else np.array([np.nan])
    is_one = numbers.size > 0 and np.isfinite(numbers[0]) and bool(np.all(numbers == numbers[0]))
    if is_one and numbers[0] == np.floor(numbers[0]):
        return int(exact[0]), ()
    says = f"t is {_short(value)}, not a whole number: it is not compared"
    return None, (Remark("wrong-dtype", "note", says),)


def cast(old: Any, value: Any, kind: str | None = None) -> Any:
    """Return a value in the kind that an entry of an implementation itself had.

    Parameters
    ----------
    old : object
        The entry: an array, a number, or anything else.
    value : object
        An array or a number; of an array that is to become one number the first.
    kind : str, optional
        Another dtype, for an array.
    """
    if np.ndim(value) > 0 and np.ndim(old) > 0:
        dtype = numpy_dtype(kind) if kind else np.asarray(old).dtype
        made = np.array(value, dtype=dtype)
        return made.reshape(np.shape(old)) if made.size == np.size(old) else made
    if np.ndim(value) > 0:
        value = np.ravel(value)[0] if np.size(value) else old
    if isinstance(old, np.ndarray):
        return np.full_like(old, value)
    if isinstance(old, np.generic):
        return old.dtype.type(value)
    return float(value) if isinstance(old, float) else value


def touched(name: str, before: bytes | None, after: bytes) -> tuple[Remark, ...]:
    """Say so if an array that was handed over to be read has other bits by now."""
    if after == before:
        return ()
    return (Remark(f"{name}-modified", "deviation", f"the {name} was modified in place"),)


def hyper_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Remark, ...]:
    """Say so if hyperparameters are others after a step."""
    return tuple(
        Remark(
            "hyper-modified", "deviation", f"the step changed {name}: {old!r} to {after[name]!r}"
        )
        for name, old in before.items()
        if name in after and repr(after[name]) != repr(old)
    )


@lru_cache(maxsize=256)
def _named(dtype: np.dtype[Any]) -> str:
    return "longdouble" if dtype == np.longdouble and dtype.itemsize > 8 else dtype.name


def _reshaped(name: str, got: tuple[int, ...], want: tuple[int, ...], severity: Severity) -> Remark:
    says = f"{name} has shape {got}, but should have {want}, the shape of theta"
    return Remark("wrong-shape" if severity == "deviation" else "other-shape", severity, says)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def generic(theta: Array) -> Array:
    """Return numbers in the shape of a theta: from 0 the first steps are added without rounding."""
    found: Array = np.linspace(0.3, 0.7, theta.size).astype(theta.dtype).reshape(theta.shape)
    return found
