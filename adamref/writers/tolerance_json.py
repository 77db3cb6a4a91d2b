"""A tolerance as JSON: ``adamref.tolerance/1``; the schema ships with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.tolerances.result import FieldTolerance, Tolerance


def write(tolerance: Tolerance) -> dict[str, Any]:
    """Return the JSON document for a tolerance."""
    return {
        "schema": "adamref.tolerance/1",
        "optimizer": tolerance.optimizer,
        "dialect": as_data(tolerance.dialect),
        "dtype": tolerance.dtype,
        "steps": tolerance.steps,
        "stored": as_data(tolerance.stored),
        "compute": tolerance.compute,
        "hyper": as_data(tolerance.hyper),
        "conventions": list(tolerance.conventions),
        "orders": as_data(tolerance.orders),
        "inputs": tolerance.inputs,
        "conditions": list(tolerance.conditions),
        "fields": _fields(tolerance.fields),
        "other": {work: _fields(found) for work, found in tolerance.other.items()},
        "tried": tolerance.tried,
        "caught": tolerance.caught,
        "missed": as_data(tolerance.missed),
        "notes": list(tolerance.notes),
    }


def _fields(found: tuple[FieldTolerance, ...]) -> dict[str, Any]:
    """Return tolerances by field; an ``at`` that is no size is null."""
    made = {}
    for one in found:
        values = as_data(one)
        values["at"] = None if values["at"] == "nan" else values["at"]
        made[values.pop("name")] = values
    return made
