"""What was seen of one line, on every row: which values, how far off they may be, what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.explain.confirming import gives, spread_out
from adamref.oracle.explain.formulas import whole
from adamref.oracle.explain.knowledge import known_of
from adamref.oracle.explain.stored import given_room
from adamref.oracle.judge.fit import shown_of
from adamref.oracle.judge.hypothesis import lines_of
from adamref.solving.inversion import tilts, valued
from adamref.solving.losing import lost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sympy import Expr

    from adamref.numbers.arrays import Array
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.explain.elements import Elements
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table
    from adamref.solving.solution import Solution


_UNKNOWN = 4.0
"""Ulps of a value, or of what it was before, that it may be off where no right one is known."""

_ROOM = 1.5
"""By how many bounds a line with something else in it may be off: its operations are others."""

_CONDITIONED = 0.9
"""The share of wrong rows a formula gives before its own loss is looked at, on the others."""


class SeenLine:
    """A line that is wrong on some rows.

    Parameters
    ----------
    name : str
        What it gives: theta or a state.
    found : Identified
        A dialect fitted line by line.
    seen : Table
    wrong : bool array
        The rows.
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
        wrong: NDArray[np.bool_],
        elements: Elements,
    ) -> None:
        self.name, self._seen, self.wrong = name, seen, wrong
        self._lines = lines_of(found.fit.dialect)
        dialect, machine = found.fit.dialect, found.machine
        self._shown = shown_of(seen, machine) - {name}
        # A state that is not shown is taken to be what the right lines make of it.
        self._hidden = frozenset(dialect.rule.states) - seen.visible - {"theta", name}
        self._expr = whole(self._lines, name, self._shown | self._hidden)
        self._dialect, self._unit = dialect, float(machine.compute.unit_roundoff)
        self._largest = float(machine.unit(name).largest)
        rows = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
        self._got, want = seen.got[name], found.fit.value[name]
        # What should be no number, and is none, tells nothing of the line.
        self.right = rows & ~wrong & (found.fit.over[name] <= 1) & ~np.isnan(want)
        base = seen.before[name] if name == "theta" else np.zeros(len(seen))
        with np.errstate(all="ignore"):
            bound = found.fit.bound[name] + found.fit.slack[name]
            grown = np.abs(self._got - base) / np.abs(want - base)
            off = _ROOM * bound * (1 + np.nan_to_num(grown, nan=0.0, posinf=0.0))
            size = np.fmax(np.abs(self._got), np.abs(seen.before[name]))
            fmt = machine.unit(name)
            unit, most = (np.nan_to_num(ulp(x, fmt), nan=0.0) for x in (self._got, size))
            self._off = np.where(np.isfinite(off), off + unit, _UNKNOWN * most)
            self._off = self._off + given_room(name, found, seen)
        self._known = known_of(name, found, seen, self._shown, self._hidden, elements)
        self._narrow = [
            x for x in (formats.BINARY32, formats.BFLOAT16, formats.BINARY16)
            if x.precision < machine.unit(name).precision
        ]  # fmt: skip

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

    def _near(self, made: Array, off: Array | None = None) -> NDArray[np.bool_]:
        made = np.where(np.abs(made) > self._largest, np.copysign(np.inf, made), made)
        with np.errstate(invalid="ignore"):
            near = np.abs(made - self._got) <= (self._off if off is None else off)
        return np.asarray(near | (np.isnan(made) & np.isnan(self._got)) | (made == self._got))

    def spoilt(self, formula: Expr, one: Solution) -> NDArray[np.bool_]:
        """Say which rows are right that a formula would make wrong."""
        unknown = self._known.unknown(formula)
        if one.by:
            unknown = unknown | ~np.isfinite(self._made(formula, one)[0])
        return np.asarray(self.right & ~self.holds(formula, one, both=True) & ~unknown)
