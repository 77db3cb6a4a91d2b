"""AdaBelief: Adam by the squared distance of the gradient from its own average."""

from __future__ import annotations

from dataclasses import replace

from sympy import Symbol, evaluate, sqrt

from adamref.rules.adam import FIRST_CORRECTED, MAX_OF_V, MAXIMUM, MOMENTS, SECOND_CORRECTED
from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
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


def _adabelief(form: str, amsgrad: str, rectify: str, weight_decay: str) -> Rule | None:
    """Return AdaBelief in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-root"}
        Whether epsilon is what stays in v, or a number of its own (``eps_root``); epsilon stands
        outside of the root as well.
    amsgrad : {"none", "v"}
        AMSGrad's maximum, of v with what was added to it.
    rectify : {"off", "on"}
        RAdam's rectification, with epsilon beside the uncorrected root.
    weight_decay : {"none", "l2", "decoupled-before"}
    """
    if form == "eps-root" and (amsgrad, rectify, weight_decay) != ("none", "off", "none"):
        return None
    if amsgrad == "v" and rectify == "on":
        return None
    first = MOMENTS[0], _second(eps if form == "paper" else eps_root)
    with evaluate(False):
        under = SECOND_CORRECTED.expr.xreplace({v: v_max} if amsgrad == "v" else {})
    lines: tuple[Line, ...] = (replace(SECOND_CORRECTED, expr=under), _STEP)
    if rectify == "on":
        lines = (*LENGTHS, *rectified(5, 1, _BESIDE_UNCORRECTED), _RECTIFIED_STEP)
    maxima = (MAX_OF_V,) if amsgrad == "v" else ()
    root = {"eps_root": "1e-16"} if form == "eps-root" else {}
    rule = Rule(
        "adabelief",
        "AdaBelief",
        (*first, *maxima, FIRST_CORRECTED, *lines, _THETA),
        _ZHUANG,
        {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-16", **root},
    )
    return decayed(rule, weight_decay, default="0")


_AXES = (
    Axis(
        "form",
        ("paper", "eps-root"),
        (0, 3),
        says=("Zhuang et al. 2020; adabelief-pytorch, timm", "optax, parameter eps_root"),
    ),
    Axis(
        "amsgrad",
        ("none", "v"),
        says=("usual", "adabelief-pytorch, timm, pytorch-optimizer"),
        title=MAXIMUM,
    ),
    Axis("rectify", ("off", "on"), says=("Zhuang et al. 2020; optax", _RECTIFIED)),
    Axis(
        "weight_decay",
        ("none", "l2", "decoupled-before"),
        says=("optax", "torch-optimizer", "adabelief-pytorch, timm, pytorch-optimizer"),
    ),
)
_MAKE, _CALLED = by_axes(_adabelief, _AXES), ("adabelief", "scalebybelief")
ADABELIEFS = (
    Optimizer(
        "adabelief",
        "AdaBelief",
        _MAKE,
        _AXES,
        called=_CALLED,
        reductions=("adabelief-is-descent", "adabelief-of-surprises"),
    ),
)
