"""Cautious AdamW: an element moves only where its step does not go against its gradient."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Max, Piecewise, Rational, evaluate, sqrt

from adamref.rules.adam import FIRST_CORRECTED, MOMENTS, SECOND_CORRECTED
from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    Total,
    alpha,
    delta,
    eps,
    g,
    k,
    m_hat,
    phi,
    ratio,
    size,
    theta_prev,
    v_hat,
)

_LIANG = "Liang et al. 2024, Cautious Optimizers, Algorithm 2"
_CODE = "the authors' code, and timm"

with evaluate(False):
    _RATIO = Line("ratio", m_hat / (sqrt(v_hat) + eps), "AdamW's step, over -alpha", _LIANG)
    _AGREES = Line(
        "phi", Piecewise((1, ratio * g > 0), (0, True)), "whether it agrees with g", _LIANG
    )
    _STEP = Line("delta", -1 * (alpha * k * phi * ratio), "step", _LIANG)
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _LIANG, initial=None)
    _SCALES: Mapping[str, tuple[Expr, str]] = {
        "paper": (size / (Total(phi) + 1), _LIANG),
        "mean": (1 / Max(Total(phi) / size, Rational(1, 1000)), _CODE),
    }


def _cautious_adamw(scale: str, weight_decay: str) -> Rule:
    """Return cautious AdamW in a dialect.

    Parameters
    ----------
    scale : {"paper", "mean"}
        By what the elements that move make up for the others: by ``size/(count + 1)``, or by the
        reciprocal of their share, taken to be a thousandth at least.
    weight_decay : {"decoupled-after", "decoupled-before"}
    """
    expr, source = _SCALES[scale]
    scaled = Line("k", expr, "what makes up for elements that stand still", source)
    rule = Rule(
        "cautious-adamw",
        "Cautious AdamW",
        (*MOMENTS, FIRST_CORRECTED, SECOND_CORRECTED, _RATIO, _AGREES, scaled, _STEP, _THETA),
        _LIANG,
        {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"},
    )
    return decayed(rule, weight_decay)


_AXES = (
    Axis("scale", ("paper", "mean"), says=("Liang et al. 2024; pytorch-optimizer", _CODE)),
    Axis(
        "weight_decay",
        ("decoupled-after", "decoupled-before"),
        says=("Liang et al. 2024", "timm; the authors' code"),
    ),
)
CAUTIOUS = (
    Optimizer(
        "cautious-adamw",
        "Cautious AdamW",
        by_axes(_cautious_adamw, _AXES),
        _AXES,
        called=("cautiousadamw", "cadamw", "adamwcautious"),
        spoken=("C-AdamW",),
        reductions=("cautious-adamw-agreeing", "cautious-adamw-step"),
    ),
)
