"""A step that was seen, judged as a replay judges it: as the last one was, or else anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.replay.checkpoint import Checkpoint
from adamref.replay.judging import StepSample, StepSetting
from adamref.replay.pairing import Paired
from adamref.replay.replaying import NAMES, Replaying, ToldOfSteps, hypers_of

if TYPE_CHECKING:
    from adamref.replay.checkpoint import ParameterGroup
    from adamref.replay.result import Replay
    from adamref.watching.seen import SeenStep, SeenTensor


@final
@dataclass(frozen=True)
class StepVerdict:
    """What became of a step.

    Attributes
    ----------
    elements : int
        How many were judged.
    worst : float
        The greatest error, as a share of its bound.
    replay : Replay or None
        The judgement by tensors, where it was made anew.
    """

    elements: int
    worst: float
    replay: Replay | None = None


@final
@dataclass
class StepJudge:
    """Judges steps of one optimizer.

    As what the tensors of a group were judged is kept: the next step is held against that first,
    which takes no search.

    Attributes
    ----------
    told : ToldOfSteps
        What somebody said of it.
    """

    told: ToldOfSteps
    _known: dict[object, StepSetting] = field(default_factory=dict)

    def judged(
        self,
        step: SeenStep,
        tensors: Sequence[SeenTensor],
        hyper: Mapping[str, float],
        *,
        diagnose: bool,
    ) -> StepVerdict:
        """Judge some tensors of a step.

        Parameters
        ----------
        step : SeenStep
        tensors : sequence of SeenTensor
        hyper : mapping of str to float
            What was said of the numbers at this step; it outranks those of groups.
        diagnose : bool
            Whether to look for what explains a step that is not right.
        """
        alike: dict[object, list[SeenTensor]] = {}
        for one in tensors:
            alike.setdefault(self._key(step, one), []).append(one)
        worst, known = 0.0, all(one.t_before == _before(one.t) for one in tensors)
        for key, some in alike.items():
            setting = self._known.get(key) if known else None
            group = step.groups[some[0].group]
            over = None if setting is None else _worst(self._of(setting, group, hyper), some)
            if over is None or not over <= 1:
                return self._anew(step, tensors, hyper, diagnose=diagnose)
            worst = max(worst, over)
        return StepVerdict(_count(tensors), worst)

    def _key(self, step: SeenStep, one: SeenTensor) -> object:
        group = step.groups[one.group]
        return one.alike, group.optimizer, tuple(sorted(group.flags.items()))

    def _of(
        self, setting: StepSetting, group: ParameterGroup, hyper: Mapping[str, float]
    ) -> StepSetting:
        """Return a setting with the numbers of this step."""
        names = hypers_of(setting.dialect.optimizer)
        written = {n: x for n, x in {**group.hyper, **hyper}.items() if n in names}
        numbers = {NAMES.get(n, n): x for n, x in written.items()}
        return replace(setting, hyper={**setting.hyper, **numbers})

    def _anew(
        self,
        step: SeenStep,
        tensors: Sequence[SeenTensor],
        hyper: Mapping[str, float],
        *,
        diagnose: bool,
    ) -> StepVerdict:
        """Look for what the step is, and why it is not right."""
        old, new = (
            Checkpoint(f"step {number}", "memory", (), step.groups)
            for number in (step.number - 1, step.number)
        )
        told = replace(self.told, hyper=hyper)
        work = Replaying(told, old, new, 1, infer=False, diagnose=diagnose)
        pairs = Paired(tuple(one.pair() for one in tensors), ())
        found = work.replayed(pairs, old.path, new.path, iter)
        keys = {one.name: self._key(step, one) for one in tensors}
        for _, names, setting in work.settings:
            self._known[keys[names[0]]] = setting
        every = [x for group in found.groups for x in group.tensors]
        judged = [x for x in every if x.verdict != "not-judged"]
        worst = max((x.max_over_bound or 0.0 for x in judged), default=0.0)
        return StepVerdict(sum(x.elements for x in judged), worst, found)


def _before(t: int | None) -> int | None:
    return None if t is None else t - 1


def _count(tensors: Sequence[SeenTensor]) -> int:
    return sum(len(one.places) for one in tensors)


def _worst(setting: StepSetting, tensors: Sequence[SeenTensor]) -> float | None:
    """Return the greatest error of some tensors as a share of its bound; None without a t."""
    if any(one.t is None for one in tensors):
        return None
    sizes = [len(one.places) for one in tensors]

    def joined(of: str) -> dict[str, np.ndarray]:
        sides = [getattr(one, of) for one in tensors]
        return {name: np.concatenate([side[name] for side in sides]) for name in sides[0]}

    seen = [one.gradient for one in tensors if one.gradient is not None]
    sample = StepSample(
        joined("before"),
        joined("after"),
        np.repeat([one.t or 0 for one in tensors], sizes),
        np.zeros(sum(sizes), dtype=np.int64),  # no element knows of another
        np.concatenate([one.places for one in tensors]),
        np.concatenate(seen) if len(seen) == len(tensors) else None,
    )
    over = setting.fitted_in_order(setting.table(sample)).over
    return max(float(x.max()) for x in over.values())
