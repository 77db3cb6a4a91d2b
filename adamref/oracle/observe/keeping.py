"""States that are asked to be kept in a narrow format: loaded as such, and shown as such."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.observe.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.trial import Trial


def kept_in(name: str, kept: Mapping[str, str]) -> str:
    """Return the dtype in which a state was asked to be kept; empty where nothing was asked.

    Parameters
    ----------
    name : str
    kept : mapping of str to str
        The dtypes by name; that of all others has the empty name.
    """
    return kept.get(name, kept.get("", ""))


def loaded_in(trials: Sequence[Trial], kept: Mapping[str, str]) -> list[Trial]:
    """Return trials whose loaded states are numbers of the formats that they are kept in.

    Parameters
    ----------
    trials : sequence of Trial
    kept : mapping of str to str
        The dtypes of states that were asked for, as `kept_in` reads them.
    """

    def rounded(trial: Trial) -> Trial:
        states = tuple(
            {
                n: nearest(x, formats.get(d)) if (d := kept_in(n, kept)) else x
                for n, x in own.items()
            }
            for own in trial.states
        )
        return replace(trial, states=states)

    return [rounded(x) for x in trials] if kept else list(trials)


def kept_wider(records: Sequence[Record], kept: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the states that are not kept throughout in the narrow format that was asked for.

    Digits that come with a load and stay make another run of one that is resumed.
    """
    shown: dict[str, dict[str, Record]] = {}
    for record in records:
        for held in (x for step in record.steps for x in step):
            for name, dtype in held.dtypes.items():
                shown.setdefault(name, {}).setdefault(dtype, record)
    known = {f.dtype: f.precision for f in formats.FORMATS}
    for name, by in shown.items():
        asked = kept_in(name, kept) if name != "theta" else ""
        wider = [x for x in by if asked and known.get(x, 0) > known[asked]]
        if wider and asked in by:
            record = by[wider[0]]
            since = " after a state was loaded" if _loads(record) and not _loads(by[asked]) else ""
            says = (
                f"{name} is kept in {asked}, and in {wider[0]}{since}: "
                f"it is no longer rounded to {asked}"
            )
            yield Finding("state-dtype-changes", record.trial.name, "deviation", says)


def _loads(record: Record) -> bool:
    return bool(record.trial.reload) or any(record.trial.states)
