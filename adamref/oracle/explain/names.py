"""Names for what was solved: the catalogue as a dictionary, looked up by what a line gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.oracle.explain.elements import Elements
from adamref.oracle.explain.formulas import whole
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.explain.knowledge import known_of
from adamref.oracle.judge.fit import shown_of
from adamref.oracle.judge.hypothesis import lines_of
from adamref.solving.inversion import ROOM, valued

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Yield the faults whose line gives the same on all rows."""
    if len(cause.formulas) != 1 or not cause.where.is_everywhere or cause.stored:
        return
    (name,), (formula,) = cause.lines, cause.formulas
    dialect = found.fit.dialect
    shown = shown_of(seen, found.machine) - {name}
    hidden = frozenset(dialect.rule.states) - seen.visible - {"theta", name}
    columns = known_of(name, found, seen, shown, hidden, Elements(seen)).every
    right = lines_of(dialect)

    def gives(x: Expr) -> Array | None:
        return None if not {y.name for y in x.free_symbols} <= columns.keys() else (
            valued(x, columns, len(seen))
        )  # fmt: skip

    made = gives(formula)
    if made is None:
        return
    for one in singles(dialect, found.machine.theta.dtype, failed={}):
        changed = {n for n, x in one.lines.items() if x is not right.get(n)}
        kept = changed & (seen.visible | frozenset(dialect.rule.states)) - {"theta"}
        if not changed or one.rounded or name not in one.lines or kept - {name}:
            continue
        its = gives(whole(one.lines, name, shown | hidden))
        if its is None:
            continue
        with np.errstate(all="ignore"):
            near = np.abs(its - made) <= _SAME * np.abs(made)
        if (near | (its == made) | (np.isnan(its) & np.isnan(made))).all():
            yield from one.faults
