"""What was seen of one line, on every row: which values, how far off they may be, what is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.explain.confirming import gives, spread_out
from adamref.oracle.explain.formulas import whole
from adamref.oracle.explain.knowledge import known_of
from adamref.oracle.explain.stored import given_room
from adamref.oracle.judge.fit import shown_of
from adamref.oracle.judge.hypothesis import lines_of
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import Interval, places, tilts, valued
from adamref.solving.losing import lost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from numpy.typing import NDArray
    from sympy import Expr

    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.explain.elements import Elements
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table
    from adamref.solving.inversion import Place
    from adamref.solving.knowledge import Knowledge
    from adamref.solving.solution import Solution


_UNKNOWN = 4.0
"""Ulps of a value, or of what it was before, that it may be off where no right one is known."""

_ROOM = 1.5
"""By how many bounds a line with something else in it may be off: its operations are others."""

_CONDITIONED = 0.9
"""The share of wrong rows a formula gives before its own loss is looked at, on the others."""


@final
@dataclass(frozen=True)
class LineValues:
    """What a line gave, row by row.

    Attributes
    ----------
    got, off : float64 array
        What was seen of it, and by how much it may be off.
    wrong, right : bool array
        The other rows are not judged, or too near to tell.
    before : float64 array, optional
        What it was before each row, where it is no column of the table.
    """

    got: Array
    off: Array
    wrong: NDArray[np.bool_]
    right: NDArray[np.bool_]
    before: Array | None = None


def shown_values(name: str, found: Identified, seen: Table, wrong: NDArray[np.bool_]) -> LineValues:
    """Return what was seen of a line that is shown, and wrong on some rows."""
    machine, got, want = found.machine, seen.got[name], found.fit.value[name]
    rows = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
    # What should be no number, and is none, tells nothing of the line.
    right = rows & ~wrong & (found.fit.over[name] <= 1) & ~np.isnan(want)
    base = seen.before[name] if name == "theta" else np.zeros(len(seen))
    with np.errstate(all="ignore"):
        bound = found.fit.bound[name] + found.fit.slack[name]
        grown = np.abs(got - base) / np.abs(want - base)
        off = _ROOM * bound * (1 + np.nan_to_num(grown, nan=0.0, posinf=0.0))
        size = np.fmax(np.abs(got), np.abs(seen.before[name]))
        fmt = machine.unit(name)
        unit, most = (np.nan_to_num(ulp(x, fmt), nan=0.0) for x in (got, size))
        off = np.where(np.isfinite(off), off + unit, _UNKNOWN * most)
        off = off + given_room(name, found, seen)
    return LineValues(got, off, wrong, right)


class SeenLine:
    """A line that is wrong on some rows.

    Parameters
    ----------
    name : str
        What it gives: theta or a state.
    found : Identified
        A dialect fitted line by line.
    seen : Table
    values : LineValues
        What was seen of it.
    elements : Elements
        Of the table.

    Attributes
    ----------
    wrong, right : bool array
        The other rows are not judged, or too near to tell.
    """

    def __init__(
        self,
        name: str,
        found: Identified,
        seen: Table,
        values: LineValues,
        elements: Elements,
    ) -> None:
        self.name, self._seen = name, seen
        self._got, self._off = values.got, values.off
        self.wrong, self.right = values.wrong, values.right
        self._lines = lines_of(found.fit.dialect)
        dialect, machine = found.fit.dialect, found.machine
        self._shown = shown_of(seen, machine) - {name}
        # A state that is not shown is taken to be what the right lines make of it.
        self._hidden = frozenset(dialect.rule.states) - seen.visible - {"theta", name}
        self._expr = whole(self._lines, name, self._shown | self._hidden)
        self._dialect, self._unit = dialect, float(machine.compute.unit_roundoff)
        self._largest = float(machine.unit(name).largest)
        self._known = known_of(name, found, seen, self._shown, self._hidden, elements)
        if values.before is not None:
            columns = {**self._known.values, name + PREVIOUS: values.before}
            self._known = replace(self._known, values=columns)
        self._narrow = [
            x for x in (formats.BINARY32, formats.BFLOAT16, formats.BINARY16)
            if x.precision < machine.unit(name).precision
        ]  # fmt: skip

    def places(self) -> Iterator[Place]:
        """Yield what each place of the line must have been, were it alone another."""
        made = Interval(self._got - self._off, self._got + self._off)
        return places(self._expr, self._values, made)

    def _unknown(self, cause: LineCause) -> NDArray[np.bool_]:
        """Say on which rows nothing is known of what a cause has in its line."""
        if cause.solution is None or not cause.formulas:
            return np.zeros(len(self._got), dtype=bool)
        made = self._made(cause.formulas[0], cause.solution)[0]
        return np.asarray(np.isnan(made) & np.isfinite(self._got))

    def _made(self, formula: Expr, one: Solution) -> list[Array]:
        """Return what a formula gives on every row; NaN where a number of it is not known."""
        known = self._known_of(one)
        return [valued(formula, known, len(self._seen), x) for x in tilts(formula)]

    def _known_of(self, one: Solution | None) -> dict[str, Array]:
        """Return what a formula may name: what a step knows, and a number that varies."""
        if one is None or not one.by:
            return self._known.every
        keys = {
            "step": self._seen.columns["t"], "place": self._seen.columns["tensor"],
            "tensor": self._seen.groups, "trial": self._seen.columns["trial"],
        }[one.by]  # fmt: skip
        varying = np.array([one.numbers.get(float(k), np.nan) for k in keys])
        return {**self._known.every, f"by_{one.by}": varying}

    def confirms(self, cause: LineCause, rows: NDArray[np.bool_] | None = None) -> bool:
        """Say whether exact arithmetic gives what was seen where the line is wrong.

        Parameters
        ----------
        cause : LineCause
        rows : bool array, optional
            The wrong rows that it accounts for; default: all.
        """
        formulas = dict(zip(cause.lines, cause.formulas, strict=False))
        if self.name not in formulas:
            return False
        formula, known = formulas[self.name], self._known_of(cause.solution)
        off, got, some = self._off, self._got, self.wrong if rows is None else rows
        if cause.solution is not None:  # a row on which a formula loses its digits refuses none
            near = [self._near(x) for x in self._made(formula, cause.solution)]
            some = some & np.logical_or.reduce(near)
        at = spread_out(some & np.isfinite(got), self._seen)
        said = {
            gives(formula, {n: float(x[i]) for n, x in known.items()}, float(got[i]), float(off[i]))
            for i in at
        }
        return True in said and False not in said

    @property
    def columns(self) -> Mapping[str, Array]:
        """All columns that a formula of the line may name."""
        return self._known.every

    @property
    def known(self) -> Knowledge:
        """What a step knows where it is worked."""
        return self._known

    def is_given(
        self, formula: Expr, known: Mapping[str, float | Fraction], row: int
    ) -> bool | None:
        """Say whether a formula comes to what was seen on a row, as `gives` does."""
        return gives(formula, known, float(self._got[row]), float(self._off[row]))

    def is_near(self, made: Array, at: Indices) -> NDArray[np.bool_]:
        """Say whether values come to what was seen on some rows."""
        return self._near(made, self._off[at], at)

    @property
    def _values(self) -> Mapping[str, Array]:
        return self._known.values

    def holds(self, formula: Expr, one: Solution, *, both: bool = False) -> NDArray[np.bool_]:
        """Say row by row whether it gives what was seen.

        Where nearly all wrong rows are given, the others may be off by what it loses; of both kinds
        where nearly all right ones are too: a formula that loses all its digits gives anything.
        """
        made = self._made(formula, one)
        near = np.logical_or.reduce([self._near(x) for x in made])
        count = int(self.wrong.sum())
        is_near = _CONDITIONED * count <= (near & self.wrong).sum() < count
        if is_near and (not both or (near & self.right).sum() >= _CONDITIONED * self.right.sum()):
            off = np.fmax(self._off, lost(formula, self._known_of(one), len(near), self._unit))
            near = np.logical_or.reduce([near, *(self._near(x, off) for x in made)])
        return np.asarray(near)

    def gives(self, formula: Expr, *, loses: bool) -> NDArray[np.bool_]:
        """Say row by row whether a formula gives what was seen, or is off by what it loses."""
        known, count = self._known.every, len(self._seen)
        off = np.fmax(self._off, lost(formula, known, count, self._unit)) if loses else None
        return self._near(valued(formula, known, count), off)

    def _near(
        self, made: Array, off: Array | None = None, at: Indices | None = None
    ) -> NDArray[np.bool_]:
        got = self._got if at is None else self._got[at]
        made = np.where(np.abs(made) > self._largest, np.copysign(np.inf, made), made)
        with np.errstate(invalid="ignore"):
            near = np.abs(made - got) <= (self._off if off is None else off)
        return np.asarray(near | (np.isnan(made) & np.isnan(got)) | (made == got))

    def spoilt(self, formula: Expr, one: Solution) -> NDArray[np.bool_]:
        """Say which rows are right that a formula would make wrong."""
        unknown = self._known.unknown(formula)
        if one.by:
            unknown = unknown | ~np.isfinite(self._made(formula, one)[0])
        return np.asarray(self.right & ~self.holds(formula, one, both=True) & ~unknown)
