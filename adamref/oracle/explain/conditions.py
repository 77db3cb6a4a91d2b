"""Where a line is another: the shortest condition that parts the rows that are wrong from the rest.

The vocabulary is what a programmer branches on: the step, the place in a tensor, the tensor, the
gradient, the state, a hyperparameter. A number is held against a bound or divided; a condition is
one test, or two joined.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.oracle.explain.elements import WIDTHS, Elements
from adamref.oracle.explain.facts import facts_of, numbers_of
from adamref.solving.constants import recognised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.table import Table

_MODULI = (2, 3, 4, 5, 6, 7, 8, 10, 16, 32, 64, 100, 128, 256)
"""By which steps and places are divided."""

_DIVIDED = 5
"""So many of the numbers, the first, are steps, places and sizes."""

_PLACES = 11
"""So many of the others, the first, say where a row is; the rest is data and hyperparameters."""

_DATA = ("g ", "theta ", "m ", "v ", "|")
"""How facts about the data begin."""

_EVERY_WIDTH = np.array([*WIDTHS, *(k for k in range(2, 1025) if k not in WIDTHS)])
"""How many elements are taken at once, the usual numbers first."""

_FEWEST_SIZES = 3
"""Of so many sizes of tensors the remainders must be seen that are taken for those of a width."""

_SOME = 48
"""Rows on which widths are tried first, and so many of these may be left then."""

_MOST_PLACES = 24
"""Tests of places of which three are joined: those that hold on the fewest right rows."""

_MOST_JOINED = 40
"""Tests of which two are joined: those that hold on the fewest right rows."""


@final
@dataclass(frozen=True)
class Condition:
    """A set of rows with a name.

    Attributes
    ----------
    says : str
        For example ``t >= 4``; empty: everywhere.
    rows : bool array
    is_range : bool
        Whether it is that a number of the data lies between two.
    data : int
        How many of its tests are of the data, and not of where a row is.
    """

    says: str
    rows: NDArray[np.bool_]
    is_range: bool = False
    data: int = 0

    @property
    def is_everywhere(self) -> bool:
        """Whether it is none."""
        return not self.says

    @property
    def cost(self) -> float:
        """How much of it there is, beside what stands in a line (`adamref.solving.solve`)."""
        return 0.0 if self.is_everywhere else 1 + len(self.says) / 40


@final
class Vocabulary:
    """What can be told of the rows of a table; worked once for all that is asked.

    Parameters
    ----------
    table : Table
    right : mapping of str to float64 array
        What the visible lines should have given, and the step over alpha as ``step``.
    """

    def __init__(self, table: Table, right: Mapping[str, Array]) -> None:
        self._count, self._table = len(table), table
        self._facts, self._numbers = facts_of(table), numbers_of(table, right)
        self._element, self._sizes = table.columns["element"], table.sizes
        self._tails = [self._behind(k) for k in WIDTHS]

    @cached_property
    def elements(self) -> Elements:
        """Which rows are other elements of the same tensors."""
        return Elements(self._table)

    @property
    def everywhere(self) -> Condition:
        """The condition that is none."""
        return Condition("", np.ones(self._count, dtype=bool))

    def parting(self, wrong: NDArray[np.bool_], right: NDArray[np.bool_]) -> Condition | None:
        """Return the shortest condition that holds on every wrong row and on no right one.

        Parameters
        ----------
        wrong, right : bool array
            Rows that it must hold and must not hold on; on others it may do either.

        Returns
        -------
        Condition or None
            None where there is none, of one test or of two.
        """
        if not right.any():
            return self.everywhere
        near: list[Condition] = []
        for one in self._tests(wrong, right):
            if not (one.rows & right).any():
                return one
            near.append(one)
        # Two joined: each holds on every wrong row, and together on no right one. Where a number of
        # the data lies is the last that somebody branches on.
        near.sort(key=lambda x: (x.is_range, int((x.rows & right).sum())))
        joined = [
            Condition(
                f"{one.says} and {other.says}",
                one.rows & other.rows,
                other.is_range,
                one.data + other.data,
            )
            for one, other in combinations(near[:_MOST_JOINED], 2)
            if not (one.rows & other.rows & right).any()
        ]
        best = min(joined, key=lambda x: (x.is_range, x.data, len(x.says)), default=None)
        return best or self._of_three(near, right)

    def _of_three(self, near: Sequence[Condition], right: NDArray[np.bool_]) -> Condition | None:
        """Return the shortest condition of three places: of a block at an end, for one."""
        places = [x for x in near if not (x.is_range or x.data)][:_MOST_PLACES]
        known = [(x, x.rows[right]) for x in places]
        joined = [
            [one for one, _ in three]
            for three in combinations(known, 3)
            if not np.logical_and.reduce([rows for _, rows in three]).any()
        ]
        found = min(joined, key=lambda x: sum(len(one.says) for one in x), default=None)
        if found is None:
            return None
        rows = np.logical_and.reduce([one.rows for one in found])
        return Condition(", ".join(x.says for x in found[:2]) + f" and {found[2].says}", rows)

    def _behind(self, k: int) -> Condition:
        """Return the condition that an element is in the remainder of a width."""
        said = f"the element is behind the last whole {k} of its tensor"
        return Condition(said, self._element >= self._sizes // k * k)

    def _widths(self, wrong: NDArray[np.bool_], right: NDArray[np.bool_]) -> Iterator[int]:
        """Yield the width, of any, whose remainder of each tensor are the wrong rows."""
        left = _EVERY_WIDTH
        if len(np.unique(self._sizes[wrong])) < _FEWEST_SIZES:
            return
        # Some rows end most widths: only what is left is held against all.
        for count in (_SOME, len(wrong)):
            for rows, sort in ((wrong, True), (right, False)):
                at = np.flatnonzero(rows)
                at = at[np.linspace(0, len(at) - 1, min(count, len(at))).astype(int)]
                k = left[:, None]
                is_rest = self._element[at] >= self._sizes[at] // k * k
                left = left[(is_rest == sort).all(axis=1)]
            if len(left) > _SOME:
                return  # nothing is told of a width
        yield from left[:1].tolist()

    def _tests(self, wrong: NDArray[np.bool_], right: NDArray[np.bool_]) -> Iterator[Condition]:
        """Yield the tests that hold on every wrong row, the plainest first."""
        (name, t), *others = self._numbers
        yield from _bounded(name, t, wrong, right)
        for says, holds in self._facts:
            data = int(says.startswith(_DATA))
            if holds[wrong].all():
                yield Condition(says, holds, data=data)
            elif not holds[wrong].any():
                yield Condition(f"not {says}", ~holds, data=data)
        for i, (name, values) in enumerate(others):
            for one in _bounded(name, values, wrong, right):
                data = int(i >= _PLACES)
                is_range = i >= _PLACES and " <= " in one.says
                yield replace(one, is_range=is_range, data=data)
        yield from map(self._behind, self._widths(wrong, right))
        for one in self._tails:
            if one.rows[wrong].all():
                yield one
            elif not one.rows[wrong].any():
                yield Condition(f"not {one.says}", ~one.rows)
        for name, values in self._numbers[:_DIVIDED]:
            for k in _MODULI:
                rest = np.mod(values, k)
                if np.isfinite(values[wrong]).all() and np.ptp(rest[wrong]) == 0:
                    says = f"{name} mod {k} = {int(rest[wrong][0])}"
                    yield Condition(says, rest == rest[wrong][0])
                    continue
                others_ = np.setdiff1d(rest[right & np.isfinite(values)], rest[wrong])
                if others_.size == 1 and np.isfinite(values[wrong]).all():
                    its = int(others_[0])
                    yield Condition(f"not {name} mod {k} = {its}", rest != its)


def _bounded(
    name: str, values: Array, wrong: NDArray[np.bool_], right: NDArray[np.bool_]
) -> Iterator[Condition]:
    """Yield the bounds on a number that hold on the wrong rows."""
    mine, its = values[wrong], values[right]
    lost = np.isnan(values)
    if lost[wrong].any() and not lost[wrong].all() and not lost[right].any():
        # A comparison with NaN is false: what is not below a bound need not be above it.
        for found in _bounded(name, np.where(lost, np.inf, values), wrong & ~lost, right):
            for sign, opposite in (
                (" >= ", " < "),
                (" > ", " <= "),
                (" <= ", " > "),
                (" < ", " >= "),
            ):
                if found.says.count(sign) == 1 and found.says.startswith(name):
                    said = f"not {found.says.replace(sign, opposite)}"
                    yield Condition(said, found.rows | lost)
        return
    if not np.isfinite(mine).any() or np.isnan(mine).any():
        return
    low, high = float(mine.min()), float(mine.max())
    if low == high:
        yield Condition(f"{name} = {_short(low)}", values == low)
    below, above = its[its < low], its[its > high]
    if np.isfinite(low) and (below.size or not its.size):
        cut, is_in = _between(float(below.max()) if below.size else -np.inf, low)
        rows = values >= cut if is_in else values > cut
        says = f"{name} {'>=' if is_in else '>'} {_short(cut)}"
        yield Condition(says + _unseen(name, below, low, "to"), rows)
    if np.isfinite(high) and (above.size or not its.size):
        cut, is_in = _between(float(above.min()) if above.size else np.inf, high)
        rows = values <= cut if is_in else values < cut
        says = f"{name} {'<=' if is_in else '<'} {_short(cut)}"
        yield Condition(says + _unseen(name, above, high, "from"), rows)
    if below.size and above.size and low < high and np.isfinite([low, high]).all():
        inside = (values >= low) & (values <= high)
        yield Condition(f"{_short(low)} <= {name} <= {_short(high)}", inside)


def _unseen(name: str, right: Array, mine: float, word: str) -> str:
    """Say to which step it is right, or from which, where it was not asked of those between."""
    if name != "t" or not right.size:
        return ""
    nearest = float(right[np.argmin(np.abs(right - mine))])
    return f" (right {word} t = {_short(nearest)})" if abs(nearest - mine) > 1 else ""


def _between(out: float, last: float) -> tuple[float, bool]:
    """Return the bound that somebody writes between the last out and the first in; if it is in.

    A whole number is its own bound, on either side.
    """
    if last == np.round(last) or not np.isfinite(out):
        return last, True
    if out == np.round(out):
        return out, False
    ends = sorted((out, last))
    width = ends[1] - ends[0]
    if ends[0] > 0:
        ten = float(f"1e{np.floor(np.log10(ends[1])):.0f}")
        if ends[0] < ten <= ends[1]:
            return ten, True
    found = recognised(ends[0] + 1e-9 * width, ends[1])
    return (last if found is None else found[0]), True


def _short(x: float) -> str:
    return f"{int(x)}" if x == int(x) and abs(x) < 1e9 else f"{x:.6g}"
