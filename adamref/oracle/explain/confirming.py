"""Confirming an explanation in exact arithmetic: the edited rule, or a formula, each certified."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Rational
from sympy.core.function import AppliedUndef

from adamref.errors import AdamrefError, CannotEvaluate
from adamref.numbers import formats
from adamref.numbers.ball import Ball
from adamref.oracle.explain.formulas import whole, written
from adamref.rules.instructions import BASE, COMPLEMENT
from adamref.rules.program import Program
from adamref.solving.inversion import CUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from adamref.bounds import Bounded
    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Indices
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.observe.table import Table
    from adamref.rules.rule import Rule

MOST_ROWS = 12
"""How many rows are confirmed at most."""

_BITS = 320
"""In which a formula is worked: what float64 holds, and what it loses by cancelling."""


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
        False too where it cannot be done: powers that are worked in another way.
    """
    if inputs.correct is not None or hypothesis.rounded or inputs.roundings:
        return False
    rule = hypothesis.dialect.rule
    formulas = {name: whole(hypothesis.lines, name, frozenset()) for name in bounds}
    said = [
        _given(row, name, formula, table, inputs, bounds[name], machine)
        for row in _rows(rule, table, inputs).tolist()
        for name, formula in formulas.items()
    ]
    return True in said and False not in said


def _given(
    row: int,
    name: str,
    formula: Expr,
    table: Table,
    inputs: Inputs,
    bounded: Bounded,
    machine: Machine,
) -> bool | None:
    got = float(table.got[name][row])
    off = 2 * float(bounded.error[row] + bounded.slack[row])
    off += float(machine.of(name).ulp(Fraction(got)))
    columns = inputs.columns
    used = {f"{x.name}{more}" for x in formula.free_symbols for more in ("", COMPLEMENT)}
    return gives(formula, {n: float(columns[n][row]) for n in used & columns.keys()}, got, off)


def _rows(rule: Rule, table: Table, inputs: Inputs) -> Indices:
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
    return spread_out(good, table)


def spread_out(rows: NDArray[np.bool_], table: Table) -> Indices:
    """Return some rows: one of each trial, the latest, which is where most has happened."""
    at = np.flatnonzero(rows)
    _, last = np.unique(table.columns["trial"][at][::-1], return_index=True)
    found: Indices = at[len(at) - 1 - last][:MOST_ROWS]
    return found


def gives(
    formula: Expr, known: Mapping[str, float | Fraction], got: float, off: float
) -> bool | None:
    """Say whether a formula, worked in balls from what was there, comes to what was seen.

    Parameters
    ----------
    formula : sympy.Expr
        What it rounds is rounded as it says (`adamref.solving.inversion.rounded`, `cut`).
    known : mapping of str to float or Fraction
        Its symbols on one row, each exactly the number that it is; ``b.complement`` is 1 - b.
    got, off : float
        What was seen, and by how much the implementation's own rounding may have moved it.

    Returns
    -------
    bool or None
        None where the formula has no value there, as where it divides by 0: that tells nothing.
        False too where no arithmetic has a symbol or a function of it.
    """
    if not (math.isfinite(got) and math.isfinite(off)):
        return False
    try:
        low, high = _ends(formula, known)
    except CannotEvaluate:
        return None
    except (AdamrefError, ArithmeticError, KeyError):
        return False
    seen, room = Fraction(got), Fraction(off)
    return seen - room <= low and high <= seen + room


def value_of(formula: Expr, known: Mapping[str, float | Fraction]) -> Fraction | None:
    """Return what a formula comes to, to 320 bits; None where it has no value."""
    try:
        low, high = _ends(formula, known)
    except (AdamrefError, ArithmeticError, KeyError):
        return None
    return (low + high) / 2


def _ends(formula: Expr, known: Mapping[str, float | Fraction]) -> tuple[Fraction, Fraction]:
    carrier = Ball(_BITS)
    exacts = {n: Fraction(x) for n, x in known.items() if math.isfinite(x)}
    # What is known of 1 - b is what a power of b is taken from 1 with, as it is in the columns.
    rests = [n for n in exacts if n.endswith(COMPLEMENT)]
    bases = {n + BASE: x for n, x in exacts.items()}
    exacts |= bases | {n.removesuffix(COMPLEMENT) + BASE: 1 - exacts[n] for n in rests}
    with carrier.working():
        return _worked(formula, exacts, carrier)


def _worked(
    formula: Expr, exacts: Mapping[str, Fraction], carrier: Ball
) -> tuple[Fraction, Fraction]:
    """Return both ends of what a formula is."""
    inner = [x for x in formula.atoms(AppliedUndef) if not x.args[0].atoms(AppliedUndef)]
    while inner:
        done = {x: _stored(x, _worked(x.args[0], exacts, carrier)) for x in inner}
        formula = formula.xreplace(done)
        inner = [x for x in formula.atoms(AppliedUndef) if not x.args[0].atoms(AppliedUndef)]
    made = Program([("made", formula)]).run(carrier, {}, exacts)["made"]
    if not carrier.all_finite([made]):
        raise CannotEvaluate(written(formula), "it is no number")
    return carrier.ends(made)


def _stored(expr: AppliedUndef, ends: tuple[Fraction, Fraction]) -> Rational:
    """Return what is kept of a number: rounded, or cut off."""
    name = expr.func.__name__
    fmt = formats.get(name.removeprefix(CUT))
    kept = {_cut(fmt, x) if name.startswith(CUT) else fmt.round(x) for x in ends}
    if len(kept) > 1:
        raise CannotEvaluate(written(expr), "it lies between two numbers of the format")
    return Rational(*kept.pop().as_integer_ratio())


def _cut(fmt: Format, x: Fraction) -> float:
    near = fmt.round(x)
    if abs(Fraction(near)) <= abs(x):
        return near
    return fmt.next_down(near) if near > 0 else fmt.next_up(near)
