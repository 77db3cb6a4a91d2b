"""Golden vectors as JSON: ``adamref.golden/1``; the schema ships with the package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adamref.golden.vectors import GENERATOR

if TYPE_CHECKING:
    from adamref.golden.report import Suite
    from adamref.golden.verify import Recomputed


def write(suite: Suite) -> dict[str, Any]:
    """Return the JSON document for some probes."""
    checked = {outcome.probe: outcome for outcome in suite.outcomes or ()}
    return {
        "schema": "adamref.golden/1",
        "generator": GENERATOR,
        "directory": suite.directory,
        "verdict": _worst(suite.outcomes),
        "probes": [
            {
                "name": probe.name,
                "class": probe.kind,
                "rule": probe.rule,
                "dialect": dict(probe.the_rule.dialect),
                "dtype": probe.dtype,
                "hyper": probe.hyper,
                "steps": probe.steps,
                "flags": list(probe.flags),
                "verdict": _worst([checked[probe.name]] if probe.name in checked else None),
            }
            for probe in suite.probes
        ],
        "findings": [
            {"file": outcome.file, "probe": outcome.probe, "says": says}
            for outcome in suite.outcomes or ()
            for says in outcome.findings
        ],
    }


def _worst(outcomes: Sequence[Recomputed] | None) -> str:
    if outcomes is None:
        return "not run"
    return "holds" if all(outcome.holds for outcome in outcomes) else "differs"
