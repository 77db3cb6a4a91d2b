"""What a failing test says: the value, the cause, and how to see the right one again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from adamref.oracle.report import summary
from adamref.output import printable

if TYPE_CHECKING:
    from adamref.oracle.judge.results import FirstDifference
    from adamref.oracle.observe.finding import Finding
    from adamref.oracle.report.findings import ProbeResult, Report


def of_probe(report: Report, probe: ProbeResult) -> str:
    """Say what is wrong in a probe; empty where nothing is.

    A limit is wrong only in a strict check. What was found in a probe beside its numbers (a
    gradient modified in place) counts too.
    """
    said = _itself(report, probe)
    difference = probe.first_difference if probe.verdict in _wrong(report) else None
    return _joined(said, _diagnosis(report), _snippet(difference)) if said else ""


def _wrong(report: Report) -> tuple[str, ...]:
    """Return the verdicts that fail a test."""
    return ("differs", "error", "limit") if report.strict else ("differs", "error")


def _itself(report: Report, probe: ProbeResult) -> list[str]:
    """Say what is wrong in a probe alone."""
    besides = _said(report, (f for f in report.findings if f.probe == probe.name))
    if probe.verdict not in _wrong(report):
        return besides
    return [f"{summary.what_differs(probe)}{_cause(report, probe)}", *besides]


def of_the_rest(report: Report, named: Collection[str] = ()) -> str:
    """Say what is wrong elsewhere than in the probes that are named; empty where nothing is."""
    wrong = {probe.name: _itself(report, probe) for probe in report.probes}
    besides = _said(report, (f for f in report.findings if f.probe not in wrong))
    for name, said in wrong.items():
        besides += [f"{name}: {line}" for line in said if name not in named]
    if report.exit_code and not besides and not any(wrong.values()):
        # Nothing that fails may go unsaid, whatever it was.
        besides = [summary.headline(report)]
    return _joined(besides, _diagnosis(report)) if besides else ""


def of_all(report: Report) -> str:
    """Say what is wrong in a check; empty where its exit code is 0."""
    if not report.exit_code:
        return ""
    head = [f"{printable(report.target)} {summary.headline(report)}"]
    probe = summary.first_differing(report)
    if probe is not None:
        head.append(f"{summary.what_differs(probe)}{_cause(report, probe)}")
    head += [*_said(report, report.findings), summary.counted(report)]
    difference = None if probe is None else probe.first_difference
    return _joined(list(dict.fromkeys(head)), _diagnosis(report), _snippet(difference))


def _cause(report: Report, probe: ProbeResult) -> str:
    """Name what explains a probe that differs."""
    if probe.verdict != "differs":
        return ""
    for explained in report.diagnosis:
        if probe.name in explained.explains:
            return f": looks like {summary.faults_of(explained)}"
    return ": unexplained"


def _said(report: Report, findings: Iterable[Finding]) -> list[str]:
    """Write those findings that fail a test."""
    wrong = ("deviation", "error", "limit") if report.strict else ("deviation", "error")
    chosen = [finding for finding in findings if finding.severity in wrong]
    return list(dict.fromkeys(f"{finding.id}: {printable(finding.says)}" for finding in chosen))


def _diagnosis(report: Report) -> list[str]:
    return [printable(paragraph) for paragraph in summary.diagnosis(report)]


def _snippet(difference: FirstDifference | None) -> list[str]:
    if difference is None or not difference.snippet:
        return []
    return ["The right value again, to paste:", "", printable(difference.snippet.rstrip("\n"))]


def _joined(*parts: list[str]) -> str:
    return "\n\n".join("\n".join(part) for part in parts if part)
