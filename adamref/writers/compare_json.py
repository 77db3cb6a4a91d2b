"""A comparison as JSON: ``adamref.compare/1``; the schema ships with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.comparisons.comparison import Compared, Comparison


def write(found: Comparison) -> dict[str, Any]:
    """Return the JSON document for a comparison."""
    return {
        "schema": "adamref.compare/1",
        "a": _side(found.a),
        "b": _side(found.b),
        "same_dialect": found.same_dialect,
        "axes": as_data(found.axes),
        "inputs": found.inputs,
        "exact": as_data(found.exact),
        "observed": as_data(found.observed),
        "was_run": found.was_run,
        "allowed": as_data(found.allowed),
        "allowed_at": found.allowed_at,
        "beyond": as_data(found.beyond),
        "says": list(found.says),
    }


def _side(side: Compared) -> dict[str, Any]:
    return {
        "target": side.target,
        "kind": side.kind,
        "verdict": side.verdict,
        "optimizer": side.optimizer,
        "dtype": side.dtype,
        "dialect": as_data(side.dialect),
        "accuracy": as_data(side.accuracy),
        "likely": side.likely,
        "report": None if side.report is None else side.report.to_json(),
    }
