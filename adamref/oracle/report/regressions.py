"""What got worse between a saved check and a new one, both as baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any, Literal

from adamref.oracle.observe.finding import Finding
from adamref.oracle.report.figures import number

_RANKS = {"holds": 0, "limit": 1, "not-applicable": 2, "differs": 3, "error": 4}
"""The verdicts from good to bad: what no longer applies is no longer known to hold."""

_UNIT = 2.0**-53
_SHOWN = {"max_ulp": "at most", "mean_ulp": "on average"}


def regressions(
    now: Mapping[str, Any], before: Mapping[str, Any], allow: float = 0.0
) -> Iterator[Finding]:
    """Compare two baselines of one dtype and optimizer; errors may be so many ulps greater."""
    changed = list(_changes(now, before, allow))
    yield from changed
    if changed:
        yield from _environment(now["environment"], before["environment"])


def _changes(now: Mapping[str, Any], before: Mapping[str, Any], allow: float) -> Iterator[Finding]:
    yield from _probes(now["probes"], before["probes"])
    yield from _dialect(now["dialect"], before["dialect"])
    if now["probes"].keys() == before["probes"].keys():
        yield from _accuracy(now["accuracy"], before["accuracy"], allow)
    yield from _findings(now, before)
    if now["target"] != before["target"]:
        said = f"The baseline is of {before['target']}; {now['target']} was compared with it."
        yield Finding("baseline-target", None, "note", said)


def _probes(now: Mapping[str, str], before: Mapping[str, str]) -> Iterator[Finding]:
    for name, was in before.items():
        is_ = now.get(name, was)
        if is_ != was:
            worse = _RANKS.get(is_, 4) > _RANKS.get(was, 0)
            yield _changed(
                worse=worse, what="probe", says=f"It was {was!r} and is {is_!r}.", probe=name
            )
    gone, new = len(before.keys() - now.keys()), len(now.keys() - before.keys())
    if gone or new:
        yield Finding(
            "baseline-probes",
            None,
            "note",
            f"{gone} probes of the baseline were not run and {new} are not in it, so that errors "
            f"are not compared: save the baseline anew.",
        )


def _dialect(now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[Finding]:
    for axis in dict.fromkeys((*before, *now)):
        is_, was = now.get(axis), before.get(axis)
        if is_ != was:
            said = f"The axis {axis} was {_named(was)} and is {_named(is_)}."
            yield _changed(worse=True, what="dialect", says=said)


def _named(value: object) -> str:
    return "not told apart" if value is None else str(value)


def _accuracy(now: Mapping[str, Any], before: Mapping[str, Any], allow: float) -> Iterator[Finding]:
    for name in dict.fromkeys((*before, *now)):
        is_, was = now.get(name), before.get(name)
        if is_ is None or was is None:
            if is_ != was:
                change = "was shown and is not" if is_ is None else "was not shown and is"
                yield _changed(worse=is_ is None, what="accuracy", says=f"{name} {change}.")
            continue
        for measure, says in _SHOWN.items():
            yield from _measure(f"{name} is {says}", is_, was, measure, allow)


def _measure(
    says: str, now: Mapping[str, Any], before: Mapping[str, Any], measure: str, allow: float
) -> Iterator[Finding]:
    """Compare an error of a field.

    The probes are the same, so the same bits give the same numbers, and any increase is real but
    for the rounding of the float64 arithmetic that measures it. A sum of n numbers that are not
    negative, in any order, is off by at most (n - 1) u, u = 2**-53 (Higham 2002, section 4.2), and
    the division by n adds u: two such means of the same numbers differ by at most 2 n u. The same
    margin serves the maximum, each of whose candidates comes out of a few operations (at least 8
    are allowed for). For a million values that is 2e-10 of the number: far below one that shows.
    NaN is worse than any number. What is greater by no more than is allowed is a note.
    """
    is_, was = float(now[measure]), float(before[measure])
    if isnan(is_) and isnan(was):
        return
    margin = 2 * max(float(now["count"]), float(before["count"]), 8.0) * _UNIT
    greater = isnan(is_) or is_ > was * (1 + margin)
    worse = greater and not is_ <= (was + allow) * (1 + margin)
    if greater or isnan(was) or is_ < was * (1 - margin):
        within = f": within the {number(allow)} ulp that are allowed" if greater > worse else ""
        said = f"{says} {_apart(is_, was)} ulp off, in the baseline {_apart(was, is_)}{within}."
        yield _changed(worse=worse, what="accuracy", says=said)


def _apart(value: float, other: float) -> str:
    """Write a number to three digits, or to all where two would look the same."""
    return number(value) if number(value) != number(other) else repr(value)


def _environment(now: Mapping[str, str], before: Mapping[str, str]) -> Iterator[Finding]:
    """Say what else is not as it was: it may be why."""
    names = dict.fromkeys((*before, *now))
    other = [
        f"{name} {before.get(name, 'absent')}, now {now.get(name, 'absent')}"
        for name in names
        if before.get(name) != now.get(name)
    ]
    if other:
        says = f"The baseline was made with {'; '.join(other)}."
        yield Finding("baseline-environment", None, "note", says)


def _findings(now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[Finding]:
    known = {_key(finding) for finding in before["findings"]}
    verdicts, earlier = now["probes"], before["probes"]
    for finding in now["findings"]:
        probe = finding["probe"]
        # A probe that was not run then, or whose verdict changed, is told of already.
        told = probe is not None and earlier.get(probe) != verdicts.get(probe)
        if _key(finding) not in known and not told:
            said = f"Not in the baseline: {finding['id']}: {finding['says']}"
            yield _changed(
                worse=finding["severity"] != "note", what="finding", says=said, probe=probe
            )


def _key(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return finding.get("id"), finding.get("probe"), finding.get("severity")


def _changed(*, worse: bool, what: str, says: str, probe: str | None = None) -> Finding:
    severity: Literal["deviation", "note"] = "deviation" if worse else "note"
    return Finding(f"baseline-{what}", probe, severity, says)
