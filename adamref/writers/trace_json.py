"""A trace as JSON: numbers as strings that give them back, decimals or C99 hexadecimal."""

from __future__ import annotations

from typing import Any

from adamref.trace import Trace, exactly_written


def write(trace: Trace) -> dict[str, Any]:
    """Return the JSON document for a trace."""
    return {
        "schema": "adamref.trace/1",
        "about": dict(trace.about),
        "fields": list(trace.fields),
        "steps": [
            {
                "t": step.t,
                "values": {name: exactly_written(x) for name, x in step.values.items()},
                "exact": [name for name in step.values if name in step.exact],
            }
            for step in trace
        ],
    }
