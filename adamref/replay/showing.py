"""The first element that is off, with the step worked there line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.oracle.judge.differences import shortest
from adamref.oracle.judge.hypothesis import lines_of
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.replay.judging import StepSample
from adamref.replay.result import FirstOff, ReplayedLine

if TYPE_CHECKING:
    from adamref.oracle.observe.table import Table
    from adamref.replay.judging import StepSetting
    from adamref.replay.pairing import TensorPair
    from adamref.replay.tally import JudgedTensor


def first_off(setting: StepSetting, pair: TensorPair, found: JudgedTensor) -> FirstOff | None:
    """Return the first element of a tensor that is off, and the step there."""
    if found.first is None:
        return None
    row = setting.table(StepSample.of(pair, np.array([found.first])))
    over = setting.fitted_in_order(row).over
    name = next(line.name for line in setting.dialect.rule.lines if over.get(line.name, [0])[0] > 1)
    fit = setting.fitted(row)
    value, reach = float(fit.value[name][0]), float(fit.bound[name][0] + fit.slack[name][0])
    fmt = setting.machine.of(name)
    low, high = value - reach, value + reach
    return FirstOff(
        pair.index(found.first),
        name,
        shortest(float(row.got[name][0]), fmt),
        repr(low),
        repr(high),
        _lines(setting, row),
    )


def _lines(setting: StepSetting, row: Table) -> tuple[ReplayedLine, ...]:
    """Work the step of a row in float64, from what is stored."""
    dialect = setting.dialect
    numbers = HeldNumbers(row, dialect.hyper, formats.get(dialect.held))
    model = Model(lines_of(dialect), inputs_of(row, numbers), shown=row.visible)
    made = dict(Simulator(row).steps(model))
    g = float(model.inputs.columns["g"][0])
    source = "from m before and after" if row.unseen is not None else "as it was given"
    shown = [ReplayedLine("g", source, f"{g:.9g}", None)]
    for line in dialect.rule.lines:
        stored = None
        if line.name in row.got:
            stored = shortest(float(row.got[line.name][0]), setting.machine.of(line.name))
        shown.append(
            ReplayedLine(line.name, line.text(), f"{float(made[line.name][0]):.9g}", stored)
        )
    return tuple(shown)
