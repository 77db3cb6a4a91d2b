"""Flags: what a probe hunts, what that does, and where it has been seen.

Most flags point to faults of the catalogue (`adamref.faults`), whose sentences they have. The
others are no faults: legitimate dialects that are easily taken for each other, constructors'
defaults, and edges of the arithmetic. These have a note of their own kind.

Each flag has a note, and each note is used (a test sees to both).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

from adamref import faults
from adamref.rules.adam import ADAMS


@final
@dataclass(frozen=True)
class Note:
    """What a flag stands for.

    Attributes
    ----------
    fault : str
        What is done instead of the right thing.
    effect : str
        How it shows.
    source : str
        Where it was seen, or what it contradicts.
    kind : {"fault", "dialect", "defaults", "edge"}
        What it is.
    faults : tuple of str
        The faults of the catalogue that it stands for, if it is of that kind.
    """

    fault: str
    effect: str
    source: str
    kind: str = "edge"
    faults: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the note as it stands in a file."""
        said = {"fault": self.fault, "effect": self.effect, "source": self.source}
        return {**said, "kind": self.kind, "faults": list(self.faults)}


_OF_FAULTS: dict[str, str] = {
    "moment-without-complement": "m-without-complement v-without-complement",
    "beta-as-complement": "m-decay-and-complement-swapped v-decay-and-complement-swapped",
    "betas-swapped": "m-with-beta2 v-with-beta1",
    "moment-forgets": "m-forgets-its-past v-forgets-its-past m-past-undecayed v-past-undecayed",
    "gradient-not-squared": "v-without-square v-complement-squared v-of-m",
    "power-missing": "m_hat-without-power v_hat-without-power",
    "product-for-power": "m_hat-product-for-power v_hat-product-for-power",
    "t-ahead": "m_hat-power-t-plus-one v_hat-power-t-plus-one",
    "t-behind": "m_hat-power-t-minus-one v_hat-power-t-minus-one",
    "correction-multiplied": "m_hat-multiplied v_hat-multiplied",
    "correction-by-power": "m_hat-by-power-alone v_hat-by-power-alone",
    "uncorrected": "bias-uncorrected m_hat-uncorrected v_hat-uncorrected",
    "step-from-wrong-moment": "step-with-m step-with-v step-with-gradient",
    "step-sign": "update-added",
    "update-absorbed": "theta-in-bfloat16 theta-in-float16",
    "betas-narrowed": "betas-in-float32 betas-in-bfloat16",
    "power-accumulated": "running-powers-in-float32",
    "vector-tail": "vector-tail-4 vector-tail-8",
    "nan-spread": "nan-spread nan-step-skipped",
    "nan-hidden": "nan-replaced nan-element-skipped",
}
"""The faults behind a flag that has another name than these."""

_FAULTS = """
corrected-in-place moments-shared zero-gradient-skipped correction-misses-root root-forgotten
eps-inside-root eps-subtracted eps-omitted step-multiplied decay-ignored decay-l2
decay-decoupled decay-without-alpha maximum-ignored maximum-fed-back v-lost-on-resume
state-lost-on-resume t-lost-on-resume t-per-tensor t-while-missing missing-as-zero
schedule-ignored counter-float32 counter-bfloat16 counter-int32
""".split()
"""Flags that are faults by the same name."""


def _noted(ids: tuple[str, ...]) -> Note:
    its = [faults.get(id_) for id_ in ids]
    return Note(
        _joined(x.says for x in its),
        _joined(x.effect for x in its),
        _joined(x.source(*(one.rule for one in ADAMS)) for x in its),
        "fault",
        ids,
    )


def _joined(sentences: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(sentences))


NOTES: dict[str, Note] = {
    **{flag: _noted(tuple(ids.split())) for flag, ids in _OF_FAULTS.items()},
    **{flag: _noted((flag,)) for flag in _FAULTS},
    "eps-hat": Note(
        "epsilon is added to the uncorrected root",
        "epsilon acts as one that is larger by 1/sqrt(1 - beta2**t): 32 times at the first step",
        "tensorflow/tensorflow#9047, keras-team/keras#17391, pytorch/pytorch#2060", "dialect"),
    "decay-order": Note(
        "theta is decayed after the step where the rule has it before, or the other way round",
        "the step itself is decayed: theta differs by alpha*weight_decay*delta",
        "Loshchilov & Hutter 2019, Algorithm 2, line 12", "dialect"),
    "maximum-order": Note(
        "the maximum is taken after the correction where the rule has it before, or the reverse",
        "different steps as soon as the gradients shrink",
        "pytorch/pytorch#142323, google-deepmind/optax#1423", "dialect"),
    "default-eps": Note(
        "the constructor's epsilon is not 1e-8", "theta differs where gradients are small",
        "mlpnlp/mlpnlp-nmt#4", "defaults"),
    "default-alpha": Note(
        "the constructor's step size is not 0.001", "every step differs by a factor",
        "pytorch/pytorch#576", "defaults"),
    "lerp-overflow": Note(
        "the average is formed as m + (1 - beta1)*(g - m)",
        "the difference overflows for large gradients of opposite sign, where the sum would not",
        "IEEE 754-2019, section 7.4"),
    "eps-underflow": Note(
        "an epsilon of 1e-8 is stored in binary16, where it is zero",
        "a zero gradient gives 0/0 = NaN, which stays",
        "google-deepmind/optax#1754, chainer/chainer#6299"),
    "zero-power": Note(
        "0**t is computed wrongly for beta1 = 0", "1 - beta1**t is 0 at some t, and theta is NaN",
        "google-deepmind/optax#46"),
    "square-overflow": Note(
        "g*g is formed in binary32 and overflows for |g| > 1.8e19",
        "v is infinite and theta stands still for good", "FeRx-NLME/ferx-core#1112"),
    "square-underflow": Note(
        "g*g underflows to zero for |g| < 2.6e-23 in binary32",
        "v is zero, and the step is m_hat/eps or NaN",
        "NVIDIA/apex#799 (NaN where v is next to zero)"),
    "subnormal-flushed": Note(
        "subnormal numbers are flushed to zero", "a small v is zero", "jax-ml/jax#26668"),
    "inf-hidden": Note(
        "an infinite gradient is clamped to a finite one",
        "theta takes a plain step where the rule has inf/inf = NaN", "IEEE 754-2019, section 7.2"),
    "zero-over-zero": Note(
        "0/0 is guarded by a small number that is not epsilon",
        "with epsilon 0 and g = 0 theta keeps its value where the rule has NaN",
        "IEEE 754-2019, section 7.2"),
}  # fmt: skip
"""Every note, by its flag."""
