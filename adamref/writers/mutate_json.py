"""What tests see of planted faults as JSON: ``adamref.mutate/1``; the schema ships with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref.render import as_data

if TYPE_CHECKING:
    from adamref.mutation.result import Mutation


def write(found: Mutation) -> dict[str, Any]:
    """Return the document of ``adamref mutate --format json``."""
    minimal = found.minimal
    return {
        "schema": "adamref.mutate/1",
        "target": found.target,
        "interface": found.interface,
        "command": list(found.command),
        "baseline": found.baseline,
        "because": found.because,
        "failures": [{"test": test, "says": says} for test, says in found.failures],
        "uses": as_data(found.uses),
        "tests": found.tests,
        "reaching": found.reaching,
        "faults": as_data(found.faults),
        "killed": found.killed,
        "survived": found.survived,
        "minimal": [] if minimal is None else list(minimal.probes),
        "untold": [] if minimal is None else list(minimal.untold),
        "seconds": found.seconds,
        "notes": list(found.notes),
    }
