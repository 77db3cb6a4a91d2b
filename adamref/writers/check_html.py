"""A check as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.oracle.report import summary
from adamref.oracle.report.figures import ACCURACY, accuracy_cells
from adamref.oracle.report.plots import colour, fields, plots
from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.oracle.report.findings import Report


def write(report: Report) -> str:
    """Write a check as one page: no script, no network."""
    first = summary.first_differing(report)
    return rendered(
        "check.html",
        report=report,
        headline=summary.headline(report).removeprefix(report.verdict),
        first=first,
        what_differs=None if first is None else summary.what_differs(first),
        diagnosis=summary.diagnosis(report),
        dialect=summary.dialect_rows(report),
        not_told_apart=summary.NOT_TOLD_APART,
        headings=ACCURACY,
        accuracy={
            name: None if row is None else accuracy_cells(row)
            for name, row in report.accuracy.items()
        },
        plots=plots(report.points),
        series=[(field, colour(field)) for field in fields(report.points)],
        findings={
            title: (severity, found)
            for severity, title in summary.SEVERITIES.items()
            if (found := summary.grouped_findings(report.findings, severity))
        },
        counted=summary.counted(report),
        coverage=str(report.coverage),
        families=summary.families(report),
        environment=summary.environment(report),
    )
