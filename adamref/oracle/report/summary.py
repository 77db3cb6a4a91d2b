"""What a check found, in sentences: the reports and the pytest plugin say the same ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adamref import rules
from adamref.oracle.observe.finding import LEADING, TOO_SLOW, Finding
from adamref.output import printable

if TYPE_CHECKING:
    from adamref.oracle.report.findings import Explained, ProbeResult, Report
    from adamref.oracle.report.several import Checks

NOT_TOLD_APART = "not told apart"
UNSAID = "no reason was given"
UNEXPLAINED = "nothing that was tried explains it"
SEVERITIES = {
    "error": "Errors",
    "deviation": "Deviations",
    "limit": "Limits",
    "note": "Notes",
}
_COUNTED = {
    "holds": ("holds", "hold"),
    "differs": ("differs", "differ"),
    "limit": ("is a limit", "are limits"),
    "not-applicable": ("does not apply", "do not apply"),
    "error": ("ended in an error", "ended in errors"),
}
_SAID_TOGETHER = ("error", "not-applicable", "holds")
"""What whole families may have in common; where one differs, or is a limit, it has its line."""

_SAID_FIRST = 3
"""How many causes a headline says."""

ROW = ("target", "verdict", "judged as", "what was found")
"""The headings of a table of several checks."""

_BESIDE = {"moments": "moment update", "hyper": "hyperparameters"}
"""What people call what a report says beside the axes of its optimizer."""


def headline(report: Report) -> str:
    """Say the verdict and what to do about it, in a sentence."""
    guessed = f" {report.because}," if report.because not in ("", "by its name") else ","
    about = f"{printable(report.optimizer)}{guessed} {report.dtype}"
    if report.verdict == "error":
        whole = (
            "" if not any(probe.verdict == "holds" for probe in report.probes) else " as a whole"
        )
        return f"could not be judged{whole} ({about}): {_first_reason(report, 'error')}"
    if report.verdict == "deviates":
        return f"deviates ({about}): {_first_reason(report, 'deviation')}"
    limits = sum(probe.verdict == "limit" for probe in report.probes)
    strictly = ", which fail as it was strict" if report.strict else ""
    plural = "s" if limits > 1 else ""
    rest = f", with {limits} limit{plural} on edge probes{strictly}" if limits else ""
    free = [x.id.removeprefix("uncontrolled-") for x in report.findings if "uncontrolled-" in x.id]
    rest += f"; not judged, as it cannot be set: {', '.join(free)}" if free else ""
    slow = [x.probe or "" for x in report.findings if x.id == TOO_SLOW]
    rest += f"; not judged, as it is too slow: {printable(', '.join(slow))}" if slow else ""
    told = [x.says for x in report.findings if x.id.startswith("behaviour-")]
    rest += "".join(f"; {printable(says[:1].lower() + says[1:])}" for says in told)
    rest += "; not bias-corrected" if report.dialect.get("bias_correction") is False else ""
    return f"conforms ({about}): every core probe that applies is inside its bound{rest}"


def row(report: Report) -> tuple[str, str, str, str]:
    """Return a line of a table of several checks: as `ROW` has its headings."""
    about = f"{printable(report.optimizer)}, {report.dtype}"
    return printable(report.target), report.verdict, about, headline(report).partition("): ")[2]


def of_several(checks: Checks) -> str:
    """Say how many implementations were checked, and what became of them."""
    counts: Counter[str] = Counter(report.verdict for report in checks.reports)
    words = {"conforms": "conform", "deviates": "deviate", "error": "could not be judged"}
    said = [
        f"{counts[verdict]:,} {verdict if counts[verdict] == 1 and verdict != 'error' else many}"
        for verdict, many in words.items()
        if counts[verdict]
    ]
    said += [f"{len(checks.unreached):,} could not be called"] if checks.unreached else []
    total = len(checks.reports) + len(checks.unreached)
    return f"{total:,} implementation{'s' * (total != 1)}: {', '.join(said)}."


def _first_reason(report: Report, severity: str) -> str:
    """Say what is wrong first: the cause if one was found, else the first thing seen."""
    leading = [x for x in report.findings if x.severity == severity and x.id in LEADING]
    if severity == "deviation" and leading:
        return printable(leading[0].says)
    if severity == "deviation" and report.diagnosis:
        return f"{causes(report)}{_seen(report)}"
    bad = next((probe for probe in report.probes if probe.verdict == "error"), None)
    if severity == "error" and bad is not None:
        known = (x.says for x in report.findings if (x.probe, x.severity) == (bad.name, severity))
        return f"probe {bad.name}: {printable(next(known, bad.because)) or UNSAID}"
    first = first_differing(report)
    if severity == "deviation" and first is not None:
        return f"probe {first.name}: {what_differs(first)}"
    found = next((finding for finding in report.findings if finding.severity == severity), None)
    return printable(found.says) if found is not None else UNSAID


def causes(report: Report) -> str:
    """Say what is wrong in each line; a name alone says it of the whole step."""
    found = report.diagnosis
    if not found:
        return UNEXPLAINED
    said = [
        f"looks like {faults_of(x)}" if x.is_named else printable(x.says[0])
        for x in found[:_SAID_FIRST]
    ]
    if len(found) > 1 or not found[0].is_named:
        said = [f"{_lines(x)}: {what}" for x, what in zip(found, said, strict=False)]
    rest = len(found) - _SAID_FIRST
    return "; ".join([*said, *([f"and {rest} more"] if rest > 0 else [])])


def _seen(report: Report) -> str:
    first = first_differing(report)
    if first is None or first.first_difference is None:
        return ""
    at = first.first_difference
    return f"; first seen in {at.field} at t = {at.t} of probe {first.name}"


def first_differing(report: Report) -> ProbeResult | None:
    """Return the first probe that differs: a core one if there is, with a value if there is."""
    differing = [probe for probe in report.probes if probe.verdict == "differs"]
    differing.sort(key=lambda probe: (probe.kind != "core", probe.first_difference is None))
    return differing[0] if differing else None


def what_differs(probe: ProbeResult) -> str:
    """Say what is wrong in a probe: the first value outside its bound, or why there is none."""
    if probe.first_difference is not None:
        return printable(str(probe.first_difference))
    return printable(probe.because) or UNSAID


def faults_of(explained: Explained) -> str:
    """Name a set of faults."""
    return " + ".join(explained.faults)


def diagnosis(report: Report) -> list[str]:
    """Say what explains the differences, how well, and what else would: a paragraph a set.

    Empty where nothing differs.
    """
    differing = {probe.name for probe in report.probes if probe.verdict == "differs"}
    tried = report.tried.get("hypotheses", 0)
    if not report.diagnosis:
        if not differing:
            return []
        if not tried:
            return ["Unexplained: nothing was tried, as what it answers cannot be used."]
        return [f"Unexplained: none of the {tried:,} hypotheses tried gives what was observed."]
    # What a fault does to a run it does alone.
    alone = len(report.diagnosis) == 1
    said = [_explained(explained, differing, is_all=alone) for explained in report.diagnosis]
    return [*said, f"Tried {tried:,} hypotheses."]


_SURE = ", confirmed in exact arithmetic"


def _lines(explained: Explained) -> str:
    """Name the lines that are wrong."""
    names = [printable(x) for x in explained.line]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _solved(explained: Explained) -> list[str]:
    """Say what a line is in place of what it should be, where, and how sure that is."""
    counts = explained.counts
    where = f"where {printable(explained.where)}" if explained.where else "everywhere"
    said = [f"{printable(explained.formula)}, {where}."] if explained.formula else []
    if counts.get("explained"):
        sure = _SURE if explained.confirmed and not explained.is_named else ""
        said.append(
            f"It gives {counts['explained']:,} of the {counts['wrong']:,} values that are wrong"
            + sure
            + (f"; of {counts['right']:,} others none is." if explained.where else ".")
        )
    elif counts:
        said.append(f"{counts['wrong']:,} values are wrong.")
    return said


def _explained(explained: Explained, differing: set[str], *, is_all: bool) -> str:
    if not explained.is_named:
        what = printable(explained.says[0]).rstrip(".")
        return " ".join([f"In {_lines(explained)}: {what}.", *_solved(explained)])
    meant = "; ".join(printable(says).rstrip(".") for says in explained.says)
    covered = len(differing & set(explained.explains))
    sure = _SURE if explained.confirmed else ""
    sentences = [f"Looks like {faults_of(explained)}: {meant}.", *_solved(explained)]
    if differing:
        sentences.append(f"It explains {covered} of {len(differing)} probes that differ{sure}.")
    if explained.effects and is_all:
        sentences.append(f"Effect: {'; '.join(e.rstrip('.') for e in explained.effects)}.")
    if seen := [s for s in explained.seen_in if s]:
        sentences.append(f"Seen in: {'; '.join(seen)}.")
    elif against := [s for s in dict.fromkeys(explained.contradicts) if s]:
        sentences.append(f"Contradicts: {'; '.join(against)}.")
    if explained.equivalent:
        others = ", ".join(" + ".join(faults) for faults in explained.equivalent)
        sentences.append(f"Also possible, as no probe tells them apart: {others}.")
    return " ".join(sentences)


def dialect_rows(report: Report) -> list[tuple[str, str]]:
    """Return the axes of the dialect and what was identified on each."""
    known = rules.family().get(report.optimizer)
    axes = () if known is None else known.axes
    titles = {**_BESIDE, **{axis.name: axis.title for axis in axes if axis.title}}
    return [
        (titles.get(axis, axis.replace("_", " ")), _axis(value))
        for axis, value in report.dialect.items()
    ]


def _axis(value: object) -> str:
    if value is None:
        return NOT_TOLD_APART
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return f"{' or '.join(_axis(one) for one in value)} ({NOT_TOLD_APART})"
    return printable(str(value))


def counted(report: Report) -> str:
    """Say how many probes there were, and what became of them."""
    said = _counted(Counter(probe.verdict for probe in report.probes))
    plural = "" if len(report.probes) == 1 else "s"
    total = f"{len(report.probes):,} probe{plural}"
    return f"{total}: {', '.join(said)}." if said else "No probe was run."


def _counted(counts: Counter[str]) -> list[str]:
    return [
        f"{counts[verdict]:,} {words[counts[verdict] > 1]}"
        for verdict, words in _COUNTED.items()
        if counts[verdict]
    ]


def reasons(
    probes: Iterable[ProbeResult], verdict: str = "not-applicable"
) -> dict[str, list[ProbeResult]]:
    """Return the probes that do not apply, or of another verdict, by the reason."""
    grouped: dict[str, list[ProbeResult]] = {}
    for probe in probes:
        if probe.verdict == verdict:
            grouped.setdefault(printable(probe.because) or UNSAID, []).append(probe)
    return grouped


def families(report: Report) -> list[tuple[str, str]]:
    """Say of each family of probes what became of them.

    A family is what a name begins with: probes that were made to look at the same thing. Those of
    which all hold, or do not apply, or ended in errors are said together.
    """
    grouped: dict[str, Counter[str]] = {}
    for probe in report.probes:
        grouped.setdefault(family_of(probe), Counter())[probe.verdict] += 1
    rows, alike = [], {verdict: dict[str, int]() for verdict in _SAID_TOGETHER}
    for name, counts in grouped.items():
        verdict, most = counts.most_common(1)[0]
        if verdict in alike and most == counts.total():
            alike[verdict][name] = most
        else:
            rows.append((name, ", ".join(_counted(counts))))
    for verdict, its in alike.items():
        if its:
            said = ", ".join(f"{name} ({n})" if n > 1 else name for name, n in its.items())
            rows.append((_COUNTED[verdict][1], said))
    return rows


def unsaid(report: Report) -> list[tuple[str, list[ProbeResult]]]:
    """Return the reasons that no finding says, each with its probes: why some were not judged."""
    said = {finding.probe for finding in report.findings if finding.severity == "error"}
    errors = [probe for probe in report.probes if probe.name not in said]
    return [*reasons(errors, "error").items(), *reasons(report.probes).items()]


def family_of(probe: ProbeResult) -> str:
    """Return what the name of a probe begins with."""
    return printable(probe.name).partition("-")[0]


def grouped_findings(findings: Sequence[Finding], severity: str) -> list[tuple[str, str, str]]:
    """Return id, sentence and probes of the findings of a severity; the same sentence once."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        if finding.severity == severity:
            names = grouped.setdefault((finding.id, printable(finding.says)), [])
            names += [finding.probe] if finding.probe is not None else []
    return [(id_, says, few(names)) for (id_, says), names in grouped.items()]


def few(names: Sequence[str]) -> str:
    """Name some probes, at most three."""
    if len(names) > 3:
        return f"{names[0]} and {len(names) - 1} other probes"
    return ", ".join(names)


def environment(report: Report) -> str:
    """Say by what and how it was checked."""
    versions = ", ".join(f"{name} {version}" for name, version in report.environment.items())
    where = "in a process of its own" if report.isolated else "in the caller's process"
    by = f"through the {report.adapter} adapter, " if report.adapter else ""
    said = f"Run {by}{where}, in {report.seconds:.1f} s."
    return f"{said} {printable(versions)}." if versions else said
