"""The audit as JSON: ``adamref.audit/1``; the schema ships with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.documents.claims import Claim
    from adamref.documents.findings import Audit, Audits

_CLAIM = (
    "line column quote kind field t parameter optimizer claimed expected from_author links"
    " verdict causes unexplained because"
).split()


def write(audits: Audit | Audits) -> dict[str, Any]:
    """Return the JSON document for some audits."""
    return {"schema": "adamref.audit/1", "documents": [_document(one) for one in audits.documents]}


def _document(audit: Audit) -> dict[str, Any]:
    return {
        "path": audit.path,
        "verdict": audit.verdict,
        "given": as_data(audit.given),
        "repairs": [{"line": r.line, "from": r.found, "to": r.meant} for r in audit.repairs],
        "claims": [_claim(claim) for claim in audit.claims],
        "first_wrong": audit.first_wrong,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    data = as_data(claim)
    return {**{name: data[name] for name in _CLAIM}, "parameter": claim.parameter or None}
