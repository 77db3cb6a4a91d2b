"""NAdam: Adam with Nesterov's look-ahead."""

from __future__ import annotations

from sympy import Rational, evaluate, sqrt

from adamref.rules.optimizer import Optimizer
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
    v,
    v_hat,
    v_prev,
)

_DOZAT = "Dozat 2016, with the momentum schedule as torch.optim.NAdam has it"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _DOZAT, initial=None)
    _AVERAGE = Line("m", beta1 * m_prev + (1 - beta1) * g, "exponentially weighted average", _DOZAT)
    _SECOND = Line("v", beta2 * v_prev + (1 - beta2) * g**2, "average of squared gradients", _DOZAT)
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

NADAM = Rule(
    "nadam",
    "NAdam with Dozat's momentum schedule (as in PyTorch)",
    (_AVERAGE, _SECOND, _MU, _MU_NEXT, _PRODUCT, _LOOKAHEAD, _V_HAT, _NADAM_STEP, _THETA),
    _DOZAT,
    {"alpha": "0.002", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8", "psi": "0.004"},
)

NADAMS = (Optimizer.of(NADAM, called=("nadam",)),)
