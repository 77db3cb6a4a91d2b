"""Inputs of a test as a table: what a free run starts from, and what is fed in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers.arrays import nearest
from adamref.numbers.formats import get as format_of
from adamref.oracle.judge.simulation import inputs_of
from adamref.oracle.observe.running import Record, before_first
from adamref.oracle.observe.sessions.session import Held
from adamref.oracle.observe.table import table_of
from adamref.tolerances.free import plain_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table
    from adamref.oracle.observe.trial import Trial
    from adamref.rules.rule import Rule


def laid_out(trials: Sequence[Trial], dtype: str, optimizer: str) -> Table:
    """Return inputs as a table, of which the first row of each lane says where it starts."""
    records = []
    for trial in trials:
        # Nothing was seen: what stands for theta is not looked at.
        nothing = [Held(theta) for theta in trial.thetas]
        initial = before_first(optimizer, trial, dtype)
        records.append(Record(trial, [nothing] * len(trial.grads), initial=initial))
    return table_of(records, dtype, optimizer)


def run_rightly(table: Table, rule: Rule, dtype: str, numbers: HeldNumbers) -> Table:
    """Return a table that shows the right run of a rule: what faults of the driver ask for."""
    inputs = inputs_of(table, numbers)
    lines = {line.name: line.expr for line in rule.lines}
    made = plain_run(table, lines, inputs, {}, inputs)
    fmt = format_of(dtype)
    names = [name for name in table.got if name in made]
    got, before = dict(table.got), dict(table.before)
    for name in names:
        got[name] = nearest(made[name], fmt)
        column = before[name].copy()
        for rows in table.lanes:
            column[rows[1:]] = got[name][rows[:-1]]
        before[name] = column
    visible = frozenset(name for name in names if name != "theta")
    columns = dict(table.columns)
    if len(table):
        columns["theta_first"] = np.where(table.columns["fresh"], before["theta"], np.nan)
        for rows in table.lanes:
            columns["theta_first"][rows] = before["theta"][rows[0]]
    return replace(table, got=got, before=before, visible=visible, columns=columns)
