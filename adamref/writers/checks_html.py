"""Checks of several implementations as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from adamref.oracle.report import summary
from adamref.pages import fragment, rendered

if TYPE_CHECKING:
    from adamref.oracle.report.several import Checks


def write(checks: Checks) -> str:
    """Write checks as one page: a table, and the report of each below it, folded."""
    return rendered(
        "checks.html",
        counted=summary.of_several(checks),
        headings=summary.ROW,
        rows=[(report.verdict, summary.row(report)) for report in checks.reports],
        unreached=checks.unreached,
        # What others wrote was escaped when the page of each was made.
        reports=[(r.target, Markup(fragment(r.to_html()))) for r in checks.reports],  # noqa: S704
    )
