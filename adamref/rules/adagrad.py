"""AdaGrad: the sum of all squared gradients in place of an average."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, evaluate, sqrt

from adamref.rules.decay import FRAMEWORK_DECAY, decayed
from adamref.rules.hyper import Hyper
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    alpha_decay,
    alpha_t,
    delta,
    eps,
    g,
    t,
    theta_prev,
    v,
    v_prev,
)

_DUCHI = "Duchi, Hazan & Singer 2011; Kingma & Ba 2015, section 5"
_TORCH = "PyTorch, torch.optim.Adagrad, parameter lr_decay"
_START = "PyTorch, Keras, optax, parameter initial_accumulator_value"
_OWN = (
    Hyper(
        "alpha_decay",
        "by how much 1/alpha grows at a step, as a share",
        "0.11",
        called=("lr_decay",),
    ),
    Hyper(
        "v_start",
        "what AdaGrad's sum starts from, units of g**2",
        "0.1875",
        called=("initial_accumulator_value",),
    ),
)

with evaluate(False):
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _DUCHI, initial=None)
    _SUM = Line("v", v_prev + g**2, "sum of squared gradients", _DUCHI)
    _SUM_FROM = replace(_SUM, initial="v_start", source=_START)
    _ALPHA_T = Line("alpha_t", alpha / (1 + (t - 1) * alpha_decay), "decaying step size", _TORCH)


def _adagrad(form: str, schedule: str, start: str, weight_decay: str) -> Rule | None:
    """Return AdaGrad in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-inside"}
        Whether epsilon stands outside of the root or inside.
    schedule : {"none", "inverse"}
        inverse: the step size is ``alpha / (1 + (t - 1)*alpha_decay)``.
    start : {"zero", "given"}
        Whether the sum starts at 0 or at ``v_start``.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    if schedule == "inverse" and (form, weight_decay) not in {("paper", "none"), ("paper", "l2")}:
        return None
    if (form, weight_decay) in {("paper", "decoupled-before"), ("eps-inside", "l2")}:
        return None
    with evaluate(False):
        below: Expr = sqrt(v) + eps if form == "paper" else sqrt(v + eps)
        rate = alpha_t if schedule == "inverse" else alpha
        step = Line("delta", -1 * (rate * g / below), "step", _DUCHI)
    decays, starts = schedule == "inverse", start == "given"
    defaults = {"alpha": "0.01", "eps": "1e-8"}
    if decays:
        defaults["alpha_decay"] = "0"
    if starts:
        defaults["v_start"] = "0"
    rule = Rule(
        "adagrad",
        "AdaGrad",
        (_SUM_FROM if starts else _SUM, *((_ALPHA_T,) if decays else ()), step, _THETA),
        _DUCHI,
        defaults,
        own=_OWN,
    )
    return decayed(rule, weight_decay)


_AXES = (
    Axis("form", ("paper", "eps-inside"), says=("PyTorch", "Keras, optax")),
    Axis("schedule", ("none", "inverse"), says=("usual", _TORCH)),
    Axis("start", ("zero", "given"), says=("usual", _START)),
    FRAMEWORK_DECAY,
)
ADAGRADS = (
    Optimizer(
        "adagrad",
        "AdaGrad",
        by_axes(_adagrad, _AXES),
        _AXES,
        called=("adagrad",),
        reductions=("adagrad-is-adam",),
    ),
)
ADAGRAD = ADAGRADS[0].rule
