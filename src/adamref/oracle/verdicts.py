"""From what was observed to a report: dialect, bounds, differences, limits, diagnosis."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.numbers import formats
from adamref.oracle.asking import outcome_of, with_own_defaults
from adamref.oracle.diagnosis import Diagnosis, Explanation, Small
from adamref.oracle.differences import first_differences
from adamref.oracle.exactly import right_values, states_of
from adamref.oracle.findings import Explained, Finding, ProbeResult, Report
from adamref.oracle.hypotheses import as_fault
from adamref.oracle.identification import (
    Identified,
    Judges,
    candidates,
    identified,
    machines,
)
from adamref.oracle.judging import over_bound
from adamref.oracle.limits import limit
from adamref.oracle.measuring import accuracy, points
from adamref.oracle.rounding import ulp
from adamref.oracle.summary import LEADING
from adamref.oracle.table import STATES, Table, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.formats import Format
    from adamref.oracle.dialects import Dialect
    from adamref.oracle.findings import Difference, Outcome, Verdict
    from adamref.oracle.running import Record
    from adamref.oracle.session import Array

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
class _Judgement:
    """What judging makes, step by step."""

    found: Identified
    right: dict[str, Array]
    bound: dict[str, Array]
    over: dict[str, Array]
    differences: dict[int, Difference]
    explanation: Explanation | None = None
    tried: int = 0
    notes: list[Finding] = field(default_factory=list)


def reported(asked: Asked, began: float) -> Report:
    """Judge what was observed, and write it down."""
    records = [_with_defaults(record) for record in asked.records]
    whole = table(records, asked.dtype)
    findings = list(asked.findings)
    if not len(whole):
        findings += _nothing(records)
        return _report(asked, records, None, whole, findings, began)
    seen = _judged_rows(whole, asked.optimizer)
    judgement = _judgement(asked, seen)
    findings += judgement.notes + _limits(seen, judgement) + _notes(asked, seen, judgement)
    return _report(asked, records, judgement, seen, findings, began)


def _with_defaults(record: Record) -> Record:
    if not record.trial.defaults or record.abilities is None:
        return record
    return replace(record, trial=with_own_defaults(record.trial, record.abilities.defaults))


def _judged_rows(whole: Table, optimizer: str) -> Table:
    """Return the rows that are looked at: where states are hidden lanes must stay whole."""
    needed = {"m", "v", "v_max"} if optimizer == "amsgrad" else {"m", "v"}
    if needed <= whole.visible:
        return whole.rows(np.flatnonzero(whole.columns["judged"]))
    return whole


# Which dialect, with which bounds.


def _judgement(asked: Asked, seen: Table) -> _Judgement:
    theta = formats.get(asked.dtype)
    works = machines(theta, _state_formats(asked, theta), asked.compute, asked.ulps)
    eps_root = bool((seen.columns["eps_root"] != 0).any())
    tried: list[tuple[Judges, Sequence[Dialect]]] = []
    for machine in works:
        possible = candidates(asked.optimizer, asked.pins, machine, eps_root=eps_root)
        judges = Judges(seen, machine)
        found = identified(judges, possible)
        if found is not None:
            return _measured(seen, found)
        tried.append((judges, possible))
    return _explained(asked, seen, tried)


def _explained(
    asked: Asked, seen: Table, works: Sequence[tuple[Judges, Sequence[Dialect]]]
) -> _Judgement:
    """Look for faults; the differences are those from the dialect that they are faults of."""
    tried, explanation = 0, None
    judges, possible = works[0]
    if asked.pins:
        other = _another(asked, works)
        if other is not None:
            return other
    core = _core(seen)
    for judges, possible in () if _is_hopeless(asked) else works:
        differs = _differing(seen, judges.judged(possible[0]))
        diagnosis = Diagnosis(core, differs, possible, judges.machine)
        explanation = diagnosis.explained()
        tried += diagnosis.tried
        if explanation is not None:
            break
    dialect = explanation.hypothesis.dialect if explanation else _nearest(judges, possible)
    judgement = _measured(seen, judges.judged(dialect))
    judgement.explanation, judgement.tried = explanation, tried
    return judgement


def _another(asked: Asked, works: Sequence[tuple[Judges, Sequence[Dialect]]]) -> _Judgement | None:
    """Return the judgement where another dialect than the pinned one accounts for everything."""
    for judges, possible in works:
        eps_root = bool((judges.table.columns["eps_root"] != 0).any())
        every = candidates(asked.optimizer, {}, judges.machine, eps_root=eps_root)
        found = identified(judges, every)
        if found is not None:
            theirs = found.judged.dialect
            judgement = _measured(judges.table, judges.judged(possible[0]))
            axes = [
                axis for axis, value in asked.pins.items() if getattr(theirs, axis, value) != value
            ]
            judgement.explanation = Explanation(as_fault(theirs, axes), 0.0, confirmed=True)
            judgement.tried = len(every)
            return judgement
    return None


def _is_hopeless(asked: Asked) -> bool:
    """Say whether the numbers cannot be explained: they are not the same twice, or no numbers."""
    return any(x.id in LEADING for x in asked.findings)


def _core(seen: Table) -> Table:
    rows = np.flatnonzero(seen.columns["core"])
    return seen.rows(rows)


def _differing(seen: Table, found: Identified) -> list[int]:
    """Return the core trials that a dialect does not account for."""
    wrong = np.zeros(len(seen), dtype=bool)
    for over in found.judged.over.values():
        wrong |= over > 1
    rows = wrong & seen.columns["judged"] & seen.columns["core"]
    return sorted(set(seen.columns["trial"][rows].tolist()))


def _nearest(judges: Judges, possible: Sequence[Dialect]) -> Dialect:
    """Return the dialect that accounts for most values."""
    rows = judges.table.columns["core"] & judges.table.columns["judged"]
    some = [x for x in possible if x.numbers == possible[0].numbers]
    return min(some, key=lambda x: judges.judged(x).judged.misses(rows))


def _state_formats(asked: Asked, theta: Format) -> dict[str, Format]:
    """Return in what the states are stored: as they come, but no narrower than theta.

    A narrower state is a fault, unless it is asked for.
    """
    if asked.state_dtype is not None:
        return dict.fromkeys(STATES, formats.get(asked.state_dtype))
    known = [f.dtype for f in formats.FORMATS]
    found = dict.fromkeys(STATES, theta)
    held = (x for record in asked.records for step in record.steps for x in step)
    for dtypes in {tuple(x.dtypes.items()) for x in held}:
        for name, dtype in dtypes:
            if name in found and dtype in known:
                found[name] = max(found[name], formats.get(dtype), key=lambda f: f.precision)
    return found


def _measured(seen: Table, found: Identified) -> _Judgement:
    """Hold every value against the exact one, rounded once."""
    right = right_values(seen, found.judged.dialect, found.numbers, found.machine)
    certified = states_of(found.judged.dialect) <= seen.visible
    bound, over = {}, {}
    core = seen.columns["core"]
    for name, error in found.judged.bound.items():
        fmt = found.machine.of(name)
        with np.errstate(all="ignore"):
            # The right value is rounded itself, by half an ulp at most.
            unit = np.nan_to_num(ulp(right[name], fmt), nan=0.0)
            # Where states are hidden it is not known but for float64's own errors.
            unsure = 0.0 if certified else found.judged.slack[name]
            known = np.where(seen.columns["taken"], error + unsure + unit / 2, 0.0)
            bound[name] = np.where(np.isinf(known) & ~core, _UNKNOWN_ULPS * unit, known)
        over[name] = over_bound(seen.got[name], right[name], bound[name])
        if found.conforms:
            # What is inside the bound of the exact value itself is inside: half ulps do not count.
            inside = core & (found.judged.over[name] <= 1)
            over[name] = np.where(inside, np.minimum(over[name], 1.0), over[name])
    differences = first_differences(seen, found, right, bound, over)
    return _Judgement(found, right, bound, over, differences)


# What there is to say.


def _limits(seen: Table, judgement: _Judgement) -> list[Finding]:
    """Name the limits, where everything else conforms."""
    if not judgement.found.conforms:
        return []
    return [
        limit(seen, seen.trials[number], number, judgement.found, first)
        for number, first in judgement.differences.items()
        if seen.trials[number].kind == "edge"
    ]


def _notes(asked: Asked, seen: Table, judgement: _Judgement) -> list[Finding]:
    made = []
    orders = judgement.found.judged.orders
    if orders.get("correction") in ("power", "running-product") and judgement.found.conforms:
        fmt = judgement.found.machine.compute.dtype
        first = accuracy(seen, judgement.found, judgement.right, judgement.over)["first_step"]
        cost = f"; its first steps are up to {first.max_ulp:.3g} ulp off" if first else ""
        if fmt != "float64":
            made.append(
                Finding(
                    f"correction-in-{fmt}", None, "note",
                    f"1 - beta**t is worked in {fmt}, where it loses digits{cost}",
                )
            )  # fmt: skip
    if asked.pins.get("moments") not in (None, _moments(seen, judgement)):
        told = _moments(seen, judgement)
        if told is not None:
            says = f"The moments are updated as {told}; {asked.pins['moments']} is pinned"
            made.append(Finding("dialect-moments", None, "deviation", says))
    return made


def _nothing(records: Sequence[Record]) -> list[Finding]:
    if any(record.failed and outcome_of(record) == "error" for record in records):
        return []
    reasons = sorted({record.refused or str(record.failed) for record in records})
    return [Finding("nothing-judged", None, "error", f"No probe applies: {reasons[0]}")]


def _moments(seen: Table, judgement: _Judgement) -> str | None:
    """Tell beta*m + (1 - beta)*g from m + (1 - beta)*(g - m): only the second overflows."""
    opposite = [i for i, x in enumerate(seen.trials) if x.name.startswith("opposite-")]
    rows = np.isin(seen.columns["trial"], opposite)
    if not rows.any() or "m" not in seen.visible or not judgement.found.conforms:
        return None
    finite = np.isfinite(seen.got["m"][rows]).all()
    return "beta" if finite else "lerp"


# The report.


def _report(
    asked: Asked,
    records: Sequence[Record],
    judgement: _Judgement | None,
    seen: Table,
    findings: Sequence[Finding],
    began: float,
) -> Report:
    probes = _probes(records, seen, judgement)
    diagnosis = _diagnosis(judgement, probes, seen)
    verdict = _verdict(probes, findings, judgement)
    measured: dict[str, Any] = {"theta": None, "m": None, "v": None, "first_step": None}
    drawn: Any = ()
    if judgement is not None:
        measured |= accuracy(seen, judgement.found, judgement.right, judgement.over)
        drawn = points(seen, judgement.found, judgement.right, judgement.over)
    return Report(
        target=asked.target,
        isolated=asked.isolated,
        dtype=asked.dtype,
        optimizer=asked.optimizer,
        verdict=verdict,
        dialect=_dialect(seen, judgement),
        accuracy=measured,
        probes=probes,
        findings=tuple(dict.fromkeys(findings)),
        diagnosis=diagnosis,
        tried={"hypotheses": judgement.tried if judgement else 0},
        environment=asked.environment,
        points=drawn,
        strict=asked.strict,
        adapter=asked.adapter,
        seconds=round(time.perf_counter() - began, 3),
    )


def _verdict(
    probes: Sequence[ProbeResult], findings: Sequence[Finding], judgement: _Judgement | None
) -> Verdict:
    if judgement is None or any(x.severity == "error" for x in findings):
        return "error"
    wrong = any(x.verdict == "differs" for x in probes)
    wrong = wrong or any(x.severity == "deviation" for x in findings)
    return "deviates" if wrong else "conforms"


def _probes(
    records: Sequence[Record], seen: Table, judgement: _Judgement | None
) -> tuple[ProbeResult, ...]:
    numbers = {trial.name: i for i, trial in enumerate(seen.trials)}
    made = []
    for record in records:
        trial = record.trial
        first = None
        if judgement is not None and trial.name in numbers:
            first = judgement.differences.get(numbers[trial.name])
        verdict, because = _outcome(record, first, judgement)
        made.append(ProbeResult(trial.name, trial.kind, verdict, trial.says, because, first))
    return tuple(made)


def _outcome(
    record: Record, first: Difference | None, judgement: _Judgement | None
) -> tuple[Outcome, str]:
    if record.failed is not None:
        return outcome_of(record), record.failed.says
    if record.refused:
        return "not-applicable", record.refused
    if first is None:
        return "holds", ""
    conforms = judgement is not None and judgement.found.conforms
    return "limit" if record.trial.kind == "edge" and conforms else "differs", ""


def _dialect(seen: Table, judgement: _Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return dict.fromkeys(
            ("form", "bias_correction", "moments", "weight_decay", "amsgrad", "hyper")
        )
    found = judgement.found
    dialect, machine = found.judged.dialect, found.machine
    values: dict[str, Any] = {
        "form": dialect.form,
        "bias_correction": dialect.bias_correction == "on",
        "moments": _moments(seen, judgement),
        "weight_decay": dialect.weight_decay,
        "amsgrad": dialect.amsgrad,
        "hyper": dialect.hyper,
        "storage": machine.theta.dtype,
        "compute": machine.compute.dtype,
    }
    for axis, alike in found.ambiguous.items():
        values[axis] = [x == "on" for x in alike] if axis == "bias_correction" else list(alike)
    return values


def _diagnosis(
    judgement: _Judgement | None, probes: Sequence[ProbeResult], seen: Table
) -> tuple[Explained, ...]:
    if judgement is None or judgement.explanation is None:
        return ()
    explanation = judgement.explanation
    mine = explanation.hypothesis
    numbers = {trial.name: i for i, trial in enumerate(seen.trials)}
    explains = tuple(
        x.name
        for x in probes
        if x.verdict == "differs"
        and x.name in numbers
        and _accounts(seen, judgement, numbers[x.name])
    )
    return (
        Explained(
            faults=mine.ids,
            says=tuple(fault.says for fault in mine.faults),
            effects=tuple(fault.effect for fault in mine.faults),
            sources=tuple(fault.source for fault in mine.faults),
            explains=explains,
            equivalent=tuple(x.ids for x in explanation.equivalent),
            confirmed=explanation.confirmed,
        ),
    )


def _accounts(seen: Table, judgement: _Judgement, number: int) -> bool:
    """Say whether the explanation accounts for a probe: all core ones, and maybe edges."""
    if seen.trials[number].kind == "core":
        return True
    assert judgement.explanation is not None
    own = seen.only(seen.columns["trial"] == number)
    return Small(own, judgement.found.machine).accounts(judgement.explanation.hypothesis)
