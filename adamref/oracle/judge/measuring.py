"""How accurate an implementation is: errors in units in the last place, over all core steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adamref.numbers.arrays import Array, nearest, ulp
from adamref.oracle.judge.results import Accuracy, ErrorPoint
from adamref.rules.instructions import COMPLEMENT

if TYPE_CHECKING:
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_MOST_POINTS = 4000
_BEST_KNOWN = 53
"""In float64 the exact value is known rounded once; narrower formats have float64's own digits."""


def errors(table: Table, found: Identified, right: dict[str, Array]) -> dict[str, Array]:
    """Return the errors of visible fields in ulps, row by row; NaN where there are none."""
    made = {}
    for name in found.fit.value:
        fmt = found.machine.unit(name)
        exact = right[name] if fmt.precision == _BEST_KNOWN else found.fit.value[name]
        with np.errstate(all="ignore"):
            off = np.abs(table.got[name] - exact)
            made[name] = off / ulp(_scale(name, table, found, right), fmt)
            # What overflows on either side has no distance.
            made[name] = np.where(np.isfinite(right[name]), made[name], np.nan)
    return made


def _scale(name: str, table: Table, found: Identified, right: dict[str, Array]) -> Array:
    """Return of what number the ulp is taken."""
    if name == "theta":
        return np.maximum(np.abs(table.before["theta"]), np.abs(right["theta"]))
    if name == "m" and "m" in table.visible:
        columns = found.numbers.columns
        kept = np.abs(columns["beta1"] * table.before["m"])
        taken = np.abs(columns["beta1" + COMPLEMENT] * table.columns["g"])
        return np.asarray(np.maximum(kept + taken, np.abs(right["m"])))
    return right[name]


def accuracy(
    table: Table, found: Identified, right: dict[str, Array], over: dict[str, Array]
) -> dict[str, Accuracy | None]:
    """Return the table of errors: theta, m, v, v_max, and theta's first step from zero."""
    off = errors(table, found, right)
    rows = table.columns["core"] & table.columns["judged"] & table.columns["taken"]
    rows &= ~np.array([trial.defaults for trial in table.trials])[table.columns["trial"]]
    made: dict[str, Accuracy | None] = {"theta": None, "m": None, "v": None}
    for name, values in off.items():
        made[name] = _summary(name, values, rows, table, found, right, over)
    first = rows & (table.columns["t"] == 1) & (table.before["theta"] == 0)
    made["first_step"] = _summary("theta", off["theta"], first, table, found, right, over)
    return made


def _summary(
    name: str,
    off: Array,
    rows: NDArray[np.bool_],
    table: Table,
    found: Identified,
    right: dict[str, Array],
    over: dict[str, Array],
) -> Accuracy | None:
    known = rows & np.isfinite(right[name])
    if not known.any():
        return None
    values = np.where(np.isfinite(off[known]), off[known], np.inf)
    fmt = found.machine.unit(name)
    got, want = (nearest(x[name][known], fmt) for x in (table.got, right))
    return Accuracy(
        max_ulp=float(values.max()),
        mean_ulp=float(values.mean()),
        correctly_rounded=float(np.mean(got == want)),
        max_over_bound=float(over[name][known].max()),
        count=int(known.sum()),
    )


def points(
    table: Table, found: Identified, right: dict[str, Array], over: dict[str, Array]
) -> tuple[ErrorPoint, ...]:
    """Return errors for the plots, thinned evenly."""
    off = errors(table, found, right)
    rows = np.flatnonzero(
        table.columns["core"] & table.columns["judged"] & table.columns["taken"]
        & np.isfinite(table.columns["g"])
    )  # fmt: skip
    some = rows[:: max(1, -(-len(rows) // (_MOST_POINTS // max(1, len(off)))))]
    t, g = table.columns["t"], table.columns["g"]
    return tuple(
        ErrorPoint(name, int(t[i]), float(g[i]), float(values[i]), float(over[name][i]))
        for name, values in off.items()
        for i in some
    )
