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

from typing import Any

from adamref.rules.adagrad import ADAGRAD
from adamref.rules.adam import FORMS, MAXIMA, adam
from adamref.rules.adamax import ADAMAX
from adamref.rules.average import EWA, EWA_CORRECTED
from adamref.rules.decay import WEIGHT_DECAYS
from adamref.rules.descent import GRADIENT_DESCENT, HEAVY_BALL, MOMENTUM
from adamref.rules.family import family, optimizer
from adamref.rules.nadam import NADAM
from adamref.rules.optimizer import Axis, Optimizer
from adamref.rules.rmsprop import RMSPROPS
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

RMSPROP = RMSPROPS[0].rule
RMSPROP_INSIDE = RMSPROPS[0].get(form="eps-inside")


def get(name: str, **axes: Any) -> Rule:
    """Return a rule by name, in a dialect.

    Parameters
    ----------
    name : str
        One of `family`, for example ``"adam"``, ``"adamw"``, ``"amsgrad"``, ``"rmsprop"``.
    **axes
        By the names of the optimizer's axes: for the Adam names ``form``, ``bias_correction``
        ("on" and "off", or a bool), ``weight_decay`` and ``amsgrad`` (or ``maximum``); see
        `adamref.rules.adam.adam`.

    Raises
    ------
    UnknownName
        If there is no such rule, axis, value or combination.
    """
    if "maximum" in axes:
        axes["amsgrad"] = axes.pop("maximum")
    if isinstance(axes.get("bias_correction"), bool):
        axes["bias_correction"] = "on" if axes["bias_correction"] else "off"
    return optimizer(name).get(**axes)


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
    "FORMS",
    "GRADIENT_DESCENT",
    "HEAVY_BALL",
    "MAXIMA",
    "MOMENTUM",
    "NADAM",
    "RMSPROP",
    "RMSPROP_INSIDE",
    "WEIGHT_DECAYS",
    "Axis",
    "Line",
    "Optimizer",
    "Rule",
    "adam",
    "family",
    "get",
    "optimizer",
]
