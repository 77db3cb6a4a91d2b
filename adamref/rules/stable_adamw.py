"""StableAdamW: AdamW with the step size of each tensor clipped as AdaFactor does."""

from __future__ import annotations

from dataclasses import replace

from sympy import Integer, Max, evaluate, sqrt

from adamref.rules.corrected import AVERAGES, kept_corrected
from adamref.rules.decay import decayed
from adamref.rules.hyper import Hyper
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    Total,
    alpha,
    beta1,
    beta2,
    clip_at,
    delta,
    eps,
    eta,
    g,
    m,
    m_hat,
    m_prev,
    rms,
    size,
    t,
    theta_decayed,
    theta_prev,
    v,
    v_hat,
    v_prev,
    weight_decay,
)

_WORTSMAN = "Wortsman et al. 2023, Algorithm 2"
_TIMM = "timm, AdamWLegacy, parameter clipping_threshold"
_CLIP_AT = Hyper(
    "clip_at",
    "root mean square above which an update is clipped",
    "0.6",
    called=("clipping_threshold",),
)

with evaluate(False):
    _MOMENTS = (
        Line("m", beta1 * m_prev + (1 - beta1) * g, "first moment", _WORTSMAN),
        Line("v", beta2 * v_prev + (1 - beta2) * g**2, "second raw moment", _WORTSMAN),
        Line("m_hat", m / (1 - beta1**t), "bias-corrected first moment", _WORTSMAN),
        Line("v_hat", v / (1 - beta2**t), "bias-corrected second raw moment", _WORTSMAN),
    )
    _BELOW = sqrt(v_hat) + eps
    _RMS = {
        "paper": Line(
            "rms",
            sqrt(Total(g**2 / Max(v_hat, eps**2)) / size),
            "root mean square of g over the root of v_hat, in the tensor",
            _WORTSMAN,
        ),
        "ratio": Line(
            "rms",
            sqrt(Total((g / _BELOW) ** 2) / size),
            "root mean square of the update without momentum, in the tensor",
            _TIMM,
        ),
    }
    _ETA = {
        "paper": Line(
            "eta", alpha / Max(Integer(1), rms), "step size, clipped for the tensor", _WORTSMAN
        ),
        "ratio": Line(
            "eta",
            alpha / Max(Integer(1), rms / clip_at),
            "step size, clipped for the tensor",
            _TIMM,
        ),
    }
    _STEP = Line("delta", -1 * (eta * m_hat / _BELOW), "step", _WORTSMAN)
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _WORTSMAN, initial=None)
    _DECAYED = Line(
        "theta_decayed",
        (1 - eta * weight_decay) * theta_prev,
        "parameter after its decay by the clipped step size",
        _WORTSMAN,
    )


def _stable_adamw(clip: str, averages: str, weight_decay: str) -> Rule | None:
    """Return StableAdamW in a dialect.

    Parameters
    ----------
    clip : {"paper", "ratio"}
        Of what the root mean square is taken, from where on alpha is divided by it: of
        ``g / max(sqrt(v_hat), eps)`` above 1, or of ``g / (sqrt(v_hat) + eps)`` above clip_at.
    averages : {"biased", "corrected"}
        Whether the moments are kept as in the paper or after their correction.
    weight_decay : {"by-clipped-rate", "decoupled-before", "l2", "none"}
    """
    if (weight_decay == "decoupled-before") != (clip == "ratio") and weight_decay != "none":
        return None
    if averages == "corrected" and clip == "ratio":
        return None
    defaults = {"alpha": "0.001", "beta1": "0.9", "beta2": "0.99", "eps": "1e-6"}
    rule = Rule(
        "stable-adamw",
        "StableAdamW",
        (*_MOMENTS, _RMS[clip], _ETA[clip], _STEP, _THETA),
        _WORTSMAN if clip == "paper" else _TIMM,
        defaults if clip == "paper" else {**defaults, "clip_at": "1"},
        own=(_CLIP_AT,),
    )
    if averages == "corrected":
        rule = kept_corrected(rule, {"m": "m_hat", "v": "v_hat"}, {"m": beta1, "v": beta2})
    if weight_decay != "by-clipped-rate":
        return decayed(rule, weight_decay)
    rule = replace(rule, defaults={**rule.defaults, "weight_decay": "0.01"})
    rule = rule.inserted(_DECAYED, before="theta")
    return rule.substituted(theta_prev, theta_decayed, "theta")


_AXES = (
    Axis("clip", ("paper", "ratio"), says=("Wortsman et al. 2023; torch-optimi", _TIMM)),
    AVERAGES,
    Axis(
        "weight_decay",
        ("by-clipped-rate", "decoupled-before", "l2", "none"),
        says=(
            "Wortsman et al. 2023; torch-optimi",
            "timm",
            "pytorch-optimizer, parameter weight_decouple",
            "without decay",
        ),
    ),
)
_MAKE = by_axes(_stable_adamw, _AXES)
STABLE_ADAMWS = (
    Optimizer(
        "stable-adamw",
        "StableAdamW",
        _MAKE,
        _AXES,
        called=("stableadamw",),
        reductions=("stable-adamw-is-adamw", "stable-adamw-unclipped"),
    ),
)
