"""Gradient descent, and momentum in its two usual forms."""

from __future__ import annotations

from sympy import evaluate

from adamref.rules.hyper import MOMENTUM_RATE
from adamref.rules.optimizer import Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, delta, g, m, m_prev, theta_prev

_CAUCHY = "Cauchy 1847; Goodfellow, Bengio & Courville 2016, equation 4.5"
_POLYAK = "Polyak 1964; Sutskever et al. 2013, equations 1 and 2"
_EWA_MOMENTUM = "the exponentially weighted form of momentum, common in lecture notes"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _CAUCHY, initial=None)
    _AVERAGE = Line(
        "m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _EWA_MOMENTUM
    )
    _DESCENT = Line("delta", -1 * (alpha * g), "step", _CAUCHY)
    _MOMENTUM_STEP = Line("delta", -1 * (alpha * m), "step", _EWA_MOMENTUM)
    _BALL = Line("m", beta1 * m_prev + g, "accumulated gradient (velocity)", _POLYAK)

GRADIENT_DESCENT = Rule(
    "gradient-descent", "Gradient descent", (_DESCENT, _THETA), _CAUCHY, {"alpha": "0.01"}
)
MOMENTUM = Rule(
    "momentum",
    "Momentum, exponentially weighted form",
    (_AVERAGE, _MOMENTUM_STEP, _THETA),
    _EWA_MOMENTUM,
    {"alpha": "0.01", "beta1": "0.9"},
    own=(MOMENTUM_RATE,),
)
HEAVY_BALL = Rule(
    "heavy-ball",
    "Momentum, heavy-ball form",
    (_BALL, _MOMENTUM_STEP, _THETA),
    _POLYAK,
    {"alpha": "0.01", "beta1": "0.9"},
    own=(MOMENTUM_RATE,),
)

_DESCENTS = (
    "SGD", "Gradientenabstieg", "descente de gradient", "descenso de gradiente",
    "descenso del gradiente", "梯度下降",
)  # fmt: skip
_SPOKEN = ("SGD with momentum", "momentum SGD", "gradient descent with momentum")
DESCENTS = (
    Optimizer.of(GRADIENT_DESCENT, called=("sgd", "gradientdescent"), spoken=_DESCENTS),
    Optimizer.of(
        MOMENTUM,
        called=("momentum",),
        spoken=_SPOKEN,
        reductions=("momentum-is-descent",),
    ),
    Optimizer.of(
        HEAVY_BALL,
        called=("heavyball",),
        spoken=_SPOKEN,
        reductions=("momentum-heavy-ball",),
    ),
)
