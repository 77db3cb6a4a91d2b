"""Exponentially weighted averages: the moments of Adam on their own."""

from __future__ import annotations

from sympy import evaluate

from adamref.rules.optimizer import Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import beta1, g, m, m_prev, t

_EWA = "Kingma & Ba 2015, section 3, equation 1"

with evaluate(False):
    _AVERAGE = Line("m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _EWA)
    _CORRECTED = Line("m_hat", m / (1 - beta1**t), "average without its bias", _EWA)

EWA = Rule("ewa", "Exponentially weighted average", (_AVERAGE,), _EWA, {"beta1": "0.9"})
EWA_CORRECTED = Rule(
    "ewa-corrected",
    "Exponentially weighted average, corrected for its bias",
    (_AVERAGE, _CORRECTED),
    _EWA,
    {"beta1": "0.9"},
)

_SPOKEN = ("EWA", "EMA", "moving average")
AVERAGES = (
    Optimizer.of(EWA, spoken=_SPOKEN),
    Optimizer.of(EWA_CORRECTED, spoken=_SPOKEN),
)
