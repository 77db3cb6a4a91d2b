"""The audit as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents import summary
from adamref.documents.marked import marked, quoted
from adamref.pages import rendered
from adamref.writers.pointed import HEADING, pointed

if TYPE_CHECKING:
    from adamref.documents.findings import Audit, Audits

_TONES = {"wrong": "wrong", "holds": "holds"}


def write(audits: Audit | Audits) -> str:
    """Write some audits as one page: no script, no network."""
    return rendered(
        "audit.html",
        audits=audits.documents,
        audits_of=audits,
        marked=marked,
        quoted=quoted,
        pointed=pointed,
        pointed_heading=HEADING,
        tone=lambda verdict: _TONES.get(verdict, "unread"),
        **vars(summary),
    )
