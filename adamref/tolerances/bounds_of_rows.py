"""Every field of a free run with the greatest error of a right implementation, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.oracle.judge.identification import conventions
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import inputs_of
from adamref.tolerances.free import bounded_run

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.observe.table import Table
    from adamref.rules.rule import Rule
    from adamref.tolerances.free import Ways


def numbers_held(
    table: Table, rule: Rule, machine: Machine, hyper: str | None
) -> tuple[list[HeldNumbers], list[str]]:
    """Return what may stand for the hyperparameters, and what is not covered and why."""
    found, notes = [], []
    for name, dtype in conventions(machine, hyper):
        held = HeldNumbers(table, name, formats.get(dtype))
        ones = [x for x in held.rates if x in rule.defaults and (held.columns[x] == 1).any()]
        if ones:
            notes.append(
                f"Not covered: an implementation whose hyperparameters are {name} to {dtype}: "
                f"{ones[0]} is 1 there, and what it should average stays as it is."
            )
        else:
            found.append(held)
    return found, notes


def bounded_rows(
    table: Table, rule: Rule, machine: Machine, allowed: Ways, hyper: str | None
) -> tuple[dict[str, Array], dict[str, Array], list[str]]:
    """Return the right values but for float64, the errors that are allowed, and notes.

    The right values are those of the hyperparameters as they were given; where others stand for
    them, what that moves the values by is part of the error.
    """
    literal = HeldNumbers(table, "literal", None)
    right = bounded_run(table, rule, literal, machine, allowed, inputs_of(table, literal))
    error = {name: np.zeros(len(table)) for name in right}
    covered, notes = numbers_held(table, rule, machine, hyper)
    for held in covered:
        same = all(
            np.array_equal(x, literal.columns[n], equal_nan=True)
            for n, x in held.columns.items()
            if n in literal.columns
        )
        made = right
        if not same:
            made = bounded_run(table, rule, held, machine, allowed, inputs_of(table, held))
        for name, x in made.items():
            off = x.error
            if not same:
                off = off + np.abs(x.value - right[name].value) + x.slack + right[name].slack
            # What is no number has to be none; of what overflows nothing is known.
            off = np.where(np.isnan(off), np.inf, off)
            off = np.where(np.isnan(right[name].value), 0.0, off)
            error[name] = np.maximum(error[name], off)
    return {name: x.value for name, x in right.items()}, error, notes
