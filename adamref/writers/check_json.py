"""A check as JSON: ``adamref.check/1``; the schema ships with the package."""

from __future__ import annotations

from typing import Any

from adamref.oracle.report.findings import AXES, Report, all_accuracy
from adamref.render import as_data


def write(report: Report) -> dict[str, Any]:
    """Return the JSON document for a check."""
    return {
        "schema": "adamref.check/1",
        "target": report.target,
        "adapter": report.adapter,
        "isolated": report.isolated,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "because": report.because,
        "strict": report.strict,
        "verdict": report.verdict,
        "dialect": as_data({**dict.fromkeys(AXES), **report.dialect}),
        "accuracy": as_data(all_accuracy(report.accuracy)),
        "probes": [
            {{"kind": "class"}.get(name, name): said for name, said in as_data(probe).items()}
            for probe in report.probes
        ],
        "findings": as_data(report.findings),
        "diagnosis": as_data(report.diagnosis),
        "coverage": {**as_data(report.coverage), "says": str(report.coverage)},
        "tried": {"hypotheses": 0, **report.tried},
        "environment": dict(report.environment),
        "seconds": as_data(report.seconds),
    }
