"""Confirming an explanation in exact arithmetic: the edited rule, each value certified."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.errors import AdamrefError
from adamref.golden.exact import step_of

if TYPE_CHECKING:
    from adamref.bounds import Bounded
    from adamref.faults.inputs import Inputs
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.observe.table import Table
    from adamref.rules.rule import Rule

_ROWS = 12
"""How many rows are confirmed at most."""


def confirmed(
    hypothesis: Hypothesis,
    table: Table,
    inputs: Inputs,
    bounds: dict[str, Bounded],
    machine: Machine,
) -> bool:
    """Say whether exact arithmetic gives what was observed, on some rows of every kind.

    Parameters
    ----------
    hypothesis : Hypothesis
    table : Table
    inputs : Inputs
        What goes into the rule, faults and all.
    bounds : dict of str to Bounded
        The visible fields, with the bounds on their errors.
    machine : Machine

    Returns
    -------
    bool
        False too where it cannot be done: powers that are worked in another way, and columns that
        are no rule's.
    """
    rule = _rule(hypothesis)
    if rule is None or inputs.correct is not None or hypothesis.rounded or inputs.roundings:
        return False
    rows = _rows(rule, table, inputs)
    return bool(len(rows)) and all(
        _holds(rule, int(row), table, inputs, bounds, machine) for row in rows
    )


def _rule(hypothesis: Hypothesis) -> Rule | None:
    """Return the edited rule, if it is one: lines that stand in the dialect's own rule."""
    rule = hypothesis.dialect.rule
    if set(hypothesis.lines) != {line.name for line in rule.lines}:
        return None
    known = {*rule.fields, *rule.defaults, "t", *(f"{x}_prev" for x in rule.fields)}
    used = {s.name for x in hypothesis.lines.values() for s in x.free_symbols}
    if not used <= known:
        return None
    lines = tuple(replace(line, expr=hypothesis.lines[line.name]) for line in rule.lines)
    made = replace(rule, lines=lines)
    # A line that forgets its past is a rule with fewer states: another problem.
    return made if made.states == rule.states else None


def _rows(rule: Rule, table: Table, inputs: Inputs) -> Any:
    """Return rows that can be run alone: states known, everything finite, t a whole number >= 1."""
    columns = inputs.columns
    good = table.columns["judged"] & columns["taken"].astype(bool)
    needed = [
        "g",
        "theta_prev",
        *(f"{x}_prev" for x in rule.states if x != "theta"),
        *rule.defaults,
    ]
    for name in needed:
        good = good & np.isfinite(columns[name])
    good &= (columns["t"] >= 1) & (columns["t"] == np.round(columns["t"]))
    if not set(rule.states) - {"theta"} <= table.visible:
        good &= table.columns["fresh"]
    for name in ("theta", *table.visible):
        good &= np.isfinite(table.got[name])
    at = np.flatnonzero(good)
    # One of each trial, and the latest rows of it: that is where most has happened.
    _, last = np.unique(table.columns["trial"][at][::-1], return_index=True)
    return at[len(at) - 1 - last][:_ROWS]


def _holds(
    rule: Rule,
    row: int,
    table: Table,
    inputs: Inputs,
    bounds: dict[str, Bounded],
    machine: Machine,
) -> bool:
    columns = inputs.columns
    held = {n: float(columns[n][row]) for n in inputs.slack}
    exacts: dict[str, Any] = {n: Fraction(x) for n, x in held.items() if math.isfinite(x)}
    exacts["t"] = Fraction(int(columns["t"][row]))
    given = {"theta": columns["theta_prev"], "g": columns["g"]}
    given |= {n: columns[f"{n}_prev"] for n in rule.states if n != "theta"}
    try:
        made = step_of(rule, exacts, {n: x[row : row + 1] for n, x in given.items()})
    except AdamrefError:
        return False
    for name, bounded in bounds.items():
        got = float(table.got[name][row])
        allowed = 2 * float(bounded.error[row] + bounded.slack[row])
        allowed += float(machine.of(name).ulp(Fraction(got)))
        off = abs(float(made[name][0]) - got)
        if not (math.isfinite(allowed) and off <= allowed):
            return False
    return True
