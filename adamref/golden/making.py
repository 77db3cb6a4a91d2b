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
}
"""Adam and its dialects, by the word that stands in a probe's name."""


def generic_of(rule: Rule) -> dict[str, str]:
    """Return generic values for the hyperparameters of a rule, but alpha."""
    return {name: x.generic for name, x in rule.hypers.items() if name != "alpha"}


def rule_of(word: str) -> Rule:
    """Return the rule that a word in a probe's name means."""
    rule, axes = RULES[word]
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
    rule, axes = RULES[word]
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
