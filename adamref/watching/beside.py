"""What is found of a watched step beside its numbers: what stood still, or counted otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.replay.pairing import KNOWN, named
from adamref.replay.result import ReplayFinding

if TYPE_CHECKING:
    from adamref.watching.seen import SeenStep, SeenTensor


@final
@dataclass
class StepsBeside:
    """Tells what a step shows before any of its numbers are judged.

    Attributes
    ----------
    counts : mapping of str to (int, int)
        For each tensor the call at which it was last seen, and its t after that.
    """

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def forget(self) -> None:
        """Take any counters for right: a state was loaded."""
        self.counts.clear()

    def found(self, step: SeenStep) -> tuple[list[ReplayFinding], list[SeenTensor]]:
        """Return what is to be said of a step, and the tensors whose numbers are to be judged."""
        said = [*step.findings, *self._counted(step), *_at_once(step)]
        tensors = [one for one in step.tensors if not not_judged_because(step, one)]
        said += _without_gradient(step.tensors)
        given = [one for one in tensors if one.has_gradient]
        still = [one for one in given if one.t == one.t_before and one.stood_still]
        if given and len(still) == len(given):
            said += _skipped(step, still)
            return said, []
        if not step.skipped:
            said += _infinite(given)
        said += _not_moved(still)
        said += _stalled(given)
        odd = [x for x in given if x.t not in (None, x.t_before, (x.t_before or 0) + 1)]
        said += _by_more(odd)
        return said, [one for one in given if one not in [*still, *odd]]

    def _counted(self, step: SeenStep) -> Iterator[ReplayFinding]:
        """Hold counters against the number of calls since they were last seen."""
        found: dict[str, list[tuple[str, int, int, int]]] = {}
        for one in step.tensors:
            if one.t is None or one.t_before is None:
                continue
            call, t = self.counts.get(one.name, (step.number - 1, one.t_before))
            calls = max(step.number - 1 - call, 0)
            self.counts[one.name] = step.number, one.t
            if one.t_before != t + calls:
                id_ = "t-went-back" if one.t_before < t else "steps-left-out"
                id_ = "t-not-by-steps" if one.t_before > t + calls else id_
                found.setdefault(id_, []).append((one.name, t, one.t_before, calls))
        for id_, some in found.items():
            _, was, is_, calls = some[0]
            others = named([x[0] for x in some])
            by = f"in {calls} step{'s' * (calls != 1)} since it was last looked at"
            said = f"t went from {was} to {is_} {by}, in {others}: {_MEANS[id_]}"
            yield ReplayFinding(id_, "note" if id_ == "steps-left-out" else "deviation", said)


_MEANS = {
    "t-went-back": "the counter was set back",
    "t-not-by-steps": "it counts more than the steps that were taken",
    "steps-left-out": "steps were skipped, or gradients missing",
}


def not_moved_in_part(tensors: Iterable[SeenTensor]) -> Iterator[ReplayFinding]:
    """Say in which tensors of a step that is not right some elements stood still, and not all."""
    found, count, of = [], 0, 0
    for one in tensors:
        same = [one.before[n] == one.after[n] for n in one.before]
        still = np.logical_and.reduce(same)
        if one.gradient is not None:
            still &= one.gradient != 0
        if still.any() and not still.all():
            found.append(one.name)
            count, of = count + int(still.sum()), of + len(still)
    if found:
        said = f"{count} of {of} elements stood still, and others did not, in {named(found)}"
        yield ReplayFinding("elements-not-moved", "deviation", said)


def _at_once(step: SeenStep) -> Iterator[ReplayFinding]:
    """Say whether all moments are 0 after steps: what a resume without its state looks like."""
    old = [one for one in step.tensors if one.has_gradient and (one.t_before or 0) > 0]
    moments = [x for one in old for n, x in one.before.items() if n != "theta"]
    some = any(one.gradient is not None and np.any(one.gradient) for one in old)
    if moments and some and not any(np.any(x) for x in moments):
        t = max(one.t_before or 0 for one in old)
        said = (
            f"every moment that was looked at is 0 after {t} steps: the state was lost, "
            "or every gradient so far was 0"
        )
        yield ReplayFinding("state-is-zero", "deviation", said)


def _without_gradient(tensors: Iterable[SeenTensor]) -> Iterator[ReplayFinding]:
    moved = [one.name for one in tensors if not (one.has_gradient or one.stood_still)]
    if moved:
        said = f"a step changed {named(moved)}, which had no gradient"
        yield ReplayFinding("moved-without-gradient", "deviation", said)


def _skipped(step: SeenStep, still: Sequence[SeenTensor]) -> Iterator[ReplayFinding]:
    if step.skipped:
        yield ReplayFinding("step-skipped", "note", f"no step was taken: {step.skipped}")
        return
    zero = all(one.gradient is not None and not np.any(one.gradient) for one in still)
    means = "" if not zero else "; all gradients that were looked at are 0"
    said = f"the optimizer was called and took no step: t and all else stayed{means}"
    yield ReplayFinding("step-skipped", "deviation", said)


def _infinite(given: Iterable[SeenTensor]) -> Iterator[ReplayFinding]:
    bad = [one.name for one in given if not one.is_finite]
    if bad:
        said = f"a step was taken with a gradient that is NaN or infinite, in {named(bad)}"
        yield ReplayFinding("gradient-not-finite", "deviation", said)


def _by_more(odd: Sequence[SeenTensor]) -> Iterator[ReplayFinding]:
    ways = sorted({f"from {one.t_before} to {one.t}" for one in odd})
    if odd:
        said = f"t went {' and '.join(ways[:3])} in one step, in {named([x.name for x in odd])}"
        yield ReplayFinding("t-not-by-steps", "deviation", said)


def _not_moved(still: Sequence[SeenTensor]) -> Iterator[ReplayFinding]:
    if still:
        names = named([one.name for one in still])
        said = f"{names} had a gradient and took no step, while others did"
        yield ReplayFinding("not-moved", "deviation", said)


def _stalled(given: Iterable[SeenTensor]) -> Iterator[ReplayFinding]:
    """Say whose moments moved, and theta nowhere: steps may be lost in its roundings."""
    found = [
        one.name for one in given
        if np.array_equal(one.before["theta"], one.after["theta"])
        and one.gradient is not None and np.any(one.gradient) and not one.stood_still
    ]  # fmt: skip
    if found:
        said = f"theta moved in no element that was looked at, in {named(found)}"
        yield ReplayFinding("theta-stalls", "note", said)


def not_judged_because(step: SeenStep, one: SeenTensor) -> str:
    """Say why the numbers of a tensor are not judged; empty where they are."""
    rule = step.groups[one.group].optimizer or "adam"
    usual = rules.optimizer(rule).rule
    if lacking := {*usual.states} - one.dtypes.keys():
        return f"no {', '.join(sorted(lacking))} was found in its state, which {rule} keeps"
    if usual.reduces:
        return f"a step of {rule} is of a whole tensor, and elements of it tell nothing"
    unknown = [f"{n} is {x}" for n, x in one.dtypes.items() if x not in KNOWN]
    return ", ".join(unknown)
