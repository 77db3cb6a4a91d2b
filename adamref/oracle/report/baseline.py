"""A check as a regression oracle: what it found is saved, and a later one compared with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamref.errors import Unreadable
from adamref.oracle.report.findings import Report, all_accuracy
from adamref.oracle.report.regressions import regressions
from adamref.output import as_json_text, emit
from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.oracle.observe.finding import Finding

SCHEMA = "adamref.check.baseline/1"
PREFIX = "baseline-"
"""How the ids of what a comparison finds begin."""

_PARTS = {
    "verdict": str,
    "target": str,
    "dtype": str,
    "optimizer": str,
    "dialect": dict,
    "accuracy": dict,
    "probes": dict,
    "findings": list,
    "environment": dict,
}
_MEASURED = ("max_ulp", "mean_ulp", "count")


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
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(str(path), f"cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise Unreadable(str(path), f"is not JSON, but should be a baseline ({SCHEMA})") from None
    _require(document, str(path))
    return dict(document)


def compared(
    report: Report, document: Mapping[str, Any], *, path: str = "the baseline"
) -> tuple[Finding, ...]:
    """Compare a check with a baseline: what got worse is a deviation, what got better a note.

    Parameters
    ----------
    report : Report
    document : mapping
        As `read` returns it.
    path : str
        What a message calls it.

    Raises
    ------
    Unreadable
        If it is no baseline, or one of another dtype or optimizer.
    """
    _require(document, path)
    for name in ("dtype", "optimizer"):
        now, before = getattr(report, name), document[name]
        if now != before:
            raise Unreadable(
                path, f"is a baseline of {name} {before}, but should be of {now}, which was checked"
            )
    return tuple(regressions(as_baseline(report), document))


def against(report: Report, path: str | os.PathLike[str]) -> Report:
    """Return a report with what a comparison with a saved baseline found.

    A check that conforms deviates where something got worse; one that could not be judged stays so.

    Raises
    ------
    Unreadable
        As `read` and `compared` do.
    """
    found = compared(report, read(path), path=str(path))
    worse = any(finding.severity == "deviation" for finding in found)
    verdict = "deviates" if worse and report.verdict == "conforms" else report.verdict
    return replace(report, verdict=verdict, findings=(*report.findings, *found))


def _require(document: Any, path: str) -> None:
    """Refuse what is no baseline, in one line."""
    found = document.get("schema") if isinstance(document, dict) else None
    if found != SCHEMA:
        said = f"schema {found!r}" if isinstance(document, dict) else type(document).__name__
        raise Unreadable(path, f"has {said}, but should be a baseline (schema {SCHEMA!r})")
    for name, kind in _PARTS.items():
        if not isinstance(document.get(name), kind):
            raise Unreadable(path, f"has no {name!r} that is a {kind.__name__}: not a baseline")
    for name, row in document["accuracy"].items():
        if row is not None and not _is_measured(row):
            raise Unreadable(path, f"has no numbers in accuracy {name!r}: not a baseline")
    if not all(isinstance(verdict, str) for verdict in document["probes"].values()):
        raise Unreadable(path, "has a probe without a verdict: not a baseline")
    if not all(isinstance(finding, dict) for finding in document["findings"]):
        raise Unreadable(path, "has a finding that is no object: not a baseline")


def _is_measured(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    try:
        return all(float(row[name]) >= 0 or row[name] == "nan" for name in _MEASURED)
    except (KeyError, TypeError, ValueError):
        return False
