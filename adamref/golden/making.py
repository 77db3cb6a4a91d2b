"""What the families of probes have in common: hyperparameters, names, short constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from adamref.golden.drawn import Drawn
from adamref.golden.probe import Listed, Probe, Tensor, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GENERIC = {"beta1": "0.83", "beta2": "0.97", "eps": "0.0137"}
"""Values with nothing special about them: no power of another, eps visible, decay fast."""

GENERIC_ALPHA = "0.013"
GENERIC_DECAY = {"weight_decay": "0.17"}
DEFAULT = {"beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
DEFAULT_ALPHA = "0.001"

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


def extra(word: str) -> dict[str, str]:
    """Return the hyperparameters that a dialect has beyond Adam's, generic."""
    if word in ("l2", "adamw", "adamw-after"):
        return dict(GENERIC_DECAY)
    return {"eps_root": "0.0053"} if word == "eps-root" else {}


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
        values={**GENERIC, **extra(word)} if values is None else values,
        alpha=(alpha,) if isinstance(alpha, str) else tuple(alpha),
        tensors=tuple(tensors),
        steps=steps,
        recorded=tuple(recorded) or tuple(range(1, steps + 1)),
        flags=tuple(flags),
        axes=axes,
        hyper=hyper,
        constructor=constructor,
    )
