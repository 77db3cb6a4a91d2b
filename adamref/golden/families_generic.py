"""Generic values: where every fault shows, because nothing is special."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from adamref import rules
from adamref.golden.making import (
    DEFAULT,
    DEFAULT_ALPHA,
    GENERIC_ALPHA,
    GRADIENTS,
    NARROW,
    THETA,
    WIDE,
    generic_of,
    probe,
    single,
)
from adamref.golden.probe import Probe

_SAYS = "Generic values: every single fault and every pair of faults leaves another trace."
_EVERY_FAULT = (
    "moment-without-complement",
    "beta-as-complement",
    "betas-swapped",
    "moment-forgets",
    "gradient-not-squared",
    "corrected-in-place",
    "power-missing",
    "product-for-power",
    "t-ahead",
    "t-behind",
    "correction-multiplied",
    "correction-by-power",
    "uncorrected",
    "correction-misses-root",
    "root-forgotten",
    "eps-inside-root",
    "eps-hat",
    "eps-subtracted",
    "eps-omitted",
    "step-multiplied",
    "step-from-wrong-moment",
    "step-sign",
)
# Eight bits or eleven do not show an epsilon of 0.0137 beside a root of about 1.
_TOO_FINE = {
    "bfloat16": {"eps-inside-root", "eps-hat", "eps-subtracted", "eps-omitted"},
    "float16": {"eps-inside-root"},
}
_OF_DIALECT = {
    "eps-hat": ("uncorrected", "eps-inside-root"),
    "eps-inside": ("eps-omitted",),
    "eps-root": ("eps-inside-root", "eps-omitted"),
    "uncorrected": ("betas-swapped", "eps-omitted"),
    "l2": ("decay-ignored", "decay-decoupled"),
    "adamw": ("decay-ignored", "decay-l2", "decay-without-alpha", "decay-order"),
    "adamw-after": ("decay-ignored", "decay-l2", "decay-without-alpha", "decay-order"),
    "amsgrad": ("maximum-order",),
    "amsgrad-v-hat": ("maximum-ignored", "maximum-order"),
}
_RELATIVES = {
    "gradient-descent": (),
    "momentum": ("moment-without-complement",),
    "heavy-ball": ("moment-forgets",),
    "rmsprop": ("eps-inside-root", "root-forgotten"),
    "rmsprop-inside": ("eps-omitted",),
    "adagrad": ("root-forgotten",),
    "adamax": ("uncorrected",),
    "nadam": ("uncorrected",),
}
_L2, _DECOUPLED = {"weight_decay": "l2"}, {"weight_decay": "decoupled-before"}
_FRAMEWORKS: dict[str, tuple[str, Mapping[str, str]]] = {
    "rmsprop-centered": ("rmsprop", {"centered": "on"}),
    "rmsprop-momentum": ("rmsprop", {"momentum": "rate-outside", **_L2}),
    "rmsprop-keras": ("rmsprop", {"form": "eps-inside", "momentum": "rate-inside", **_DECOUPLED}),
    "rmsprop-nesterov": (
        "rmsprop",
        {"form": "eps-inside", "centered": "on", "momentum": "nesterov"},
    ),
    "nadam-l2": ("nadam", _L2),
    "nadam-decoupled": ("nadam", _DECOUPLED),
    "nadam-constant": ("nadam", {"look_ahead": "constant", "form": "eps-root"}),
    "nadam-corrected-once": ("nadam", {"look_ahead": "corrected-once"}),
    "adamax-eps-in-norm": ("adamax", {"form": "eps-in-norm", **_L2}),
    "adamax-eps-outside": ("adamax", {"form": "eps-outside", **_DECOUPLED}),
    "adagrad-schedule": ("adagrad", {"schedule": "inverse", **_L2}),
    "adagrad-eps-inside": ("adagrad", {"form": "eps-inside", **_DECOUPLED}),
    "sgd-l2": ("sgd", _L2),
    "sgd-nesterov": ("sgd", {"momentum": "rate-outside", "nesterov": "on", **_L2}),
    "sgd-dampened": ("sgd", {"momentum": "dampened"}),
    "sgd-average": ("sgd", {"momentum": "average", **_DECOUPLED}),
    "sgd-keras": ("sgd", {"momentum": "rate-inside", **_DECOUPLED}),
    "sgd-keras-nesterov": ("sgd", {"momentum": "rate-inside", "nesterov": "on"}),
    "adan": ("adan", {}),
    "adan-decoupled": ("adan", {"form": "eps-root", **_DECOUPLED}),
    "lamb": ("lamb", {}),
    "lamb-keras": ("lamb", _DECOUPLED),
    "lamb-clamped": ("lamb", {"bias_correction": "off", "norm": "clamped"}),
    "stable-adamw": ("stable-adamw", {}),
    "stable-adamw-l2": ("stable-adamw", _L2),
    "stable-adamw-timm": ("stable-adamw", {"clip": "ratio", **_DECOUPLED}),
}
"""Forms of frameworks, Adan, LAMB and StableAdamW, by the word that stands in a probe's name."""
_NEWER: dict[str, tuple[str, Mapping[str, str]]] = {
    "radam": ("radam", {}),
    "radam-l2": ("radam", _L2),
    "radam-decoupled": ("radam", _DECOUPLED),
    "radam-threshold-4": ("radam", {"threshold": "4"}),
    "radam-eps-hat": ("radam", {"form": "eps-hat"}),
    "radam-skip": ("radam", {"form": "eps-hat", "unrectified": "skip", **_DECOUPLED}),
    "adabelief": ("adabelief", {}),
    "adabelief-l2": ("adabelief", _L2),
    "adabelief-decoupled": ("adabelief", _DECOUPLED),
    "adabelief-eps-root": ("adabelief", {"form": "eps-root"}),
    "adabelief-amsgrad": ("adabelief", {"amsgrad": "v"}),
    "adabelief-rectified": ("adabelief", {"rectify": "on"}),
    "lion": ("lion", {}),
    "lion-l2": ("lion", _L2),
    "adopt": ("adopt", {}),
    "adopt-l2": ("adopt", _L2),
    "adopt-decoupled": ("adopt", _DECOUPLED),
    "adopt-unclipped": ("adopt", {"clip": "none"}),
    "ademamix": ("ademamix", {}),
    "ademamix-l2": ("ademamix", _L2),
    "ademamix-decoupled": ("ademamix", _DECOUPLED),
    "ademamix-warmup": ("ademamix", {"schedule": "paper"}),
    "cautious-adamw": ("cautious-adamw", {}),
    "cautious-adamw-mean": ("cautious-adamw", {"scale": "mean", **_DECOUPLED}),
    "schedule-free-adamw": ("schedule-free-adamw", {}),
    "schedule-free-adamw-paper": ("schedule-free-adamw", {"form": "paper"}),
    "schedule-free-adamw-keras": ("schedule-free-adamw", {"form": "keras"}),
}
"""The newer optimizers and their dialects, by the word that stands in a probe's name."""


def generic() -> Iterator[Probe]:
    """Yield Adam in every dtype and convention, its dialects, and its relatives."""
    for dtype in ("float64", "float32", *NARROW):
        for hyper in ("literal",) if dtype == "float64" else ("literal", "rounded", "mixed"):
            name = f"generic-{dtype}" + ("" if dtype == "float64" else f"-{hyper}")
            tensors = single(THETA, GRADIENTS)
            seen = [flag for flag in _EVERY_FAULT if flag not in _TOO_FINE.get(dtype, ())]
            yield probe(name, _SAYS, tensors, seen, dtype=dtype, hyper=hyper)
    for dtype in WIDE:
        for word, flags in _OF_DIALECT.items():
            says = "Generic values for a dialect: Adam itself leaves another trace."
            tensors = single(THETA, GRADIENTS)
            yield probe(f"generic-{word}-{dtype}", says, tensors, flags, dtype=dtype, word=word)
        for name, flags in _RELATIVES.items():
            inside = {"form": "eps-inside"} if name.endswith("-inside") else {}
            yield _relative(name, dtype, name.removesuffix("-inside"), inside, flags)
        for name, (rule, axes) in {**_FRAMEWORKS, **_NEWER}.items():
            yield _relative(name, dtype, rule, axes)


def elsewhere(known: Collection[str]) -> Iterator[Probe]:
    """Yield the usual dialect of every rule that has no probe yet: those of other packages."""
    for name, optimizer in rules.family().items():
        if name not in known and optimizer.trains:
            for dtype in WIDE:
                yield _relative(name, dtype, name, {})


def _relative(
    name: str, dtype: str, rule: str, axes: Mapping[str, str], flags: tuple[str, ...] = ()
) -> Probe:
    return Probe(
        name=f"generic-{name}-{dtype}",
        kind="core",
        says="Generic values for a relative of Adam, whose lines share Adam's symbols.",
        rule=rule,
        dtype=dtype,
        values=generic_of(rules.get(rule, **axes)),
        alpha=(GENERIC_ALPHA,),
        tensors=single(THETA, GRADIENTS),
        steps=len(GRADIENTS),
        recorded=tuple(range(1, len(GRADIENTS) + 1)),
        flags=flags,
        axes=axes,
    )


def defaults() -> Iterator[Probe]:
    """Yield what a constructor without hyperparameters must do."""
    says = "The default constructor: small gradients show its epsilon, theta0 = 0 its step size."
    gradients = ((2.0**-20, -(2.0**-24), 3.0), (2.0**-21, 2.0**-25, -1.0), (0.0, 2.0**-24, 0.5))
    # beta2 = 0.999 is 1 in bfloat16: no other convention has a meaning there.
    for dtype, hyper in (
        ("float64", "literal"),
        ("float32", "literal"),
        ("float32", "rounded"),
        ("float32", "mixed"),
        ("bfloat16", "literal"),
    ):
        yield probe(
            f"defaults-{dtype}" + (f"-{hyper}" if dtype == "float32" else ""),
            says,
            single((0.0, 0.0, 0.0), gradients),
            ("default-eps", "default-alpha", "eps-inside-root", "eps-hat"),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
            hyper=hyper,
            constructor="defaults",
        )
    yield probe(
        "defaults-float16",
        "An epsilon of 1e-8 is zero in binary16; a gradient of zero shows it.",
        single((0.5, -2.0), ((0.0, 1.0), (0.0, -0.5), (0.25, 0.75))),
        ("eps-underflow",),
        dtype="float16",
        kind="edge",
        values=DEFAULT,
        alpha=DEFAULT_ALPHA,
        constructor="defaults",
    )
