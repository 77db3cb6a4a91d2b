"""What the checkers say of theorems, as JSON: ``adamref.prove/1``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from adamref.logic.size import trusted_core
from adamref.theorems.library import theorem
from adamref.theorems.prove import CHECKERS, Outcome

if TYPE_CHECKING:
    from adamref.theorems.report import Proved


def write(proved: Proved) -> dict[str, Any]:
    """Return the JSON document; the schema ships with the package."""
    made = [_theorem(outcome) for outcome in proved.outcomes]
    core = asdict(trusted_core())
    return {"schema": "adamref.prove/1", "trusted_core": core, "theorems": made}


def _theorem(outcome: Outcome) -> dict[str, Any]:
    one = theorem(outcome.id)
    return {
        "id": outcome.id,
        "title": one.title,
        "verdict": outcome.verdict,
        "recorded": outcome.recorded,
        "over": one.over,
        "checks": {name: outcome.checks[name].status for name in CHECKERS},
        "says": {name: outcome.checks[name].says for name in CHECKERS},
        "near_misses": len(outcome.near_misses),
        "refused": outcome.refused,
        "source": one.source,
        "seconds": round(outcome.seconds, 3),
    }
