"""A check as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adamref.oracle.report import summary
from adamref.oracle.report.figures import ACCURACY, accuracy_cells
from adamref.output import printable
from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.oracle.judge.results import FirstDifference, WorkedLine
    from adamref.oracle.report.findings import ProbeResult, Report

COLOURS = {
    "conforms": "bold green",
    "deviates": "bold red",
    "error": "bold red",
    "deviation": "red",
    "limit": "yellow",
    "note": "cyan",
}


def write(report: Report) -> RenderableType:
    """Lay a check out: the verdict, the first difference, its cause, and what it rests on."""
    parts: list[RenderableType] = [_headline(report)]
    for section in (
        _first_difference(report),
        _diagnosis(report),
        _dialect(report),
        _accuracy(report),
        _findings(report),
        _probes(report),
        [Text(str(report.coverage))],
    ):
        if section:
            parts += [Text(), *section]
    parts += [Text(), Text(summary.environment(report), style="dim")]
    return Group(*parts)


def _headline(report: Report) -> Text:
    text = Text(f"{printable(report.target)}: ", style="bold")
    verdict, rest = report.verdict, summary.headline(report)
    if rest.startswith(verdict):
        text.append(verdict, style=COLOURS[verdict])
        rest = rest.removeprefix(verdict)
        return text.append(rest, style="not bold")
    return text.append(rest, style=COLOURS[verdict])


def _titled(title: str, *body: RenderableType) -> list[RenderableType]:
    return [Text(title, style="bold"), *(Padding(part, (0, 0, 0, 2)) for part in body)]


def _first_difference(report: Report) -> list[RenderableType]:
    probe = summary.first_differing(report)
    if probe is None:
        return []
    says = f" ({printable(probe.says)})" if probe.says else ""
    title = f"First difference, in the {probe.kind} probe {printable(probe.name)}{says}"
    body: list[RenderableType] = [Text(summary.what_differs(probe), overflow="fold")]
    difference = probe.first_difference
    if difference is None:
        return _titled(title, *body)
    if difference.lines:
        body += [Text(), _worked(difference)]
    parts = _titled(title, *body)
    if difference.snippet:
        # Not indented, so that it can be pasted.
        code = Text(printable(difference.snippet.rstrip("\n")), style="dim", overflow="fold")
        parts += [Text(), Padding(Text("The right value again, to paste:"), (0, 0, 0, 2)), code]
    return parts


def _worked(difference: FirstDifference) -> Table:
    made = table("the step, line by line", "right", "theirs", numeric=("right", "theirs"))
    for line in difference.lines:
        made.add_row(Text(printable(line.symbols)), line.right, _theirs(line, difference))
    return made


def _theirs(line: WorkedLine, difference: FirstDifference) -> Text:
    if line.theirs is None:
        return Text("not shown", style="dim")
    wrong = line.field == difference.field
    return Text(printable(line.theirs), style="bold red" if wrong else "")


def _diagnosis(report: Report) -> list[RenderableType]:
    said = summary.diagnosis(report)
    return _titled("Diagnosis", *(Text(printable(paragraph)) for paragraph in said)) if said else []


def _dialect(report: Report) -> list[RenderableType]:
    rows = summary.dialect_rows(report)
    if not rows or not any(value != summary.NOT_TOLD_APART for _, value in rows):
        return []
    grid = Table.grid(padding=(0, 2, 0, 0))
    for axis, value in rows:
        dim = value == summary.NOT_TOLD_APART
        grid.add_row(Text(axis), Text(value, style="dim" if dim else "", overflow="fold"))
    return _titled("Dialect", grid)


def _accuracy(report: Report) -> list[RenderableType]:
    if not any(report.accuracy.values()):
        return []
    made = table("field", *ACCURACY, numeric=ACCURACY)
    for name, row in report.accuracy.items():
        label = name.replace("_", " ") if name == "first_step" else name
        cells = ("not shown", "", "", "", "") if row is None else accuracy_cells(row)
        made.add_row(label, *(Text(cell, style="dim" if row is None else "") for cell in cells))
    return _titled("Accuracy, over all core steps", made)


def _findings(report: Report) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for severity, title in summary.SEVERITIES.items():
        found = summary.grouped_findings(report.findings, severity)
        if not found:
            continue
        lines = []
        for id_, says, probes in found:
            line = Text(id_, style=COLOURS[severity])
            where = f" ({printable(probes)})" if probes else ""
            lines.append(line.append(f"{where}: {says}", style="default"))
        parts += [*([Text()] if parts else []), *_titled(title, *lines)]
    return parts


def _probes(report: Report) -> list[RenderableType]:
    if report.verbose:
        return _every_probe(report)
    said = summary.counted(report)
    parts: list[RenderableType] = [Text(f"{said[:-1]} (--verbose lists them).")]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for family, became in summary.families(report):
        grid.add_row(Text(family), Text(became, overflow="fold"))
    parts.append(Padding(grid, (0, 0, 0, 2)))
    for reason, probes in summary.unsaid(report):
        plural = "s" if len(probes) > 1 else ""
        which = summary.few([printable(probe.name) for probe in probes])
        parts.append(_single(f"{len(probes)} probe{plural} ({which})", reason))
    return parts


def _every_probe(report: Report) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(summary.counted(report))]
    alike: dict[tuple[str, str], list[str]] = {}
    for probe in report.probes:
        said = _why(probe) if probe.verdict != "holds" else probe.says
        # What was in the way of many is said once.
        apart = "" if probe.verdict in ("error", "not-applicable") else probe.name
        alike.setdefault((probe.verdict, said + apart), []).append(printable(probe.name))
    for (verdict, said), names in alike.items():
        apart = "" if verdict in ("error", "not-applicable") else names[0]
        label = f"{verdict.replace('-', ' ')}: {summary.few(names)}"
        parts.append(_single(label, said.removesuffix(apart)))
    return parts


def _why(probe: ProbeResult) -> str:
    """Say what is the matter with a probe: the reason, and the first input that bites."""
    said = [printable(probe.because)] if probe.because else []
    if probe.first_difference is not None:
        said.append(printable(str(probe.first_difference)))
    return "; ".join(said) or summary.UNSAID


def _single(label: str, says: str) -> RenderableType:
    return Padding(Text(f"{label}: {says}", overflow="fold"), (0, 0, 0, 2))
