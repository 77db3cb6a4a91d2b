"""Whether a tensor went on from the state of another one, as where an order of states is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.replay.judging import StepSample, off_in
from adamref.replay.result import ReplayCause

if TYPE_CHECKING:
    from adamref.replay.judging import StepSetting
    from adamref.replay.pairing import TensorPair
    from adamref.replay.tally import JudgedTensor

_MOST = 16
"""So many tensors of one shape are held against each other."""


def exchanged(
    setting: StepSetting, pairs: Sequence[TensorPair], found: Sequence[JudgedTensor]
) -> Mapping[int, ReplayCause]:
    """Return from whose state tensors that are off went on, where that explains them.

    Parameters
    ----------
    setting : StepSetting
    pairs : sequence of TensorPair
        Stored alike.
    found : sequence of JudgedTensor
        Of each.
    """
    made: dict[int, ReplayCause] = {}
    off = [i for i, one in enumerate(found) if one.off]
    for i in off:
        pair = pairs[i]
        others = [j for j in off if j != i and pairs[j].shape == pair.shape]
        for j in others[:_MOST]:
            if _went_on_from(setting, pair, pairs[j], found[i]):
                said = f"it went on from the state of {pairs[j].name}"
                made[i] = ReplayCause(said, confirmed=True)
                break
    return made


def _went_on_from(
    setting: StepSetting, pair: TensorPair, other: TensorPair, found: JudgedTensor
) -> bool:
    before = {**other.before, "theta": pair.before["theta"]}
    places = np.array(sorted((*found.wrong, *found.right)))
    table = setting.table(StepSample.of(replace(pair, before=before), places))
    return not off_in(setting.fitted(table).over).any()
