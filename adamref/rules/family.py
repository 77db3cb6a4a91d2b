"""Adam's relatives, each a rule with its source.

They share Adam's symbols: the decay of a first moment is beta1, that of a second moment beta2,
whatever the source calls them.
"""

from __future__ import annotations

from sympy import Abs, Max, Rational, evaluate, sqrt

from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    delta,
    eps,
    g,
    m,
    m_hat,
    m_prev,
    mu,
    mu_next,
    mu_product,
    mu_product_prev,
    psi,
    t,
    theta_prev,
    u,
    u_prev,
    v,
    v_hat,
    v_prev,
)

_CAUCHY = "Cauchy 1847; Goodfellow, Bengio & Courville 2016, equation 4.5"
_EWA = "Kingma & Ba 2015, section 3, equation 1"
_POLYAK = "Polyak 1964; Sutskever et al. 2013, equations 1 and 2"
_EWA_MOMENTUM = "the exponentially weighted form of momentum, common in lecture notes"
_HINTON = "Tieleman & Hinton 2012, Coursera lecture 6.5"
_DUCHI = "Duchi, Hazan & Singer 2011; Kingma & Ba 2015, section 5"
_ADAMAX = "Kingma & Ba 2015, Algorithm 2"
_DOZAT = "Dozat 2016, with the momentum schedule as torch.optim.NAdam has it"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _CAUCHY, initial=None)
    _AVERAGE = Line("m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _EWA)
    _SECOND = Line(
        "v", beta2 * v_prev + (1 - beta2) * g**2, "average of squared gradients", _HINTON
    )
    _CORRECTED = Line("m_hat", m / (1 - beta1**t), "average without its bias", _EWA)

    _DESCENT = Line("delta", -1 * (alpha * g), "step", _CAUCHY)
    _MOMENTUM_STEP = Line("delta", -1 * (alpha * m), "step", _EWA_MOMENTUM)
    _BALL = Line("m", beta1 * m_prev + g, "accumulated gradient (velocity)", _POLYAK)
    _RMS_OUTSIDE = Line("delta", -1 * (alpha * g / (sqrt(v) + eps)), "step", _HINTON)
    _RMS_INSIDE = Line("delta", -1 * (alpha * g / sqrt(v + eps)), "step", _HINTON)
    _SUM = Line("v", v_prev + g**2, "sum of squared gradients", _DUCHI)
    _ADAGRAD_STEP = Line("delta", -1 * (alpha * g / (sqrt(v) + eps)), "step", _DUCHI)
    _NORM = Line("u", Max(beta2 * u_prev, Abs(g)), "exponentially weighted infinity norm", _ADAMAX)
    _ADAMAX_STEP = Line("delta", -1 * (alpha / (1 - beta1**t) * (m / u)), "step", _ADAMAX)

    _BASE = Rational(24, 25)  # 0.96
    _HALF = Rational(1, 2)
    _MU = Line("mu", beta1 * (1 + -1 * (_HALF * _BASE ** (t * psi))), "momentum at t", _DOZAT)
    _MU_NEXT = Line(
        "mu_next",
        beta1 * (1 + -1 * (_HALF * _BASE ** ((t + 1) * psi))),
        "momentum at t + 1",
        _DOZAT,
    )
    _PRODUCT = Line(
        "mu_product", mu_product_prev * mu, "product of the momenta so far", _DOZAT, initial=1
    )
    _V_HAT = Line("v_hat", v / (1 - beta2**t), "corrected second raw moment estimate", _DOZAT)
    _LOOKAHEAD = Line(
        "m_hat",
        mu_next * m / (1 - mu_product * mu_next) + (1 - mu) * g / (1 - mu_product),
        "corrected first moment with Nesterov's look-ahead",
        _DOZAT,
    )
    _NADAM_STEP = Line("delta", -1 * (alpha * m_hat / (sqrt(v_hat) + eps)), "step", _DOZAT)

GRADIENT_DESCENT = Rule(
    "gradient-descent",
    "Gradient descent",
    (_DESCENT, _THETA),
    _CAUCHY,
    {"alpha": "0.01"},
)
EWA = Rule("ewa", "Exponentially weighted average", (_AVERAGE,), _EWA, {"beta1": "0.9"})
EWA_CORRECTED = Rule(
    "ewa-corrected",
    "Exponentially weighted average, corrected for its bias",
    (_AVERAGE, _CORRECTED),
    _EWA,
    {"beta1": "0.9"},
)
MOMENTUM = Rule(
    "momentum",
    "Momentum, exponentially weighted form",
    (_AVERAGE, _MOMENTUM_STEP, _THETA),
    _EWA_MOMENTUM,
    {"alpha": "0.01", "beta1": "0.9"},
)
HEAVY_BALL = Rule(
    "heavy-ball",
    "Momentum, heavy-ball form",
    (_BALL, _MOMENTUM_STEP, _THETA),
    _POLYAK,
    {"alpha": "0.01", "beta1": "0.9"},
)
RMSPROP = Rule(
    "rmsprop",
    "RMSprop, epsilon outside the root",
    (_SECOND, _RMS_OUTSIDE, _THETA),
    _HINTON,
    {"alpha": "0.001", "beta2": "0.9", "eps": "1e-8"},
    {"form": "paper"},
)
RMSPROP_INSIDE = Rule(
    "rmsprop",
    "RMSprop, epsilon inside the root",
    (_SECOND, _RMS_INSIDE, _THETA),
    _HINTON,
    {"alpha": "0.001", "beta2": "0.9", "eps": "1e-8"},
    {"form": "eps-inside"},
)
ADAGRAD = Rule(
    "adagrad",
    "AdaGrad",
    (_SUM, _ADAGRAD_STEP, _THETA),
    _DUCHI,
    {"alpha": "0.01", "eps": "1e-8"},
)
ADAMAX = Rule(
    "adamax",
    "AdaMax",
    (_AVERAGE, _NORM, _ADAMAX_STEP, _THETA),
    _ADAMAX,
    {"alpha": "0.002", "beta1": "0.9", "beta2": "0.999"},
)
NADAM = Rule(
    "nadam",
    "NAdam with Dozat's momentum schedule (as in PyTorch)",
    (
        _AVERAGE,
        _SECOND,
        _MU,
        _MU_NEXT,
        _PRODUCT,
        _LOOKAHEAD,
        _V_HAT,
        _NADAM_STEP,
        _THETA,
    ),
    _DOZAT,
    {"alpha": "0.002", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8", "psi": "0.004"},
)

FAMILY = (
    GRADIENT_DESCENT,
    EWA,
    EWA_CORRECTED,
    MOMENTUM,
    HEAVY_BALL,
    RMSPROP,
    RMSPROP_INSIDE,
    ADAGRAD,
    ADAMAX,
    NADAM,
)
