"""ADOPT: Adam whose gradient is divided by the root of the second moment before it is averaged."""

from __future__ import annotations

from dataclasses import replace

from sympy import Max, Min, Piecewise, Rational, evaluate, sqrt

from adamref.rules.decay import DECAYED, decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    delta,
    eps,
    g,
    g_clipped,
    g_hat,
    m,
    m_prev,
    t,
    theta_prev,
    v_prev,
)

_TANIGUCHI = "Taniguchi et al. 2024, ADOPT, Algorithm 2"

with evaluate(False):
    _LATER = t > 1
    _BOUND = (t + -1) ** Rational(1, 4)
    _NEXT_BOUND = t ** Rational(1, 4)
    _DIVIDED = Line(
        "g_hat",
        Piecewise((g / Max(sqrt(v_prev), eps), _LATER), (0, True)),
        "gradient over the root of the second moment before; none at the first step",
        _TANIGUCHI,
    )
    _CLIPPED = Line(
        "g_clipped",
        Max(-1 * _BOUND, Min(g_hat, _BOUND)),
        "the same, clipped to a bound that grows with t",
        _TANIGUCHI,
    )
    _AVERAGE = Line("m", beta1 * m_prev + (1 - beta1) * g_clipped, "average of these", _TANIGUCHI)
    _SECOND = Line(
        "v",
        Piecewise((beta2 * v_prev + (1 - beta2) * g**2, _LATER), (g**2, True)),
        "average of squared gradients, begun by the first",
        _TANIGUCHI,
    )
    _STEP = Line("delta", -1 * (alpha * m), "step", _TANIGUCHI)
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _TANIGUCHI, initial=None)
    _DECAYED_LATER = Piecewise((DECAYED.expr, _LATER), (theta_prev, True))


def _adopt(clip: str, weight_decay: str) -> Rule:
    """Return ADOPT in a dialect.

    Parameters
    ----------
    clip : {"paper", "none", "one-ahead"}
        Whether what is averaged is clipped to ``(t - 1)**(1/4)``; one-ahead: to ``t**(1/4)``.
    weight_decay : {"none", "l2", "decoupled-before"}
        The first step, which moves nothing, does not decay either.
    """
    rule = Rule(
        "adopt",
        "ADOPT",
        (_DIVIDED, _CLIPPED, _AVERAGE, _SECOND, _STEP, _THETA),
        _TANIGUCHI,
        {"alpha": "0.001", "beta1": "0.9", "beta2": "0.9999", "eps": "1e-6"},
    )
    if clip == "none":
        rule = rule.substituted(g_clipped, g_hat, "m")
        rule = replace(rule, lines=tuple(x for x in rule.lines if x.name != "g_clipped"))
    if clip == "one-ahead":
        with evaluate(False):
            rule = rule.edited(g_clipped=Max(-1 * _NEXT_BOUND, Min(g_hat, _NEXT_BOUND)))
    rule = decayed(rule, weight_decay, default="0")
    later = weight_decay == "decoupled-before"
    return rule.edited(theta_decayed=_DECAYED_LATER) if later else rule


_AXES = (
    Axis(
        "clip",
        ("paper", "none", "one-ahead"),
        says=(
            "Taniguchi et al. 2024; torch-adopt, optax",
            "optax, use_clipping=False",
            "pytorch-optimizer, which counts a step before it asks for its bound",
        ),
    ),
    Axis(
        "weight_decay",
        ("none", "l2", "decoupled-before"),
        says=("optax", "torch-adopt", "torch-adopt, decouple=True"),
    ),
)
ADOPTS = (
    Optimizer(
        "adopt",
        "ADOPT",
        by_axes(_adopt, _AXES),
        _AXES,
        called=("adopt",),
        reductions=("adopt-is-momentum",),
    ),
)
