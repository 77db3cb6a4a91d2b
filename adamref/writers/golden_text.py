"""Golden vectors as text: a line a probe, or what was written or found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from adamref import rules
from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.golden.probe import Probe
    from adamref.golden.report import Suite
    from adamref.golden.verify import Recomputed


def write(suite: Suite) -> RenderableType | str:
    """List probes, or say where they were written, or what does not hold."""
    if suite.outcomes is not None:
        return _verdict(suite.outcomes)
    if suite.directory is not None:
        return f"{suite.directory}: {len(suite.probes)} probes, {suite.size / 1000:.0f} kB"
    return _listing(suite.probes)


def _listing(probes: Sequence[Probe]) -> RenderableType:
    headings = ("probe", "class", "rule", "dtype", "hyper", "steps", "flags")
    made = table(*headings, numeric=("steps",), elastic="flags")
    for probe in probes:
        flags = " ".join(probe.flags)
        steps = str(probe.steps)
        made.add_row(probe.name, probe.kind, _rule(probe), probe.dtype, probe.hyper, steps, flags)
    core = sum(probe.kind == "core" for probe in probes)
    plural = "s" if len(probes) != 1 else ""
    count = f"{len(probes)} probe{plural}: {core} core, {len(probes) - core} edge."
    return Group(made, Text(), Text(count))


def _rule(probe: Probe) -> str:
    """Write a rule, and where it stands on the axes on which this goes not without saying."""
    usual = rules.optimizer(probe.rule).rule.dialect
    odd = [
        f"{axis}={value}" if value in ("on", "off") else value
        for axis, value in probe.the_rule.dialect.items()
        if usual[axis] != value
    ]
    return " ".join((probe.rule, *odd))


def _verdict(outcomes: Sequence[Recomputed]) -> RenderableType:
    """Say what does not hold, a line a finding, and how many probes do."""
    lines = [Text(f"{outcome.file}: {says}") for outcome in outcomes for says in outcome.findings]
    of_probes = [outcome for outcome in outcomes if outcome.probe is not None]
    good = sum(outcome.holds for outcome in of_probes)
    plural = "s" if len(of_probes) != 1 else ""
    count = Text(f"{good} of {len(of_probes)} probe{plural} recomputed, certified, and the same.")
    return Group(*lines, *([Text()] if lines else []), count)
