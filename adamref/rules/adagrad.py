"""AdaGrad: the sum of all squared gradients in place of an average."""

from __future__ import annotations

from sympy import evaluate, sqrt

from adamref.rules.optimizer import Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, delta, eps, g, theta_prev, v, v_prev

_DUCHI = "Duchi, Hazan & Singer 2011; Kingma & Ba 2015, section 5"

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _DUCHI, initial=None)
    _SUM = Line("v", v_prev + g**2, "sum of squared gradients", _DUCHI)
    _ADAGRAD_STEP = Line("delta", -1 * (alpha * g / (sqrt(v) + eps)), "step", _DUCHI)

ADAGRAD = Rule(
    "adagrad",
    "AdaGrad",
    (_SUM, _ADAGRAD_STEP, _THETA),
    _DUCHI,
    {"alpha": "0.01", "eps": "1e-8"},
)

ADAGRADS = (Optimizer.of(ADAGRAD, called=("adagrad",)),)
