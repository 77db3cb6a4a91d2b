"""Elements that were given the same and answered the same: one row stands for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref import rules
from adamref.oracle.observe.table import Table, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.sessions.session import Held

_ODD = np.uint64(0x9E3779B97F4A7C15)


def table_of_distinct(records: Sequence[Record], dtype: str, optimizer: str) -> Table:
    """Lay out what was observed, elements that are alike once: the first and the last of them.

    Where a step depends on all elements of a tensor together, each has its row.
    """
    if rules.optimizer(optimizer).rule.reduces:
        return table_of(records, dtype, optimizer)
    answered = [record for record in records if record.steps and not record.refused]
    places = [
        [distinct(_columns(record, j)) for j in range(len(record.trial.thetas))]
        for record in answered
    ]
    some = [_only(record, at) for record, at in zip(answered, places, strict=True)]
    made = table_of(some, dtype, optimizer)
    columns = dict(made.columns)
    if len(made):
        element = columns["element"].copy()
        for i, at in enumerate(places):
            for j, mine in enumerate(at):
                rows = (columns["trial"] == i) & (columns["tensor"] == j)
                element[rows] = mine[element[rows]]
        columns["element"] = element
    return replace(made, trials=tuple(record.trial for record in answered), columns=columns)


def distinct(columns: Sequence[Array]) -> Indices:
    """Return the first and the last of the elements that are alike in all columns, to the bit."""
    bits = [np.ascontiguousarray(x, dtype=np.float64).view(np.uint64) for x in columns]
    count = len(bits[0])
    key = np.zeros(count, dtype=np.uint64)
    for x in bits:
        key = (key ^ x) * _ODD
        key ^= key >> np.uint64(29)
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    last = np.zeros(len(first), dtype=np.intp)
    last[back] = np.arange(count)
    # Two keys may be the same by chance: what is not alike after all stands for itself.
    other = np.logical_or.reduce([x != x[first][back] for x in bits])
    return np.unique(np.concatenate([first, last, np.flatnonzero(other)]))


def _columns(record: Record, j: int) -> list[Array]:
    """Return everything that an element was given, and what it answered."""
    trial = record.trial
    given = [trial.thetas[j], *trial.states[j].values()]
    given += [g for step in trial.grads[: len(record.steps)] if (g := step[j]) is not None]
    held = [step[j] for step in record.steps]
    shown = [x for one in held for x in (one.theta, *one.states.values(), *one.beside.values())]
    return [np.reshape(x, -1) for x in (*given, *shown)]


def _only(record: Record, places: Sequence[Indices]) -> Record:
    """Return a record of some elements."""
    trial = record.trial

    def of(x: Array, j: int) -> Array:
        return x.reshape(-1)[places[j]]

    def held(x: Held, j: int) -> Held:
        states = {name: of(y, j) for name, y in x.states.items()}
        beside = {name: of(y, j) for name, y in x.beside.items()}
        return replace(x, theta=of(x.theta, j), states=states, beside=beside)

    some = replace(
        trial,
        thetas=tuple(of(x, j) for j, x in enumerate(trial.thetas)),
        grads=tuple(
            tuple(None if g is None else of(g, j) for j, g in enumerate(step))
            for step in trial.grads
        ),
        states=tuple({n: of(x, j) for n, x in s.items()} for j, s in enumerate(trial.states)),
    )
    return replace(
        record,
        trial=some,
        steps=[[held(x, j) for j, x in enumerate(step)] for step in record.steps],
        initial={n: tuple(of(x, j) for j, x in enumerate(y)) for n, y in record.initial.items()},
    )
