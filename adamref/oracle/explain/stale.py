"""What was worked at an earlier step, and is used again instead of being worked anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Pow, Symbol

from adamref.oracle.explain.formulas import written
from adamref.solving.inversion import Interval, Place, places, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.observe.table import Table

_MOST = 12
"""How many steps before are looked at."""

_MOSTLY = 0.95
"""The share of wrong rows that it must account for: what is loaded may hold anything."""

_FEWEST = 16
"""Rows of which it must be known."""

_SHOWN = 4
"""Of how many steps it is said from which they have it."""


def stale(
    expr: Expr, values: Mapping[str, Array], made: Interval, wrong: NDArray[np.bool_], seen: Table
) -> tuple[Expr, str, NDArray[np.bool_]] | None:
    """Find a place of a line that holds, on the wrong rows, what it was some steps before.

    Parameters
    ----------
    expr : sympy.Expr
        The line.
    values : mapping of str to float64 array
    made : Interval
        What was seen of it.
    wrong : bool array
    seen : Table

    Returns
    -------
    tuple or None
        The line as it is, what is said of it, and where it is so: of all such places the largest.
    """
    earlier = list(_earlier(seen))
    every = [x for x in places(expr, values, made) if x.path and not _is_plain(x.expr)]
    for place in sorted(every, key=lambda x: len(x.path)):
        found = _since(place, earlier, wrong, seen)
        if found is not None:
            told, rows = found
            own = written(place.expr)
            symbol = Symbol(f"({own})ₜ₋ₖ" if " " in own else f"{own}₋ₖ", real=True)
            first = list(told.items())[:_SHOWN]
            said = f"{own} is that of t = {', '.join(str(t - k) for t, k in first)}"
            said += f", … at t = {', '.join(str(t) for t, _ in first)}, …"
            return put(expr, place.path, symbol), said, rows
    return None


def _is_plain(expr: Expr) -> bool:
    """Say whether an expression is a number, or one over what is a place of its own."""
    return bool(expr.is_number or (isinstance(expr, Pow) and expr.exp == -1))


def _earlier(seen: Table) -> Iterator[Indices]:
    """Yield, for each row, that of its lane so many steps before; -1 where there is none."""
    lane, step = seen.columns["lane"], seen.columns["step"]
    order = np.lexsort((step, lane))
    follows = (np.diff(lane[order]) == 0) & (np.diff(step[order]) == 1)
    before = np.full(len(seen), -1)
    before[order[1:][follows]] = order[:-1][follows]
    at = before
    for _ in range(_MOST):
        yield at
        at = np.where(at >= 0, before[at], -1)


def _since(
    place: Place, earlier: list[Indices], wrong: NDArray[np.bool_], seen: Table
) -> tuple[dict[int, int], NDArray[np.bool_]] | None:
    """Return how many steps before, by t, and on which rows; None where these are not nearly all.

    Of steps that are not among the rows nothing is known.
    """
    steps = seen.columns["t"]
    if np.ptp(place.value[wrong]) == 0 or not place.must.is_bounded[wrong].all():
        return None
    unseen = [(at < 0) & (seen.columns["step"] > k) for k, at in enumerate(earlier, 1)]
    fits = [
        place.must.holds(np.where(at >= 0, place.value[at], np.nan)) | lost
        for at, lost in zip(earlier, unseen, strict=True)
    ]
    found: dict[int, int] = {}
    holds_on, told = np.zeros(len(seen), dtype=bool), 0
    at = np.flatnonzero(wrong)
    for one in np.unique(seen.groups[at]).tolist():
        rows = at[seen.groups[at] == one]
        since = next((k for k, holds in enumerate(fits, 1) if holds[rows].all()), 0)
        if not since:
            continue
        holds_on[rows] = True
        known = int((~unseen[since - 1][rows]).sum())
        if known:
            found.setdefault(int(steps[rows[0]]), since)
            told += known
    tellable = int(wrong.sum() - holds_on.sum()) + told
    most = told >= max(_FEWEST, _MOSTLY * tellable)
    return (dict(sorted(found.items())), holds_on) if most else None
