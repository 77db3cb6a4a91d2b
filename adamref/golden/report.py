"""What ``adamref golden`` says: a line a probe, or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adamref.golden.vectors import GENERATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from adamref.golden.probe import Probe
    from adamref.golden.verify import Checked

_AXES = {"form": "paper", "bias_correction": "on", "weight_decay": "none", "amsgrad": "none"}
"""The values of the axes that go without saying."""


def listing(probes: Sequence[Probe]) -> RenderableType:
    """Lay probes out, a line each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for heading in ("probe", "class", "rule", "dtype", "hyper", "steps"):
        right = heading == "steps"
        table.add_column(heading, no_wrap=True, justify="right" if right else "left")
    # On a narrow terminal only the flags are cut short.
    table.add_column("flags", no_wrap=True, overflow="ellipsis", ratio=1)
    for probe in probes:
        table.add_row(
            probe.name,
            probe.kind,
            _rule(probe),
            probe.dtype,
            probe.hyper,
            str(probe.steps),
            " ".join(probe.flags),
        )
    core = sum(probe.kind == "core" for probe in probes)
    plural = "s" if len(probes) != 1 else ""
    count = f"{len(probes)} probe{plural}: {core} core, {len(probes) - core} edge."
    return Group(table, Text(), Text(count))


def _rule(probe: Probe) -> str:
    dialect = probe.the_rule.dialect
    named = {
        "adam-l2": {"weight_decay": "l2"},
        "adamw": {"weight_decay": "decoupled-before"},
        "amsgrad": {"amsgrad": "v"},
    }.get(probe.rule, {})
    usual = {**_AXES, **named}
    odd = [
        "uncorrected" if axis == "bias_correction" else value
        for axis, value in dialect.items()
        if usual.get(axis) != value
    ]
    return " ".join((probe.rule, *odd))


def verdict(outcomes: Sequence[Checked]) -> RenderableType:
    """Say what does not hold, a line a finding, and how many probes do."""
    lines = [Text(f"{outcome.file}: {says}") for outcome in outcomes for says in outcome.findings]
    of_probes = [outcome for outcome in outcomes if outcome.probe is not None]
    good = sum(outcome.holds for outcome in of_probes)
    plural = "s" if len(of_probes) != 1 else ""
    count = Text(f"{good} of {len(of_probes)} probe{plural} recomputed, certified, and the same.")
    return Group(*lines, *([Text()] if lines else []), count)


def as_json(
    probes: Sequence[Probe], directory: str | None, outcomes: Sequence[Checked] | None
) -> dict[str, Any]:
    """Return the JSON document ``adamref.golden/1``; the schema ships with the package."""
    checked = {outcome.probe: outcome for outcome in outcomes or ()}
    return {
        "schema": "adamref.golden/1",
        "generator": GENERATOR,
        "directory": directory,
        "verdict": _worst(outcomes),
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
            for probe in probes
        ],
        "findings": [
            {"file": outcome.file, "probe": outcome.probe, "says": says}
            for outcome in outcomes or ()
            for says in outcome.findings
        ],
    }


def _worst(outcomes: Sequence[Checked] | None) -> str:
    if outcomes is None:
        return "not run"
    return "holds" if all(outcome.holds for outcome in outcomes) else "differs"
