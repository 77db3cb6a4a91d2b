"""Confirming an explanation in exact arithmetic: the edited rule, run in rationals and balls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.errors import AdamrefError
from adamref.numbers import formats
from adamref.stepper import run

if TYPE_CHECKING:
    from adamref.bounds import Bounded
    from adamref.oracle.hypotheses import Hypothesis
    from adamref.oracle.orders import Machine
    from adamref.oracle.simulation import Inputs
    from adamref.oracle.table import Table
    from adamref.rules.rule import Rule

_ROWS = 12
"""How many rows are confirmed: spread over all that can be."""

_HYPER = ("alpha", "beta1", "beta2", "eps", "eps_root", "weight_decay")


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
    return replace(rule, lines=lines)


def _rows(rule: Rule, table: Table, inputs: Inputs) -> Any:
    """Return rows that can be run alone: states known, everything finite, t a whole number >= 1."""
    columns = inputs.columns
    good = table.columns["judged"] & columns["taken"].astype(bool)
    needed = ["g", "theta_prev", *(f"{x}_prev" for x in rule.states if x != "theta"), *_HYPER[:4]]
    for name in needed:
        good = good & np.isfinite(columns[name])
    good &= (columns["t"] >= 1) & (columns["t"] == np.round(columns["t"]))
    if not set(rule.states) - {"theta"} <= table.visible:
        good &= table.columns["fresh"]
    for name in ("theta", *table.visible):
        good &= np.isfinite(table.got[name])
    at = np.flatnonzero(good)
    return at[:: max(1, len(at) // _ROWS)][:_ROWS]


def _holds(
    rule: Rule,
    row: int,
    table: Table,
    inputs: Inputs,
    bounds: dict[str, Bounded],
    machine: Machine,
) -> bool:
    columns = inputs.columns
    hyper: dict[str, Any] = {n: float(columns[n][row]) for n in _HYPER if n in rule.defaults}
    state = {n: float(columns[f"{n}_prev"][row]) for n in rule.states if n != "theta"}
    try:
        made = run(
            rule,
            float(columns["theta_prev"][row]),
            [float(columns["g"][row])],
            state=state,
            t=int(columns["t"][row]),
            digits=30,
            **hyper,
        )[0]
    except AdamrefError:
        return False
    for name, bounded in bounds.items():
        fmt = formats.get(machine.of(name).dtype)
        # The convention's own roundings of the rates are within the bound of storing them.
        allowed = 2 * float(bounded.error[row] + bounded.slack[row]) + float(
            fmt.ulp(formats.BINARY64.exact(float(table.got[name][row])))
        )
        if not abs(float(made[name]) - float(table.got[name][row])) <= allowed:
            return False
    return True
