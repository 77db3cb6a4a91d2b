"""What is known before judging: what was asked for, and what was seen, as it may be meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.observe.finding import Finding
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.table import Table


@final
@dataclass(frozen=True)
class Asked:
    """Everything that is known before judging.

    state_dtypes has the dtypes of states that were asked for, by name; that of all others has the
    empty name. rounding is how narrow numbers are rounded, if that was asked for. because says why
    it is judged by that optimizer, if that was not asked for.
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
    """

    seen: Table
    theta: Format | None
    is_sure: bool
