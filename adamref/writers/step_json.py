"""A worked sheet as JSON: ``adamref.step/1``; the schema ships with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.sheet import Sheet


def write(sheet: Sheet) -> dict[str, Any]:
    """Return the JSON document for a sheet."""
    return {
        "schema": "adamref.step/1",
        "title": sheet.title,
        "given": dict(sheet.given),
        "note": sheet.note,
        "steps": [
            {"t": step.t, "lines": [{**as_data(row), "hex": row.hex or None} for row in step.rows]}
            for step in sheet.steps
        ],
    }
