"""The first difference of two traces as JSON; numbers as in a trace."""

from __future__ import annotations

from typing import Any

from adamref.trace import Difference, exactly_written


def write(difference: Difference) -> dict[str, Any]:
    """Return the JSON document for a difference."""
    return {
        "schema": "adamref.difference/1",
        "t": difference.t,
        "field": difference.field,
        "index": list(difference.index),
        "got": exactly_written(difference.got),
        "want": exactly_written(difference.want),
    }
