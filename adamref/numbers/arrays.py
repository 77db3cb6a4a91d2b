"""Arrays of float64 numbers: rounded to the formats, and raised to powers without cancellation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from adamref.numbers.formats import Format

Array: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]

POWER_SLACK = 16 * 2.0**-53
"""More than `one_minus_power` loses, relative to it (see there)."""


def nearest(values: Array, fmt: Format) -> Array:
    """Round float64 numbers to a format, ties to even; subnormals and overflow as it has them."""
    if fmt.precision == 53:
        return values
    if fmt.dtype in ("float32", "float16"):
        with np.errstate(all="ignore"):
            return np.asarray(values).astype(fmt.dtype).astype(np.float64)
    _, exponent = np.frexp(values)
    least = fmt.min_exponent - fmt.precision + 1
    unit = np.maximum(exponent - fmt.precision, least)
    with np.errstate(over="ignore"):  # the largest float64 numbers, rounded up
        whole = np.ldexp(np.round(np.ldexp(values, -unit)), unit)
    too_large = np.abs(whole) > float(fmt.largest)
    return np.where(too_large & np.isfinite(values), np.copysign(np.inf, values), whole)


def cut_off(values: Array, fmt: Format) -> Array:
    """Round float64 numbers to a format, towards zero."""
    with np.errstate(all="ignore"):
        near = nearest(values, fmt)
        beyond = np.abs(near) > np.abs(values)
        last = np.copysign(float(fmt.largest), values)
        down = nearest(near - np.copysign(ulp(values, fmt), values), fmt)
        down = np.where(np.isinf(near), last, down)
    return np.where(beyond, down, near)


def ulp(x: Array, fmt: Format) -> Array:
    """Return the unit in the last place of a format at float64 numbers; NaN where there is none."""
    least = fmt.min_exponent - fmt.precision + 1
    with np.errstate(all="ignore"):
        exponent = np.frexp(np.abs(x))[1] - fmt.precision
        exponent = np.where(np.asarray(x) == 0, least, np.maximum(exponent, least))
        return np.where(np.isfinite(x), np.ldexp(1.0, exponent), np.nan)


def distinct(keys: NDArray[Any]) -> tuple[Indices, Indices]:
    """Return where each distinct key stands first, and of which of them every key is.

    Parameters
    ----------
    keys : array of shape (n,) or (n, k)
        In two dimensions a key is a row.

    Returns
    -------
    tuple of int array
        In the order of the keys; of shapes (distinct,) and (n,).
    """
    if len(keys) and (keys == keys[0]).all():
        # All alike, as in a chunk of a tensor: nothing need be sorted.
        return np.zeros(1, dtype=np.intp), np.zeros(len(keys), dtype=np.intp)
    _, firsts, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return firsts, which.reshape(-1)


def nearest_off(x: Array, fmt: Format) -> Array:
    """Return how far a number that was rounded to the nearest of a format may have been from it."""
    return np.nan_to_num(ulp(x, fmt), nan=0.0, posinf=0.0) / 2


def rounded_up(x: float) -> float:
    """Round a number that is not negative up to three decimal digits; 0, inf and NaN stay.

    >>> rounded_up(1.2301), rounded_up(0.0)
    (1.24, 0.0)
    """
    if not 0 < x < math.inf:
        return x
    made, unit = float(f"{x:.2e}"), 10.0 ** (math.floor(math.log10(x)) - 2)
    return made if made >= x else float(f"{made + unit:.2e}")


def one_minus_power(complement: Array, exponent: Array) -> Array:
    """Return ``1 - base**exponent`` from ``1 - base``, without cancellation.

    Within 16 units of 2**-53 of it, for a whole exponent of at least 1: an error of one unit in
    the complement is one in the result at most (the result is the complement times a sum of
    powers, of which the derivative is a part); log1p, the product and expm1 bring five more.
    """

    def made(complement: Array, exponent: Array) -> Array:
        left = -np.expm1(exponent * np.log1p(-complement))
        return np.where(exponent == 0, 0.0, np.asarray(left))

    return _once(made, complement, exponent)


def power(base: Array, complement: Array, exponent: Array) -> Array:
    """Return ``base**exponent``, from the complement where the base is near 1."""

    def made(base: Array, complement: Array, exponent: Array) -> Array:
        near = np.exp(exponent * np.log1p(-complement))
        return np.asarray(np.where((base > 0.5) & (base < 1), near, np.power(base, exponent)))

    return _once(made, base, complement, exponent)


def _once(made: Callable[..., Array], *given: Array) -> Array:
    """Return what is made of arrays, of one element where all of each are alike."""
    with np.errstate(all="ignore"):
        if all(np.ndim(x) == 1 and len(x) > 1 and (x == x[0]).all() for x in given):
            return np.full(len(given[0]), made(*(x[:1] for x in given))[0])
        return made(*given)
