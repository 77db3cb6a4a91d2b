"""Names for what was solved: the catalogue as a dictionary, looked up by what a line gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.oracle.explain.elements import Elements
from adamref.oracle.explain.formulas import whole
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.explain.knowledge import known_of
from adamref.oracle.judge.fit import shown_of
from adamref.oracle.judge.hypothesis import lines_of
from adamref.solving.inversion import ROOM, valued

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sympy import Expr

    from adamref.faults import Fault
    from adamref.numbers.arrays import Array
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_SAME = 2.0**4 * ROOM
"""By what share of itself a value may be off that is worked in another order."""


def named(causes: Sequence[LineCause], found: Identified, seen: Table) -> list[LineCause]:
    """Return causes with the names that the catalogue has for them.

    Parameters
    ----------
    causes : sequence of LineCause
    found : Identified
        The dialect in which they were solved.
    seen : Table
    """
    return [replace(x, faults=tuple(_names(x, found, seen))) for x in causes]


def _names(cause: LineCause, found: Identified, seen: Table) -> Iterator[Fault]:
    """Yield the faults whose lines give the same on all rows."""
    if not cause.formulas or not cause.where.is_everywhere or cause.stored:
        return
    dialect = found.fit.dialect
    lines = [
        _Told(name, x, found, seen) for name, x in zip(cause.lines, cause.formulas, strict=True)
    ]
    right = lines_of(dialect)
    if any(line.made is None for line in lines) or all(line.is_given(right) for line in lines):
        return  # the line as it should be has no fault's name
    states = seen.visible | frozenset(dialect.rule.states)
    for one in singles(dialect, found.machine.theta.dtype, failed={}):
        changed = {n for n, x in one.lines.items() if x is not right.get(n)}
        others = changed & states - {"theta"} - {*cause.lines}
        if not changed or one.rounded or others or not one.lines.keys() >= {*cause.lines}:
            continue
        if all(line.is_given(one.lines) for line in lines):
            yield from one.faults


@final
class _Told:
    """A line as it was solved for, and what it gives on each row.

    Attributes
    ----------
    made : array or None
        None where the formula takes what is in no column.
    """

    def __init__(self, name: str, formula: Expr, found: Identified, seen: Table) -> None:
        shown = shown_of(seen, found.machine) - {name}
        hidden = frozenset(found.fit.dialect.rule.states) - seen.visible - {"theta", name}
        self._name, self._shown = name, shown | hidden
        self._columns = known_of(name, found, seen, shown, hidden, Elements(seen)).every
        self._count = len(seen)
        self.made = self._gives(formula)

    def is_given(self, lines: Mapping[str, Expr]) -> bool:
        """Say whether other lines give the same on all rows."""
        its = self._gives(whole(lines, self._name, self._shown))
        if its is None or self.made is None:
            return False
        with np.errstate(all="ignore"):
            near = np.abs(its - self.made) <= _SAME * np.abs(self.made)
        same = near | (its == self.made) | (np.isnan(its) & np.isnan(self.made))
        return bool(same.all())

    def _gives(self, formula: Expr) -> Array | None:
        if not {x.name for x in formula.free_symbols} <= self._columns.keys():
            return None
        return valued(formula, self._columns, self._count)
