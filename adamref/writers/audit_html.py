"""The audit as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents import summary
from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.documents.findings import Audit, Audits


def write(audits: Audit | Audits) -> str:
    """Write some audits as one page: no script, no network."""
    return rendered("audit.html", audits=audits.documents, **vars(summary))
