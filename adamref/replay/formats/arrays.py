"""Arrays that lie in files: in one piece, with strides, or in shards."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from adamref.errors import Unreadable
from adamref.replay.checkpoint import StoredArray
from adamref.replay.formats.dtypes import WIDTHS, dtype_of
from adamref.replay.formats.reading import bytes_at


@final
@dataclass(frozen=True, eq=False)
class ArrayInFile(StoredArray):
    """An array that lies in a file as it is.

    Attributes
    ----------
    path : str
    offset : int
        Bytes before its first element.
    strides : tuple of int or None
        Elements from one to the next along each axis; None where they lie in row-major order.
    swapped : bool
        Whether the bytes of an element are in the other order than this machine's.
    """

    path: str
    offset: int
    strides: tuple[int, ...] | None = None
    swapped: bool = False

    def _elements(self, start: int, stop: int) -> np.ndarray:
        dtype = dtype_of(self.dtype)
        if self.strides is None:
            width = WIDTHS[self.dtype]
            data = bytes_at(self.path, self.offset + start * width, (stop - start) * width)
            found = np.frombuffer(data, dtype)
        else:
            found = self._gathered(start, stop, dtype)
        return found.byteswap() if self.swapped else found

    def _gathered(self, start: int, stop: int, dtype: np.dtype) -> np.ndarray:
        """Return elements that do not lie one after the other; only they are copied."""
        assert self.strides is not None
        if start == stop:
            return np.empty(0, dtype)
        rest, places = np.arange(start, stop), np.zeros(stop - start, np.int64)
        for length, stride in zip(self.shape[::-1], self.strides[::-1], strict=True):
            rest, along = np.divmod(rest, length)
            places += along * stride
        try:
            last = int(places.max()) + 1
            mapped = np.memmap(Path(self.path), dtype, "r", self.offset, (last,))
        except (OSError, ValueError) as because:
            raise Unreadable(self.path, str(because)) from because
        return np.asarray(mapped[places])


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides, in elements, of an array whose elements lie one after the other."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def lies_in_order(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Say whether elements lie one after the other; along an axis of one, the stride is free.

    >>> lies_in_order((2, 1, 3), (3, 7, 1)), lies_in_order((2, 3), (1, 2))
    (True, False)
    """
    if not math.prod(shape):
        return True
    wanted = zip(shape, strides, row_major(shape), strict=True)
    return all(length == 1 or stride == want for length, stride, want in wanted)


def reach(shape: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """Return how many elements of storage an array reaches over."""
    if not math.prod(shape):
        return 0
    return 1 + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))


@final
@dataclass(frozen=True, eq=False)
class Shard:
    """A box of an array.

    Attributes
    ----------
    offsets : tuple of int
        Its first corner.
    array : StoredArray
        What stands in it.
    """

    offsets: tuple[int, ...]
    array: StoredArray


@final
@dataclass(frozen=True, eq=False)
class ShardedArray(StoredArray):
    """An array that is stored in boxes, which cover it once: see `sharded`."""

    shards: tuple[Shard, ...]

    def _elements(self, start: int, stop: int) -> np.ndarray:
        found = np.empty(stop - start, dtype_of(self.dtype))
        for shard in self.shards:
            self._put(shard, start, stop, found)
        return found

    def _put(self, shard: Shard, start: int, stop: int, found: np.ndarray) -> None:
        """Read what of a box lies between two places, and put it where it belongs.

        A run is as much of a box as lies in one piece in the array as well: the axes from the
        last one on which the box is cut.
        """
        sizes, strides = shard.array.shape, row_major(self.shape)
        cut = [i for i, (n, whole) in enumerate(zip(sizes, self.shape, strict=True)) if n != whole]
        axis = cut[-1] if cut else 0
        length = math.prod(sizes[axis:])
        corner = sum(o * stride for o, stride in zip(shard.offsets, strides, strict=True))
        outer = sizes[:axis]

        def begins(run: int) -> int:
            place = corner
            for n, stride in zip(outer[::-1], strides[:axis][::-1], strict=True):
                run, along = divmod(run, n)
                place += along * stride
            return place

        runs = math.prod(outer) if length else 0
        first = _first(runs, lambda run: begins(run) + length > start)
        last = _first(runs, lambda run: begins(run) >= stop)
        if first >= last:
            return
        low = first * length + max(0, start - begins(first))
        high = (last - 1) * length + min(length, stop - begins(last - 1))
        data = shard.array.read(low, high)
        if last - first == 1:
            at = begins(first) + low - first * length - start
            found[at : at + data.size] = data
            return
        run, within = np.divmod(np.arange(low, high), length)
        places = within + (corner - start)
        for n, stride in zip(outer[::-1], strides[:axis][::-1], strict=True):
            run, along = np.divmod(run, n)
            places += along * stride
        found[places] = data


def _first(count: int, holds: Callable[[int], bool]) -> int:
    """Return the first number below one for which something holds that goes on to hold."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def sharded(
    shape: tuple[int, ...], dtype: str, shards: list[Shard]
) -> ShardedArray | StoredArray | str:
    """Put shards together, or say why they are not one array.

    They must be of its type, lie in it, meet nowhere, and leave no gap.
    """
    for shard in shards:
        at, has = shard.offsets, shard.array.shape
        if shard.array.dtype != dtype:
            return f"the shard at {at} is of {shard.array.dtype}, the array of {dtype}"
        fits = len(at) == len(has) == len(shape) and all(
            o >= 0 and o + n <= whole for o, n, whole in zip(at, has, shape, strict=True)
        )
        if not fits:
            return f"the shard at {at} of shape {has} does not lie in shape {shape}"
    shards = [shard for shard in shards if shard.array.size]
    if clash := _meeting(shards):
        return f"the shards at {clash[0]} and {clash[1]} overlap"
    held = sum(shard.array.size for shard in shards)
    if held != math.prod(shape):
        return f"of {math.prod(shape)} elements {math.prod(shape) - held} are in no shard"
    if len(shards) == 1:
        return shards[0].array
    shards.sort(key=lambda shard: shard.offsets)
    return ShardedArray(shape, dtype, tuple(shards))


def _meeting(shards: list[Shard]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the corners of two boxes that overlap; those that begin in one row are compared."""
    if len(shards) < 2 or not shards[0].offsets:
        return (shards[0].offsets, shards[1].offsets) if len(shards) > 1 else None
    begin = np.array([shard.offsets for shard in shards])
    end = begin + np.array([shard.array.shape for shard in shards])
    for i in range(len(shards) - 1):
        both = (begin[i] < end[i + 1 :]) & (begin[i + 1 :] < end[i])
        if (hits := np.flatnonzero(both.all(axis=1))).size:
            return shards[i].offsets, shards[i + 1 + int(hits[0])].offsets
    return None
