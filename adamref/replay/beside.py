"""What must hold of a tensor beside its step: its counter, and the copy that a model has of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import cut_off, nearest, ulp
from adamref.replay.judging import CHUNK
from adamref.replay.pairing import TensorPair, named
from adamref.replay.result import ReplayCause, ReplayFinding

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Mask
    from adamref.replay.checkpoint import StoredArray

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


def beside(pairs: Sequence[TensorPair], steps: int) -> Beside:
    """Judge the counters of tensors, and the copies of their masters.

    A counter that lags is explained by gradients that were missing if the others did count: where
    it stayed, nothing else of the tensor may have moved.

    Parameters
    ----------
    pairs : sequence of TensorPair
    steps : int
        How many lie between the checkpoints; 0 for one alone.
    """
    found = Beside()
    if steps:
        _count(found, pairs, steps)
    else:
        _count_alone(found, pairs)
    found.findings += _one_t(pairs)
    for pair in pairs:
        if pair.copy is not None:
            _compare_copy(found, pair)
    return found


def _count(found: Beside, pairs: Sequence[TensorPair], steps: int) -> None:
    by = {x.name: x.t - x.t_before for x in pairs if x.t is not None and x.t_before is not None}
    others_did = steps in by.values()
    ways: dict[str, list[str]] = {}
    for pair in (x for x in pairs if by.get(x.name, steps) != steps):
        taken = by[pair.name]
        if others_did and taken == 0 and _stood_still(pair):
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


def _count_alone(found: Beside, pairs: Sequence[TensorPair]) -> None:
    for pair in (x for x in pairs if x.t == 0):
        moments = [x for name, x in pair.after.items() if name != "theta"]
        if any(np.any(part) for x in moments for part in _parts(x)):
            found.deviates(pair.name, "t is 0, and moments are not: it took steps")


def _parts(array: StoredArray) -> Iterator[Array]:
    for start in range(0, array.size, CHUNK):
        yield array.read(start, min(start + CHUNK, array.size)).astype(np.float64)


def _stood_still(pair: TensorPair) -> bool:
    return all(
        np.array_equal(old, new, equal_nan=True)
        for name, x in pair.after.items()
        for old, new in zip(_parts(pair.before[name]), _parts(x), strict=True)
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


def _compare_copy(found: Beside, pair: TensorPair) -> None:
    """Hold theta against its master copy, rounded to a format that theta's can hold."""
    assert pair.copy is not None
    fmt = formats.get(pair.copy.dtype)
    narrower = [x for x in formats.FORMATS if x == fmt or _holds(fmt, x)]
    off, stale, beyond = dict.fromkeys(narrower, 0), True, 0
    olds = _parts(pair.before["theta"])
    for copy, old, new in zip(_parts(pair.copy), olds, _parts(pair.after["theta"]), strict=True):
        for one in narrower:
            off[one] += _unequal(copy, nearest(new, one))
        stale = stale and not _unequal(copy, nearest(old, fmt))
        beyond += int(np.count_nonzero(~_beside_it(copy, new, fmt)))
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
