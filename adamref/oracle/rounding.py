"""Rounding columns of float64 numbers to the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.sessions.session import Array


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
    whole = np.ldexp(np.round(np.ldexp(values, -unit)), unit)
    too_large = np.abs(whole) > float(fmt.largest)
    return np.where(too_large & np.isfinite(values), np.copysign(np.inf, values), whole)


def ulp(x: Array, fmt: Format) -> Array:
    """Return the unit in the last place of a format at float64 numbers; NaN where there is none."""
    least = fmt.min_exponent - fmt.precision + 1
    with np.errstate(all="ignore"):
        exponent = np.frexp(np.abs(x))[1] - fmt.precision
        exponent = np.where(np.asarray(x) == 0, least, np.maximum(exponent, least))
        return np.where(np.isfinite(x), np.ldexp(1.0, exponent), np.nan)
