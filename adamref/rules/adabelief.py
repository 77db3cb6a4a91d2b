"""AdaBelief: Adam by the squared distance of the gradient from its own average."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Symbol, evaluate, sqrt

from adamref.rules.adam import FIRST_CORRECTED, MAX_OF_V, MOMENTS, SECOND_CORRECTED
from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer
from adamref.rules.radam import LENGTHS, rectified
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    below,
    beta2,
    delta,
    eps,
    eps_root,
    g,
    m,
    m_hat,
    r,
    t,
    theta_prev,
    v,
    v_hat,
    v_max,
    v_prev,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_ZHUANG = "Zhuang et al. 2020, AdaBelief Optimizer, Algorithm 2"
_RECTIFIED = "adabelief-pytorch, parameter rectify"


def _second(floor: Symbol) -> Line:
    with evaluate(False):
        average = beta2 * v_prev + (1 - beta2) * (g + -1 * m) ** 2
        return Line("v", average + floor, "average of squared surprises, eps kept in it", _ZHUANG)


with evaluate(False):
    _STEP = Line("delta", -1 * (alpha * m_hat / (sqrt(v_hat) + eps)), "step", _ZHUANG)
    _RECTIFIED_STEP = Line("delta", -1 * (alpha * r * m_hat / below), "step", _RECTIFIED)
    _THETA = Line("theta", theta_prev + delta, "updated parameter", _ZHUANG, initial=None)
    _BESIDE_UNCORRECTED = (sqrt(v) + eps) / sqrt(1 - beta2**t)


def adabelief(
    form: str = "paper",
    *,
    maximum: str = "none",
    rectify: str = "off",
    weight_decay: str = "none",
) -> Rule:
    """Return AdaBelief in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-root"}
        Whether epsilon is what stays in v, or a number of its own (``eps_root``); epsilon stands
        outside of the root as well.
    maximum : {"none", "v"}
        AMSGrad's maximum, of v with what was added to it.
    rectify : {"off", "on"}
        RAdam's rectification, with epsilon beside the uncorrected root.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    first = MOMENTS[0], _second(eps if form == "paper" else eps_root)
    with evaluate(False):
        under = SECOND_CORRECTED.expr.xreplace({v: v_max} if maximum == "v" else {})
    lines: tuple[Line, ...] = (replace(SECOND_CORRECTED, expr=under), _STEP)
    if rectify == "on":
        lines = (*LENGTHS, *rectified(5, 1, _BESIDE_UNCORRECTED), _RECTIFIED_STEP)
    maxima = (MAX_OF_V,) if maximum == "v" else ()
    root = {"eps_root": "1e-16"} if form == "eps-root" else {}
    rule = Rule(
        "adabelief",
        "AdaBelief",
        (*first, *maxima, FIRST_CORRECTED, *lines, _THETA),
        _ZHUANG,
        {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-16", **root},
        {"form": form, "amsgrad": maximum, "rectify": rectify, "weight_decay": weight_decay},
    )
    rule = decayed(rule, weight_decay)
    if weight_decay == "none":
        return rule
    return replace(rule, defaults={**rule.defaults, "weight_decay": "0"})


def _made(axes: Mapping[str, str]) -> Rule | None:
    form, maximum = axes["form"], axes["amsgrad"]
    rectify, weight_decay = axes["rectify"], axes["weight_decay"]
    if form == "eps-root" and (maximum, rectify, weight_decay) != ("none", "off", "none"):
        return None
    if maximum == "v" and rectify == "on":
        return None
    return adabelief(form, maximum=maximum, rectify=rectify, weight_decay=weight_decay)


_AXES = (
    Axis(
        "form",
        ("paper", "eps-root"),
        (0, 3),
        says=("Zhuang et al. 2020; adabelief-pytorch, timm", "optax, parameter eps_root"),
    ),
    Axis("amsgrad", ("none", "v"), says=("usual", "adabelief-pytorch, timm, pytorch-optimizer")),
    Axis("rectify", ("off", "on"), says=("Zhuang et al. 2020; optax", _RECTIFIED)),
    Axis(
        "weight_decay",
        ("none", "l2", "decoupled-before"),
        says=("optax", "torch-optimizer", "adabelief-pytorch, timm, pytorch-optimizer"),
    ),
)
ADABELIEFS = (
    Optimizer(
        "adabelief",
        "AdaBelief",
        _made,
        _AXES,
        called=("adabelief", "scalebybelief"),
        reductions=("adabelief-is-descent", "adabelief-of-surprises"),
    ),
)
