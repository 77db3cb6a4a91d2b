"""A check as a regression oracle: what it found is saved, and a later one compared with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamref.errors import OutOfDomain, Unreadable
from adamref.oracle.report.findings import Report, all_accuracy
from adamref.oracle.report.regressions import regressions
from adamref.output import as_json_text, emit
from adamref.outside import departure, read_json, short
from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.oracle.observe.finding import Finding

SCHEMA = "adamref.check.baseline/1"
PREFIX = "baseline-"
"""How the ids of what a comparison finds begin."""

_SCHEMA_FILE = "check-baseline.schema.json"


def as_baseline(report: Report) -> dict[str, Any]:
    """Return what of a check is kept to compare with; the schema ships with the package."""
    return {
        "schema": SCHEMA,
        "verdict": report.verdict,
        "target": report.target,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "dialect": as_data(report.dialect),
        "accuracy": as_data(all_accuracy(report.accuracy)),
        "probes": {probe.name: probe.verdict for probe in report.probes},
        "findings": [
            as_data(finding) for finding in report.findings if not finding.id.startswith(PREFIX)
        ],
        "environment": dict(report.environment),
    }


def save(report: Report, path: str | os.PathLike[str]) -> None:
    """Write a baseline, whole or not at all.

    Raises
    ------
    Unreadable
        If the file cannot be written. An existing one is then as it was.
    """
    emit(as_json_text(as_baseline(report)), str(path))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a baseline that `save` wrote.

    Raises
    ------
    Unreadable
        If it cannot be read, or is none.
    """
    return dict(read_json(Path(path), _SCHEMA_FILE))


def compared(
    report: Report,
    document: Mapping[str, Any],
    *,
    path: str = "the baseline",
    allow: float = 0.0,
) -> tuple[Finding, ...]:
    """Compare a check with a baseline: what got worse is a deviation, what got better a note.

    Parameters
    ----------
    report : Report
    document : mapping
        As `read` returns it.
    path : str
        What a message calls it.
    allow : float
        By how many ulps an error may be greater than it was.

    Raises
    ------
    Unreadable
        If it is no baseline, or one of another dtype or optimizer.
    """
    if (said := departure(document, _SCHEMA_FILE)) is not None:
        raise Unreadable(path, f"is not as {_SCHEMA_FILE} asks: {said}")
    for name in ("dtype", "optimizer"):
        now, before = getattr(report, name), document[name]
        if now != before:
            raise Unreadable(
                path,
                f"is a baseline of {name} {short(before)}, "
                f"but should be of {now}, which was checked",
            )
    return tuple(regressions(as_baseline(report), document, allow))


def read_slack(given: str | float | None) -> float:
    """Read by how many ulps errors may be greater: ``1ulp``, or a number.

    Raises
    ------
    OutOfDomain
        If it is no number of ulps that is at least 0.
    """
    text = str(0 if given is None else given).strip().lower()
    try:
        slack = float(text.removesuffix("s").removesuffix("ulp"))
    except ValueError:
        slack = -1.0
    if not 0 <= slack < float("inf"):
        raise OutOfDomain("allow", given, "a number of ulps, at least 0, such as 1ulp")
    return slack


def against(report: Report, path: str | os.PathLike[str], allow: float = 0.0) -> Report:
    """Return a report with what a comparison with a saved baseline found.

    A check that conforms deviates where something got worse; one that could not be judged stays so.

    Raises
    ------
    Unreadable
        As `read` and `compared` do.
    """
    found = compared(report, read(path), path=str(path), allow=allow)
    worse = any(finding.severity == "deviation" for finding in found)
    verdict = "deviates" if worse and report.verdict == "conforms" else report.verdict
    return replace(report, verdict=verdict, findings=(*report.findings, *found))
