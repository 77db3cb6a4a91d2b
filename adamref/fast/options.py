"""What can be chosen about a step beside the algorithm and its hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, final

import numpy as np

from adamref.errors import OutOfDomain, UnknownName

KERNELS = ("numpy", "numba")
_MOST_THREADS = 64


class Options(TypedDict, total=False):
    """Keywords of every step and optimizer.

    Attributes
    ----------
    in_place : bool
        Write the new theta and states over the old ones; otherwise they are new arrays.
    maximize : bool
        Go along the gradient, not against it.
    threads : int
        How many threads work on a large array; 1 if not given. It pays for arrays that do not fit
        into the caches, and where each thread can be kept on a processor of its own.
    kernel : {"numpy", "numba"}
        What does the arithmetic; both give the same bits. numba comes with the extra ``fast``, and
        takes a second or two to compile each algorithm when it is first used.
    state_dtype : dtype
        Of new states; that of theta if not given.
    """

    in_place: bool
    maximize: bool
    threads: int
    kernel: str
    state_dtype: Any


@final
@dataclass(frozen=True)
class Chosen:
    """The options of a step, read and checked."""

    in_place: bool = False
    maximize: bool = False
    threads: int = 1
    kernel: str = "numpy"
    state_dtype: Any = None

    @classmethod
    def among(cls, options: Mapping[str, Any]) -> Chosen:
        """Read options.

        Raises
        ------
        UnknownName, OutOfDomain
        """
        known = tuple(Options.__annotations__)
        for name in options:
            if name not in known:
                raise UnknownName("option", name, known)
        chosen = cls(**options)
        threads = chosen.threads
        if isinstance(threads, bool) or not isinstance(threads, int | np.integer):
            raise OutOfDomain("threads", threads, "a whole number >= 1")
        if not 1 <= threads <= _MOST_THREADS:
            raise OutOfDomain("threads", threads, f"from 1 to {_MOST_THREADS}")
        if chosen.kernel not in KERNELS:
            raise UnknownName("kernel", chosen.kernel, KERNELS)
        return chosen
