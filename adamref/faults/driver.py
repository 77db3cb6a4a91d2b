"""What surrounds the lines: counters, tensors, restarts, schedules, vector registers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adamref.faults.fault import Fault, Parameter
from adamref.faults.inputs import Drive, Inputs, Rows, feeding, groups, passing_over
from adamref.faults.precision import wider
from adamref.numbers import formats
from adamref.numbers.arrays import Array, distinct, nearest


def _t(by: str, change: Callable[[Array, Rows], Array]) -> Drive:
    return feeding(by, "t", change)


def _sizes(table: Rows) -> Array:
    group = groups(table, "trial", "tensor")
    greatest = np.zeros(group.max() + 1)
    np.maximum.at(greatest, group, table.columns["element"] + 1.0)
    return greatest[group]


def _tail(width: int) -> Callable[[Inputs, Rows], NDArray[np.bool_]]:
    return lambda _inputs, table: table.columns["element"] >= _sizes(table) // width * width


def _zero_rows(inputs: Inputs, table: Rows) -> NDArray[np.bool_]:
    """Say where all of a row of a matrix has no gradient; of a vector each element is a row."""
    trials = table.trials
    widths = np.array(
        [
            np.prod(trials[i].thetas[j].shape[1:], dtype=int)
            for i, j in zip(table.columns["trial"], table.columns["tensor"], strict=True)
        ]
    )
    row = table.columns["element"] // np.maximum(widths, 1)
    keys = np.stack([groups(table, "trial", "tensor", "step"), row], axis=1)
    group = distinct(keys)[1]
    live = np.bincount(group, weights=inputs.columns["g"] != 0) > 0
    return ~live[group]


def _missing_as_zero(inputs: Inputs, table: Rows) -> Inputs | None:
    if table.columns["taken"].all():
        return None
    t = table.columns["step"].astype(np.float64)
    every = np.ones(len(table), dtype=bool)
    return inputs.changed(
        "missing-as-zero", {"taken": every, "t": np.where(_late(table), t, inputs.columns["t"])}
    )


def _late(table: Rows) -> NDArray[np.bool_]:
    """Say which rows are of trials in which a gradient is missing."""
    missing = np.unique(table.columns["trial"][~table.columns["taken"]])
    return np.isin(table.columns["trial"], missing)


def _reloaded(table: Rows) -> Array:
    """Count the steps since a state was loaded; 0 before that."""
    count = np.zeros(len(table))
    for rows in table.lanes:
        since = np.cumsum(table.columns["reloaded"][rows], axis=0) > 0
        count[rows] = np.cumsum(since & table.columns["taken"][rows], axis=0)
    return count


def _since_load(t: Array, table: Rows) -> Array:
    count = _reloaded(table)
    return np.where(count > 0, count, t)


def _state_lost(*names: str) -> Drive:
    by = "lost-" + "-".join(names)

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        at = table.columns["reloaded"]
        if not at.any():
            return None
        columns = {f"{n}_prev": np.where(at, 0.0, inputs.columns[f"{n}_prev"]) for n in names}
        return inputs.changed(by, columns)

    return drive


def _state_narrowed(dtype: str) -> Drive:
    fmt = formats.get(dtype)

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        at = table.columns["reloaded"]
        names = [f"{n}_prev" for n in ("m", "v", "v_max") if f"{n}_prev" in inputs.columns]
        columns = {
            n: np.where(at, nearest(inputs.columns[n], fmt), inputs.columns[n]) for n in names
        }
        if all(np.array_equal(x, inputs.columns[n], equal_nan=True) for n, x in columns.items()):
            return None
        return inputs.changed(f"state-through-{dtype}", columns)

    return drive


def _first_alpha(inputs: Inputs, table: Rows) -> Inputs | None:
    first = table.columns["alpha_first"]
    if np.array_equal(first, table.columns["alpha"]):
        return None
    return inputs.changed("schedule-ignored", {"alpha": first})


def _last_alpha(alpha: Array, table: Rows) -> Array:
    late = alpha.copy()
    for rows in table.lanes:
        late[rows[1:]] = alpha[rows[:-1]]
    return late


def _sticking(most: float) -> Callable[[Array, Rows], Array]:
    return lambda t, _table: np.minimum(t, most)


def _wrapping(bits: int) -> Callable[[Array, Rows], Array]:
    half = 2.0 ** (bits - 1)
    return lambda t, _table: np.mod(t + half, 2 * half) - half


PASSING_ZEROS = passing_over("zero", lambda inputs, _table: inputs.columns["g"] == 0)
PASSING_ZERO_ROWS = passing_over("rows", _zero_rows)
"""Drives that take no step where there is no gradient: of an element, or of a row of a matrix."""

_SCALAR = "the corrections stand still from there on"
_NEGATIVE = "beta**t is huge, the correction negative"
_STILL, _OTHERS = "the last element stands still", "all others stand still"
_TRENTORCH = "TrenTorch/TrenTorch#187"

FAULTS = (
    Fault("t-per-tensor", "one counter for all tensors advances at each of them",
          "every tensor but the first has a t that is too large",
          drive=_t("t-per-tensor", lambda _t, table: table.columns["calls"].astype(np.float64)),
          seen_in="DiffSharp/DiffSharp#292, flashlight/flashlight#143, clab/dynet#77"),
    Fault("t-while-missing", "t advances for a tensor that has no gradient",
          "a tensor that comes late is corrected as an old one",
          drive=_t("t-while-missing", lambda t, table: np.where(
              _late(table), table.columns["step"].astype(np.float64), t)),
          seen_in="ooples/AiDotNet#1748"),
    Fault("missing-as-zero", "a missing gradient is taken for one of zeros",
          "the moments decay and theta moves where nothing should happen", drive=_missing_as_zero,
          contradicts="pytorch/pytorch#42754, which tells the two apart"),
    Fault("state-lost-on-resume", "m and v start at zero again when a state is loaded",
          "the first steps after a restart are those of a fresh optimizer with a large t",
          drive=_state_lost("m", "v"),
          seen_in=f"OpenNMT/OpenNMT-py#617, KempnerInstitute/KempnerForge#115, {_TRENTORCH}"),
    Fault("m-lost-on-resume", "m starts at zero again when a state is loaded",
          "momentum is lost", drive=_state_lost("m"), seen_in=_TRENTORCH),
    Fault("v-lost-on-resume", "v starts at zero again when a state is loaded",
          "the first steps after a restart are too large; a maximum may hide it",
          drive=_state_lost("v"), seen_in=_TRENTORCH),
    Fault("maximum-lost-on-resume", "v_max starts at zero again when a state is loaded",
          "steps grow after a restart", drive=_state_lost("v_max"),
          seen_in="facebookresearch/fairseq#3965 (suspected)"),
    Fault("t-lost-on-resume", "t starts at 1 again when a state is loaded",
          "the moments are corrected a second time", drive=_t("t-lost-on-resume", _since_load),
          seen_in=f"nntile/nntile#351, deepspeedai/DeepSpeed#4396, {_TRENTORCH}"),
    Fault("t-behind-on-resume", "the first step after a load uses the loaded t, not the next one",
          "the corrections lag by a step",
          drive=_t("t-behind-on-resume", lambda t, table: t - (_reloaded(table) > 0)),
          seen_in="deepspeedai/DeepSpeed#4396 (its kin)"),
    Fault("state-through-{dtype}", "a loaded state is rounded to {dtype}",
          "digits are lost at a restart",
          parameter=Parameter("dtype", "a format", ("float32", "bfloat16", "float16"),
                              drive=_state_narrowed, dtypes=wider),
          seen_in="pytorch/pytorch#43706, vllm-project/speculators#899"),
    Fault("schedule-ignored", "alpha is captured at the first step", "a schedule has no effect",
          drive=_first_alpha, seen_in="ooples/AiDotNet#1470, PaddlePaddle/Paddle#28300"),
    Fault("schedule-late", "each step uses the alpha of the step before",
          "a schedule acts late by a step", drive=feeding("schedule-late", "alpha", _last_alpha),
          seen_in="ooples/AiDotNet#1144 (its kin)"),
    Fault("vector-tail-{width}",
          "the elements behind the last full group of {width} are not updated",
          "the last elements stand still, unless their number is a multiple",
          parameter=Parameter("width", "elements", tuple(2**i for i in range(1, 11)),
                              drive=lambda width: passing_over(f"tail-{width}", _tail(width))),
          seen_in="bytedance/lightseq#98 (a kernel wrong for sizes below its block)"),
    Fault("last-element-untouched", "the last element of a tensor is not updated", _STILL,
          drive=passing_over(
              "last", lambda _i, table: table.columns["element"] == _sizes(table) - 1)),
    Fault("first-element-only", "only the first element of a tensor is updated", _OTHERS,
          drive=passing_over("first", lambda _i, table: table.columns["element"] > 0)),
    Fault("first-tensor-only", "only the first tensor is updated", _OTHERS,
          drive=passing_over("tensor", lambda _i, table: table.columns["tensor"] > 0),
          seen_in="NVIDIA/TransformerEngine#3207 (its kin)"),
    Fault("zero-gradient-skipped",
          "an element whose gradient is zero is passed over, as in lazy variants",
          "its moments do not decay and its parameter does not move by what is left of m",
          drive=PASSING_ZEROS,
          seen_in="tensorflow/tensorflow#23668"),
    Fault("zero-rows-skipped",
          "a row of a tensor whose gradient is zero throughout is passed over",
          "rows of an embedding that do not occur keep their moments",
          drive=PASSING_ZERO_ROWS,
          seen_in="neuro-galaxy/torch_brain#49, tensorflow/tensorflow#23668"),
    Fault("counter-bfloat16", "t is kept in bfloat16 and sticks at 256", _SCALAR,
          drive=_t("bf16", _sticking(256.0)), seen_in="pytorch/ao#4915"),
    Fault("counter-float16", "t is kept in float16 and sticks at 2048", _SCALAR,
          drive=_t("f16", _sticking(2048.0)), seen_in="pytorch/ao#4915 (its kin)"),
    Fault("counter-int8", "t is an 8-bit integer and wraps to -128", _NEGATIVE,
          drive=_t("i8", _wrapping(8))),
    Fault("counter-uint8", "t is an unsigned 8-bit integer and wraps to 0",
          "a division by zero at step 256", drive=_t("u8", lambda t, _table: np.mod(t, 256.0))),
    Fault("counter-int16", "t is a 16-bit integer and wraps to -32768", _NEGATIVE,
          drive=_t("i16", _wrapping(16))),
    Fault("counter-float32", "t is kept in float32 and sticks at 2**24", _SCALAR,
          drive=_t("f32", _sticking(2.0**24)), limit=True,
          seen_in="pytorch/pytorch#173901 (such a t)"),
    Fault("counter-int32", "t is a 32-bit integer and wraps to -2**31",
          f"{_NEGATIVE}: NaN or steps of size zero", drive=_t("i32", _wrapping(32)), limit=True,
          seen_in="SlopDotCash/asi#334"),
)  # fmt: skip
