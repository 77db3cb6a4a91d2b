"""Tensors of a group that are stored alike: identified together, judged one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.identification import machines
from adamref.oracle.judge.inference import nearest_numbers
from adamref.replay.diagnosing import KnownCause, another_number, causes
from adamref.replay.exchanged import exchanged
from adamref.replay.inferring import NEAR, ORDER, interval, number_that_holds
from adamref.replay.judging import (
    LOOKED_AT,
    StepSample,
    StepSetting,
    identified,
    judged,
    off_in,
    pinned,
    sampled,
)
from adamref.replay.result import InferredRange, ReplayCause, TensorVerdict
from adamref.replay.showing import first_off
from adamref.replay.workers import Here, Workers

if TYPE_CHECKING:
    from adamref.oracle.observe.table import Table
    from adamref.replay.pairing import TensorPair
    from adamref.replay.tally import JudgedTensor

_MOST_DIAGNOSED = 8
"""So many tensors are diagnosed for themselves; all are held against what was found there."""

_SAMPLE = 256
"""Elements in which numbers are inferred."""

_IDENTIFIED = 3
"""How often a dialect is looked for again, with elements that are off in the last one."""


@final
@dataclass(frozen=True)
class TensorsAlike:
    """Tensors that are updated alike and stored alike, and as what they are judged.

    Attributes
    ----------
    optimizer : str
    hyper : mapping of str to float
        By adamref's names: what is known.
    pairs : sequence of TensorPair
        Each with its t.
    pins : mapping of str to str
    compute : str or None
    workers : Workers
    """

    optimizer: str
    hyper: Mapping[str, float]
    pairs: Sequence[TensorPair]
    pins: Mapping[str, str]
    compute: str | None
    workers: Workers = field(default_factory=Here)


@final
@dataclass(frozen=True)
class JudgedAlike:
    """What was made of tensors that are stored alike.

    Attributes
    ----------
    setting : StepSetting
    tensors : tuple of TensorVerdict
    ranges : tuple of InferredRange
    """

    setting: StepSetting
    tensors: tuple[TensorVerdict, ...]
    ranges: tuple[InferredRange, ...] = ()


def judged_alike(alike: TensorsAlike, *, infer: bool, diagnose: bool) -> JudgedAlike:
    """Judge every element of some tensors.

    Parameters
    ----------
    alike : TensorsAlike
    infer : bool
        Whether to say of every number, and not only of those that nobody said, what it may be.
    diagnose : bool
        Whether to say why tensors deviate.
    """
    hyper, missing = dict(alike.hyper), _missing(alike)
    if missing:
        hyper |= _inferred(alike, missing)
    sample, kept_in = sampled(alike.pairs, LOOKED_AT), dict(alike.pairs[0].kept_in)
    told = kept_in, alike.optimizer, hyper, alike.pins, alike.compute
    setting, holds = identified(sample, *told)
    found = judged(setting, alike.pairs, alike.workers)
    for _ in range(_IDENTIFIED):
        if not holds or not any(one.off for one in found):
            break
        # What the sample does not tell apart, the elements that are off may.
        sample = StepSample.together([sample, *_off_ones(alike.pairs, found)])
        other, holds = identified(sample, *told)
        if holds:
            setting = other
            found = judged(setting, alike.pairs, alike.workers)
    if any(one.off for one in found) and (usual := _usual(alike, setting, hyper, found)):
        setting, found = usual, judged(usual, alike.pairs, alike.workers)
    setting = replace(setting, inferred=missing)
    ranges: tuple[InferredRange, ...] = ()
    asked = [n for n in setting.dialect.rule.defaults if n in (hyper if infer else missing)]
    if asked and not any(one.off for one in found):
        table = setting.table(sampled(alike.pairs, _SAMPLE))
        ranges = tuple(interval(setting, table, name) for name in asked)
    known = _in_common(setting, alike.pairs, found) if diagnose else []
    of_others = exchanged(setting, alike.pairs, found) if diagnose and not known else {}
    made: dict[int, TensorVerdict] = {}
    # Where most elements are off a cause is told best: the others are held against that first.
    for i in sorted(range(len(found)), key=lambda i: -found[i].off):
        own = of_others.get(i)
        one = _verdict(setting, alike.pairs[i], found[i], known, diagnose=diagnose and own is None)
        made[i] = one if own is None else replace(one, diagnosis=(own,))
    return JudgedAlike(setting, tuple(made[i] for i in range(len(found))), ranges)


def _usual(
    alike: TensorsAlike,
    nearest: StepSetting,
    hyper: Mapping[str, float],
    found: Sequence[JudgedTensor],
) -> StepSetting | None:
    """Return the usual dialect, where one other number in it accounts for a tensor that is off.

    A number that is another may make another dialect the nearest.
    """
    kept = pinned(alike.optimizer, nearest.dialect.rule.states, alike.pins)[0]
    axes = {**rules.get(alike.optimizer).dialect, **kept}
    if axes.items() <= dict(nearest.dialect.axes).items():
        return None
    one = rules.optimizer(alike.optimizer)
    rule = one.made({n: axes.get(n, x) for n, x in one.rule.dialect.items()})
    if rule is None or not dict(alike.pairs[0].kept_in).keys() >= {*rule.states}:
        return None
    pair = next(pair for pair, one in zip(alike.pairs, found, strict=True) if one.off)
    sample = sampled([pair], _SAMPLE)
    told = dict(pair.kept_in), alike.optimizer, hyper, axes, alike.compute
    usual, _ = identified(sample, *told)
    table = usual.table(sample)
    some = any(number_that_holds(usual, table, name) is not None for name in ORDER)
    return usual if some else None


def _off_ones(pairs: Sequence[TensorPair], found: Sequence[JudgedTensor]) -> list[StepSample]:
    """Read some elements that are off, of a few tensors."""
    off = [(pair, one) for pair, one in zip(pairs, found, strict=True) if one.wrong]
    return [StepSample.of(pair, np.array(one.wrong)) for pair, one in off[:_MOST_DIAGNOSED]]


def _in_common(
    setting: StepSetting, pairs: Sequence[TensorPair], found: Sequence[JudgedTensor]
) -> list[KnownCause]:
    """Return the one number that accounts for several tensors, where there is one.

    Where a tensor has little to tell one number from another, the others have.
    """
    off = [(pair, one) for pair, one in zip(pairs, found, strict=True) if one.off]
    if len(off) < 2:
        return []
    parts = [
        StepSample.of(pair, np.array(sorted((*one.wrong, *one.right))))
        for pair, one in off[:_MOST_DIAGNOSED]
    ]
    cause = another_number(setting, setting.table(StepSample.together(parts)))
    return [] if cause is None else [cause]


def _missing(alike: TensorsAlike) -> tuple[str, ...]:
    """Return the hyperparameters that nobody says."""
    needed = rules.get(alike.optimizer).defaults
    return tuple(name for name in needed if name not in alike.hyper)


def _inferred(alike: TensorsAlike, missing: Sequence[str]) -> dict[str, float]:
    """Return the numbers that come nearest to all tensors, or else those of one.

    What was done otherwise to some tensors leaves no numbers for all: it is the one by whose
    numbers most elements are right.
    """
    sample, kept_in = sampled(alike.pairs, LOOKED_AT), dict(alike.pairs[0].kept_in)

    def off(own: Mapping[str, float]) -> int:
        hyper = {**alike.hyper, **own}
        setting, _ = identified(sample, kept_in, alike.optimizer, hyper, alike.pins, alike.compute)
        return int(np.count_nonzero(off_in(setting.fitted(setting.table(sample)).over)))

    made = _nearest_to(alike, missing, alike.pairs)
    if len(alike.pairs) == 1 or not off(made):
        return made
    each = (_nearest_to(alike, missing, [pair]) for pair in alike.pairs[:_MOST_DIAGNOSED])
    return min((made, *each), key=off)


def _nearest_to(
    alike: TensorsAlike, missing: Sequence[str], pairs: Sequence[TensorPair]
) -> dict[str, float]:
    """Return the numbers that come nearest to a sample, in the dialect in which these do."""
    kept = dict(alike.pairs[0].kept_in)
    theta = kept.pop("theta")
    machine = machines(theta, theta, kept, alike.compute, {})[0]
    sample = sampled(pairs, _SAMPLE)
    near = NEAR * float(machine.compute.unit_roundoff)
    own = {axis: value for axis, value in alike.pins.items() if axis != "hyper"}
    conventions = [("literal", machine.compute.dtype)]
    best: tuple[float, dict[str, float]] | None = None
    for dialect in (
        x
        for some in pinned(alike.optimizer, kept, own)
        for x in dialects(alike.optimizer, some, conventions)
    ):
        if not set(missing) <= dialect.rule.defaults.keys():
            continue
        table = StepSetting(dialect, machine, alike.hyper, {}).table(sample)
        off, found = nearest_numbers(table, dialect, missing, alike.hyper, near)
        if best is None or off < best[0]:
            best = off, {name: x.value for name, x in found.items()}
        if off < near:
            break
    return {} if best is None else best[1]


def _verdict(
    setting: StepSetting,
    pair: TensorPair,
    found: JudgedTensor,
    known: list[KnownCause],
    *,
    diagnose: bool,
) -> TensorVerdict:
    """Say what became of a tensor, and why it deviates."""
    diagnosis: tuple[ReplayCause, ...] = ()
    if found.off and diagnose:
        places = np.array(sorted((*found.wrong, *found.right)))
        table = setting.table(StepSample.of(pair, places))
        diagnosis = _diagnosed(setting, table, pair.name, known)
    return TensorVerdict(
        pair.name,
        pair.shape,
        pair.after["theta"].dtype,
        found.verdict,
        pair.size,
        found.off,
        found.over,
        tuple(found.histogram.tolist()),
        first_off(setting, pair, found),
        diagnosis,
        found.because,
    )


def _diagnosed(
    setting: StepSetting, table: Table, name: str, known: list[KnownCause]
) -> tuple[ReplayCause, ...]:
    """Return what explains a table: what explained another tensor, or what is found anew."""
    for one in known:
        if one.accounts(table):
            return (one.cause,)
    if len(known) >= _MOST_DIAGNOSED:
        return (ReplayCause(f"{name} was not diagnosed: {_MOST_DIAGNOSED} others were"),)
    made = causes(setting, table)
    known += made
    return tuple(one.cause for one in made)
