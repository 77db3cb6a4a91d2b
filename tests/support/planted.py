"""Each fault of the catalogue as an implementation with it.

A fault is planted by its own entry (`from_entry`): one that edits a rule as the rule that it makes,
in the first optimizer that has a place for it; one that exchanges what is fed in step by step
(`fed`). By hand, as other pieces of the step in ``plantable.py``, are planted many of the second
kind and some of the first. They know nothing of the catalogue: they hold that an entry does what
its sentence says, they are named where states are hidden too, and those that are fed are faster.
"""

from __future__ import annotations

from functools import cache

import numpy as np

import plantable
from adamref import faults as catalogue
from adamref import rules
from adamref.mutation.right import Right
from adamref.rules.family import training
from fed import Fed, hypothesis
from pieces import (
    bfloat16,
    clip,
    fixed,
    half,
    mean,
    nan,
    norm,
    rounded,
    rsqrt,
    running,
    scalar,
    single,
    stopped,
    swapped,
    tail,
    wrapped,
    zero_rows,
)

_B1B2 = ("beta1", "beta2")

# By optimizer and dtype: what is planted by hand, and the pieces that do it.
FAULTS = {
    ("adam", "float32"): {
        "eps-omitted": {"below": lambda k: np.sqrt(k.v_hat)},
        "eps-subtracted": {"below": lambda k: np.sqrt(k.v_hat) - k.eps},
        "eps-zero-replaced": {"hyper": lambda h: {**h, "eps": h["eps"] or 1e-8}},
        "eps-as-root": {"below": lambda k: np.sqrt(k.v_hat) + k.eps**0.5},
        "m_hat-uncorrected": {"m_hat": lambda k: k.m},
        "m_hat-without-power": {"m_hat": lambda k: k.m / (1 - k.b1)},
        "bias-correction-without-power": {"c1": lambda k: 1 - k.b1, "c2": lambda k: 1 - k.b2},
        "m_hat-power-t-plus-one": {"c1": lambda k: 1 - k.b1 ** (k.t + 1)},
        "m_hat-by-power-alone": {"m_hat": lambda k: k.m / np.float64(k.b1**k.t)},
        "v_hat-multiplied": {"v_hat": lambda k: k.v * k.c2},
        "corrected-in-place": {"held_m": lambda k: k.m_hat, "held_v": lambda k: k.v_hat},
        **{f"correction-stops-after-{x}": stopped(x) for x in (10, 1000)},
        "correction-clamped-at-0.1": {
            "c1": lambda k: max(1 - k.p1, 0.1), "c2": lambda k: max(1 - k.p2, 0.1)},
        "t-behind": {"t": lambda t, *_: t - 1, "c1": lambda k: np.float64(1 - k.p1),
                     "c2": lambda k: np.float64(1 - k.p2)},
        "t-behind-guarded": {"t": lambda t, *_: max(t - 1, 1)},
        "t-ahead": {"t": lambda t, *_: t + 1},
        "t-counted-twice": {"t": lambda t, *_: 2 * t},
        "m-without-complement": {"m": lambda k: k.b1 * k.m0 + k.g},
        "v-decay-and-complement-swapped": {"v": lambda k: (1 - k.b2) * k.v0 + k.b2 * k.g * k.g},
        "v-without-square": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * k.g},
        "v-of-m": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * k.m * k.m},
        "v-centred": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * (k.g - k.m) ** 2},
        "v-centred-on-old-m": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * (k.g - k.m0) ** 2},
        "v-as-maximum": {"v": lambda k: np.maximum(k.b2 * k.v0, k.g * k.g)},
        "moments-shared": {"square": lambda k: mean(k.g * k.g)},
        "root-forgotten": {"below": lambda k: k.v_hat + k.eps},
        "parameter-forgotten": {"new": lambda k: -k.delta},
        "gradient-negated": {"g": lambda k: -k.g},
        **{f"gradient-clipped-at-{x}": {"g": clip(x)} for x in (1, 5)},
        **{f"gradient-norm-clipped-at-{x}": {"g": norm(x)} for x in (1, 5)},
        "global-norm-clipped-at-1": {"g": norm(1.0, lambda k: k.every)},
        "gradient-stale": {"g": lambda k: k.past["g"]},
        "gradient-accumulated": {"g": lambda k: k.past["sum"] + k.g},
        "gradient-times-2": {"g": lambda k: k.g * 2},
        "gradient-centralised": {"g": lambda k: (k.g - mean(k.g)) if k.n > 1 else k.g},
        "nan-step-skipped": {"whole": nan},
        "nan-element-skipped": {"out": lambda k: ~np.isfinite(k.g)},
        "nan-replaced": {"g": lambda k: np.where(np.isnan(k.g), k.g.dtype.type(0), k.g)},
        "nan-spread": {"g": lambda k: k.g + np.float32("nan") if np.isnan(k.g).any() else k.g},
        "betas-swapped": {"hyper": swapped},
        "eps-always-1e-07": {"hyper": fixed(eps=1e-7)},
        "eps-always-1e-06": {"hyper": fixed(eps=1e-6)},
        "beta2-always-0.99": {"hyper": fixed(beta2=0.99)},
        "beta1-always-0.9": {"hyper": fixed(beta1=0.9)},
        "alpha-always-0.001": {"alpha": lambda *_: 0.001},
        "alpha-squared": {"delta": lambda k: k.lr**2 * k.m_hat / k.below},
        "alpha-doubled": {"delta": lambda k: 2 * k.lr * k.m_hat / k.below},
        "alpha-halved": {"delta": lambda k: 0.5 * k.lr * k.m_hat / k.below},
        "t-per-tensor": {"t": lambda _taken, _step, calls, _loaded: calls},
        "t-while-missing": {"missing": "counted"},
        "missing-as-zero": {"missing": "zero"},
        "state-lost-on-resume": {
            "load": lambda s, t: ({n: np.zeros_like(x) for n, x in s.items()}, t)},
        "m-lost-on-resume": {"load": lambda s, t: ({**s, "m": np.zeros_like(s["m"])}, t)},
        "v-lost-on-resume": {"load": lambda s, t: ({**s, "v": np.zeros_like(s["v"])}, t)},
        "t-lost-on-resume": {"load": lambda s, _t: (s, 0)},
        "t-behind-on-resume": {"load": lambda s, t: (s, t - 1)},
        "state-through-bfloat16": {
            "load": lambda s, t: ({n: bfloat16(x) for n, x in s.items()}, t)},
        "state-through-float16": {"load": lambda s, t: ({n: half(x) for n, x in s.items()}, t)},
        "schedule-ignored": {"alpha": lambda _lr, first, _last: first},
        "schedule-late": {"alpha": lambda _lr, _first, last: last},
        **{f"vector-tail-{w}": {"out": tail(w)} for w in (2, 4, 8, 16, 64, 1024)},
        "last-element-untouched": {
            "out": lambda k: (np.arange(k.n) == k.n - 1).reshape(k.shape)},
        "first-element-only": {"out": lambda k: (np.arange(k.n) > 0).reshape(k.shape)},
        "first-tensor-only": {"out": lambda k: k.i > 0},
        "zero-gradient-skipped": {"out": lambda k: k.g == 0},
        "zero-rows-skipped": {"out": zero_rows},
        "counter-bfloat16": {"t": lambda t, *_: min(t, 256)},
        "counter-float16": {"t": lambda t, *_: min(t, 2048)},
        "counter-int8": {"t": wrapped(8)},
        "counter-uint8": {"t": lambda t, *_: t % 256, "c1": lambda k: np.float64(1 - k.p1),
                          "c2": lambda k: np.float64(1 - k.p2)},
        "counter-int16": {"t": wrapped(16)},
        "betas-in-bfloat16": {"hyper": rounded(bfloat16, *_B1B2)},
        **{f"{x}-in-bfloat16": {"hyper": rounded(bfloat16, x)} for x in _B1B2},
        "corrections-in-bfloat16": {
            "c1": lambda k: float(bfloat16(1 - k.p1)), "c2": lambda k: float(bfloat16(1 - k.p2))},
        "corrections-of-m-in-bfloat16": {"c1": lambda k: float(bfloat16(1 - k.p1))},
        "corrections-of-v-in-bfloat16": {"c2": lambda k: float(bfloat16(1 - k.p2))},
        "powers-of-m-in-bfloat16": {"c1": lambda k: float(
            bfloat16(1 - bfloat16(bfloat16(k.b1) ** np.float64(k.t))))},
        "powers-of-v-in-bfloat16": {"c2": lambda k: np.float64(
            bfloat16(1 - bfloat16(bfloat16(k.b2) ** np.float64(k.t))))},
        "running-powers-in-bfloat16": {
            "c1": lambda k: np.float64(bfloat16(1 - running(k.b1, k.t))),
            "c2": lambda k: np.float64(bfloat16(1 - running(k.b2, k.t)))},
        "m-in-bfloat16": {"m": lambda k: bfloat16(k.b1 * k.m0 + (1 - k.b1) * k.g)},
        "alpha-in-bfloat16": {
            "alpha": lambda lr, _f, _l: scalar(bfloat16)(lr)},
        "eps-in-bfloat16": {"hyper": rounded(bfloat16, "eps")},
        "gradient-in-bfloat16": {"g": lambda k: bfloat16(k.g)},
        "powers-in-bfloat16": {
            "c1": lambda k: float(bfloat16(1 - bfloat16(bfloat16(k.b1) ** np.float64(k.t)))),
            "c2": lambda k: np.float64(
                bfloat16(1 - bfloat16(bfloat16(k.b2) ** np.float64(k.t))))},
        "states-in-bfloat16": {"held_m": lambda k: bfloat16(k.m), "m": lambda k: bfloat16(
            k.b1 * k.m0 + (1 - k.b1) * k.g), "v": lambda k: bfloat16(
            k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "v-in-bfloat16": {"v": lambda k: bfloat16(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "theta-in-bfloat16": {"new": lambda k: bfloat16(k.kept - k.delta)},
        "update-in-bfloat16": {"new": lambda k: k.kept - bfloat16(k.delta)},
        "update-in-float16": {"new": lambda k: k.kept - half(k.delta)},
        "approximate-root": {"delta": rsqrt},
    },
    ("adam", "float64"): {
        "powers-in-float32": {
            "p1": lambda k: float(np.float32(k.b1) ** np.float32(k.t)),
            "p2": lambda k: float(np.float32(k.b2) ** np.float32(k.t)),
            "c1": lambda k: float(np.float32(1) - np.float32(k.p1)),
            "c2": lambda k: float(np.float32(1) - np.float32(k.p2))},
        "corrections-in-float32": {
            "c1": lambda k: float(np.float32(1 - k.p1)),
            "c2": lambda k: float(np.float32(1 - k.p2))},
        "betas-in-bfloat16": {"hyper": rounded(bfloat16, *_B1B2)},
        "betas-in-float32": {"hyper": rounded(single, *_B1B2)},
        "beta2-in-float32": {"hyper": rounded(single, "beta2")},
        "alpha-in-float32": {"alpha": lambda lr, _f, _l: scalar(single)(lr)},
        "eps-in-float32": {"hyper": rounded(single, "eps")},
        "gradient-in-float32": {"g": lambda k: single(k.g)},
        "states-in-float32": {
            "m": lambda k: single(k.b1 * k.m0 + (1 - k.b1) * k.g),
            "v": lambda k: single(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "v-in-float32": {"v": lambda k: single(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "theta-in-float32": {"new": lambda k: single(k.kept - k.delta)},
        "update-in-float32": {"new": lambda k: k.kept - single(k.delta)},
        "state-through-float32": {
            "load": lambda s, t: ({n: single(x) for n, x in s.items()}, t)},
        "counter-bfloat16": {"t": lambda t, *_: min(t, 256)},
    },
    ("adamw", "float32"): {
        "decay-l2": {"total": lambda k: k.g + k.wd * k.theta, "kept": lambda k: k.theta},
        "decay-sign": {"kept": lambda k: k.theta * (1 + k.lr * k.wd)},
        "decay-with-corrected-alpha": {
            "kept": lambda k: k.theta * (1 - k.lr * k.c2**0.5 / k.c1 * k.wd)},
        "decay-with-first-alpha": {"kept": lambda k: k.theta * (1 - k.first * k.wd)},
        "schedule-ignored": {"alpha": lambda _lr, first, _last: first},
        "weight-decay-in-bfloat16": {"hyper": rounded(bfloat16, "weight_decay")},
        "weight-decay-always-0.01": {"kept": lambda k: k.theta * (1 - k.lr * 0.01)},
        "eps-omitted": {"below": lambda k: np.sqrt(k.v_hat)},
    },
    ("adam-l2", "float32"): {
        "decay-decoupled": {"total": lambda k: k.g,
                            "kept": lambda k: k.theta * (1 - k.lr * k.wd)},
        "decay-l2-sign": {"total": lambda k: k.g - k.wd * k.theta},
        "decay-l2-in-m-only": {"square": lambda k: k.g * k.g},
        "m-without-complement": {"m": lambda k: k.b1 * k.m0 + k.total},
    },
    ("amsgrad", "float32"): {
        "maximum-ignored": {"second": lambda k: k.v},
        "maximum-not-kept": {"greatest": lambda k: k.v},
        "maximum-uncorrected": {"v_hat": lambda k: k.second},
        "maximum-lost-on-resume": {
            "load": lambda s, t: ({**s, "v_max": np.zeros_like(s["v"])}, t)},
        "v-lost-on-resume": {"load": lambda s, t: ({**s, "v": np.zeros_like(s["v"])}, t)},
        "bias-correction-without-power": {"c1": lambda k: 1 - k.b1, "c2": lambda k: 1 - k.b2},
    },
}  # fmt: skip


def every():
    """Yield (optimizer, dtype, id) of every planted fault."""
    for (optimizer, dtype), planted in FAULTS.items():
        for id_ in planted:
            yield optimizer, dtype, id_
    by_hand = {id_ for planted in FAULTS.values() for id_ in planted}
    for fault in _told():
        if not by_hand & {case.id for case in fault.cases}:
            case = fault.cases[len(fault.cases) // 2]
            optimizer = _home(case)
            if optimizer is not None:
                yield optimizer, "float32", case.id


def session(optimizer, dtype, id_, *, visible=True):
    """Return an implementation with a fault; with none where the id is empty."""
    pieces = FAULTS.get((optimizer, dtype), {}).get(id_) if id_ else {}
    if pieces is not None:
        return plantable.Planted(pieces, optimizer, visible=visible)
    assert visible, f"{id_} is planted by its entry: all of it is shown"
    return from_entry(optimizer, dtype, id_)


def from_entry(optimizer, dtype, id_):
    """Return an implementation with a fault, as the catalogue has it."""
    fault = catalogue.get(id_)
    if _edits_alone(fault):
        return Right(_with(fault, optimizer))
    return Fed(optimizer, dtype, hypothesis(optimizer, dtype, fault))


def checked(optimizer, dtype, id_, *, visible=True, names=(), pins=None):
    """Check an implementation with a fault, in this process."""
    its = session(optimizer, dtype, id_, visible=visible)
    return plantable.judged(its, dtype, optimizer, names=names, pins=pins)


def _home(fault):
    """Return the first optimizer that has a place for a fault; None if there is none."""
    has = _with if _edits_alone(fault) else lambda x, name: hypothesis(name, "float32", x)
    return next((name for name in training() if has(fault, name) is not None), None)


def _edits_alone(fault):
    return fault.edit is not None and fault.drive is None and not fault.rounds


@cache
def _with(fault, optimizer):
    """Return the first dialect of an optimizer that has a place for a fault, with it."""
    made = (fault.applied(rule) for rule in _dialects(optimizer))
    return next((rule for rule in made if rule is not None), None)


@cache
def _dialects(optimizer):
    return tuple(rules.optimizer(optimizer).rules())


DIALECTS = ("bias-uncorrected", "decay-without-alpha")
"""What is no fault unless another dialect is pinned: the step without it is judged as one."""


def missing():
    """Return the faults that a check tells and that are planted for no value of their parameter."""
    planted = {id_ for _, _, id_ in every()}
    return [x.id for x in _told() if not planted & {case.id for case in x.cases}]


def _told():
    return [x for x in catalogue.every() if not (x.told_as or x.limit or x.id in DIALECTS)]
