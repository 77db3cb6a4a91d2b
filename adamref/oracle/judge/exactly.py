"""The right values of a table's rows in a dialect: the exact real numbers, rounded once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from adamref.errors import UndecidedRounding
from adamref.golden.exact import step_of
from adamref.numbers.arrays import Array, nearest
from adamref.oracle.judge.enclosed import enclosed
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.oracle.observe.calling.values import numpy_dtype

if TYPE_CHECKING:
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table


def right_values(
    table: Table, dialect: Dialect, numbers: HeldNumbers, machine: Machine
) -> dict[str, Array]:
    """Return theta and the visible states after each step, as float64 columns.

    Where the states and the gradient are visible: correctly rounded, certified, by float64 and its
    error bound where that is enough (`enclosed`). Where any is hidden
    theta is worked in float64 from the first step on and rounded to the dtype; for float64 it may
    then be an ulp off.
    """
    hidden = table.carried is not None or table.unseen is not None
    if hidden or not states_of(dialect) <= table.visible:
        return _simulated(table, dialect, numbers, machine)
    fields = ["theta", *(name for name in dialect.rule.states if name != "theta")]
    kinds = {name: numpy_dtype(machine.of(name).dtype, "bfloat16") for name in ("g", *fields)}
    found = {name: table.before[name].copy() for name in fields}
    near, known = enclosed(table, dialect.rule, numbers, machine, fields)
    for name, values in near.items():
        found[name][known] = values[known]
    left = np.flatnonzero(table.columns["taken"] & ~known)
    # Elements of a rule that sums over a tensor are worked with those of their tensor alone.
    tensors = table.groups if dialect.rule.reduces else np.zeros_like(table.columns["t"])
    columns = [numbers.groups(), table.columns["t"], tensors]
    keys = np.stack(columns, axis=1)[left]
    unique, back = np.unique(keys, axis=0, return_inverse=True)
    for i, (_, t, _) in enumerate(unique.tolist()):
        rows = left[back.reshape(-1) == i]
        given = {name: table.before[name][rows].astype(kinds[name]) for name in fields}
        given["g"] = table.columns["g"][rows].astype(kinds["g"])
        exacts = {**numbers.exact(int(rows[0])), "t": Fraction(int(t))}
        if exacts.get("weight_decay") == 0:
            # Nothing is added where nothing is asked for, not even 0 times an infinity.
            given["theta"] = np.where(np.isfinite(given["theta"]), given["theta"], 0)
        try:
            with np.errstate(all="ignore"):
                made = step_of(dialect.rule, exacts, given)
        except UndecidedRounding:
            # Exactly cancelled, on purpose or by a fault: the next best thing is float64.
            simulated = _simulated(table, dialect, numbers, machine)
            for name in fields:
                found[name][rows] = simulated[name][rows]
            continue
        for name in fields:
            found[name][rows] = made[name].astype(np.float64)
        lost = rows[~np.isfinite(table.before["theta"][rows])]
        found["theta"][lost] = np.where(
            np.isnan(found["theta"][lost]), np.nan, table.before["theta"][lost]
        )
    return found


def states_of(dialect: Dialect) -> frozenset[str]:
    """Return the states that a step of a dialect needs."""
    return frozenset(dialect.rule.states) - {"theta"}


def _simulated(
    table: Table, dialect: Dialect, numbers: HeldNumbers, machine: Machine
) -> dict[str, Array]:
    lines = {line.name: line.expr for line in dialect.rule.lines}
    wanted = tuple(name for name in lines if name in table.before)
    values = Simulator(table).run(Model(lines, inputs_of(table, numbers)), wanted)
    return {name: nearest(x, machine.of(name)) for name, x in values.items()}
