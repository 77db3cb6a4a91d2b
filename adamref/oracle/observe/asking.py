"""Putting trials to an implementation, and what there is to say about how it answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

from adamref import rules
from adamref.oracle.observe.finding import NOT_REPEATABLE, TOO_SLOW, Finding, Outcome
from adamref.oracle.observe.running import Lookahead, Record, published, run_one, same_bits
from adamref.oracle.observe.sessions.session import Failed, Session, Severity

if TYPE_CHECKING:
    from adamref.oracle.observe.trial import Trial

_PATIENCE = 3
"""After so many failures one after another nothing more is asked."""

_WRONG_ANSWERS = ("wrong-shape", "wrong-dtype")
"""Failures that are an answer, and a wrong one."""

_SEVERITIES: dict[Outcome, Severity] = {
    "error": "error",
    "differs": "deviation",
    "limit": "limit",
    "not-applicable": "note",
    "holds": "note",
}

_LATE = 10_000
"""A t that a step may need so much time for as it is large, and be right."""

_LONG, _MANY, _PATIENCE_S = 100, 3000, 60.0
"""A trial of more steps, or elements, is left out if it would take more seconds at this pace."""


def asked(
    session: Session,
    trials: Sequence[Trial],
    dtype: str,
    optimizer: str,
    tracked: Callable[[Any], Any] = iter,
    own: Mapping[str, float] = MappingProxyType({}),
) -> tuple[list[Record], list[Finding]]:
    """Run every trial, and one of them twice; say what is to be said.

    Parameters
    ----------
    session : Session
    trials : sequence of Trial
    dtype, optimizer : str
    tracked : callable
        Passes the trials on one by one, as a progress bar does.
    own : mapping of str to float
        Hyperparameters that are fixed inside, as they were found out.
    """
    records: list[Record] = []
    slow: list[Finding] = []
    in_a_row = 0
    offset: int | None = None
    pace = _Pace()
    lookahead = Lookahead(session, trials, lambda one: not pace.may_forbid(one))
    for at, trial in enumerate(tracked(trials)):
        if in_a_row >= _PATIENCE:
            failed = Failed("not-run", f"not run after {_PATIENCE} failures one after another")
            records.append(Record(trial, failed=failed))
            continue
        if says := pace.forbids(trial):
            slow.append(Finding(TOO_SLOW, trial.name, "note", says))
            records.append(Record(trial, refused=says))
            continue
        with pace.of(trial):
            meanwhile = partial(lookahead.behind, at)
            record = run_one(session, trial, dtype, optimizer, offset or 0, own, meanwhile)
        in_a_row = in_a_row + 1 if outcome_of(record) == "error" else 0
        offset = _offset(record) if offset is None else offset
        records.append(record)
    found = slow + [finding for record in records for finding in _of(record)]
    asked_for = {trial.name: trial for trial in trials}
    found += _again(session, records, asked_for, dtype, optimizer, own)
    if offset:
        says = f"The t that it shows after the first step is {offset + 1}: loaded ones are shifted"
        found.append(Finding("t-shifted", None, "note", says))
    found += _abilities(records, optimizer, own)
    return records, found


def _of(record: Record) -> Iterator[Finding]:
    name, failed = record.trial.name, record.failed
    seen = set()
    for step, remark in record.remarks:
        where = f" (at step {step})" if step else ""
        if remark.severity != "note" and remark.id not in seen:
            seen.add(remark.id)
            yield Finding(remark.id, name, remark.severity, f"{remark.says}{where}")
    if failed is None:
        return
    where = f"at step {len(record.steps) + 1}" if record.abilities else "at the start"
    outcome = outcome_of(record)
    if failed.id == "refusal":
        yield Finding("refusal", name, "note", f"It refused {where}: {failed.says}")
    elif failed.id != "not-run":
        severity = _SEVERITIES[outcome]
        id_ = TOO_SLOW if failed.id == "timeout" and outcome == "not-applicable" else failed.id
        yield Finding(id_, name, severity, f"{failed.says} ({where})")


def outcome_of(record: Record) -> Outcome:
    """Say what a failure makes of a probe."""
    failed, trial = record.failed, record.trial
    if failed is None:
        return "not-applicable" if record.refused else "holds"
    if failed.id in _WRONG_ANSWERS:
        return "differs"
    long = trial.apart or max(trial.firsts, default=1) > _LATE
    if failed.id == "refusal" or (failed.id == "timeout" and long):
        return "not-applicable"
    if failed.id == "exception" and (trial.defaults or "shapes" in trial.needs or trial.optional):
        # It cannot be constructed so, or does not take such tensors, and says so.
        return "not-applicable"
    if failed.id == "exception" and (trial.kind == "edge" or _has_zeros(trial)):
        return "limit"
    return "error"


def _has_zeros(trial: Trial) -> bool:
    """Say whether a hyperparameter is zero, or a tensor empty, which many refuse."""
    some = {*trial.alphas, *(x for n, x in trial.hyper.items() if n != "weight_decay")}
    return 0.0 in some or any(theta.size == 0 for theta in trial.thetas)


def _offset(record: Record) -> int | None:
    """Return by how much the t that is shown is ahead of the steps taken; None: not told yet."""
    fresh = record.steps and not any(record.trial.states) and set(record.trial.firsts) == {1}
    t = record.steps[0][0].t if fresh else None
    return None if t is None else t - 1 if t in (0, 2) else 0


@final
class _Pace:
    """How long a step takes: a slow implementation is not asked for thousands of them.

    Nor for steps of large tensors, by the time that it takes an element of smaller ones.
    """

    def __init__(self) -> None:
        self._steps, self._seconds = 0, 0.0
        self._elements, self._seconds_of_these = 0, 0.0

    @contextmanager
    def of(self, trial: Trial) -> Iterator[None]:
        began = time.perf_counter()
        yield
        took = time.perf_counter() - began
        self._seconds += took
        self._steps += len(trial.grads)
        if (count := _elements(trial)) >= _MANY:
            self._elements += count
            self._seconds_of_these += took

    def may_forbid(self, trial: Trial) -> bool:
        """Say whether a trial is so long that it may turn out to take too long."""
        return self._expected(trial)[0] >= _PATIENCE_S / 10

    def forbids(self, trial: Trial) -> str:
        """Say why a trial would take too long; empty where it would not."""
        wanted, what = self._expected(trial)
        if wanted < _PATIENCE_S:
            return ""
        return f"{what} would take {wanted:.0f} s at the pace so far"

    def _expected(self, trial: Trial) -> tuple[float, str]:
        """Return how many seconds a long trial would take, and for what; 0 for any other."""
        wanted, what = 0.0, ""
        if len(trial.grads) >= _LONG and self._steps:
            wanted = len(trial.grads) * self._seconds / self._steps
            what = f"{len(trial.grads)} steps"
        if (count := _elements(trial)) >= _MANY and self._elements:
            wanted = max(wanted, count * self._seconds_of_these / self._elements)
            what = what or f"{count:,} elements of {len(trial.grads)} steps"
        return wanted, what


def _elements(trial: Trial) -> int:
    """Return how many elements are updated, at all steps together."""
    return len(trial.grads) * sum(theta.size for theta in trial.thetas)


def _again(
    session: Session,
    records: Sequence[Record],
    trials: Mapping[str, Trial],
    dtype: str,
    optimizer: str,
    own: Mapping[str, float],
) -> Iterator[Finding]:
    """Run a trial a second time, asked for in the same words: the same bits must come."""
    whole = [r for r in records if r.steps and not r.failed and not r.refused]
    chosen = [r for r in whole if r.trial.name.startswith("random-many")] or whole
    if not chosen:
        return
    first = chosen[0]
    second = run_one(session, trials[first.trial.name], dtype, optimizer, own=own)
    if second.failed or not same_bits(first, second):
        says = (
            f"The second run of {first.trial.name} failed: {second.failed.says}"
            if second.failed
            else f"The second run of {first.trial.name} gave other bits than the first"
        )
        yield Finding(NOT_REPEATABLE, first.trial.name, "deviation", says)


def _abilities(
    records: Sequence[Record], optimizer: str, own: Mapping[str, float]
) -> Iterator[Finding]:
    """Say once what concerns all probes: notes of the adapter, and what cannot be controlled."""
    told = set()
    for record in records:
        for _, remark in record.remarks:
            if remark.severity == "note" and remark.id not in told:
                told.add(remark.id)
                yield Finding(remark.id, None, "note", remark.says)
    able = next((r.abilities for r in records if r.abilities), None)
    if able is None:
        return
    wanted = {name for r in records for name in ("lr", *r.trial.hyper) if r.abilities}
    for name in sorted(wanted - able.controls - rules.optimizer(optimizer).optional):
        value = able.defaults.get(name, published(optimizer).get(name))
        known = f"it is {value:.10g}, as its first steps show" if name in own else (
            f"it is taken to be {value}"
        )  # fmt: skip
        yield Finding(
            f"uncontrolled-{name.replace('_', '-')}",
            None,
            "note",
            f"{name} cannot be set: {known}, and probes that need another value do not apply",
        )


def defaults_judged(
    defaults: Mapping[str, float], *, severe: bool, optimizer: str = "adam"
) -> Iterator[Finding]:
    """Compare an implementation's own defaults with the paper's."""
    for name, paper in published(optimizer).items():
        if name != "weight_decay" and defaults.get(name, paper) != paper:
            yield Finding(
                f"default-{name.replace('lr', 'alpha')}",
                None,
                "deviation" if severe else "note",
                f"{name} is {defaults[name]:g} by default, the paper's is {paper:g}",
            )


def with_own_defaults(trial: Trial, defaults: Mapping[str, float]) -> Trial:
    """Return a trial without given hyperparameters as one with those that it is known to take."""
    if not trial.defaults or not defaults:
        return trial
    hyper = {n: defaults.get(n, x) for n, x in trial.hyper.items()}
    if "weight_decay" in trial.hyper:
        hyper["weight_decay"] = defaults.get("weight_decay", 0.0)
    alphas = (defaults.get("lr", trial.alphas[0]),) * len(trial.alphas)
    return replace(trial, hyper=hyper, alphas=alphas)
