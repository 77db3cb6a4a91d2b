"""From a table to a judgement: the dialect and its bounds, or the faults that explain the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.explain.diagnosis import BestHypothesis, Diagnosis
from adamref.oracle.explain.hypotheses import as_fault
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.differences import first_differences
from adamref.oracle.judge.exactly import right_values, states_of
from adamref.oracle.judge.fit import over_bound, where_forgiven
from adamref.oracle.judge.identification import (
    Fitters,
    Identified,
    candidates,
    identified,
    machines,
    options,
)
from adamref.oracle.observe.finding import LEADING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.explain.hypotheses import Failed
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.results import FirstDifference
    from adamref.oracle.observe.finding import Finding
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.table import Table

_UNKNOWN_ULPS = 64.0
"""On edge probes: how far a value may be off where the bound says nothing."""


@final
@dataclass(frozen=True)
class Asked:
    """Everything that is known before judging."""

    target: str
    isolated: bool
    adapter: str
    dtype: str
    state_dtype: str | None
    compute: str | None
    optimizer: str
    pins: Mapping[str, str]
    ulps: Mapping[str, float]
    strict: bool
    records: Sequence[Record]
    findings: Sequence[Finding]
    environment: Mapping[str, str]


@final
@dataclass
class Judgement:
    """What judging makes.

    Attributes
    ----------
    found : Identified
        The dialect, its bounds, and whether it accounts for everything.
    right : dict of str to array
        The right values, rounded once.
    bound, over : dict of str to array
        How far a value may be from these, and how far it is, as a share of that.
    differences : dict of int to FirstDifference
        The first of each trial that has one, by the trial's number.
    explanation : BestHypothesis or None
    tried : int
        How many hypotheses were run.
    failed : dict of str to Exception
        Faults that could not be run.
    beyond : frozenset of int
        The edge trials whose difference is a limit, not a part of what is wrong elsewhere.
    """

    found: Identified
    right: dict[str, Array]
    bound: dict[str, Array]
    over: dict[str, Array]
    differences: dict[int, FirstDifference]
    explanation: BestHypothesis | None = None
    tried: int = 0
    failed: Failed = field(default_factory=dict)
    beyond: frozenset[int] = frozenset()


def judged_rows(whole: Table, optimizer: str) -> Table:
    """Return the rows that are looked at: where states are hidden lanes must stay whole."""
    if rules.optimizer(optimizer).states.keys() <= whole.visible:
        return whole.rows(np.flatnonzero(whole.columns["judged"]))
    return whole


def judgement_of(asked: Asked, seen: Table) -> Judgement:
    """Find the dialect that accounts for what was seen, or the faults that explain it."""
    judgement = _judged(asked, seen)
    judgement.beyond = _beyond(seen, judgement)
    return judgement


def _judged(asked: Asked, seen: Table) -> Judgement:
    theta = formats.get(asked.dtype)
    works = machines(theta, _state_formats(asked, theta), asked.compute, asked.ulps)
    given = options(seen, asked.optimizer)
    tried: list[tuple[Fitters, Sequence[Dialect]]] = []
    for machine in works:
        possible = candidates(asked.optimizer, asked.pins, machine, given)
        fitters = Fitters(seen, machine)
        found = identified(fitters, possible)
        if found is not None:
            return _measured(seen, found)
        tried.append((fitters, possible))
    return _explained(asked, seen, tried)


def _explained(
    asked: Asked, seen: Table, works: Sequence[tuple[Fitters, Sequence[Dialect]]]
) -> Judgement:
    """Look for faults; the differences are those from the dialect that they are faults of."""
    tried, explanation = 0, None
    failed: Failed = {}
    fitters, possible = works[0]
    if asked.pins:
        other = _another(asked, works)
        if other is not None:
            return other
    core = _core(seen)
    for fitters, possible in () if _is_hopeless(asked) else works:
        differs = _differing(seen, fitters.fitted(possible[0]))
        diagnosis = Diagnosis(core, differs, possible, fitters.machine)
        explanation = diagnosis.explained()
        tried += diagnosis.tried
        failed |= diagnosis.failed
        if explanation is not None or _has_right_states(fitters.fitted(possible[0]), fitters.table):
            # Moments within this machine's bounds were not worked in less: wider bounds would
            # only let more through.
            break
    dialect = explanation.hypothesis.dialect if explanation else _nearest(fitters, possible)
    judgement = _measured(seen, fitters.fitted(dialect))
    judgement.explanation, judgement.tried, judgement.failed = explanation, tried, failed
    return judgement


def _another(asked: Asked, works: Sequence[tuple[Fitters, Sequence[Dialect]]]) -> Judgement | None:
    """Return the judgement where another dialect than the pinned one accounts for everything."""
    for fitters, possible in works:
        given = options(fitters.table, asked.optimizer)
        every = candidates(asked.optimizer, {}, fitters.machine, given)
        found = identified(fitters, every)
        if found is not None:
            theirs = found.fit.dialect
            judgement = _measured(fitters.table, fitters.fitted(possible[0]))
            pinned = fitters.fitted(possible[0]).fit.dialect
            axes = [axis for axis in asked.pins if theirs.on(axis) != pinned.on(axis)]
            judgement.explanation = BestHypothesis(as_fault(theirs, axes), 0.0, confirmed=True)
            judgement.tried = len(every)
            return judgement
    return None


def _is_hopeless(asked: Asked) -> bool:
    """Say whether the numbers cannot be explained: they are not the same twice, or no numbers."""
    return any(x.id in LEADING for x in asked.findings)


def _has_right_states(found: Identified, seen: Table) -> bool:
    """Say whether both moments are visible, and inside their bounds on every core row."""
    rows = seen.columns["core"] & seen.columns["judged"]
    over = found.fit.over
    return all(name in over and not (over[name][rows] > 1).any() for name in ("m", "v"))


def _core(seen: Table) -> Table:
    rows = np.flatnonzero(seen.columns["core"])
    return seen.rows(rows)


def _differing(seen: Table, found: Identified) -> list[int]:
    """Return the core trials that a dialect does not account for."""
    wrong = np.zeros(len(seen), dtype=bool)
    for over in found.fit.over.values():
        wrong |= over > 1
    rows = wrong & seen.columns["judged"] & seen.columns["core"]
    return sorted(set(seen.columns["trial"][rows].tolist()))


def _nearest(fitters: Fitters, possible: Sequence[Dialect]) -> Dialect:
    """Return the dialect that accounts for most values."""
    rows = fitters.table.columns["core"] & fitters.table.columns["judged"]
    some = [x for x in possible if x.numbers == possible[0].numbers]
    return min(some, key=lambda x: fitters.fitted(x).fit.misses(rows))


def _state_formats(asked: Asked, theta: Format) -> dict[str, Format]:
    """Return in what the states are stored: as they come, but no narrower than theta.

    A narrower state is a fault, unless it is asked for.
    """
    states = rules.optimizer(asked.optimizer).states
    if asked.state_dtype is not None:
        return dict.fromkeys(states, formats.get(asked.state_dtype))
    known = [f.dtype for f in formats.FORMATS]
    found = dict.fromkeys(states, theta)
    held = (x for record in asked.records for step in record.steps for x in step)
    for dtypes in {tuple(x.dtypes.items()) for x in held}:
        for name, dtype in dtypes:
            if name in found and dtype in known:
                found[name] = max(found[name], formats.get(dtype), key=lambda f: f.precision)
    return found


def _measured(seen: Table, found: Identified) -> Judgement:
    """Hold every value against the exact one, rounded once."""
    right = right_values(seen, found.fit.dialect, found.numbers, found.machine)
    certified = states_of(found.fit.dialect) <= seen.visible
    bound, over = {}, {}
    core = seen.columns["core"]
    for name, error in found.fit.bound.items():
        fmt = found.machine.of(name)
        with np.errstate(all="ignore"):
            # The right value is rounded itself, by half an ulp at most.
            unit = np.nan_to_num(ulp(right[name], fmt), nan=0.0)
            # Where states are hidden it is not known but for float64's own errors.
            unsure = 0.0 if certified else found.fit.slack[name]
            known = np.where(seen.columns["taken"], error + unsure + unit / 2, 0.0)
            bound[name] = np.where(np.isinf(known) & ~core, _UNKNOWN_ULPS * unit, known)
        over[name] = over_bound(seen.got[name], right[name], bound[name])
        rule = found.fit.dialect.rule
        over[name] = where_forgiven(rule, found.machine, name, seen, right[name], over[name])
        if found.conforms:
            # What is inside the bound of the exact value itself is inside: half ulps do not count.
            inside = core & (found.fit.over[name] <= 1)
            over[name] = np.where(inside, np.minimum(over[name], 1.0), over[name])
    differences = first_differences(seen, found, right, bound, over)
    return Judgement(found, right, bound, over, differences)


def _beyond(seen: Table, judgement: Judgement) -> frozenset[int]:
    """Return the edge trials whose difference is no part of what is wrong elsewhere."""
    found, explanation = judgement.found, judgement.explanation
    if not found.conforms and explanation is None:
        return frozenset()
    return frozenset(
        number
        for number in judgement.differences
        if seen.trials[number].kind == "edge"
        and (explanation is None or not _explains(seen, number, found, explanation))
    )


def _explains(seen: Table, number: int, found: Identified, explanation: BestHypothesis) -> bool:
    own = seen.only(seen.columns["trial"] == number)
    return Small(own, found.machine).accounts(explanation.hypothesis)
