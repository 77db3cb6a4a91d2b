"""The loops of the algorithms, compiled by numba: the same operations, so the same bits.

Compiled without fastmath: nothing is fused or reassociated. numba comes with the extra ``fast``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from adamref.errors import MissingPackage

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.fast.method import Method


@cache
def compiled(method: Method) -> Callable[..., Any]:
    """Return the loop of an algorithm as machine code.

    Raises
    ------
    MissingPackage
        If numba is not installed.
    """
    try:
        import numba  # heavy, and optional
    except ImportError as missing:
        raise MissingPackage("numba", "kernel='numba'", "fast") from missing
    loop: Callable[..., Any] = numba.njit(method.loop, nogil=True, error_model="numpy")
    return loop
