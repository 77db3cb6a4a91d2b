"""A replay as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.replay.result import Replay


def write(found: Replay) -> dict[str, Any]:
    """Return the document of ``adamref replay --format json``."""
    return {
        "schema": "adamref.replay/1",
        "before": found.before,
        "after": found.after,
        "verdict": found.verdict,
        "steps": found.steps,
        "inferred": {name: list(ends) for name, ends in found.inferred.items()},
        "groups": [as_data(group) for group in found.groups],
        "findings": [as_data(x) for x in found.findings],
        "unread": [{"name": name, "because": because} for name, because in found.unread],
    }
