"""Right values that float64 knows: where all that a number may be rounds to one, that is it.

A step of a whole table is worked in float64 with a bound on what that loses (`adamref.bounds`).
Where both ends of what a value may be round to the same number of its format, and that is not 0,
the exact value rounds to it too. In float32 that is nearly every row; for the rest, ties, zeros
and what is not finite, `exactly` goes further. That a bound holds rests on IEEE 754 alone: no
function of a library is in it, since powers of rates are taken from balls.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import distinct, nearest
from adamref.numbers.ball import Ball
from adamref.numbers.operations import REDUCTIONS
from adamref.oracle.judge.bounding import Bounding
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.rules.instructions import BASE
from adamref.rules.program import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Array, Mask
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table
    from adamref.rules.rule import Rule

_LIBRARY = frozenset({"exponential", "logarithm"})
"""Operations that are taken from a library, whose errors no theorem bounds."""

_BITS = 64
"""Of the balls for powers: what they lose is far less than `Bounding.shared` allows for."""


def enclosed(
    table: Table, rule: Rule, numbers: HeldNumbers, machine: Machine, fields: Sequence[str]
) -> tuple[dict[str, Array], Mask]:
    """Return fields after each row, correctly rounded, and the rows where all of them are known.

    Parameters
    ----------
    table : Table
        Which shows all states that the rule needs, and the gradient.
    rule : Rule
    numbers : HeldNumbers
        The hyperparameters.
    machine : Machine
        In what the fields are stored.
    fields : sequence of str

    Returns
    -------
    tuple
        Float64 columns by field, and a mask: of other rows nothing is said.
    """
    kinds = {name: formats.get(machine.of(name).dtype) for name in fields}
    none = np.zeros(len(table), dtype=bool)
    if not _is_bounded(rule) or all(fmt.precision == 53 for fmt in kinds.values()):
        return {}, none
    inputs = inputs_of(table, numbers).corrected("from balls", _Powers(numbers).of)
    held = {"g": machine.of("g").dtype, **{n: fmt.dtype for n, fmt in kinds.items()}}
    known = _as_given(table, rule, inputs, held)
    lines = {line.name: line.expr for line in rule.lines}
    made = Simulator(table, Bounding(machine, "exact")).run(Model(lines, inputs), tuple(fields))
    found: dict[str, Array] = {}
    for name, fmt in kinds.items():
        x = made[name]
        with np.errstate(all="ignore"):
            low = nearest(np.nextafter(x.value - x.slack, -np.inf), fmt)
            high = nearest(np.nextafter(x.value + x.slack, np.inf), fmt)
        # The sign of a zero is not a matter of its size.
        known &= (low == high) & np.isfinite(low) & (low != 0)
        found[name] = low
    return found, known


@lru_cache(maxsize=256)
def _is_bounded(rule: Rule) -> bool:
    """Say whether float64's errors in a step follow from IEEE 754, but for powers of rates."""
    program = compiled(rule)
    powers = all(x.from_one and isinstance(x.base, str) for x in program.powers)
    return powers and not any(
        operation.method in _LIBRARY | REDUCTIONS
        or (operation.exponent is not None and not _by_roots(operation.exponent))
        for _, operation in program.operations
    )


def _by_roots(exponent: Fraction) -> bool:
    """Say whether a power is products, quotients and square roots."""
    return exponent.denominator & (exponent.denominator - 1) == 0


def _as_given(table: Table, rule: Rule, inputs: Inputs, dtypes: dict[str, str]) -> Mask:
    """Return the rows that are updated, by finite numbers that their formats have."""
    known = table.columns["taken"].astype(bool)
    for name in compiled(rule).inputs:
        known &= np.isfinite(inputs.columns[name])
    for name, dtype in dtypes.items():
        values = table.columns["g"] if name == "g" else table.before[name]
        known &= nearest(values, formats.get(dtype)) == values
        if name in rule.nonnegative:
            known &= values >= 0
    return known


class _Powers:
    """One minus the powers of rates, from the exact numbers: what `Inputs.correct` asks for."""

    def __init__(self, numbers: HeldNumbers) -> None:
        self._numbers = numbers

    def of(
        self, rate: str, _base: Array, _complement: Array, exponent: Array, _from_one: bool
    ) -> Array:
        """Return the float64 numbers nearest to them; NaN where the exponent is not counted."""
        counted = (exponent >= 1) & (exponent <= 2.0**53) & (np.rint(exponent) == exponent)
        times = np.where(counted, exponent, 1)
        firsts, back = distinct(self._numbers.groups() + 1j * times)
        ball, found = Ball(_BITS), np.empty(len(firsts))
        with ball.working():
            for i, row in enumerate(firsts.tolist()):
                base = self._numbers.exact(row).get(rate + BASE)
                if isinstance(base, Fraction):
                    made = ball.one_minus_power(base, Fraction(int(times[row])))
                    found[i] = float(made.mid())
                else:
                    found[i] = np.nan
        return np.where(counted, found[back], np.nan)
