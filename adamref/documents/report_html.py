"""The audit as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents.summary import (
    corrected_sheet,
    explained,
    formulas_said,
    is_plain_formula,
    summary,
)
from adamref.pages import rendered
from adamref.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.findings import Findings


def as_html(audits: Sequence[Findings]) -> str:
    """Write some audits as one page: no script, no network."""
    return rendered(
        "audit.html",
        audits=audits,
        summaries=[summary(audit) for audit in audits],
        formulas=[formulas_said(audit) for audit in audits],
        is_plain_formula=is_plain_formula,
        explained=explained,
        sheets=[corrected_sheet(audit) for audit in audits],
        version=VERSION,
    )
