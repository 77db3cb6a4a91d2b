"""What is done to a gradient on its way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adamref.faults.fault import Fault, Parameter
from adamref.faults.inputs import (
    ROUNDINGS,
    Drive,
    Inputs,
    Rows,
    feeding,
    groups,
    passing_over,
)

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices


_SURELY_BELOW = 0.9
"""The share of a limit below which no rounding brings a norm to it."""


def running_mean(count: float) -> Drive:
    """Return the drive that rounds a gradient as a mean of micro-batches: it is no other number.

    Most is lost where it is formed as it goes, by ``a + (x - a)/k`` with the k-th of n, which are
    within 2n|g|. A difference rounds 4n|g|, its quotient 4n|g|/k, the sum 2n|g|, each by a unit;
    what is lost at k counts for k/n at the end. Together that is 8n + n(n + 1) units of g.
    """

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        del table
        g = inputs.columns["g"]
        lost = g * ((8 * count + count * (count + 1)) / ROUNDINGS)
        return inputs.changed(f"running-mean-of-{count}", {"g": g}, {"g": lost})

    return drive


def by_norm(limit: float, *names: str, beside: float = 0.0) -> Drive:
    """Return the drive that clips norms: ``g*min(1, limit/(norm + beside))``.

    Parameters
    ----------
    limit, beside : float
        Units of g.
    *names : str
        The columns of which each group has a norm of its own.
    """

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        group = groups(table, *names)
        g, taken = inputs.columns["g"], inputs.columns["taken"]
        with np.errstate(all="ignore"):
            norm = np.sqrt(np.bincount(group, weights=np.where(taken, g * g, 0)))[group]
            scale = np.where(norm + beside > limit, limit / (norm + beside), 1.0)
            scale = np.where(_lost_with_nan(table, group, norm), np.nan, scale)
            made = g * scale
        if not (scale != 1).any():
            return None
        # n squares, n - 1 sums, half of all that in the root; the root, what is beside, the limit
        # as it is held, the quotient, two products at most: some may also keep norms of tensors.
        lost = (np.bincount(group)[group] / 2 + 8) / ROUNDINGS
        lost = np.where(norm + beside < _SURELY_BELOW * limit, 0.0, made * lost)
        by = f"clipped-by-norm-{limit}-{len(names)}-{beside}"
        return inputs.changed(by, {"g": made}, {"g": lost})

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
    # Each sum on the way was rounded, and what is left of that goes on.
    lost = np.abs(total) + np.abs(inputs.columns["g"])
    for rows in table.lanes:
        lost[rows] = np.cumsum(lost[rows], axis=0)
    return inputs.changed("gradient-accumulated", {"g": total}, roundings={"g": lost})


def skipping(*names: str, is_counted: bool = False) -> Drive:
    """Return the drive that takes no step where a gradient is not finite.

    Parameters
    ----------
    *names : str
        The columns of which a group is skipped as a whole.
    is_counted : bool
        Whether t advances all the same.
    """

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        group, g = groups(table, *names), inputs.columns["g"]
        taken = inputs.columns["taken"].astype(bool)
        out = (np.bincount(group, weights=~np.isfinite(g) & taken) > 0)[group] & taken
        if not out.any():
            return None
        late = np.zeros(len(out))
        for rows in () if is_counted else table.lanes:
            late[rows] = np.cumsum(out[rows], axis=0)
        # What is not finite is not seen at all.
        columns = {"t": inputs.columns["t"] - late, "taken": taken & ~out}
        return inputs.changed(
            f"nan-step-skipped-{len(names)}-{is_counted}", {**columns, "g": np.where(out, 0.0, g)}
        )

    return drive


def _spread(g: Array, table: Rows) -> Array:
    group = groups(table, "trial", "tensor", "step")
    odd = np.bincount(group, weights=np.isnan(g)) > 0
    return np.where(odd[group], np.nan, g)


def by_value(limit: float) -> Drive:
    """Return the drive that clips each element of a gradient."""

    def drive(inputs: Inputs, _table: Rows) -> Inputs | None:
        g = inputs.columns["g"]
        made = np.clip(g, -limit, limit)
        # The limit is rounded as it is held.
        lost = np.where(made == g, 0.0, made / ROUNDINGS)
        changed = inputs.changed(f"clipped-{limit}", {"g": made}, {"g": lost})
        return None if np.array_equal(made, g, equal_nan=True) else changed

    return drive


def times(factor: float) -> Drive:
    """Return the drive that multiplies gradients by a factor."""
    return feeding(f"times-{factor}", "g", lambda g, _: g * factor)


def divided(scale: float) -> Drive:
    """Return the drive that divides gradients, or multiplies them by what is 1 over it."""

    def drive(inputs: Inputs, _table: Rows) -> Inputs | None:
        made = inputs.columns["g"] / scale
        roundings = 0.0 if np.frexp(scale)[0] == 0.5 else 3 / ROUNDINGS
        lost = np.where(np.isfinite(made), made, 0.0) * roundings
        changed = inputs.changed(f"divided-{scale}", {"g": made}, {"g": lost})
        return None if scale == 1 else changed

    return drive


_LIMITS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)


def _limited(drive: Callable[[float], Drive]) -> Parameter:
    return Parameter("limit", "units of g", _LIMITS, drive=drive)


_SMALL, _SOUND = "right for small gradients", "theta looks sound where it is not"

FAULTS = (
    Fault("gradient-negated", "the gradient has the wrong sign: theta climbs (as with maximize)",
          "m has the wrong sign", drive=feeding("gradient-negated", "g", lambda g, _: -g),
          seen_in="kozistr/pytorch_optimizer#528"),
    Fault("gradient-clipped-at-{limit}", "gradients are clipped by value, at {limit}", _SMALL,
          parameter=_limited(by_value), seen_in="neuroailab/tfutils#115"),
    Fault("gradient-norm-clipped-at-{limit}",
          "the gradient of each tensor is clipped to norm {limit}", _SMALL,
          parameter=_limited(lambda limit: by_norm(limit, "trial", "tensor", "step")),
          seen_in="huggingface/transformers#581, clab/dynet#1511"),
    Fault("global-norm-clipped-at-{limit}",
          "the gradients of all tensors are clipped to a common norm of {limit}", _SMALL,
          parameter=_limited(lambda limit: by_norm(limit, "trial", "step")),
          seen_in="mlcommons/training#461"),
    Fault("gradient-times-{factor}", "the gradient is multiplied by {factor}",
          "m and v are too large or small; theta hardly shows it",
          parameter=Parameter("factor", "dimensionless", (2.0, 0.5), drive=times),
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
          "elements with sound gradients stand still", drive=skipping("trial", "step"),
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
          contradicts="Kingma & Ba 2015, Algorithm 1: all operations are element-wise"),
)  # fmt: skip
