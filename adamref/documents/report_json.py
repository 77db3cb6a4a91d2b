"""The audit as JSON: ``adamref.audit/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.claims import Claim
    from adamref.documents.findings import Findings


def as_json(audits: Sequence[Findings]) -> dict[str, Any]:
    """Return the JSON document for some audits; the schema ships with the package."""
    return {"schema": "adamref.audit/1", "documents": [_document(audit) for audit in audits]}


def _document(audit: Findings) -> dict[str, Any]:
    return {
        "path": audit.path,
        "verdict": audit.verdict,
        "given": {
            name: {"value": given.value, "line": given.line} for name, given in audit.given.items()
        },
        "repairs": [
            {"line": repair.line, "from": repair.found, "to": repair.meant}
            for repair in audit.repairs
        ],
        "claims": [_claim(claim) for claim in audit.claims],
        "first_wrong": audit.first_wrong,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "line": claim.line,
        "column": claim.column,
        "quote": claim.quote,
        "kind": claim.kind,
        "field": claim.field,
        "t": claim.t,
        "parameter": claim.parameter or None,
        "optimizer": claim.optimizer,
        "claimed": claim.claimed,
        "expected": claim.expected,
        "from_author": claim.from_author,
        "links": [
            {"line": link.line, "quote": link.quote, "holds": link.holds} for link in claim.links
        ],
        "verdict": claim.verdict,
        "causes": [
            {"id": cause.id, "says": cause.says, "reproduces": cause.reproduces}
            for cause in claim.causes
        ],
        "unexplained": claim.unexplained,
        "because": claim.because,
    }
