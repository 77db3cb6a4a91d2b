"""Adan: Adam with Nesterov's momentum, estimated from differences of gradients.

Decay rates are what is kept, as Adam's; the paper's are one minus these.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Integer, Piecewise, evaluate, sqrt

from adamref.rules.corrected import AVERAGES, kept_corrected
from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    beta3,
    delta,
    difference,
    eps,
    eps_root,
    g,
    g_kept_prev,
    m,
    m_hat,
    m_prev,
    n,
    n_hat,
    n_prev,
    t,
    theta_prev,
    v,
    v_hat,
    v_prev,
    weight_decay,
)

_XIE = "Xie, Zhou, Li, Lin & Yan 2022, Algorithm 1, corrected for bias as in the authors' code"

with evaluate(False):
    _MOMENTS = (
        Line(
            "difference",
            Piecewise((g + -1 * g_kept_prev, t > 1), (Integer(0), True)),
            "what the gradient gained since the step before",
            _XIE,
        ),
        Line("m", beta1 * m_prev + (1 - beta1) * g, "average of gradients", _XIE),
        Line("v", beta2 * v_prev + (1 - beta2) * difference, "average of differences", _XIE),
        Line(
            "n",
            beta3 * n_prev + (1 - beta3) * (g + beta2 * difference) ** 2,
            "average of squared gradients, each looking ahead",
            _XIE,
        ),
        Line("m_hat", m / (1 - beta1**t), "corrected average of gradients", _XIE),
        Line("v_hat", v / (1 - beta2**t), "corrected average of differences", _XIE),
        Line("n_hat", n / (1 - beta3**t), "corrected average of squares", _XIE),
    )
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _XIE, initial=None)
    _PROXIMAL = (theta_prev + delta) / (1 + alpha * weight_decay)


def _adan(form: str, averages: str, weight_decay: str) -> Rule | None:
    """Return Adan in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-root"}
        eps-root: ``sqrt(n_hat + eps_root) + eps``.
    averages : {"biased", "corrected"}
        Whether they are kept as in the paper or after their correction.
    weight_decay : {"proximal", "decoupled-before", "none"}
        proximal: theta is divided by ``1 + alpha * weight_decay`` after its step.
    """
    if averages == "corrected" and form != "paper":
        return None
    with evaluate(False):
        below: Expr = sqrt(n_hat + eps_root) + eps if form == "eps-root" else sqrt(n_hat) + eps
        ahead = m_hat + beta2 * v_hat
        step = Line("delta", -1 * (alpha * ahead / below), "step", _XIE)
    # What is kept of this step comes after the difference to what was kept before.
    kept = Line("g_kept", g, "gradient, kept for the next step", _XIE)
    rates = {"alpha": "0.001", "beta1": "0.98", "beta2": "0.92", "beta3": "0.99", "eps": "1e-8"}
    rule = Rule(
        "adan",
        "Adan",
        (*_MOMENTS, kept, step, _THETA),
        _XIE,
        {**rates, "eps_root": "1e-8"} if form == "eps-root" else rates,
    )
    if averages == "corrected":
        hats = {name: f"{name}_hat" for name in ("m", "v", "n")}
        rule = kept_corrected(rule, hats, {"m": beta1, "v": beta2, "n": beta3})
    if weight_decay != "proximal":
        return decayed(rule, weight_decay)
    rule = replace(rule, defaults={**rule.defaults, "weight_decay": "0.02"})
    return rule.edited(theta=_PROXIMAL)


_AXES = (
    Axis(
        "form", ("paper", "eps-root"), (0, 3), ("timm, torch-optimi", "optax, parameter eps_root")
    ),
    AVERAGES,
    Axis(
        "weight_decay",
        ("proximal", "decoupled-before", "none"),
        says=("the authors' code; timm", "timm, parameter no_prox; optax", "without decay"),
    ),
)
ADANS = (
    Optimizer(
        "adan",
        "Adan",
        by_axes(_adan, _AXES),
        _AXES,
        called=("adan",),
        reductions=("adan-is-adamw", "adan-is-adam"),
    ),
)
