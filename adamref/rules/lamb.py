"""LAMB: Adam's update, in each tensor of the norm that the tensor has."""

from __future__ import annotations

from sympy import Expr, Integer, Min, Piecewise, evaluate, sqrt

from adamref.rules.decay import DECAYED
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    Total,
    alpha,
    beta1,
    beta2,
    delta,
    eps,
    eps_root,
    g,
    m,
    m_hat,
    m_prev,
    t,
    theta_decayed,
    theta_norm,
    theta_prev,
    trust,
    update,
    update_norm,
    v,
    v_hat,
    v_prev,
    weight_decay,
)

_YOU = "You et al. 2020, Algorithm 2"
_CLAMP = 10
_LAMBDA = weight_decay

with evaluate(False):
    _MOMENTS = (
        Line("m", beta1 * m_prev + (1 - beta1) * g, "first moment", _YOU),
        Line("v", beta2 * v_prev + (1 - beta2) * g**2, "second raw moment", _YOU),
    )
    _HATS = (
        Line("m_hat", m / (1 - beta1**t), "bias-corrected first moment", _YOU),
        Line("v_hat", v / (1 - beta2**t), "bias-corrected second raw moment", _YOU),
    )
    _UPDATE_NORM = Line("update_norm", sqrt(Total(update**2)), "norm of the tensor's update", _YOU)
    _TRUST = Line(
        "trust",
        Piecewise(
            (Integer(1), theta_norm <= 0), (Integer(1), update_norm <= 0),
            (theta_norm / update_norm, True),
        ),
        "trust ratio; 1 where a norm is 0",
        _YOU,
    )  # fmt: skip
    _STEP = Line("delta", -1 * (alpha * (trust * update)), "step", _YOU)


def _lamb(form: str, bias_correction: str, weight_decay: str, norm: str) -> Rule | None:
    """Return LAMB in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-root"}
        eps-root: ``sqrt(v_hat + eps_root) + eps``.
    bias_correction : {"on", "off"}
        Whether m and v are divided by ``1 - beta**t``.
    weight_decay : {"in-update", "decoupled-before", "none"}
        in-update: a part of the update whose norm is taken; decoupled-before: theta decays first,
        and the norm is that of the decayed theta.
    norm : {"whole", "clamped"}
        Whether the norm of theta counts as 10 at most.
    """
    corrects, decays_before = bias_correction == "on", weight_decay == "decoupled-before"
    if (form == "eps-root" or not corrects) and decays_before:
        return None
    if (form == "eps-root" and not corrects) or (norm == "clamped" and corrects):
        return None
    first, second = (m_hat, v_hat) if corrects else (m, v)
    before = theta_decayed if decays_before else theta_prev
    with evaluate(False):
        root: Expr = sqrt(second + eps_root) if form == "eps-root" else sqrt(second)
        ratio = first / (root + eps)
        if weight_decay == "in-update":
            ratio = ratio + _LAMBDA * theta_prev
        size = sqrt(Total(before**2))
        lines = (
            *_MOMENTS,
            *(_HATS if corrects else ()),
            Line("update", ratio, "update of Adam, with its decay", _YOU),
            *((DECAYED,) if decays_before else ()),
            Line(
                "theta_norm",
                Min(size, Integer(_CLAMP)) if norm == "clamped" else size,
                "norm of the tensor's parameters",
                _YOU,
            ),
            _UPDATE_NORM,
            _TRUST,
            _STEP,
            Line("theta", before + delta, "updated parameter", _YOU, initial=None),
        )
    defaults = {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-6"}
    if form == "eps-root":
        defaults["eps_root"] = "0"
    if weight_decay != "none":
        defaults["weight_decay"] = "0.01"
    return Rule("lamb", "LAMB", lines, _YOU, defaults)


_AXES = (
    Axis("form", ("paper", "eps-root"), (0, 3), ("You et al. 2020", "optax, parameter eps_root")),
    Axis(
        "bias_correction",
        ("on", "off"),
        says=("You et al. 2020; optax, Keras, timm", "torch-optimizer, pytorch-lamb"),
    ),
    Axis(
        "weight_decay",
        ("in-update", "decoupled-before", "none"),
        says=("You et al. 2020; optax, timm", "Keras", "without decay"),
    ),
    Axis(
        "norm",
        ("whole", "clamped"),
        says=("optax, Keras, timm", "torch-optimizer, pytorch-lamb: clamped to 10"),
    ),
)
LAMBS = (
    Optimizer(
        "lamb",
        "LAMB",
        by_axes(_lamb, _AXES),
        _AXES,
        called=("lamb",),
        reductions=("lamb-is-adamw", "lamb-equal-norms"),
    ),
)
