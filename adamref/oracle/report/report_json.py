"""A check as JSON: ``adamref.check/1``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adamref.oracle.judge.results import Accuracy, Difference
    from adamref.oracle.observe.finding import Finding
    from adamref.oracle.report.findings import Explained, ProbeResult, Report

AXES = ("form", "bias_correction", "moments", "weight_decay", "amsgrad", "hyper")
"""The axes of a dialect that are always written, with null where an axis was not told apart."""

FIELDS = ("theta", "m", "v", "first_step")
"""The rows of the accuracy that are always written, with null where a field is not visible."""


def as_json(report: Report) -> dict[str, Any]:
    """Return the JSON document for a check; the schema ships with the package.

    JSON has no infinity and no NaN: these numbers are the strings "inf", "-inf" and "nan".
    """
    return {
        "schema": "adamref.check/1",
        "target": report.target,
        "adapter": report.adapter,
        "isolated": report.isolated,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "strict": report.strict,
        "verdict": report.verdict,
        "dialect": plain({**dict.fromkeys(AXES), **report.dialect}),
        "accuracy": accuracy_as_json(report.accuracy),
        "probes": [_probe(probe) for probe in report.probes],
        "findings": [finding_as_json(finding) for finding in report.findings],
        "diagnosis": [_explained(explained) for explained in report.diagnosis],
        "tried": {"hypotheses": 0, **report.tried},
        "environment": dict(report.environment),
        "seconds": plain(report.seconds),
    }


def accuracy_as_json(accuracy: Mapping[str, Accuracy | None]) -> dict[str, Any]:
    """Return the rows of the accuracy, each an object or null."""
    rows = {**dict.fromkeys(FIELDS), **accuracy}
    return {name: None if row is None else _accuracy(row) for name, row in rows.items()}


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as an object."""
    return {
        "id": finding.id,
        "probe": finding.probe,
        "severity": finding.severity,
        "says": finding.says,
    }


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: sequences as lists, what is not finite as a string."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return str(value)


def _accuracy(row: Accuracy) -> dict[str, Any]:
    return {
        "max_ulp": plain(row.max_ulp),
        "mean_ulp": plain(row.mean_ulp),
        "correctly_rounded": plain(row.correctly_rounded),
        "max_over_bound": plain(row.max_over_bound),
        "count": row.count,
    }


def _probe(probe: ProbeResult) -> dict[str, Any]:
    first = probe.first_difference
    return {
        "name": probe.name,
        "class": probe.kind,
        "verdict": probe.verdict,
        "says": probe.says,
        "because": probe.because,
        "first_difference": None if first is None else _difference(first),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "t": difference.t,
        "tensor": difference.tensor,
        "index": difference.index,
        "field": difference.field,
        "got": difference.got,
        "want": difference.want,
        "bound": difference.bound,
        "lines": [
            {
                "field": line.field,
                "symbols": line.symbols,
                "latex": line.latex,
                "right": line.right,
                "theirs": line.theirs,
            }
            for line in difference.lines
        ],
        "snippet": difference.snippet,
    }


def _explained(explained: Explained) -> dict[str, Any]:
    return {
        "faults": list(explained.faults),
        "says": list(explained.says),
        "effects": list(explained.effects),
        "sources": list(explained.sources),
        "explains": list(explained.explains),
        "equivalent": [list(faults) for faults in explained.equivalent],
        "confirmed": explained.confirmed,
        "seen_in": list(explained.seen_in),
        "contradicts": list(explained.contradicts),
    }
