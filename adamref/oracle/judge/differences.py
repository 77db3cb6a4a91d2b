"""The first difference of a probe: where, by how much, and the step worked line by line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adamref import rules
from adamref.conventions import scalars
from adamref.errors import AdamrefError
from adamref.numbers.arrays import Array, nearest
from adamref.oracle.judge.results import FirstDifference, WorkedLine
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.oracle.observe.calling.values import numpy_dtype

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table


def first_differences(
    table: Table,
    found: Identified,
    right: dict[str, Array],
    bound: dict[str, Array],
    over: dict[str, Array],
) -> dict[int, FirstDifference]:
    """Return the first difference of each trial that has one, by the trial's number."""
    fields = (line.name for line in found.fit.dialect.rule.lines)
    wrong = {name: (over[name] > 1) & table.columns["judged"] for name in fields if name in over}
    some = np.zeros(len(table), dtype=bool)
    for rows in wrong.values():
        some |= rows
    made = {}
    for trial in np.unique(table.columns["trial"][some]).tolist():
        row, name = _first(table, wrong, trial)
        made[trial] = _difference(table, found, right, bound, row, name)
    return made


def _first(table: Table, wrong: dict[str, NDArray[np.bool_]], trial: int) -> tuple[int, str]:
    """Return the row and the field of a trial's first difference: by step, field and place."""
    places = []
    for order, (name, rows) in enumerate(wrong.items()):
        at = np.flatnonzero(rows & (table.columns["trial"] == trial))
        if at.size:
            keys = np.lexsort(
                (
                    table.columns["element"][at],
                    table.columns["tensor"][at],
                    table.columns["step"][at],
                )
            )
            row = int(at[keys[0]])
            places.append((int(table.columns["step"][row]), order, row, name))
    _, _, row, name = min(places)
    return row, name


def _difference(
    table: Table,
    found: Identified,
    right: dict[str, Array],
    bound: dict[str, Array],
    row: int,
    name: str,
) -> FirstDifference:
    columns = table.columns
    fmt = found.machine.of(name)
    limit = float(bound[name][row])
    problem = _problem(table, found, row)
    return FirstDifference(
        t=int(columns["t"][row]),
        tensor=int(columns["tensor"][row]),
        index=int(columns["element"][row]),
        field=name,
        got=shortest(table.got[name][row], fmt),
        want=shortest(right[name][row], fmt),
        bound=f"{limit:.3g}",
        lines=_lines(table, found, right, row, problem),
        snippet=_snippet(found, problem),
    )


def shortest(value: float, fmt: Format) -> str:
    """Write a float as the shortest decimal that gives it back in its format."""
    value = float(value)
    if not math.isfinite(value) or not fmt.contains(value):
        return repr(value)
    return str(numpy_dtype(fmt.dtype, "bfloat16").type(value))


def _problem(table: Table, found: Identified, row: int) -> dict[str, Any]:
    """Return what a run of the one step needs: numbers as floats, by adamref's names."""
    dialect, columns = found.fit.dialect, table.columns
    states = [name for name in dialect.rule.states if name != "theta"]
    if set(states) <= table.visible:
        state = {name: float(table.before[name][row]) for name in states}
    else:
        state = _simulated(table, found, row, states)
    hyper = {name: float(columns[name][row]) for name in dialect.rule.defaults if name in columns}
    return {
        "theta": float(table.before["theta"][row]),
        "grad": float(columns["g"][row]),
        "state": state,
        "t": int(columns["t"][row]),
        "hyper": hyper,
    }


def _simulated(table: Table, found: Identified, row: int, states: list[str]) -> dict[str, float]:
    """Return hidden states before a row, as float64 gives them."""
    lane = table.only(np.arange(len(table)) == row)
    lines = {line.name: line.expr for line in found.fit.dialect.rule.lines}
    from adamref.oracle.judge.numbers import HeldNumbers

    numbers = HeldNumbers(lane, found.numbers.convention, found.numbers.fmt)
    made = Simulator(lane).run(Model(lines, inputs_of(lane, numbers)), tuple(states))
    at = int(np.flatnonzero(lane.columns["step"] == table.columns["step"][row])[0])
    if at == 0:
        return {name: float(lane.before[name][0]) for name in states}
    return {name: float(made[name][at - 1]) for name in states}


def _lines(
    table: Table, found: Identified, right: dict[str, Array], row: int, problem: dict[str, Any]
) -> tuple[WorkedLine, ...]:
    from adamref.stepper import run

    rule, fmt = found.fit.dialect.rule, found.machine.theta
    if not table.columns["taken"][row]:
        return ()
    try:
        made = run(
            rule,
            problem["theta"],
            [problem["grad"]],
            state=problem["state"],
            t=problem["t"],
            dtype=_worked_in(found).dtype,
            convention=found.numbers.convention,
            compute="storage",
            **problem["hyper"],
        )[0]
    except AdamrefError:
        return ()
    worked = []
    for line in rule.lines:
        value = float(nearest(np.asarray(made[line.name], dtype=np.float64), fmt))
        theirs = None
        if line.name in table.visible or line.name == "theta":
            theirs = shortest(table.got[line.name][row], found.machine.of(line.name))
            value = float(right[line.name][row])
        worked.append(
            WorkedLine(line.name, line.text(), line.latex(), shortest(value, fmt), theirs)
        )
    return tuple(worked)


def _worked_in(found: Identified) -> Format:
    """Return the format that the hyperparameters are rounded to, and the step is worked in."""
    return found.numbers.fmt or found.machine.compute


def _snippet(found: Identified, problem: dict[str, Any]) -> str:
    """Write Python that works the right step; numbers as what gives them back exactly."""
    dialect, fmt, worked = found.fit.dialect, found.machine.theta, _worked_in(found)
    usual = rules.optimizer(dialect.optimizer).rule.dialect
    axes = [f'{a}="{x}"' for a, x in dialect.axes if a == "form" or x != usual[a]]
    called = ", ".join([f'"{dialect.optimizer}"', *axes])
    state = ", ".join(f'"{name}": {_literal(x)}' for name, x in problem["state"].items())
    hyper = [f"{name}={_literal(x)}" for name, x in problem["hyper"].items()]
    # Of a narrow format only where it is not what goes without saying.
    rounds = found.numbers.convention != "literal" and scalars(worked) != worked
    stored = ', compute="storage"' if rounds else ""
    return "\n".join(
        (
            "from adamref import rules, run",
            "print(run(",
            f"    rules.get({called}),",
            f"    {_literal(problem['theta'])}, [{_literal(problem['grad'])}],",
            f"    state={{{state}}}, t={problem['t']},",
            f'    dtype="{worked.dtype}", convention="{found.numbers.convention}"{stored},',
            *(f"    {x}," for x in hyper),
            "))" + (f"  # then rounded to {fmt.dtype}" if worked != fmt else ""),
        )
    )


def _literal(x: float) -> str:
    return repr(x) if math.isfinite(x) else f'float("{x!r}")'
