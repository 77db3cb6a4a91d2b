"""States that are no tensor's own: buffers that several tensors have in common, or that overlap.

Where tensors are stepped together each element has a place at which its states are kept. Elements
of one place work on the same numbers, one after the other: a lane of the table that goes through
all of them. From the rule along such lanes theta follows, everywhere, or it does not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from adamref.faults.inputs import groups
from adamref.numbers.arrays import distinct
from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.conditions import Condition
from adamref.oracle.explain.lines import wrong_lines
from adamref.oracle.judge.identification import Fitters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.table import Table

Shape: TypeAlias = tuple[int, ...]

_IN_COMMON: Mapping[str, Callable[[Shape], Any]] = {
    "tensors of one shape": lambda shape: shape,
    "tensors with as many axes": len,
    "all tensors": lambda _: 0,
}
"""Which tensors may have their states in one place: those of which this is the same."""

_APART: Mapping[str, Callable[[Shape], int]] = {
    "shape[0] elements": lambda shape: shape[0] if shape else 1,
    "shape[-1] elements": lambda shape: shape[-1] if shape else 1,
    "one element": lambda _: 1,
}
"""By how much states of tensors may lie apart in one buffer, where that is not their size."""


def shared_buffers(
    apart: Fitters, dialects: Sequence[Dialect], differs: Sequence[int]
) -> tuple[Dialect, list[LineCause]] | None:
    """Return what tensors have in common, if theta follows from that everywhere.

    Parameters
    ----------
    apart : Fitters
        Of the rows of which account is to be given, line by line.
    dialects : sequence of Dialect
        In which it is looked for.
    differs : sequence of int
        The trials that are wrong: those of one tensor are none of them.
    """
    core = apart.table
    if not differs or any(len(core.trials[i].thetas) == 1 for i in differs):
        return None
    some = core.rows(np.flatnonzero(np.isin(core.columns["trial"], differs)))
    for says, counted, pooled in _pooled(some):
        for dialect in dialects:
            found = Fitters(pooled, apart.machine, apart=True).fitted(dialect)
            if not wrong_lines(found, pooled) and _all_show_the_last(core, pooled):
                lines = wrong_lines(apart.fitted(dialect), core)
                return dialect, [_cause(says, counted, dialect, lines)]
    return None


def _pooled(seen: Table) -> Iterator[tuple[str, bool, Table]]:
    """Yield tables with lanes through all elements that are kept in one place."""
    columns, known = seen.columns, set()
    for says, placed in _ways():
        # By tensor: a number for its buffer, and the place in it of its first element.
        place: dict[tuple[int, int], tuple[int, int]] = {}
        buffers: dict[Any, int] = {}
        for i in np.unique(columns["trial"]).tolist():
            for j, (buffer, first) in enumerate(placed([x.shape for x in seen.trials[i].thetas])):
                place[i, j] = buffers.setdefault((i, buffer), len(buffers)), first
        pairs = zip(columns["trial"].tolist(), columns["tensor"].tolist(), strict=True)
        keys = np.array([place[pair] for pair in pairs])
        keys[:, 1] += columns["element"]
        lane = distinct(keys)[1]
        if lane.tobytes() in known or lane.max() == columns["lane"].max():
            continue
        known.add(lane.tobytes())
        order = np.lexsort((columns["tensor"], columns["step"], lane))
        for counted in (False, True):
            yield says, counted, _along(seen, lane, order, counted=counted)


def _ways() -> Iterator[tuple[str, Callable[[Sequence[Shape]], list[tuple[Any, int]]]]]:
    """Yield what is said of ways to keep states, and the buffers and places of some shapes."""
    for tensors, key in _IN_COMMON.items():
        yield f"{tensors} have {{}} in common", partial(_together, key)
    for far, by in _APART.items():
        said = f"{{}} of a tensor begin {far} after those of the one before, and overlap"
        yield said, partial(_one_after_another, by)


def _together(key: Callable[[Shape], Any], shapes: Sequence[Shape]) -> list[tuple[Any, int]]:
    return [(key(shape), 0) for shape in shapes]


def _one_after_another(
    by: Callable[[Shape], int], shapes: Sequence[Shape]
) -> list[tuple[Any, int]]:
    return [(0, first) for first in accumulate(map(by, shapes[:-1]), initial=0)]


def _along(seen: Table, lane: NDArray[np.intp], order: NDArray[np.intp], *, counted: bool) -> Table:
    """Return a table whose states are not shown, with other lanes.

    Parameters
    ----------
    counted : bool
        Whether t is counted with the states: each time that somebody uses them.
    """
    begins = np.r_[True, np.diff(lane[order]) > 0]
    fresh = np.zeros(len(seen), dtype=bool)
    fresh[order[begins]] = True
    columns = {**seen.columns, "lane": lane, "fresh": fresh}
    if counted:
        taken = np.cumsum(columns["taken"][order])
        at = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
        count = taken - taken[at] + columns["taken"][order][at]
        t = np.empty(len(seen), dtype=columns["t"].dtype)
        t[order] = columns["t"][order][at] - 1 + np.maximum(count, 1)
        columns["t"] = t
    return replace(seen, columns=columns, visible=frozenset()).rows(order)


def _all_show_the_last(seen: Table, pooled: Table) -> bool:
    """Say whether what is shown of a place after a step is the same for all that use it."""
    group = groups(pooled, "lane", "step")
    last = np.zeros(group.max() + 1, dtype=np.intp)
    last[group] = np.arange(len(group))
    return all(
        np.array_equal(x, x[last[group]], equal_nan=True)
        for x in (pooled.got[name] for name in seen.visible)
    )


def _cause(
    says: str, counted: bool, dialect: Dialect, lines: Mapping[str, NDArray[np.bool_]]
) -> LineCause:
    names = [x for x in dialect.rule.states if x != "theta"]
    rows = next(iter(lines.values()))
    wrong = sum(int(x.sum()) for x in lines.values())
    kept = [*names, "t"] if counted else names
    said = says.format(" and ".join([", ".join(kept[:-1]), kept[-1]] if kept[1:] else kept))
    where = Condition("", np.ones(len(rows), dtype=bool))
    shown = tuple(n for n in lines if n != "theta")
    return LineCause(shown or tuple(names), where, (), said, said, wrong, wrong, 0, confirmed=True)
