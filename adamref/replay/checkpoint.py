"""A checkpoint, as every format gives it: tensors with their states, groups, and what is not read.

Nothing of an array is read before it is asked for, and then no more than is asked for.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, final

from adamref.errors import OutOfDomain

if TYPE_CHECKING:
    import numpy as np

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class StoredArray(ABC):
    """One array of a checkpoint, on disk or in memory, not read yet.

    It holds no open file, so that it can be sent to another process; a relative path stays one.

    Attributes
    ----------
    shape : tuple of int
        Of the whole array, whatever shards it is stored in.
    dtype : str
        What its elements are stored as: ``float32``, ``bfloat16``, ``float16``, ``float64``, …
    """

    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """How many elements there are."""
        return math.prod(self.shape)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return the elements from one place to another, flat and in row-major order.

        Parameters
        ----------
        start, stop : int
            Places of elements, ``0 <= start <= stop <= size``.

        Returns
        -------
        numpy.ndarray
            Shape ``(stop - start,)``, in the dtype that is stored: nothing is converted. It may
            not be writeable. The memory taken is bounded by what is asked for.

        Raises
        ------
        OutOfDomain
            If there are no such places.
        Unreadable
            If the file has changed, ends too soon, or cannot be read.
        """
        if not 0 <= start <= stop <= self.size:
            raise OutOfDomain("(start, stop)", (start, stop), f"within 0 and {self.size}, in order")
        return self._elements(start, stop)

    @abstractmethod
    def _elements(self, start: int, stop: int) -> np.ndarray:
        """Return the elements between two places that there are."""


@final
@dataclass(frozen=True, eq=False)
class ArrayInMemory(StoredArray):
    """An array that is in memory already.

    Attributes
    ----------
    flat : numpy.ndarray
        Its elements, in row-major order.
    """

    flat: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, array: np.ndarray) -> ArrayInMemory:
        """Take an array as it is."""
        return cls(array.shape, array.dtype.name, array.reshape(-1))

    def _elements(self, start: int, stop: int) -> np.ndarray:
        return self.flat[start:stop]


@final
@dataclass(frozen=True)
class TensorState:
    """A parameter with what an optimizer keeps of it.

    Attributes
    ----------
    name : str
        By which the checkpoint calls it, or its number where it calls it nothing.
    theta : StoredArray or None
        Its values; None where the checkpoint holds states alone.
    m, v : StoredArray or None
        The moments.
    v_max : StoredArray or None
        The greatest v so far, of AMSGrad.
    master : StoredArray or None
        The values that the optimizer works with, where those of ``theta`` are a narrower copy.
    t : int or None
        Steps taken.
    group : int
        Its place in `Checkpoint.groups`; -1 where it is in none, or where that is not known.
    """

    name: str
    theta: StoredArray | None = None
    m: StoredArray | None = None
    v: StoredArray | None = None
    v_max: StoredArray | None = None
    master: StoredArray | None = None
    t: int | None = None
    group: int = -1


@final
@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that are updated alike.

    Attributes
    ----------
    name : str
    optimizer : str or None
        The rule's name, where the checkpoint says it.
    hyper : mapping of str to float
        Of ``lr``, ``beta1``, ``beta2``, ``eps`` and ``weight_decay`` those that it says.
    flags : mapping of str to bool
        Of ``amsgrad``, ``decoupled`` and ``maximize`` those that it says.
    """

    name: str
    optimizer: str | None = None
    hyper: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    flags: Mapping[str, bool] = field(default_factory=lambda: _NOTHING)


@final
@dataclass(frozen=True)
class Checkpoint:
    """What a file or a folder holds of a training run.

    A context manager: at its end, what had to be unpacked is removed.

    Attributes
    ----------
    path : str
    format : str
        The name of the format that it was read as.
    tensors : tuple of TensorState
    groups : tuple of ParameterGroup
    unread : tuple of (str, str)
        What could not be read, with the reason.
    notes : tuple of str
        How names were found where the checkpoint does not say them, one sentence each.
    """

    path: str
    format: str
    tensors: tuple[TensorState, ...]
    groups: tuple[ParameterGroup, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is open."""
