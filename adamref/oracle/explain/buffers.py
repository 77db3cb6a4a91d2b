"""States that are no tensor's own: buffers that several tensors have in common, or that overlap.

Where tensors are stepped together each element has a place at which its states are kept. Elements
of one place work on the same numbers, one after the other: a lane of the table that goes through
all of them. From the rule along such lanes theta follows, everywhere, or it does not.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from adamref.oracle.explain.causes import LineCause
from adamref.oracle.explain.conditions import Condition
from adamref.oracle.explain.lines import wrong_lines
from adamref.oracle.judge.identification import Fitters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.observe.table import Table

Shape: TypeAlias = tuple[int, ...]
Place: TypeAlias = tuple[Any, int]
"""A buffer, and the place in it of a tensor's first element."""


def _alike(by: Callable[[Shape], Any]) -> Callable[[Sequence[Shape]], list[Place]]:
    return lambda shapes: [(by(shape), 0) for shape in shapes]


def _one_after_another(by: Callable[[Shape], int]) -> Callable[[Sequence[Shape]], list[Place]]:
    return lambda shapes: [(0, x) for x in accumulate(map(by, shapes[:-1]), initial=0)]


_KEPT: Mapping[str, Callable[[Sequence[Shape]], list[Place]]] = {
    "tensors of one shape have {} in common": _alike(lambda shape: shape),
    "tensors with as many axes have {} in common": _alike(len),
    "all tensors have {} in common": _alike(lambda _: 0),
    "{} of a tensor begin shape[0] elements after those of the one before, and overlap": (
        _one_after_another(lambda shape: shape[0] if shape else 1)
    ),
    "{} of a tensor begin shape[-1] elements after those of the one before, and overlap": (
        _one_after_another(lambda shape: shape[-1] if shape else 1)
    ),
    "{} of a tensor begin one element after those of the one before, and overlap": (
        _one_after_another(lambda _: 1)
    ),
    "{} of a tensor begin as many elements after those of the one before as that has axes, and "
    "overlap": _one_after_another(len),
    "{} of a tensor begin an element too early, and overlap": (
        _one_after_another(lambda shape: max(int(np.prod(shape)) - 1, 0))
    ),
}  # fmt: skip
"""What is said of ways to keep states, and where they keep those of tensors of some shapes."""


def shared_buffers(
    core: Table, machine: Machine, dialects: Sequence[Dialect], differs: Sequence[int]
) -> tuple[Dialect, LineCause] | None:
    """Return what tensors have in common, if theta follows from that everywhere.

    Parameters
    ----------
    core : Table
        The rows of which account is to be given.
    machine : Machine
    dialects : sequence of Dialect
        In which it is looked for.
    differs : sequence of int
        The trials that are wrong: those of one tensor are none of them.
    """
    if not differs or any(len(core.trials[i].thetas) == 1 for i in differs):
        return None
    some = core.rows(np.flatnonzero(np.isin(core.columns["trial"], differs)))
    for says, counted, pooled in _pooled(some):
        for dialect in dialects:
            found = Fitters(pooled, machine, apart=True).fitted(dialect)
            if not wrong_lines(found, pooled) and _all_show_the_last(core, pooled):
                return dialect, _cause(says, counted, core, machine, dialect)
    return None


def _pooled(seen: Table) -> Iterator[tuple[str, bool, Table]]:
    """Yield tables with lanes through all elements that are kept in one place."""
    columns, known = seen.columns, set()
    for says, kept in _KEPT.items():
        buffers: dict[tuple[int, Any], int] = {}
        number, first = np.zeros(len(seen), dtype=np.intp), np.zeros(len(seen), dtype=np.intp)
        for i in np.unique(columns["trial"]):
            places = kept([np.shape(x) for x in seen.trials[i].thetas])
            for j, (buffer, offset) in enumerate(places):
                own = (columns["trial"] == i) & (columns["tensor"] == j)
                number[own] = buffers.setdefault((i, buffer), len(buffers))
                first[own] = offset
        keys = np.stack([number, first + columns["element"]], axis=1)
        lane = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
        if lane.tobytes() in known or lane.max() == columns["lane"].max():
            continue
        known.add(lane.tobytes())
        order = np.lexsort((columns["tensor"], columns["step"], lane))
        for counted in (False, True):
            yield says, counted, _along(seen, lane, order, counted=counted)


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
    columns = pooled.columns
    keys = np.stack([columns["lane"], columns["step"]], axis=1)
    group = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    last = np.zeros(group.max() + 1, dtype=np.intp)
    last[group] = np.arange(len(group))
    return all(
        np.array_equal(x, x[last[group]], equal_nan=True)
        for x in (pooled.got[name] for name in seen.visible)
    )


def _cause(says: str, counted: bool, core: Table, machine: Machine, dialect: Dialect) -> LineCause:
    names = [x for x in dialect.rule.states if x != "theta"]
    lines = wrong_lines(Fitters(core, machine, apart=True).fitted(dialect), core)
    wrong = sum(int(x.sum()) for x in lines.values())
    kept = [*names, "t"] if counted else names
    said = says.format(" and ".join([", ".join(kept[:-1]), kept[-1]] if kept[1:] else kept))
    where = Condition("", np.ones(len(core), dtype=bool))
    shown = tuple(n for n in lines if n != "theta")
    return LineCause(shown or tuple(names), where, (), said, said, wrong, wrong, 0, confirmed=True)
