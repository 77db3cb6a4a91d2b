"""Adam, Algorithm 1 of Kingma & Ba (2015), and its legitimate dialects.

Each axis is independent of the others: where epsilon stands (form), whether the moments are
corrected for their bias, how weight decay comes in, and whether a maximum is kept (AMSGrad).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr, Max, Symbol, evaluate, sqrt

from adamref.errors import UnknownName
from adamref.rules.decay import LOSHCHILOV, WEIGHT_DECAYS, decayed
from adamref.rules.optimizer import Axis, Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    alpha_t,
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
    theta_prev,
    v,
    v_hat,
    v_max,
    v_max_prev,
    v_prev,
)

ALGORITHM_1 = "Kingma & Ba 2015, Algorithm 1"
SECTION_2 = "Kingma & Ba 2015, section 2, last paragraph"
_INSIDE = "a common variant; TensorFlow's RMSProp and many lecture notes stand epsilon so"
_OPTAX = "optax, scale_by_adam, parameter eps_root"
_REDDI = "Reddi, Kale & Kumar 2018, Algorithm 2"

FORMS = ("paper", "eps-hat", "eps-inside", "eps-root")
MAXIMUM = "AMSGrad's maximum"
MAXIMA = ("none", "v", "v_hat")

with evaluate(False):
    MOMENTS = (
        Line("m", beta1 * m_prev + (1 - beta1) * g, "biased first moment estimate", ALGORITHM_1),
        Line(
            "v",
            beta2 * v_prev + (1 - beta2) * g**2,
            "biased second raw moment estimate",
            ALGORITHM_1,
        ),
    )
    FIRST_CORRECTED = Line(
        "m_hat", m / (1 - beta1**t), "bias-corrected first moment estimate", ALGORITHM_1
    )
    SECOND_CORRECTED = Line(
        "v_hat", v / (1 - beta2**t), "bias-corrected second raw moment estimate", ALGORITHM_1
    )
    _ALPHA_T = Line(
        "alpha_t",
        alpha * sqrt(1 - beta2**t) / (1 - beta1**t),
        "step size with both corrections in it",
        SECTION_2,
    )
    _THETA = Line("theta", theta_prev + delta, "updated parameter", ALGORITHM_1, initial=None)

    MAX_OF_V = Line(
        "v_max",
        Max(v_max_prev, v),
        "greatest second moment so far, taken before the correction (as PyTorch does)",
        _REDDI,
    )
    _MAX_OF_V_HAT = Line(
        "v_max",
        Max(v_max_prev, v_hat),
        "greatest second moment so far, taken after the correction (as optax does)",
        _REDDI,
    )


def adam(
    form: str = "paper",
    *,
    bias_correction: bool = True,
    weight_decay: str = "none",
    maximum: str = "none",
    name: str = "adam",
) -> Rule:
    """Return Adam in a dialect.

    Parameters
    ----------
    form : {"paper", "eps-hat", "eps-inside", "eps-root"}
        Where epsilon stands. paper: ``sqrt(v_hat) + eps``; eps-hat: the more efficient order at the
        end of section 2, with epsilon added to the uncorrected root; eps-inside:
        ``sqrt(v_hat + eps)``; eps-root: ``sqrt(v_hat + eps_root) + eps``.
    bias_correction : bool
        Whether m and v are divided by ``1 - beta**t``.
    weight_decay : {"none", "l2", "decoupled-before", "decoupled-after", "decoupled-unscaled"}
        l2 adds ``weight_decay * theta`` to the gradient; decoupled multiplies theta by
        ``1 - alpha * weight_decay``, before or after the step is added, and unscaled by
        ``1 - weight_decay``, as the paper's algorithm does where its schedule is 1.
    maximum : {"none", "v", "v_hat"}
        AMSGrad: of which of the two the maximum over time is kept.

    Raises
    ------
    UnknownName
        If an axis has no such value, or a form needs the correction that is switched off.
    """
    for axis, got, known in (
        ("form", form, FORMS),
        ("weight_decay", weight_decay, WEIGHT_DECAYS),
        ("maximum", maximum, MAXIMA),
        ("bias_correction", bias_correction, (True, False)),
    ):
        if got not in known:
            raise UnknownName(axis, got, tuple(map(str, known)))
    if form == "eps-hat" and not bias_correction:
        raise UnknownName(
            "form without bias correction", form, tuple(f for f in FORMS if f != form)
        )
    if maximum == "v_hat" and (not bias_correction or form == "eps-hat"):
        raise UnknownName("maximum where no v_hat is formed", maximum, ("none", "v"))

    rule = Rule(
        name=name,
        title=_TITLES[name],
        lines=(*MOMENTS, *_rest(form, bias_correction, maximum), _THETA),
        source=_of_all(maximum != "none", weight_decay.startswith("decoupled")),
        defaults={"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
        | ({"eps_root": "0"} if form == "eps-root" else {}),
        dialect={
            "form": form,
            "bias_correction": "on" if bias_correction else "off",
            "weight_decay": weight_decay,
            "amsgrad": maximum,
        },
    )
    return decayed(rule, weight_decay)


def _of_all(maximum: bool, decoupled: bool) -> str:
    """Return the source of the whole, and of what was added to it."""
    more = ((maximum, _REDDI), (decoupled, LOSHCHILOV))
    return "; ".join((ALGORITHM_1, *(source for added, source in more if added)))


def _rest(form: str, bias_correction: bool, maximum: str) -> tuple[Line, ...]:
    """Return the lines between the moments and theta."""
    lines: list[Line] = []
    corrected = bias_correction and form != "eps-hat"
    first, second = (m_hat, v_hat) if corrected else (m, v)
    if maximum == "v":
        lines.append(MAX_OF_V)
    if corrected:
        lines.append(FIRST_CORRECTED)
        with evaluate(False):
            under = {v: v_max} if maximum == "v" else {}
            lines.append(replace(SECOND_CORRECTED, expr=SECOND_CORRECTED.expr.xreplace(under)))
    elif maximum == "v":
        second = v_max
    if maximum == "v_hat":
        lines.append(_MAX_OF_V_HAT)
        second = v_max
    if form == "eps-hat":
        lines.append(_ALPHA_T)
        return (*lines, _delta(alpha_t, m, second, form, SECTION_2))
    return (*lines, _delta(alpha, first, second, form, _SOURCES[form]))


def _delta(size: Symbol, first: Symbol, second: Symbol, form: str, source: str) -> Line:
    with evaluate(False):
        step = -1 * (size * first / denominator(second, form))
    return Line("delta", step, "step: what is added to the parameter", source)


def denominator(second: Symbol, form: str) -> Expr:
    """Return what the first moment is divided by."""
    with evaluate(False):
        if form == "eps-inside":
            return sqrt(second + eps)
        if form == "eps-root":
            return sqrt(second + eps_root) + eps
        return sqrt(second) + eps


_SOURCES = {"paper": ALGORITHM_1, "eps-inside": _INSIDE, "eps-root": _OPTAX}
_TITLES = {
    "adam": "Adam",
    "adam-l2": "Adam with L2 regularisation",
    "adamw": "AdamW: Adam with decoupled weight decay",
    "amsgrad": "AMSGrad",
}


def _made(axes: Mapping[str, str]) -> Rule | None:
    form, correction, maximum = axes["form"], axes["bias_correction"], axes["amsgrad"]
    no_hat = correction == "off" or form == "eps-hat"
    if (form == "eps-hat" and correction == "off") or (maximum == "v_hat" and no_hat):
        return None
    known = {"on": True, "off": False}.get(correction, correction)
    return adam(form, bias_correction=known, weight_decay=axes["weight_decay"], maximum=maximum)  # type: ignore[arg-type]


_FORM = Axis(
    "form",
    FORMS,
    (0, 1, 1, 3),
    (
        "Kingma & Ba 2015, Algorithm 1; PyTorch, optax",
        "Kingma & Ba 2015, section 2; Keras, TensorFlow, scikit-learn",
        _INSIDE,
        _OPTAX,
    ),
)
_CORRECTION = Axis("bias_correction", ("on", "off"), (0, 3))
_USUAL = {"weight_decay": "none", "amsgrad": "none"}

ADAMS = (
    Optimizer(
        "adam",
        "Adam",
        _made,
        (_FORM, _CORRECTION),
        _USUAL,
        ("adam",),
        ("adaptive moment estimation", "adaptive moment"),
        decayed=("adamw", "adam-l2"),
    ),
    Optimizer(
        "adam-l2",
        "Adam with L2 regularisation",
        _made,
        (_FORM, _CORRECTION),
        {**_USUAL, "weight_decay": "l2"},
        ("adaml2",),
        reductions=("adam-l2-zero-decay",),
    ),
    Optimizer(
        "adamw",
        "AdamW: Adam with decoupled weight decay",
        _made,
        (
            _FORM,
            _CORRECTION,
            Axis(
                "weight_decay",
                ("decoupled-before", "decoupled-after", "decoupled-unscaled"),
                (0, 1, 2),
                (
                    "Loshchilov & Hutter 2019; PyTorch",
                    "decay of the parameter after its step",
                    "Loshchilov & Hutter 2019, Algorithm 2, with a schedule of 1; Chainer",
                ),
            ),
        ),
        {"amsgrad": "none"},
        ("adamw",),
        ("Adam with decoupled weight decay",),
        reductions=("adamw-zero-decay",),
    ),
    Optimizer(
        "amsgrad",
        "AMSGrad",
        _made,
        (
            _FORM,
            _CORRECTION,
            Axis(
                "amsgrad",
                ("v", "v_hat"),
                says=("PyTorch, Keras", "optax"),
                title=MAXIMUM,
            ),
        ),
        {"weight_decay": "none"},
        ("amsgrad", "amsgradstep", "scalebyamsgrad"),
        reductions=("amsgrad-is-adam",),
    ),
)
"""Adam, and what has a name of its own by where it stands on an axis."""
