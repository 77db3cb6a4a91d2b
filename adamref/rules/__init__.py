"""Rules: every optimizer adamref knows, written down once, symbolically.

>>> print(ADAM.text())
mₜ = β₁·mₜ₋₁ + (1 - β₁)·gₜ
vₜ = β₂·vₜ₋₁ + (1 - β₂)·gₜ²
m̂ₜ = mₜ/(1 - β₁ᵗ)
v̂ₜ = vₜ/(1 - β₂ᵗ)
Δₜ = -α·m̂ₜ/(√v̂ₜ + ε)
θₜ = θₜ₋₁ + Δₜ
"""

from __future__ import annotations

from adamref.errors import UnknownName
from adamref.rules.adam import FORMS, MAXIMA, WEIGHT_DECAYS, adam
from adamref.rules.family import (
    ADAGRAD,
    ADAMAX,
    EWA,
    EWA_CORRECTED,
    FAMILY,
    GRADIENT_DESCENT,
    HEAVY_BALL,
    MOMENTUM,
    NADAM,
    RMSPROP,
    RMSPROP_INSIDE,
)
from adamref.rules.rule import Line, Rule

ADAM = adam()
ADAM_EPS_HAT = adam("eps-hat")
ADAM_EPS_INSIDE = adam("eps-inside")
ADAM_EPS_ROOT = adam("eps-root")
ADAM_UNCORRECTED = adam(bias_correction=False)
ADAM_L2 = adam(weight_decay="l2", name="adam-l2")
ADAMW = adam(weight_decay="decoupled-before", name="adamw")
ADAMW_AFTER = adam(weight_decay="decoupled-after", name="adamw")
AMSGRAD = adam(maximum="v", name="amsgrad")
AMSGRAD_V_HAT = adam(maximum="v_hat", name="amsgrad")

# What the name alone says about the axes.
_NAMED = {
    "adam": {},
    "adam-l2": {"weight_decay": "l2"},
    "adamw": {"weight_decay": "decoupled-before"},
    "amsgrad": {"maximum": "v"},
}

NAMES = (*_NAMED, *dict.fromkeys(rule.name for rule in FAMILY))
"""Every name that `get` knows."""


def get(name: str, **axes: str | bool) -> Rule:
    """Return a rule by name, in a dialect.

    Parameters
    ----------
    name : str
        One of `NAMES`, for example ``"adam"``, ``"adamw"``, ``"amsgrad"``, ``"rmsprop"``.
    **axes
        For the Adam names: ``form``, ``bias_correction``, ``weight_decay``, ``maximum`` (see
        `adamref.rules.adam.adam`). For ``"rmsprop"``: ``form``, "paper" (epsilon outside the root)
        or "eps-inside".

    Raises
    ------
    UnknownName
        If there is no such rule, axis or value.
    """
    if name in _NAMED:
        axes_known = ("form", "bias_correction", "weight_decay", "maximum")
        for axis in axes:
            if axis not in axes_known:
                raise UnknownName("axis", axis, axes_known)
        return adam(**{**_NAMED[name], **axes}, name=name)  # type: ignore[arg-type]
    found = [rule for rule in FAMILY if rule.name == name]
    if not found:
        raise UnknownName("rule", name, NAMES)
    for rule in found:
        if all(rule.dialect.get(axis) == value for axis, value in axes.items()):
            return rule
    spelled = ", ".join(f"{axis}={value}" for axis, value in axes.items())
    known = tuple(f"{a}={x}" for rule in found for a, x in rule.dialect.items())
    raise UnknownName(f"dialect of {name}", spelled, known or ("none",))


__all__ = [
    "ADAGRAD",
    "ADAM",
    "ADAMAX",
    "ADAMW",
    "ADAMW_AFTER",
    "ADAM_EPS_HAT",
    "ADAM_EPS_INSIDE",
    "ADAM_EPS_ROOT",
    "ADAM_L2",
    "ADAM_UNCORRECTED",
    "AMSGRAD",
    "AMSGRAD_V_HAT",
    "EWA",
    "EWA_CORRECTED",
    "FAMILY",
    "FORMS",
    "GRADIENT_DESCENT",
    "HEAVY_BALL",
    "MAXIMA",
    "MOMENTUM",
    "NADAM",
    "NAMES",
    "RMSPROP",
    "RMSPROP_INSIDE",
    "WEIGHT_DECAYS",
    "Line",
    "Rule",
    "adam",
    "get",
]
