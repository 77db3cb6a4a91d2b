"""The audit as JSON: ``adamref.audit/1``; the schema ships with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data
from adamref.theorems.library import theorem

if TYPE_CHECKING:
    from adamref.documents.case import Given
    from adamref.documents.claims import Claim
    from adamref.documents.findings import Audit, Audits
    from adamref.documents.prose.pointers import Pointer

_CLAIM = (
    "line column where quote kind field t parameter optimizer claimed expected from_author"
    " links verdict causes unexplained because"
).split()


def write(audits: Audit | Audits) -> dict[str, Any]:
    """Return the JSON document for some audits."""
    return {"schema": "adamref.audit/1", "documents": [_document(one) for one in audits.documents]}


def _document(audit: Audit) -> dict[str, Any]:
    return {
        "path": audit.path,
        "verdict": audit.verdict,
        "given": {name: _given(one) for name, one in audit.given.items()},
        "repairs": [{"line": r.line, "from": r.found, "to": r.meant} for r in audit.repairs],
        "claims": [_claim(claim) for claim in audit.claims],
        "first_wrong": audit.first_wrong,
        "pointers": [_pointer(pointer) for pointer in audit.pointers],
    }


def _given(given: Given) -> dict[str, Any]:
    return {"value": given.value, "line": given.line, "where": given.where or None}


def _pointer(pointer: Pointer) -> dict[str, Any]:
    record = theorem(pointer.theorem)
    data = as_data(pointer) | {"where": pointer.where or None}
    return {**data, "title": record.title, "verdict": record.verdict}


def _claim(claim: Claim) -> dict[str, Any]:
    data = as_data(claim)
    said = {"parameter": claim.parameter or None, "where": claim.where or None}
    return {**{name: data[name] for name in _CLAIM}, **said}
