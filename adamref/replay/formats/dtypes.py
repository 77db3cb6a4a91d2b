"""Types of elements by the names that formats have for them."""

from __future__ import annotations

from functools import cache

import numpy as np

from adamref.errors import MissingPackage

_OF_ML_DTYPES = {
    "bfloat16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e4m3fnuz": 1,
    "float8_e5m2fnuz": 1, "float8_e8m0fnu": 1,
}  # fmt: skip

_OF_NUMPY = {
    name: np.dtype(name).itemsize
    for name in (
        "float64 float32 float16 int64 int32 int16 int8 uint64 uint32 uint16 uint8 bool "
        "complex64 complex128"
    ).split()
}

WIDTHS = {**_OF_NUMPY, **_OF_ML_DTYPES}
"""Bytes an element of each type takes."""

FLOATS = frozenset({"float64", "float32", "float16", *_OF_ML_DTYPES})
"""What parameters and their states may be of."""


@cache
def dtype_of(name: str) -> np.dtype:
    """Return NumPy's type, of `WIDTHS`.

    Raises
    ------
    MissingPackage
        If it is not one of NumPy's own, and ml_dtypes is not installed.
    """
    if name in _OF_NUMPY:
        return np.dtype(name)
    try:
        import ml_dtypes
    except ImportError as because:
        raise MissingPackage("ml_dtypes", f"an array of {name}", "bfloat16") from because
    found: np.dtype = np.dtype(getattr(ml_dtypes, name))
    return found
