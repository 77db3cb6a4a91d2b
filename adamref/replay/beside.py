"""What must hold of a tensor beside its step: its counter, and the copy that a model has of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import cut_off, nearest, ulp
from adamref.replay.pairing import TensorPair, named
from adamref.replay.result import ReplayCause, ReplayFinding
from adamref.replay.tally import CHUNK, over_spans
from adamref.replay.workers import Lost, each_span

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Mask
    from adamref.replay.checkpoint import StoredArray
    from adamref.replay.workers import Workers

_STILL = (
    "it took no step: t, theta and the states are what they were, which is right where it had no "
    "gradient"
)


@final
@dataclass
class Beside:
    """What was found of tensors beside their steps.

    Attributes
    ----------
    causes : mapping of str to tuple of ReplayCause
        Why a tensor deviates, by its name.
    still : mapping of str to str
        The tensors that took no step while others did, and what to say of them.
    steps : mapping of str to int
        How many steps a tensor took that took fewer than others.
    findings : list of ReplayFinding
    """

    causes: dict[str, tuple[ReplayCause, ...]] = field(default_factory=dict)
    still: dict[str, str] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    findings: list[ReplayFinding] = field(default_factory=list)

    def deviates(self, name: str, says: str) -> None:
        """Take down why a tensor deviates."""
        self.causes[name] = (*self.causes.get(name, ()), ReplayCause(says, confirmed=True))


def beside(pairs: Sequence[TensorPair], steps: int, workers: Workers) -> Beside:
    """Judge the counters of tensors, and the copies of their masters.

    A counter that lags is explained by gradients that were missing if the others did count: where
    it stayed, nothing else of the tensor may have moved.

    Parameters
    ----------
    pairs : sequence of TensorPair
    steps : int
        How many lie between the checkpoints; 0 for one alone.
    workers : Workers
    """
    found = Beside()
    if steps:
        _count(found, pairs, steps, workers)
    else:
        _count_alone(found, pairs, workers)
    found.findings += _one_t(pairs)
    for pair in pairs:
        if pair.copy is not None:
            _compare_copy(found, pair, workers)
    return found


def _count(found: Beside, pairs: Sequence[TensorPair], steps: int, workers: Workers) -> None:
    by = {x.name: x.t - x.t_before for x in pairs if x.t is not None and x.t_before is not None}
    others_did = steps in by.values()
    ways: dict[str, list[str]] = {}
    for pair in (x for x in pairs if by.get(x.name, steps) != steps):
        taken = by[pair.name]
        if others_did and taken == 0 and over_spans(_stood_still, [pair], workers)[0]:
            found.still[pair.name] = _STILL
        elif others_did and 0 < taken < steps:
            found.steps[pair.name] = taken
        else:
            ways.setdefault(f"from {pair.t_before} to {pair.t}", []).append(pair.name)
            moved = ", and the tensor moved" if others_did and taken == 0 else ""
            said = f"t goes from {pair.t_before} to {pair.t}{moved}: not by the steps in between"
            found.deviates(pair.name, said)
    if ways:
        names = [name for some in ways.values() for name in some]
        all_ways = " and ".join([*sorted(ways)][:3])
        said = f"t goes {all_ways}, in {named(names)}: not by the steps in between"
        found.findings.append(ReplayFinding("t-not-by-steps", "deviation", said))
    if found.steps:
        said = (
            f"fewer steps than {steps} were taken in {named([*found.steps])}: "
            "right where gradients were missing"
        )
        found.findings.append(ReplayFinding("steps-left-out", "note", said))


def _count_alone(found: Beside, pairs: Sequence[TensorPair], workers: Workers) -> None:
    begun = [x for x in pairs if x.t == 0]
    for pair, zero in zip(begun, over_spans(_begins, begun, workers), strict=True):
        if zero is False:
            found.deviates(pair.name, "t is 0, and moments are not: it took steps")


def _parts(array: StoredArray, start: int, stop: int) -> Iterator[Array]:
    for here in range(start, stop, CHUNK):
        yield array.read(here, min(here + CHUNK, stop)).astype(np.float64)


def _begins(pair: TensorPair, start: int, stop: int) -> bool:
    """Say whether moments are 0."""
    moments = [x for name, x in pair.after.items() if name != "theta"]
    return not any(np.any(part) for x in moments for part in _parts(x, start, stop))


def _stood_still(pair: TensorPair, start: int, stop: int) -> bool:
    """Say whether nothing moved."""
    return all(
        np.array_equal(old, new, equal_nan=True)
        for name, x in pair.after.items()
        for old, new in zip(
            _parts(pair.before[name], start, stop), _parts(x, start, stop), strict=True
        )
    )


def _one_t(pairs: Sequence[TensorPair]) -> Iterator[ReplayFinding]:
    """Say whether tensors have taken different numbers of steps: some may be new, or frozen."""
    counts: dict[int, list[str]] = {}
    for pair in pairs:
        if pair.t is not None:
            counts.setdefault(pair.t, []).append(pair.name)
    if len(counts) > 1:
        said = "; ".join(f"{t} in {named(names)}" for t, names in sorted(counts.items())[:4])
        why = "right where those that are behind had no gradient, or are newer"
        said = f"t is not the same in all tensors: {said}: {why}"
        yield ReplayFinding("t-differs", "note", said)


@final
@dataclass
class ComparedCopy:
    """How a copy stands to its master.

    Attributes
    ----------
    off : dict of Format to int
        How many elements are not the nearest, by the format to which they may be rounded.
    stale : bool
        Whether all are the nearest to what the master was before the step.
    beyond : int
        How many are not one of the two neighbours either.
    """

    off: dict[formats.Format, int]
    stale: bool = True
    beyond: int = 0


def _narrower(fmt: formats.Format) -> list[formats.Format]:
    return [x for x in formats.FORMATS if x == fmt or _holds(fmt, x)]


def _compared(pair: TensorPair, start: int, stop: int) -> ComparedCopy:
    assert pair.copy is not None
    fmt = formats.get(pair.copy.dtype)
    found = ComparedCopy(dict.fromkeys(_narrower(fmt), 0))
    arrays = (pair.copy, pair.before["theta"], pair.after["theta"])
    for copy, old, new in zip(*(_parts(x, start, stop) for x in arrays), strict=True):
        for one in found.off:
            found.off[one] += _unequal(copy, nearest(new, one))
        found.stale = found.stale and not _unequal(copy, nearest(old, fmt))
        found.beyond += int(np.count_nonzero(~_beside_it(copy, new, fmt)))
    return found


def _compare_copy(found: Beside, pair: TensorPair, workers: Workers) -> None:
    """Hold theta against its master copy, rounded to a format that theta's can hold."""
    assert pair.copy is not None
    fmt = formats.get(pair.copy.dtype)
    off, stale, beyond = dict.fromkeys(_narrower(fmt), 0), True, 0
    for span, made in each_span(_compared, [pair], workers):
        if isinstance(made, Lost):
            said = f"elements {span.start} to {span.stop} of the copy: the workers on them died"
            found.findings.append(ReplayFinding("copy-not-judged", "note", said))
        else:
            off = {one: off[one] + made.off[one] for one in off}
            stale, beyond = stale and made.stale, beyond + made.beyond
    if 0 in off.values():
        return
    count = f"{off[fmt]} of {pair.size} elements"
    if stale:
        said = f"theta is its master copy of the checkpoint before, rounded, in {count}"
        found.deviates(pair.name, said)
    elif beyond:
        said = f"theta is not its master copy rounded to {fmt.dtype}, in {count}"
        found.deviates(pair.name, said)
    else:
        said = (
            f"theta of {pair.name} is a neighbour of its master copy, not the nearest, in {count}: "
            "right where it is rounded stochastically, or cut off"
        )
        found.findings.append(ReplayFinding("copy-not-nearest", "note", said))


def _holds(fmt: formats.Format, other: formats.Format) -> bool:
    """Say whether each number of another format is one of this."""
    return (
        other.precision <= fmt.precision
        and other.largest <= fmt.largest
        and other.smallest >= fmt.smallest
    )


def _unequal(one: Array, other: Array) -> int:
    return int(np.count_nonzero((one != other) & ~(np.isnan(one) & np.isnan(other))))


def _beside_it(copy: Array, exact: Array, fmt: formats.Format) -> Mask:
    """Say where a copy is one of the two numbers of a format that a number lies between."""
    down = cut_off(exact, fmt)
    with np.errstate(all="ignore"):
        up = nearest(down + np.copysign(ulp(exact, fmt), exact), fmt)
    found: Mask = (copy == down) | (copy == np.where(down == exact, down, up))
    return found | (np.isnan(copy) & np.isnan(exact))
