"""What the checkers say of theorems, as JSON: ``adamref.prove/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.theorems.library import theorems
from adamref.theorems.prove import CHECKERS

if TYPE_CHECKING:
    from adamref.theorems.prove import Outcome
    from adamref.theorems.report import Proved


def write(proved: Proved) -> dict[str, Any]:
    """Return the JSON document; the schema ships with the package."""
    made = [_theorem(outcome) for outcome in proved.outcomes]
    return {"schema": "adamref.prove/1", "theorems": made}


def _theorem(outcome: Outcome) -> dict[str, Any]:
    theorem = theorems()[outcome.id]
    return {
        "id": outcome.id,
        "title": theorem.title,
        "verdict": outcome.verdict,
        "recorded": outcome.recorded,
        "over": theorem.over,
        "checks": {name: outcome.checks[name].status for name in CHECKERS},
        "says": {name: outcome.checks[name].says for name in CHECKERS},
        "near_misses": len(outcome.near_misses),
        "refused": outcome.refused,
        "source": theorem.source,
        "seconds": round(outcome.seconds, 3),
    }
