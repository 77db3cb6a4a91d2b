"""What is done to a gradient on its way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adamref.faults.fault import ALGORITHM, Fault, Parameter
from adamref.faults.inputs import Drive, Inputs, Rows, feeding, groups, passing_over

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices


def _by_norm(limit: float, *names: str) -> Drive:
    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        group = groups(table, *names)
        g = inputs.columns["g"]
        with np.errstate(all="ignore"):
            squares = np.bincount(group, weights=np.where(inputs.columns["taken"], g * g, 0))
            norm = np.sqrt(squares)[group]
            scale = np.where(norm > limit, limit / norm, 1.0)
            scale = np.where(_lost_with_nan(table, group, norm), np.nan, scale)
            made = g * scale
        if not (scale != 1).any():
            return None
        by = f"clipped-by-norm-{limit}-{len(names)}"
        return inputs.changed(by, {"g": made}, roundings={"g": made})

    return drive


def _lost_with_nan(table: Rows, group: Indices, norm: Array) -> NDArray[np.bool_]:
    """Say where a norm that is NaN made others so: a comparison with it may go either way."""
    sound = np.isfinite(table.columns["g"]) & np.isnan(norm)
    lost = np.bincount(group, weights=sound & np.isnan(table.got["theta"])) > 0
    return np.asarray(lost[group])


def _centred(inputs: Inputs, table: Rows) -> Inputs | None:
    group = groups(table, "trial", "tensor", "step")
    g = inputs.columns["g"]
    counts = np.bincount(group)
    mean = (np.bincount(group, weights=g) / np.maximum(counts, 1))[group]
    # A tensor with a single element has nothing to be centred on.
    made = np.where(counts[group] > 1, g - mean, g)
    if np.array_equal(made, g, equal_nan=True):
        return None
    return inputs.changed(
        "gradient-centralised", {"g": made}, roundings={"g": np.abs(g) + np.abs(mean)}
    )


def _summed(inputs: Inputs, table: Rows) -> Inputs | None:
    total = table.columns["g_total_so_far"]
    return inputs.changed("gradient-accumulated", {"g": total}, roundings={"g": total})


def _skipped_with_nan(inputs: Inputs, table: Rows) -> Inputs | None:
    group = groups(table, "trial", "step")
    odd = np.bincount(group, weights=~np.isfinite(inputs.columns["g"])) > 0
    if not odd.any():
        return None
    out = odd[group]
    columns = {"taken": inputs.columns["taken"].astype(bool) & ~out}
    late = np.zeros(len(out))
    for rows in table.lanes:
        late[rows] = np.cumsum(out[rows], axis=0)
    return inputs.changed("nan-step-skipped", {"t": inputs.columns["t"] - late, **columns})


def _spread(g: Array, table: Rows) -> Array:
    group = groups(table, "trial", "tensor", "step")
    odd = np.bincount(group, weights=np.isnan(g)) > 0
    return np.where(odd[group], np.nan, g)


def _clipped(limit: float) -> Drive:
    return feeding(f"clipped-{limit}", "g", lambda g, _: np.clip(g, -limit, limit))


def _times(factor: float) -> Drive:
    return feeding(f"times-{factor}", "g", lambda g, _: g * factor)


_LIMITS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)


def _limited(drive: Callable[[float], Drive]) -> Parameter:
    return Parameter("limit", "units of g", _LIMITS, drive=drive)


_SMALL, _SOUND = "right for small gradients", "theta looks sound where it is not"

FAULTS = (
    Fault("gradient-negated", "the gradient has the wrong sign: theta climbs (as with maximize)",
          "m has the wrong sign", drive=feeding("gradient-negated", "g", lambda g, _: -g),
          seen_in="kozistr/pytorch_optimizer#528"),
    Fault("gradient-clipped-at-{limit}", "gradients are clipped by value, at {limit}", _SMALL,
          parameter=_limited(_clipped), seen_in="neuroailab/tfutils#115"),
    Fault("gradient-norm-clipped-at-{limit}",
          "the gradient of each tensor is clipped to norm {limit}", _SMALL,
          parameter=_limited(lambda limit: _by_norm(limit, "trial", "tensor", "step")),
          seen_in="huggingface/transformers#581, clab/dynet#1511"),
    Fault("global-norm-clipped-at-{limit}",
          "the gradients of all tensors are clipped to a common norm of {limit}", _SMALL,
          parameter=_limited(lambda limit: _by_norm(limit, "trial", "step")),
          seen_in="mlcommons/training#461"),
    Fault("gradient-times-{factor}", "the gradient is multiplied by {factor}",
          "m and v are too large or small; theta hardly shows it",
          parameter=Parameter("factor", "dimensionless", (2.0, 0.5), drive=_times),
          seen_in="huggingface/transformers#40709 (in the training loop)"),
    Fault("gradient-centralised", "the mean of a tensor's gradient is subtracted from it",
          "elements meet each other", drive=_centred,
          seen_in="Yong et al. 2020 (gradient centralization)"),
    Fault("gradient-stale", "the gradient of the step before is used",
          "every step comes late by one",
          drive=feeding("gradient-stale", "g", lambda _g, table: table.columns["g_last"]),
          seen_in="google-deepmind/optax#1725 (in Rprop)"),
    Fault("gradient-accumulated", "gradients are not cleared between steps: their sum is used",
          "right at the first step", drive=_summed),
    Fault("nan-step-skipped",
          "a step with a gradient that is not finite is skipped as a whole, and not counted",
          "elements with sound gradients stand still", drive=_skipped_with_nan,
          seen_in="PaddlePaddle/Paddle#34176, ooples/AiDotNet.Tensors#972"),
    Fault("nan-element-skipped", "an element with a gradient that is not finite is passed over",
          _SOUND, drive=passing_over(
              "nan-element-skipped", lambda inputs, _: ~np.isfinite(inputs.columns["g"])),
          contradicts="IEEE 754-2019, section 6.2"),
    Fault("nan-replaced", "NaN among the gradients is replaced by 0", _SOUND,
          drive=feeding("nan-replaced", "g", lambda g, _: np.where(np.isnan(g), 0.0, g)),
          seen_in="SlopDotCash/asi#71", contradicts="IEEE 754-2019, section 6.2"),
    Fault("nan-spread", "a NaN reaches the other elements of its tensor",
          "elements with sound gradients are lost", drive=feeding("nan-spread", "g", _spread),
          contradicts=f"{ALGORITHM}: all operations are element-wise"),
)  # fmt: skip
