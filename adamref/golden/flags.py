"""Flags: the fault that a probe hunts, what it does, and where it has been seen.

Each flag has a note, and each note is used (a test sees to both). A source is a report that shows
the fault or its suspicion, or the place of the literature that it contradicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Note:
    """What a flag stands for.

    Attributes
    ----------
    fault : str
        What was done instead of the right thing.
    effect : str
        How it shows.
    source : str
        Where it was seen, or what it contradicts.
    edits : tuple of str
        The faults of `adamref.rules.faults` that it covers; empty for one in the driver.
    """

    fault: str
    effect: str
    source: str
    edits: tuple[str, ...] = ()

    def as_json(self) -> dict[str, str]:
        """Return the note as it stands in a file."""
        return {"fault": self.fault, "effect": self.effect, "source": self.source}


_ALGORITHM = "Kingma & Ba 2015, Algorithm 1"

MOMENTS = {
    "moment-without-complement": Note(
        "the factor 1 - beta is left out of a moment",
        "m or v is too large by 1/(1 - beta) and the step by a constant factor",
        _ALGORITHM,
        ("m-without-complement", "v-without-complement"),
    ),
    "beta-as-complement": Note(
        "beta is taken for 1 - beta",
        "beta2 = 0.999 makes v forget at once instead of remembering",
        "mila-iqia/blocks#1159",
        ("m-decay-and-complement-swapped", "v-decay-and-complement-swapped"),
    ),
    "betas-swapped": Note(
        "one moment decays with the beta of the other",
        "wrong from the first step on; invisible where the betas are equal",
        _ALGORITHM,
        ("m-with-beta2", "v-with-beta1"),
    ),
    "moment-forgets": Note(
        "the previous moment is left out, or not decayed",
        "right at the first step, wrong from the second on",
        _ALGORITHM,
        ("m-forgets-its-past", "v-forgets-its-past", "m-past-undecayed", "v-past-undecayed"),
    ),
    "gradient-not-squared": Note(
        "v averages g, or the square of the wrong thing",
        "v has the wrong size, and the wrong sign for negative g",
        _ALGORITHM,
        ("v-without-square", "v-complement-squared", "v-of-m"),
    ),
    "corrected-in-place": Note(
        "the bias-corrected moment is stored as the moment",
        "the correction accumulates: right at the first step, too large from the second on",
        "frgfm/holocron#1",
    ),
    "moments-shared": Note(
        "v is averaged over the elements of a tensor",
        "elements with small gradients hardly move; invisible with one element",
        f"{_ALGORITHM}: all operations on vectors are element-wise",
    ),
    "zero-gradient-skipped": Note(
        "an element whose gradient is zero is passed over, as in lazy or sparse variants",
        "its moments do not decay and its parameter does not move by what is left of m",
        "tensorflow/tensorflow#23668",
    ),
    "lerp-overflow": Note(
        "the average is formed as m + (1 - beta1)*(g - m)",
        "the difference overflows for large gradients of opposite sign, where the sum would not",
        "IEEE 754-2019, section 7.4",
    ),
}

CORRECTIONS = {
    "power-missing": Note(
        "the moments are divided by 1 - beta instead of 1 - beta**t",
        "right at the first step; later steps keep the first one's correction",
        "PennyLaneAI/pennylane#1929",
        ("m_hat-without-power", "v_hat-without-power"),
    ),
    "product-for-power": Note(
        "beta*t is taken for beta**t",
        "right at the first step, then of the wrong size and soon of the wrong sign",
        _ALGORITHM,
        ("m_hat-product-for-power", "v_hat-product-for-power"),
    ),
    "t-ahead": Note(
        "the correction uses t + 1",
        "the first steps are too small",
        "suspected in tensorflow/tensorflow#35444",
        ("m_hat-power-t-plus-one", "v_hat-power-t-plus-one"),
    ),
    "t-behind": Note(
        "t starts at 0",
        "the first step divides by 1 - beta**0 = 0: inf or NaN",
        "tracel-ai/burn#834",
        ("m_hat-power-t-minus-one", "v_hat-power-t-minus-one"),
    ),
    "correction-multiplied": Note(
        "the moments are multiplied by the correction instead of divided",
        "the first step is many times too small or too large",
        "karpathy/convnetjs#70",
        ("m_hat-multiplied", "v_hat-multiplied"),
    ),
    "correction-by-power": Note(
        "the moments are divided by beta**t",
        "hardly visible at first, infinite after some hundred steps",
        "kozistr/pytorch_optimizer#525",
        ("m_hat-by-power-alone", "v_hat-by-power-alone"),
    ),
    "uncorrected": Note(
        "the bias of the moments is not corrected",
        "the first steps are wrong by (1 - beta1)/sqrt(1 - beta2)",
        "Kingma & Ba 2015, section 3; an option that is off by default in "
        "microsoft/onnxruntime#3301",
        ("m_hat-uncorrected", "v_hat-uncorrected", "both-uncorrected"),
    ),
    "correction-misses-root": Note(
        "the correction of v is applied to its root without taking the root of the correction",
        "the step is wrong by sqrt(1 - beta2**t)",
        "proposed and caught in the review of pytorch/pytorch#23737",
    ),
}

STEPS = {
    "root-forgotten": Note(
        "the root of v_hat is not taken",
        "the step goes as 1/g instead of sign(g)",
        _ALGORITHM,
        ("root-forgotten",),
    ),
    "eps-inside-root": Note(
        "epsilon stands under the root where the rule has it outside",
        "at the defaults it acts as an epsilon of 1e-4: gradients of that size hardly move theta",
        "FluxML/Flux.jl#448, CyberZHG/keras-radam#29",
        ("eps-inside-root",),
    ),
    "eps-hat": Note(
        "epsilon is added to the uncorrected root",
        "epsilon acts as one that is larger by 1/sqrt(1 - beta2**t): 32 times at the first step",
        "tensorflow/tensorflow#9047, keras-team/keras#17391, pytorch/pytorch#2060",
    ),
    "eps-subtracted": Note(
        "epsilon is subtracted from the root",
        "steps are too large, and infinite or reversed where |g| comes near epsilon",
        "tensorflow/tensorflow#61411",
    ),
    "eps-omitted": Note(
        "epsilon is left out, or is lost by rounding",
        "small gradients make full steps, and a zero gradient gives NaN",
        "OpenMined/PySyft#740",
        ("eps-omitted",),
    ),
    "eps-underflow": Note(
        "an epsilon of 1e-8 is stored in binary16, where it is zero",
        "a zero gradient gives 0/0 = NaN, which stays",
        "google-deepmind/optax#1754, chainer/chainer#6299",
    ),
    "step-multiplied": Note(
        "the step is multiplied by the root instead of divided",
        "large gradients make larger steps",
        "oracle/tribuo#401",
        ("step-multiplied",),
    ),
    "step-from-wrong-moment": Note(
        "the step uses g or m for m_hat, or v for v_hat",
        "the averaging or the correction has no effect on theta",
        _ALGORITHM,
        ("step-with-m", "step-with-v", "step-with-gradient"),
    ),
    "step-sign": Note(
        "the step is added with the wrong sign",
        "theta climbs",
        _ALGORITHM,
        ("update-added",),
    ),
    "update-absorbed": Note(
        "theta is stored in a narrow format, and each step is below half its ulp",
        "theta never moves, however many steps are made",
        "Nerogar/OneTrainer#996",
    ),
}

DECAY = {
    "decay-ignored": Note(
        "the weight decay that was asked for is not applied",
        "theta does not shrink",
        "PaddlePaddle/Paddle#5836",
    ),
    "decay-l2": Note(
        "decoupled decay is added to the gradient instead",
        "the decay is divided by sqrt(v_hat) with the rest: it hardly depends on theta",
        "Loshchilov & Hutter 2019, Algorithm 2",
    ),
    "decay-decoupled": Note(
        "the L2 term is taken out of the gradient and applied to theta",
        "the moments lack weight_decay*theta",
        "the confusion is discussed in pytorch/pytorch#41679",
    ),
    "decay-without-alpha": Note(
        "theta is multiplied by 1 - weight_decay instead of 1 - alpha*weight_decay",
        "the decay does not follow the schedule and is far too strong",
        "flashlight/flashlight#143, deeplearning4j/deeplearning4j#5843",
    ),
    "decay-order": Note(
        "theta is decayed after the step where the rule has it before, or the other way round",
        "the step itself is decayed: theta differs by alpha*weight_decay*delta",
        "Loshchilov & Hutter 2019, Algorithm 2, line 12",
    ),
}

AMSGRAD = {
    "maximum-ignored": Note(
        "AMSGrad's maximum is not used",
        "plain Adam: steps grow again once the gradients shrink",
        "chaoshangcs/GTS#16",
    ),
    "maximum-order": Note(
        "the maximum is taken after the correction where the rule has it before, or the reverse",
        "different steps as soon as the gradients shrink",
        "pytorch/pytorch#142323, google-deepmind/optax#1423",
    ),
    "maximum-fed-back": Note(
        "v itself is replaced by the maximum",
        "v no longer decays",
        "Reddi, Kale & Kumar 2018, Algorithm 2",
    ),
    "v-lost-on-resume": Note(
        "v starts at zero again while the maximum is restored",
        "theta is right as long as the maximum hides it: only v tells",
        "TrenTorch/TrenTorch#187",
    ),
}

DRIVER = {
    "state-lost-on-resume": Note(
        "m and v start at zero again",
        "the first steps after a restart are those of a fresh optimizer with a large t",
        "OpenNMT/OpenNMT-py#617, TrenTorch/TrenTorch#187",
    ),
    "t-lost-on-resume": Note(
        "t starts at 1 again while m and v are restored",
        "the moments are corrected a second time: the step is far too large or small",
        "TrenTorch/TrenTorch#187",
    ),
    "t-per-tensor": Note(
        "one counter for all tensors is advanced at each of them",
        "every tensor but the first has a t that is too large",
        "DiffSharp/DiffSharp#292, flashlight/flashlight#143",
    ),
    "t-while-missing": Note(
        "t advances for a tensor that has no gradient",
        "a tensor that comes late is corrected as an old one: its first steps have the wrong size",
        "ooples/AiDotNet#1748",
    ),
    "missing-as-zero": Note(
        "a missing gradient is taken for one of zeros",
        "the moments decay and theta moves where nothing should happen",
        "the two are told apart in pytorch/pytorch#42754",
    ),
    "schedule-ignored": Note(
        "alpha is captured at the first step",
        "a schedule has no effect",
        "ooples/AiDotNet#1470, PaddlePaddle/Paddle#28300",
    ),
    "counter-float32": Note(
        "t is kept in binary32 and sticks at 2**24",
        "the correction stands still; visible with a beta2 near 1",
        "the same at 256 with bfloat16: pytorch/ao#4915",
    ),
    "counter-bfloat16": Note(
        "t is kept in bfloat16 and sticks at 256",
        "v_hat stays 1/(1 - beta2**256) times v: at the defaults 4.4 times too large",
        "pytorch/ao#4915",
    ),
    "counter-int32": Note(
        "t is a 32-bit integer and wraps to -2**31",
        "beta**t is huge, the correction negative: NaN or steps of size zero",
        "ISO/IEC 9899:2018, section 6.5, paragraph 5: overflow of a signed integer is undefined",
    ),
    "betas-narrowed": Note(
        "beta is rounded to a narrow format before 1 - beta is formed",
        "beta2 = 0.999 becomes 0.996 in bfloat16; 1 - 1e-8 becomes 1 in binary32",
        "tenstorrent/tt-metal#55935",
    ),
    "power-accumulated": Note(
        "beta**t is kept as a running product in binary32",
        "an error of the corrections that grows with t",
        "PaddlePaddle/Paddle#58378",
    ),
    "vector-tail": Note(
        "the elements behind the last full vector register or block are not updated",
        "with 13 elements the last one or five stand still",
        "bytedance/lightseq#98 (a kernel wrong for sizes below its block)",
    ),
    "default-eps": Note(
        "the constructor's epsilon is not 1e-8",
        "theta differs where gradients are small",
        "mlpnlp/mlpnlp-nmt#4",
    ),
    "default-alpha": Note(
        "the constructor's step size is not 0.001",
        "every step differs by a factor",
        "pytorch/pytorch#576",
    ),
    "zero-power": Note(
        "0**t is computed wrongly for beta1 = 0",
        "1 - beta1**t is 0 at some t, and theta is NaN",
        "google-deepmind/optax#46",
    ),
}

RANGES = {
    "square-overflow": Note(
        "g*g is formed in binary32 and overflows for |g| > 1.8e19",
        "v is infinite and theta stands still for good",
        "FeRx-NLME/ferx-core#1112",
    ),
    "square-underflow": Note(
        "g*g underflows to zero for |g| < 2.6e-23 in binary32",
        "v is zero, and the step is m_hat/eps or NaN",
        "NVIDIA/apex#799 (NaN where v is next to zero)",
    ),
    "subnormal-flushed": Note(
        "subnormal numbers are flushed to zero",
        "a small v is zero",
        "jax-ml/jax#26668",
    ),
    "nan-spread": Note(
        "a NaN reaches other elements, or the whole step is skipped because of it",
        "elements with sound gradients are lost or stand still",
        f"{_ALGORITHM}: all operations are element-wise; PaddlePaddle/Paddle#34176 skips the step",
    ),
    "nan-hidden": Note(
        "a maximum, a clamp or a comparison swallows the NaN of a gradient",
        "theta looks sound where it is not",
        "IEEE 754-2019, section 6.2",
    ),
    "inf-hidden": Note(
        "an infinite gradient is clamped to a finite one",
        "theta takes a plain step where the rule has inf/inf = NaN",
        "IEEE 754-2019, section 7.2",
    ),
    "zero-over-zero": Note(
        "0/0 is guarded by a small number that is not epsilon",
        "with epsilon 0 and g = 0 theta keeps its value where the rule has NaN",
        "IEEE 754-2019, section 7.2",
    ),
}

NOTES: dict[str, Note] = {
    **MOMENTS, **CORRECTIONS, **STEPS, **DECAY, **AMSGRAD, **DRIVER, **RANGES,
}  # fmt: skip
"""Every note, by its flag."""
