"""From what was observed to a report: what is said of it, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.oracle.explain.asked import Reading, judged_rows
from adamref.oracle.explain.judgement import judged_elsewhere, judgement_of
from adamref.oracle.explain.limits import limit
from adamref.oracle.explain.sweeping import swept
from adamref.oracle.judge.fit import keeps_its_number, maxima, stays_for_nan, takes_signs
from adamref.oracle.judge.measuring import accuracy, points
from adamref.oracle.judge.oneway import one_way
from adamref.oracle.judge.shares import narrowed, shares
from adamref.oracle.observe.asking import outcome_of, with_own_defaults
from adamref.oracle.observe.digits import pair_of, readings
from adamref.oracle.observe.finding import Finding, without_chance
from adamref.oracle.observe.table import Table, parted, table_of
from adamref.oracle.report.coverage import covered
from adamref.oracle.report.diagnoses import diagnosis_of
from adamref.oracle.report.findings import (
    AXES,
    FIELDS,
    SWITCHES,
    ProbeResult,
    Report,
)

if TYPE_CHECKING:
    from adamref.oracle.explain.asked import Asked
    from adamref.oracle.explain.judged import Judgement
    from adamref.oracle.judge.results import Accuracy, FirstDifference
    from adamref.oracle.observe.finding import Outcome
    from adamref.oracle.observe.running import Record
    from adamref.oracle.report.coverage import Coverage
    from adamref.oracle.report.findings import Verdict


_SHOWN = "what is wrong shows on smaller probes"
_NOT_MEASURED: dict[str, Accuracy | None] = dict.fromkeys(FIELDS)


def reported(asked: Asked, began: float) -> Report:
    """Judge what was observed, and write it down."""
    every = [_with_defaults(record) for record in asked.records]
    records = [record for record in every if not record.trial.apart] or every
    apart = [record for record in every if record.trial.apart and records is not every]
    if asked.rounding == "stochastic":
        asked = replace(asked, findings=without_chance(asked.findings))
    findings = list(asked.findings)
    possible: list[Reading] = []
    for records_, theta, is_sure in readings(records, formats.get(asked.dtype)):
        most, rest = parted(records_, asked.optimizer)
        seen, lacking = (
            judged_rows(table_of(x, asked.dtype, asked.optimizer), asked.optimizer)
            for x in (most, rest)
        )
        if len(seen):
            possible.append(Reading(seen, theta, is_sure, lacking))
    if not possible:
        findings += _nothing(every)
        none = table_of([], asked.dtype, asked.optimizer)
        return _report(asked, every, [(none, None)], findings, began)
    seen, judgement = judgement_of(asked, possible, partial(_carried, records, asked))
    elsewhere = judged_elsewhere(asked, judgement)
    judged = [(seen, judgement), *([elsewhere] if elsewhere else [])]
    if all(theirs.found.conforms for _, theirs in judged):
        judged += swept(asked, seen, judgement, apart)
    else:
        apart = [replace(record, refused=record.refused or _SHOWN) for record in apart]
    measured = accuracy(seen, judgement.found, judgement.right, judgement.over)
    if judgement.found.machine.stochastic:
        findings = [*without_chance(findings), *_shares(seen, judgement)]
    findings += [limit for part in judged for limit in _limits(*part)]
    findings += _notes(asked, seen, judgement, measured["first_step"])
    return _report(asked, [*records, *apart], judged, findings, began, measured)


def _carried(records: Sequence[Record], asked: Asked) -> Reading:
    """Return what was seen, with theta as carried on in more digits, none of which is shown."""
    fmt = formats.get(asked.dtype)
    most, rest = parted(records, asked.optimizer)
    seen, lacking = (
        replace(table_of(x, asked.dtype, asked.optimizer), carried=fmt) for x in (most, rest)
    )
    return Reading(seen, pair_of(fmt), is_sure=False, lacking=lacking)


def _with_defaults(record: Record) -> Record:
    if not record.trial.defaults or record.abilities is None:
        return record
    return replace(record, trial=with_own_defaults(record.trial, record.abilities.defaults))


# What there is to say.


def _limits(seen: Table, judgement: Judgement) -> list[Finding]:
    """Name the limits: differences on edge probes that are no part of what is wrong elsewhere."""
    return [
        limit(seen, seen.trials[number], number, judgement.found, first)
        for number, first in judgement.differences.items()
        if number in judgement.beyond
    ]


def _notes(
    asked: Asked, seen: Table, judgement: Judgement, first: Accuracy | None
) -> list[Finding]:
    made = [
        Finding("hypothesis-failed", None, "note", f"{id_} could not be tried: {error!r}")
        for id_, error in judgement.failed.items()
    ]
    orders = judgement.found.fit.orders
    if orders.get("correction") in ("power", "running-product") and judgement.found.conforms:
        fmt = judgement.found.machine.compute.dtype
        cost = f"; its first steps are up to {first.max_ulp:.3g} ulp off" if first else ""
        if fmt != "float64":
            made.append(
                Finding(
                    f"correction-in-{fmt}", None, "note",
                    f"1 - beta**t is worked in {fmt}, where it loses digits{cost}",
                )
            )  # fmt: skip
    if seen.carried is not None:
        says = "theta is carried on in more digits than it shows: its steps were judged in a row"
        made.append(Finding("theta-in-more-digits", None, "note", says))
    if any(
        keeps_its_number(judgement.found.machine, seen, x, rate, judgement.right[x]).any()
        for x, rate in maxima(judgement.found.fit.dialect.rule).items()
        if x in seen.visible
    ):
        says = "Where a number is NaN the maximum keeps the other; theta is NaN all the same"
        made.append(Finding("maximum-without-nan", None, "note", says))
    if takes_signs(judgement.found.fit.dialect.rule) and (
        stays_for_nan(judgement.found.machine, seen, judgement.right["theta"]).any()
    ):
        says = "The sign of NaN is taken to be 0: theta keeps its number, and the average is NaN"
        made.append(Finding("sign-of-nan", None, "note", says))
    made += _one_way(seen, judgement)
    made += _behaviours(asked, judgement)
    told, pinned = _moments(seen, judgement), asked.pins.get("moments")
    if None not in (told, pinned) and told != pinned:
        says = f"The moments are updated as {told}; {pinned} is pinned"
        made.append(Finding("dialect-moments", None, "deviation", says))
    return made


def _one_way(seen: Table, judgement: Judgement) -> list[Finding]:
    """Say what is cut off or rounded to one side, which no bound on a single value tells.

    What is wrong by less than half a unit differs on no probe, and is told here.
    """
    if judgement.differences.keys() - judgement.beyond or judgement.found.machine.stochastic:
        return []
    found = one_way(seen, judgement.found, judgement.right)
    if not found and not judgement.found.conforms:
        says = "Values are outside the bounds of every order of operations, by half a unit at most"
        return [Finding("outside-bounds", None, "deviation", says)]
    return [
        Finding(
            "rounded-one-way", None, "deviation",
            f"{x.field} is not rounded to the nearest: of {x.off:,} values that are off, "
            f"{x.count:,} are so {x.way}",
        )
        for x in found
    ]  # fmt: skip


def _shares(seen: Table, judgement: Judgement) -> list[Finding]:
    """Say where either neighbour does not come as often as it should."""
    found = judgement.found
    if not narrowed(seen, found):
        says = "Nothing is stored in fewer digits than it is worked in: chance rounds nothing"
        return [Finding("nothing-rounded", None, "note", says)]
    return [
        Finding(
            f"rounding-of-{name}", None, "deviation",
            f"{name} is rounded {x.way} in {x.count:,} of {x.rows:,} values that lie between "
            f"{x.between[0]:g} and {x.between[1]:g} of the way to that neighbour; "
            f"{x.low:,.0f} to {x.high:,.0f} are expected",
        )
        for name, x in shares(seen, found).items()
    ]  # fmt: skip


def _behaviours(asked: Asked, judgement: Judgement) -> list[Finding]:
    """Say what is done before a step, and on whose word it is no mistake."""
    if not judgement.found.conforms:
        return []
    pinned = {x.kind.axis for x in asked.declared}
    worded = {x.kind.axis for x in asked.perhaps if x.kind.words}
    made = []
    for one in judgement.behaviours:
        axis = one.kind.axis
        by = "as pinned" if axis in pinned else "by its own words" if axis in worded else "found"
        name = axis.replace("_", "-")
        says = f"{one.says[:1].upper()}{one.says[1:]} ({name}={one.value}, {by})"
        made.append(Finding(f"behaviour-{name}", None, "note", says))
    done_ = {x.kind.axis for x in judgement.behaviours}
    made += [
        Finding(f"behaviour-{x.kind.axis.replace('_', '-')}", None, "note",
                f"{x.said} is pinned; no probe shows whether it is done")
        for x in asked.declared if x.kind.axis not in done_
    ]  # fmt: skip
    return made


def _nothing(records: Sequence[Record]) -> list[Finding]:
    if any(record.failed and outcome_of(record) == "error" for record in records):
        return []
    reasons = sorted({record.refused or str(record.failed) for record in records})
    return [Finding("nothing-judged", None, "error", f"No probe applies: {reasons[0]}")]


def _moments(seen: Table, judgement: Judgement) -> str | None:
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
    judged: Sequence[tuple[Table, Judgement | None]],
    findings: Sequence[Finding],
    began: float,
    measured: Mapping[str, Accuracy | None] = MappingProxyType(_NOT_MEASURED),
) -> Report:
    probes = _probes(records, judged)
    seen, judgement = judged[0]
    wrong = next((x for x in judged if x[1] is not None and not x[1].found.conforms), judged[0])
    differs = any(x.verdict == "differs" for x in probes)
    diagnosis = diagnosis_of(wrong[1], probes, wrong[0]) if differs else ()
    verdict = _verdict(probes, findings, judgement)
    drawn: Any = ()
    if judgement is not None:
        drawn = points(seen, judgement.found, judgement.right, judgement.over)
    return Report(
        target=asked.target,
        isolated=asked.isolated,
        dtype=asked.dtype,
        optimizer=asked.optimizer,
        because=asked.because,
        verdict=verdict,
        dialect=_dialect(seen, judgement),
        accuracy=measured,
        probes=probes,
        findings=tuple(dict.fromkeys(findings)),
        diagnosis=diagnosis,
        coverage=_coverage(asked, records, probes, seen),
        tried={"hypotheses": sum(x.tried for _, x in judged if x is not None)},
        environment=asked.environment,
        points=drawn,
        strict=asked.strict,
        adapter=asked.adapter,
        seconds=round(time.perf_counter() - began, 3),
    )


def _coverage(
    asked: Asked, records: Sequence[Record], probes: Sequence[ProbeResult], seen: Table
) -> Coverage:
    judged = {x.name for x in probes if x.verdict in ("holds", "differs", "limit")}
    trials = [x.trial for x in records if x.steps and x.trial.name in judged]
    states = [x for x in rules.optimizer(asked.optimizer).states if x in seen.visible]
    return covered(trials, asked.dtype, states, thorough=asked.thorough)


def _verdict(
    probes: Sequence[ProbeResult], findings: Sequence[Finding], judgement: Judgement | None
) -> Verdict:
    if judgement is None or any(x.severity == "error" for x in findings):
        return "error"
    wrong = any(x.verdict == "differs" for x in probes)
    wrong = wrong or any(x.severity == "deviation" for x in findings)
    return "deviates" if wrong else "conforms"


def _probes(
    records: Sequence[Record], judged: Sequence[tuple[Table, Judgement | None]]
) -> tuple[ProbeResult, ...]:
    known = {
        trial.name: (judgement.differences.get(i), i in judgement.beyond)
        for seen, judgement in judged
        if judgement is not None
        for i, trial in enumerate(seen.trials)
    }
    made = []
    for record in records:
        trial = record.trial
        first, beyond = known.get(trial.name, (None, False))
        verdict, because = _outcome(record, first, beyond=beyond)
        made.append(ProbeResult(trial.name, trial.kind, verdict, trial.says, because, first))
    return tuple(made)


def _outcome(record: Record, first: FirstDifference | None, *, beyond: bool) -> tuple[Outcome, str]:
    if record.failed is not None:
        return outcome_of(record), record.failed.says
    if record.refused:
        return "not-applicable", record.refused
    if first is None:
        return "holds", ""
    return "limit" if beyond else "differs", ""


def _dialect(seen: Table, judgement: Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return dict.fromkeys(AXES)
    found = judgement.found
    dialect, machine = found.fit.dialect, found.machine
    said = {axis: value == "on" if axis in SWITCHES else value for axis, value in dialect.axes}
    values: dict[str, Any] = {
        **said,
        "moments": _moments(seen, judgement),
        "hyper": dialect.hyper,
        "storage": machine.theta.dtype,
        "compute": machine.compute.dtype,
    }
    if machine.stochastic:
        values["rounding"] = "stochastic"
    if dialect.stored != "moments":
        values["stored"] = dialect.stored
    for i, one in enumerate(judgement.behaviours):
        same = list(dict.fromkeys(x[i].value for x in judgement.alike))
        values[one.kind.axis] = same if len(same) > 1 else one.value
    # In the order in which a report has them.
    values = {axis: values[axis] for axis in dict.fromkeys((*AXES, *values)) if axis in values}
    for axis, alike in found.ambiguous.items():
        values[axis] = [x == "on" for x in alike] if axis in SWITCHES else list(alike)
    return values
