"""What is known before judging: what was asked for, and what was seen, as it may be meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import nearest

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.behaviours import DeclaredBehaviour
    from adamref.oracle.observe.finding import Finding
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.table import Table


@final
@dataclass(frozen=True)
class Asked:
    """Everything that is known before judging.

    declared has the behaviours that are pinned, perhaps those that its words speak of.
    state_dtypes has the dtypes of states that were asked for, by name; that of all others has the
    empty name. rounding is how narrow numbers are rounded, if that was asked for. because says why
    it is judged by that optimizer, if that was not asked for. thorough says how far ranges go.
    """

    target: str
    isolated: bool
    adapter: str
    dtype: str
    state_dtypes: Mapping[str, str]
    compute: str | None
    optimizer: str
    pins: Mapping[str, str]
    ulps: Mapping[str, float]
    strict: bool
    records: Sequence[Record]
    findings: Sequence[Finding]
    environment: Mapping[str, str]
    because: str = ""
    rounding: str | None = None
    declared: tuple[DeclaredBehaviour, ...] = ()
    perhaps: tuple[DeclaredBehaviour, ...] = ()
    thorough: bool = False


@final
@dataclass(frozen=True)
class Reading:
    """What was seen, with theta as it may be meant.

    Attributes
    ----------
    seen : Table
        The rows that are looked at.
    theta : Format or None
        In what such a theta is stored; None: in what it was seen.
    is_sure : bool
        Whether theta is that, right or wrong.
    lacking : Table or None
        The trials that do not show all of the states that the others do.
    """

    seen: Table
    theta: Format | None
    is_sure: bool
    lacking: Table | None = None


def judged_rows(whole: Table, optimizer: str) -> Table:
    """Return the rows that are looked at: where states are hidden lanes must stay whole."""
    if rules.optimizer(optimizer).states.keys() <= whole.visible:
        return whole.rows(np.flatnonzero(whole.columns["judged"]))
    return whole


def held_in(seen: Table, dtype: Format) -> Format:
    """Return the narrowest format, from the one under check on, that holds theta as it was seen."""
    shown = (seen.before["theta"], seen.got["theta"])
    wider = [x for x in formats.FORMATS if x.precision >= dtype.precision]
    for fmt in sorted(wider, key=lambda x: (x.precision, x != dtype)):
        if all(np.array_equal(nearest(x, fmt), x, equal_nan=True) for x in shown):
            return fmt
    return formats.BINARY64
