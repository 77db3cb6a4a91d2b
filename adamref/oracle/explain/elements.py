"""Which element a value was taken from: the orders and indices in which tensors are walked.

An index is a function of where an element is. Where one is wrong, a line has the right value of
another element, of the same tensor or of another that was stepped with it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.observe.table import Table

Shape: TypeAlias = tuple[int, ...]
Index: TypeAlias = "Callable[[Indices, Shape], Indices]"
"""From the numbers of elements, and the shape of their tensor, to the numbers of others."""

WIDTHS = (2, 3, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""How many elements are taken at once: of vector registers, unrolled loops, threads and blocks."""

_STEPS = (2, 3, 4, 8, 16, 32)
"""By how many elements somebody is off, beside one."""


def _of_order(at: Indices, shape: Shape, *, back: bool) -> Indices:
    order = np.arange(math.prod(shape))
    order = (
        order.reshape(shape[::-1]).transpose().ravel() if back
        else order.reshape(shape).ravel(order="F")
    )  # fmt: skip
    return np.asarray(order[at])


def _turned(at: Indices, shape: Shape, *, axis: int) -> Indices:
    if len(shape) < 2:
        return np.full_like(at, -1)
    order = np.flip(np.arange(math.prod(shape)).reshape(shape), axis=axis).ravel()
    return np.asarray(order[at])


def _off(at: Indices, shape: Shape, *, by: int) -> Indices:
    del shape
    return at + by


def _round(at: Indices, shape: Shape, *, by: int) -> Indices:
    return np.asarray((at + by) % math.prod(shape))


def _of_row(at: Indices, shape: Shape, *, which: str) -> Indices:
    width = shape[-1] if shape else 1
    found = {"column": at % width, "row": at // width, "first": at // width * width}
    return np.asarray(found[which])


def _of_width(at: Indices, shape: Shape, *, k: int, which: str) -> Indices:
    del shape
    rest = at % k
    found = {"rest": rest, "first": at - rest, "back": at - 2 * rest + k - 1, "number": at // k}
    return np.asarray(found[which])


def _same_tensor() -> Iterator[tuple[str, Index]]:
    """Yield indices into the same tensor, with how they are written after a value's name."""
    yield "[i-1]", partial(_off, by=-1)
    yield "[i+1]", partial(_off, by=1)
    yield " in Fortran's order", partial(_of_order, back=False)
    yield " from Fortran's order", partial(_of_order, back=True)
    yield "[n-1-i]", lambda at, shape: math.prod(shape) - 1 - at
    yield "[0]", lambda at, _: np.zeros_like(at)
    yield "[n-1]", lambda at, shape: np.full_like(at, math.prod(shape) - 1)
    yield "[(i-1) mod n]", partial(_round, by=-1)
    yield "[(i+1) mod n]", partial(_round, by=1)
    yield "[i mod shape[-1]]", partial(_of_row, which="column")
    yield "[i // shape[-1]]", partial(_of_row, which="row")
    yield "[the first of its row]", partial(_of_row, which="first")
    yield " with its first axis reversed", partial(_turned, axis=0)
    yield " with its last axis reversed", partial(_turned, axis=-1)
    for k in _STEPS:
        yield f"[i-{k}]", partial(_off, by=-k)
        yield f"[i+{k}]", partial(_off, by=k)
    for k in WIDTHS:
        yield f"[i mod {k}]", partial(_of_width, k=k, which="rest")
        yield f"[i - i mod {k}]", partial(_of_width, k=k, which="first")
        yield f" reversed in each {k}", partial(_of_width, k=k, which="back")
        yield f"[i // {k}]", partial(_of_width, k=k, which="number")


@final
class Elements:
    """The rows of other elements, for each row of a table.

    Parameters
    ----------
    seen : Table
    """

    def __init__(self, seen: Table) -> None:
        self.tensors = list(_tensors(seen))
        self._count = len(seen)
        alike: dict[Shape, list[NDArray[np.intp]]] = {}
        for rows, shape in self.tensors:
            alike.setdefault(shape, []).append(rows)
        self._alike = {shape: np.stack(rows) for shape, rows in alike.items()}
        self._rows = {says: self._same(index) for says, index in _same_tensor()}
        self._rows |= dict(self._others(seen))

    def of(self, values: Array, says: str) -> Array:
        """Return each row's value of another element; NaN where there is none."""
        rows = self._rows[says]
        with np.errstate(invalid="ignore"):
            return np.where(rows >= 0, values[rows], np.nan)

    @property
    def indices(self) -> tuple[str, ...]:
        """How they are written after a value's name, those that are of use on this table."""
        own = np.arange(self._count)
        seen: set[bytes] = {own.tobytes()}
        found = []
        for says, rows in self._rows.items():
            if (rows >= 0).any() and rows.tobytes() not in seen:
                seen.add(rows.tobytes())
                found.append(says)
        return tuple(found)

    def over(self, values: Array, of: Callable[[Array], Array]) -> Array:
        """Return what is made of whole tensors, element by element; NaN where one is not whole."""
        made = np.full(self._count, np.nan)
        for rows, shape in self.tensors:
            made[rows] = of(values[rows].reshape(shape))
        return made

    def _same(self, index: Index) -> Indices:
        found = np.full(self._count, -1)
        for shape, rows in self._alike.items():
            at = index(np.arange(rows.shape[1]), shape)
            there = (at >= 0) & (at < rows.shape[1])
            found[rows[:, there]] = rows[:, at[there]]
        return found

    def _others(self, seen: Table) -> Iterator[tuple[str, Indices]]:
        """Yield elements with the same number of other tensors of the same step."""
        together, tensor = seen.together, seen.columns["tensor"]
        beside: dict[int, dict[int, NDArray[np.intp]]] = {}
        for rows, _ in self.tensors:
            beside.setdefault(int(together[rows[0]]), {})[int(tensor[rows[0]])] = rows
        if all(len(x) < 2 for x in beside.values()):
            return
        which: dict[str, Callable[[int, int], int]] = {
            " of the tensor before": lambda j, _: j - 1,
            " of the next tensor": lambda j, _: j + 1,
            " of the first tensor": lambda *_: 0,
            " of the last tensor": lambda _, count: count - 1,
        }
        for says, of in which.items():
            found = np.full(self._count, -1)
            for its in beside.values():
                for j, rows in its.items():
                    other = its.get(of(j, max(its) + 1), rows[:0])
                    both = min(rows.size, other.size)
                    found[rows[:both]] = other[:both]
            yield says, found


def _tensors(seen: Table) -> Iterator[tuple[NDArray[np.intp], Shape]]:
    """Yield the rows of each tensor at each step, in the order of its elements, and its shape."""
    c = seen.columns
    order = np.lexsort((c["element"], seen.groups))
    ends = np.flatnonzero(np.diff(seen.groups[order])) + 1
    for rows in np.split(order, ends):
        if rows.size:
            shape = seen.trials[c["trial"][rows[0]]].thetas[c["tensor"][rows[0]]].shape
            if rows.size == math.prod(shape):
                yield rows, shape
