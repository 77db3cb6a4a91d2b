"""AdaMax: Adam with the infinity norm."""

from __future__ import annotations

from sympy import Abs, Expr, Max, Piecewise, evaluate

from adamref.rules.decay import FRAMEWORK_DECAY, decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    delta,
    eps,
    g,
    m,
    m_prev,
    t,
    theta_prev,
    u,
    u_prev,
)

_ADAMAX = "Kingma & Ba 2015, Algorithm 2"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _ADAMAX, initial=None)
    _AVERAGE = Line(
        "m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _ADAMAX
    )


def _adamax(form: str, zero_norm: str, weight_decay: str) -> Rule | None:
    """Return AdaMax in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-in-norm", "eps-outside"}
        Without an epsilon, as in the paper; with one added to ``|g|`` before the maximum is taken;
        or to the norm where that divides.
    zero_norm : {"divides", "undivided"}
        What is done where the norm is 0, as all gradients were: ``m/u`` is 0/0 and theta NaN, or
        m is not divided. With an epsilon the norm that divides is none.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    if form != "paper" and zero_norm == "undivided":
        return None
    with evaluate(False):
        size: Expr = Abs(g) + eps if form == "eps-in-norm" else Abs(g)
        norm = Line("u", Max(beta2 * u_prev, size), "exponentially weighted infinity norm", _ADAMAX)
        below = u + eps if form == "eps-outside" else u
        ratio: Expr = m / below
        if zero_norm == "undivided":
            ratio = Piecewise((m, u <= 0), (ratio, True))
        step = Line("delta", -1 * (alpha / (1 - beta1**t) * ratio), "step", _ADAMAX)
    defaults = {"alpha": "0.002", "beta1": "0.9", "beta2": "0.999"}
    rule = Rule(
        "adamax",
        "AdaMax",
        (_AVERAGE, norm, step, _THETA),
        _ADAMAX,
        defaults if form == "paper" else {**defaults, "eps": "1e-8"},
    )
    return decayed(rule, weight_decay)


_AXES = (
    Axis(
        "form",
        ("paper", "eps-in-norm", "eps-outside"),
        says=(_ADAMAX, "PyTorch, optax", "Keras"),
    ),
    Axis(
        "zero_norm",
        ("divides", "undivided"),
        says=("Kingma & Ba 2015, Algorithm 2, to the letter", "adamref.fast"),
    ),
    FRAMEWORK_DECAY,
)
ADAMAXES = (
    Optimizer(
        "adamax",
        "AdaMax",
        by_axes(_adamax, _AXES),
        _AXES,
        called=("adamax",),
        reductions=("adamax-is-adam",),
    ),
)
ADAMAX = ADAMAXES[0].rule
