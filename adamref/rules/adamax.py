"""AdaMax: Adam with the infinity norm."""

from __future__ import annotations

from sympy import Abs, Max, evaluate

from adamref.rules.optimizer import Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, beta2, delta, g, m, m_prev, t, theta_prev, u, u_prev

_ADAMAX = "Kingma & Ba 2015, Algorithm 2"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _ADAMAX, initial=None)
    _AVERAGE = Line(
        "m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _ADAMAX
    )
    _NORM = Line("u", Max(beta2 * u_prev, Abs(g)), "exponentially weighted infinity norm", _ADAMAX)
    _ADAMAX_STEP = Line("delta", -1 * (alpha / (1 - beta1**t) * (m / u)), "step", _ADAMAX)

ADAMAX = Rule(
    "adamax",
    "AdaMax",
    (_AVERAGE, _NORM, _ADAMAX_STEP, _THETA),
    _ADAMAX,
    {"alpha": "0.002", "beta1": "0.9", "beta2": "0.999"},
)

ADAMAXES = (Optimizer.of(ADAMAX, called=("adamax",)),)
