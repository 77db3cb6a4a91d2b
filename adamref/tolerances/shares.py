"""Errors of an average as shares of what was put into it, for all that may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.bounds import Bounded
from adamref.bounds.arithmetic import OUTWARD
from adamref.oracle.judge.bounding import Bounding
from adamref.oracle.judge.simulation import inputs_of
from adamref.oracle.judge.working import evaluated
from adamref.rules.instructions import COMPLEMENT
from adamref.rules.orders import average
from adamref.rules.program import program_of
from adamref.tolerances.free import missed_by

if TYPE_CHECKING:
    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Array, Indices
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table
    from adamref.rules.orders import Average
    from adamref.rules.rule import Rule
    from adamref.tolerances.free import Ways

GROWN = 1 + 2.0**-20
"""More than the float64 arithmetic of a sum of 10,000 terms can lose."""


@final
@dataclass(frozen=True)
class Setup:
    """A rule as implementations carry it out.

    Attributes
    ----------
    table : Table
        Of one element: its steps and hyperparameters are asked for, its gradients are not.
    rule : Rule
    held, literal : HeldNumbers
        What an implementation has for the hyperparameters; what they are.
    machine : Machine
    allowed : Ways
    """

    table: Table
    rule: Rule
    held: HeldNumbers
    literal: HeldNumbers
    machine: Machine
    allowed: Ways

    @property
    def averages(self) -> dict[str, Average]:
        """Its lines that average."""
        found = {line.name: average(line.name, line.expr) for line in self.rule.lines}
        return {name: one for name, one in found.items() if one is not None}

    @property
    def tiny(self) -> float:
        """The least number there is."""
        return max(float(self.machine.compute.smallest), 2.0**-1074)

    def rate(self, name: str) -> tuple[float, float, float, float]:
        """Return a decay rate and its complement as they are, and as they are held."""
        b, w, b_, w_ = (
            float(x.columns[name + part][0])
            for x in (self.literal, self.held)
            for part in ("", COMPLEMENT)
        )
        return b, w, b_, w_


@final
@dataclass(frozen=True)
class Shares:
    """An average as shares of its past.

    Attributes
    ----------
    of_root : array
        For each t, at least the error of m as a multiple of the root of v.
    size : array
        At least what it is itself as a multiple of that.
    of_all : array
        For each t, at least the error where all that is put in is 1 at most.
    greatest : array
        For each t, at least the error of v as a share of it.
    absolute : array
        What underflows beside that.
    """

    of_root: Array
    size: Array
    of_all: Array
    greatest: Array
    absolute: Array


def shares_of(setup: Setup, one: Average, name: str) -> Shares:
    """Return the errors of m or v as shares.

    ``C_0 = q`` and ``C_k = (b + p) C_(k-1) + p w b^(k-1)``: an update loses ``q`` of what is put
    in, and ``p`` of the state as it is held, within its error. Beside it comes what the numbers
    that are held for the decay rate make another.
    """
    count, tiny = len(setup.table), setup.tiny
    b, w, b_, w_ = setup.rate(str(one.rate))
    beta2, w2, _, _ = setup.rate("beta2")
    p = update_loses(setup, one, name, 1.0, tiny)
    q = update_loses(setup, one, name, tiny, 1.0)
    # In (w*g)*g an underflow of w*g is multiplied by g, which no share of g**2 is below 1.
    a = update_loses(setup, one, name, tiny, tiny) + 2 * tiny
    # The C_k over the power of beta2 that stands beside them in v, or in its root.
    scale = math.sqrt(beta2) if name == "m" else beta2
    inverse = 1 / scale if scale else math.inf
    errors, sizes, plain = np.zeros(count), np.zeros(count), np.zeros(count)
    lost, kept, kept_, raw, raw_kept = q, w, w_, q, w_
    with np.errstate(all="ignore"):
        for k in range(count):
            # Of two powers that differ, float64 may lose the difference.
            apart = abs(kept_ - kept) + (kept * (k + 1) * 2.0**-51 if kept_ != kept else 0.0)
            errors[k], sizes[k] = lost + apart, kept
            plain[k] = raw + (abs(w_ * b_**k - w * b**k) if kept_ != kept else 0.0)
            lost = ((b_ + p) * lost + p * kept_) * inverse
            raw, raw_kept = (b_ + p) * raw + p * raw_kept, raw_kept * b_
            kept, kept_ = kept * b * inverse, kept_ * b_ * inverse
        powers = np.cumsum((b_ + p) ** np.arange(count))
        of_root = np.sqrt(np.cumsum(errors**2) / w2)
        size = np.sqrt(np.cumsum(sizes**2) / w2)
        greatest = np.maximum.accumulate(errors) / w2
    found = (of_root, size, np.cumsum(plain), greatest, a * powers)
    return Shares(*(sure(x) for x in found))


def update_loses(setup: Setup, one: Average, name: str, before: float, g: float) -> float:
    """Return what an update loses at most of a state and a gradient up to some sizes."""
    work, at = Bounding(setup.machine), np.array([0])
    inputs, narrow = inputs_of(setup.table, setup.held), setup.machine.narrowed(name)
    gap = float(setup.held.gap(str(one.rate))[0])
    worst = 0.0
    for expr in setup.allowed.allowed[name]:
        program = program_of(expr)
        given = {s: hyper(work, inputs, s, at) for s in program.inputs if s in inputs.slack}
        given |= {one.state.name: _sized(before), "g": _sized(g)}
        made = evaluated(program, given, {}, work, at)
        made = made if narrow is None else work.rounded(made, narrow)
        off = float(np.ravel(made.error)[0]) * OUTWARD
        off += missed_by(expr, one, gap, before, g * g if name == "v" else g)
        worst = max(worst, math.inf if math.isnan(off) else off)
    return worst


def hyper(work: Bounding, inputs: Inputs, symbol: str, rows: Indices) -> Bounded:
    """Return a hyperparameter as it is held in the format, on some rows."""
    columns, slack = inputs.columns[symbol], inputs.slack[symbol]
    return work.hyper(np.asarray(columns)[rows], np.asarray(slack)[rows])


def sure(x: Array) -> Array:
    """Return bounds with what float64 may have lost of them."""
    return np.where(np.isnan(x), np.inf, x) * GROWN


def _sized(size: float) -> Bounded:
    """Return an unknown number up to a size."""
    return Bounded(np.zeros(1), np.full(1, size), np.zeros(1))
