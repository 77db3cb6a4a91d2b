"""RMSprop: epsilon outside or inside of the root, centred, and with momentum."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, evaluate, sqrt

from adamref.rules.decay import FRAMEWORK_DECAY, decayed
from adamref.rules.hyper import COMMON, MOMENTUM_RATE
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    b,
    b_prev,
    beta1,
    beta2,
    delta,
    eps,
    g,
    m,
    m_prev,
    t,
    theta_prev,
    v,
    v_hat,
    v_prev,
)

_RATE = replace(COMMON["beta2"], called=(*COMMON["beta2"].called, "rho", "decay"))
_HINTON = "Tieleman & Hinton 2012, Coursera lecture 6.5"
_GRAVES = "Graves 2013, Generating sequences with recurrent neural networks, equations 38 to 45"
_TORCH = "PyTorch, torch.optim.RMSprop, parameter momentum"
_KERAS = "Keras, keras.optimizers.RMSprop, parameter momentum"
_OPTAX = "optax, rmsprop, parameter momentum"
_CORRECTED = "optax, rmsprop, parameter bias_correction"

with evaluate(False):
    _V = Line("v", beta2 * v_prev + (1 - beta2) * g**2, "average of squared gradients", _HINTON)
    _CENTRE = Line("m", beta2 * m_prev + (1 - beta2) * g, "average of gradients", _GRAVES)
    _V_HAT = Line("v_hat", v / (1 - beta2**t), "corrected average of squares", _CORRECTED)
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _HINTON, initial=None)


def _rmsprop(
    form: str, centered: str, momentum: str, bias_correction: str, weight_decay: str
) -> Rule | None:
    """Return RMSprop in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-inside"}
        Whether epsilon stands outside of the root or inside.
    centered : {"off", "on"}
        Whether the square of the average gradient is taken off the average square.
    momentum : {"none", "rate-outside", "rate-inside", "signed", "nesterov"}
        Whether steps are accumulated before or after they are multiplied by alpha; signed: after,
        with their sign; nesterov: so, and with a look-ahead.
    bias_correction : {"off", "on"}
        Whether the averages are divided by ``1 - beta2**t``.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    corrects, centers = bias_correction == "on", centered == "on"
    if weight_decay != "none" and (momentum in {"signed", "nesterov"} or corrects):
        return None
    if corrects and momentum in {"rate-outside", "rate-inside"}:
        return None
    if corrects and centers:
        # The corrected variance of one gradient is 0: rounding makes it what has no root.
        return None
    if form == "paper" and (
        weight_decay == "decoupled-before" or (weight_decay, momentum) == ("l2", "rate-inside")
    ):
        return None
    averages = (_V, *((_CENTRE,) if centers else ()), *((_V_HAT,) if corrects else ()))
    square = v_hat if corrects else v
    with evaluate(False):
        second: Expr = square + -1 * m**2 if centers else square
        below = sqrt(second) + eps if form == "paper" else sqrt(second + eps)
        buffer, step = _moved(momentum, below)
    where = "outside" if form == "paper" else "inside"
    defaults = {"alpha": "0.001", "beta2": "0.9", "eps": "1e-8"}
    rule = Rule(
        "rmsprop",
        f"RMSprop, epsilon {where} the root",
        (*averages, *buffer, step, _THETA),
        _HINTON,
        defaults if momentum == "none" else {**defaults, "beta1": "0.9"},
        own=(MOMENTUM_RATE, _RATE),
    )
    return decayed(rule, weight_decay)


def _moved(momentum: str, below: Expr) -> tuple[tuple[Line, ...], Line]:
    """Return the lines between the averages and theta."""
    if momentum == "none":
        return (), Line("delta", -1 * (alpha * g / below), "step", _HINTON)
    if momentum == "rate-outside":
        buffer = Line("b", beta1 * b_prev + g / below, "accumulated ratios", _TORCH)
        return (buffer,), Line("delta", -1 * (alpha * b), "step", _TORCH)
    taken = alpha * g / below
    buffer = Line("b", beta1 * b_prev + taken, "accumulated steps", _KERAS)
    if momentum == "rate-inside":
        return (buffer,), Line("delta", -1 * b, "step", _KERAS)
    signed = Line("b", beta1 * b_prev + -1 * taken, "accumulated steps, with their sign", _OPTAX)
    if momentum == "signed":
        return (signed,), Line("delta", 1 * b, "step", _OPTAX)
    ahead = beta1 * b + -1 * taken
    return (signed,), Line("delta", ahead, "step, looking ahead", f"{_OPTAX} and nesterov")


_AXES = (
    Axis(
        "form",
        ("paper", "eps-inside"),
        says=("PyTorch", "TensorFlow, Keras; optax, parameter eps_in_sqrt"),
    ),
    Axis("centered", ("off", "on"), says=("usual", _GRAVES)),
    Axis(
        "momentum",
        ("none", "rate-outside", "rate-inside", "signed", "nesterov"),
        says=(
            "usual",
            "PyTorch: the same as rate-inside while alpha stays",
            "Keras; timm RMSpropTF",
            "optax",
            "optax, parameter nesterov",
        ),
    ),
    Axis("bias_correction", ("off", "on"), says=("usual", _CORRECTED)),
    FRAMEWORK_DECAY,
)
_SPOKEN = ("RMS-Prop",)
RMSPROPS = (
    Optimizer(
        "rmsprop",
        "RMSprop",
        by_axes(_rmsprop, _AXES),
        _AXES,
        called=("rmsprop",),
        spoken=_SPOKEN,
        reductions=("rmsprop-is-adam", "rmsprop-centered-is-descent", "rmsprop-rate-inside"),
    ),
)
