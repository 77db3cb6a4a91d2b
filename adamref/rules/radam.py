"""RAdam: Adam whose step is rectified by the variance that its denominator has after t steps."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Piecewise, evaluate, sqrt

from adamref.rules.adam import FIRST_CORRECTED, MOMENTS, SECOND_CORRECTED
from adamref.rules.corrected import AVERAGES, kept_corrected
from adamref.rules.decay import DECAYED, decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    below,
    beta1,
    beta2,
    delta,
    eps,
    m_hat,
    r,
    rho,
    rho_inf,
    t,
    theta_prev,
    v,
    v_hat,
)

LIU = "Liu et al. 2020, On the Variance of the Adaptive Learning Rate, Algorithm 2"
_TORCH = "PyTorch, torch.optim.RAdam"

with evaluate(False):
    LENGTHS = (
        Line("rho_inf", 2 / (1 - beta2) + -1, "greatest length of the average of squares", LIU),
        Line(
            "rho",
            rho_inf + -1 * (2 * t * beta2**t / (1 - beta2**t)),
            "length of the average of squares",
            LIU,
        ),
    )
    _BY_VARIANCE = sqrt((rho + -4) * (rho + -2) * rho_inf / ((rho_inf + -4) * (rho_inf + -2) * rho))
    _STEP = Line("delta", -1 * (alpha * r * m_hat / below), "step", LIU)
    _THETA = Line("theta", theta_prev + delta, "updated parameter", LIU, initial=None)


def rectified(least: int, otherwise: int, denominator: Expr) -> tuple[Line, Line]:
    """Return the rectification, above some length, and what the first moment is divided by.

    Below that length the step is ``otherwise`` times the corrected first moment.
    """
    with evaluate(False):
        long = rho > least
        return (
            Line("r", Piecewise((_BY_VARIANCE, long), (otherwise, True)), "rectification", LIU),
            Line("below", Piecewise((denominator, long), (1, True)), "denominator", LIU),
        )


def _radam(
    form: str, threshold: str, unrectified: str, averages: str, weight_decay: str
) -> Rule | None:
    """Return RAdam in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-hat"}
        The paper has no epsilon. ``sqrt(v_hat) + eps``; or beside the uncorrected root, with the
        correction outside: ``(sqrt(v) + eps)/sqrt(1 - beta2**t)``.
    threshold : {"5", "4"}
        The length above which the step is rectified.
    unrectified : {"momentum", "skip"}
        Until then the step is taken without a denominator, or not at all.
    averages : {"biased", "corrected"}
        Whether the moments are kept as in the paper or after their correction.
    weight_decay : {"none", "l2", "decoupled-before"}
        Where the step is skipped, so is decoupled decay.
    """
    plain = (form, unrectified, weight_decay) == ("paper", "momentum", "none")
    if (threshold == "4" and not plain) or (unrectified == "skip" and form == "paper"):
        return None
    if averages == "corrected" and (form, threshold, unrectified) != ("paper", "5", "momentum"):
        return None
    with evaluate(False):
        hat = (sqrt(v) + eps) / sqrt(1 - beta2**t)
        denominator = sqrt(v_hat) + eps if form == "paper" else hat
    lines = rectified(int(threshold), int(unrectified == "momentum"), denominator)
    theta = _THETA
    if unrectified == "skip":
        # Not a step of 0: where m is NaN theta stays.
        with evaluate(False):
            moved = Piecewise((_THETA.expr, rho > int(threshold)), (theta_prev, True))
        theta = replace(_THETA, expr=moved)
    corrected = (FIRST_CORRECTED, *((SECOND_CORRECTED,) if form == "paper" else ()))
    rule = Rule(
        "radam",
        "RAdam",
        (*MOMENTS, *corrected, *LENGTHS, *lines, _STEP, theta),
        LIU,
        {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"},
    )
    if averages == "corrected":
        rule = kept_corrected(rule, {"m": "m_hat", "v": "v_hat"}, {"m": beta1, "v": beta2})
    rule = decayed(rule, weight_decay, default="0")
    if unrectified == "skip" and weight_decay == "decoupled-before":
        with evaluate(False):
            kept = Piecewise((DECAYED.expr, rho > int(threshold)), (theta_prev, True))
        rule = rule.edited(theta_decayed=kept)
    return rule


_AXES = (
    Axis(
        "form",
        ("paper", "eps-hat"),
        says=("optax, torch-optimi; the paper with eps = 0", "PyTorch, timm, pytorch-optimizer"),
    ),
    Axis(
        "threshold",
        ("5", "4"),
        says=("the authors' code, PyTorch, optax", "Liu et al. 2020, Algorithm 2"),
    ),
    Axis(
        "unrectified",
        ("momentum", "skip"),
        says=("Liu et al. 2020; PyTorch, optax", "pytorch-optimizer, degenerated_to_sgd=False"),
    ),
    AVERAGES,
    Axis(
        "weight_decay",
        ("none", "l2", "decoupled-before"),
        says=("optax", "PyTorch", "PyTorch, decoupled_weight_decay=True; timm"),
    ),
)
_CALLED = ("radam",)
RADAMS = (
    Optimizer(
        "radam",
        "RAdam",
        by_axes(_radam, _AXES),
        _AXES,
        called=_CALLED,
        spoken=("Rectified Adam",),
        reductions=("radam-is-momentum", "radam-rectified"),
    ),
)
