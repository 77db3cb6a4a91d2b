"""Checks of several implementations as JSON: ``adamref.checks/1``; the schema ships with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data
from adamref.writers.check_json import write as write_one

if TYPE_CHECKING:
    from adamref.oracle.report.several import Checks


def write(checks: Checks) -> dict[str, Any]:
    """Return the JSON document for checks: that of each as it would be alone."""
    return {
        "schema": "adamref.checks/1",
        "checks": [write_one(report) for report in checks.reports],
        "unreached": as_data(checks.unreached),
        "seconds": as_data(checks.seconds),
    }
