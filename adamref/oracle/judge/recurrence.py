"""States that average their own past and are not shown: their errors, for all steps at once.

An error is carried on multiplied by the decay rate, and each update adds what it loses itself:
e(t) = b e(t-1) + lost(t), where lost depends a little on e(t-1). It is worked from no error, which
gives e, and then from a claim, 2e at first; what comes of that bounds the error as long as it is at
most what was claimed, by induction over the steps. Where it is more, twice that is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.bounds import Bounded, exactly
from adamref.bounds.arithmetic import OUTWARD
from adamref.oracle.judge.working import Work, evaluated
from adamref.rules.program import Program, program_of
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.observe.table import Table
    from adamref.rules.instructions import Power
    from adamref.rules.orders import Average


_CLAIMS = 8
"""How often more is claimed: each time the induction gets a step further at least."""


def as_the_line(made: Bounded, target: Bounded, gap: Array) -> Bounded:
    """Bound what an order makes by the line itself.

    An order that takes one coefficient for the complement of the other has another value where the
    two, as they are held, do not sum to 1.
    """
    with np.errstate(all="ignore"):
        off = np.abs(made.value - target.value) * OUTWARD + made.slack + target.slack
        error = np.where(gap > 0, made.error + off, made.error)
        error = np.where(np.isnan(error), np.inf, error)
    value, slack = (
        np.where(gap > 0, getattr(target, x), getattr(made, x)) for x in ("value", "slack")
    )
    return Bounded(value, slack, error)


@final
@dataclass(frozen=True)
class Lines:
    """How lines of a model are worked on all rows of a table.

    Attributes
    ----------
    table : Table
    work : Work
    powers : mapping
        The powers that stand in them.
    """

    table: Table
    work: Work
    powers: Mapping[Power, Any]

    def evaluated(self, program: Program, operands: Mapping[str, Any]) -> Any:
        """Work a line's program."""
        return evaluated(program, operands, self.powers, self.work, self.table.groups)


def recurrence(
    lines: Lines,
    program: Program,
    average: tuple[Average, Array],
    operands: Mapping[str, Any],
    taken: Array,
    narrow: Format | None,
) -> Bounded:
    """Bound a hidden average after each row, from the first step on."""
    table, (line, gap) = lines.table, average
    own = line.state.name
    start = table.before[own.removesuffix(PREVIOUS)]
    b = operands[line.rate.name]
    target = program_of(line.line)

    def made(what: Program, state: Bounded) -> Bounded:
        found = lines.evaluated(what, {**operands, own: state})
        assert isinstance(found, Bounded)
        return found

    zero = np.zeros_like(start)
    added = made(target, Bounded(zero, zero, zero))
    before, value = followed(table, b.value, added.value, start, taken)
    update = made(target, exactly(before))
    _, slack = followed(table, b.size, update.slack, zero, taken, outward=True)
    slack_before = shifted(table, slack)

    put_in = lines.evaluated(program_of(line.put_in), operands).size

    def carried(beside: Array) -> Array:
        state = Bounded(before, slack_before + beside, zero)
        lost = made(program, state)
        if program is not target:
            # An order that takes one coefficient for the complement of the other is another line by
            # their gap, of the state or of what is put in: of any state, also one that is off.
            apart = gap * np.maximum(state.size, put_in) * OUTWARD
            lost = replace(lost, error=lost.error + apart)
        lost = replace(lost, value=value, slack=slack)
        if narrow is not None:
            lost = lines.work.rounded(lost, narrow)
        return followed(table, b.size, lost.error, zero, taken, outward=True)[1]

    with np.errstate(all="ignore"):
        claimed = 2 * carried(zero)
        for _ in range(_CLAIMS):
            error = carried(shifted(table, claimed))
            holds = error <= claimed
            if holds.all():
                return Bounded(value, slack, error)
            # An error of the step before that dwarfs what there is by now.
            claimed = np.where(holds, claimed, 2 * error)
        # Nothing follows from a claim that does not hold.
        error = carried(shifted(table, np.where(holds, claimed, np.inf)))
        return Bounded(value, slack, np.where(error <= claimed, error, np.inf))


def followed(
    table: Table, kept: Array, added: Array, start: Array, taken: Array, *, outward: bool = False
) -> tuple[Array, Array]:
    """Work ``kept*x + added`` along each lane; return x before and after each row."""
    before, after = np.empty(len(table)), np.empty(len(table))
    grown = OUTWARD if outward else 1.0
    with np.errstate(all="ignore"):
        for rows in table.lanes:
            factors, terms, active = kept[rows], added[rows], taken[rows]
            x = start[rows[0]]
            for i, at in enumerate(rows):
                before[at] = x
                x = np.where(active[i], (factors[i] * x + terms[i]) * grown, x)
                after[at] = x
    return before, after


def shifted(table: Table, x: Array) -> Array:
    """Return what a column held a row before in its lane; 0 at the first."""
    found = np.zeros_like(x)
    for rows in table.lanes:
        found[rows[1:]] = x[rows[:-1]]
    return found
