"""What the families of probes have in common: hyperparameters, names, short constructors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from adamref import rules
from adamref.golden.drawn import Drawn
from adamref.golden.probe import Listed, Probe, Tensor, Vector
from adamref.rules.hyper import COMMON

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

GENERIC = {name: COMMON[name].generic for name in ("beta1", "beta2", "eps")}
"""Values with nothing special about them: no power of another, eps visible, decay fast."""

GENERIC_ALPHA = COMMON["alpha"].generic
DEFAULT = {name: x for name, x in rules.ADAM.defaults.items() if name != "alpha"}
DEFAULT_ALPHA = rules.ADAM.defaults["alpha"]

WIDE = ("float64", "float32")
NARROW = ("bfloat16", "float16")

THETA: Vector = (0.5, -0.0625, 1.75)
GRADIENTS: Listed = (
    (0.75, -1.5, 0.375),
    (-0.5, -0.625, 2.0),
    (1.25, 0.8125, -1.0),
    (0.3125, 1.125, 0.6875),
    (-1.75, 0.4375, -0.5625),
    (0.875, -0.9375, 1.5),
)
"""Small multiples of 1/16: exact in every format, different at each step and element."""

_L2, _DECOUPLED = {"weight_decay": "l2"}, {"weight_decay": "decoupled-before"}
RULES: dict[str, tuple[str, Mapping[str, str]]] = {
    "adam": ("adam", {}),
    "eps-hat": ("adam", {"form": "eps-hat"}),
    "eps-inside": ("adam", {"form": "eps-inside"}),
    "eps-root": ("adam", {"form": "eps-root"}),
    "uncorrected": ("adam", {"bias_correction": "off"}),
    "l2": ("adam-l2", {}),
    "adamw": ("adamw", {}),
    "adamw-after": ("adamw", {"weight_decay": "decoupled-after"}),
    "amsgrad": ("amsgrad", {}),
    "amsgrad-v-hat": ("amsgrad", {"amsgrad": "v_hat"}),
    "gradient-descent": ("gradient-descent", {}),
    "momentum": ("momentum", {}),
    "heavy-ball": ("heavy-ball", {}),
    "rmsprop": ("rmsprop", {}),
    "rmsprop-inside": ("rmsprop", {"form": "eps-inside"}),
    "adagrad": ("adagrad", {}),
    "adamax": ("adamax", {}),
    "nadam": ("nadam", {}),
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
"""Dialects by the word that stands in a probe's name; any other word is the name of a rule."""


def generic_of(rule: Rule) -> dict[str, str]:
    """Return generic values for the hyperparameters of a rule, but alpha."""
    return {name: x.generic for name, x in rule.hypers.items() if name != "alpha"}


def rule_of(word: str) -> Rule:
    """Return the rule that a word in a probe's name means."""
    rule, axes = RULES.get(word, (word, {}))
    return rules.get(rule, **axes)


def single(theta: Vector, gradients: Listed | Drawn, **more: Any) -> tuple[Tensor, ...]:
    """Return one tensor."""
    return (Tensor(theta, gradients, **more),)


def probe(
    name: str,
    says: str,
    tensors: Sequence[Tensor],
    flags: Sequence[str],
    *,
    dtype: str,
    word: str = "adam",
    kind: Literal["core", "edge"] = "core",
    values: Mapping[str, str] | None = None,
    alpha: str | Sequence[str] = GENERIC_ALPHA,
    steps: int | None = None,
    recorded: Sequence[int] = (),
    hyper: str = "literal",
    constructor: Literal["given", "defaults"] = "given",
) -> Probe:
    """Return a probe; every step is recorded unless said otherwise."""
    rule, axes = RULES.get(word, (word, {}))
    gradients = tensors[0].gradients
    if steps is None:
        assert not isinstance(gradients, Drawn)
        steps = len(gradients)
    return Probe(
        name=name,
        kind=kind,
        says=says,
        rule=rule,
        dtype=dtype,
        values=generic_of(rule_of(word)) if values is None else values,
        alpha=(alpha,) if isinstance(alpha, str) else tuple(alpha),
        tensors=tuple(tensors),
        steps=steps,
        recorded=tuple(recorded) or tuple(range(1, steps + 1)),
        flags=tuple(flags),
        axes=axes,
        hyper=hyper,
        constructor=constructor,
    )
