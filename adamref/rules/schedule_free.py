"""Schedule-free AdamW: the average of the iterates in the place of a schedule.

theta is what the paper calls y, where the gradient is taken. The paper's average x follows from it
(``y = beta1*x + (1 - beta1)*z``) and is kept by no implementation; the line of theta is the paper's
three with x eliminated, as the authors' code has it.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Max, Min, Piecewise, evaluate, sqrt

from adamref.rules.adam import MOMENTS, SECOND_CORRECTED
from adamref.rules.decay import DECAYED
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import (
    alpha,
    alpha_max,
    alpha_max_prev,
    alpha_t,
    beta1,
    beta2,
    c,
    eps,
    g,
    ratio,
    t,
    theta_decayed,
    theta_prev,
    v,
    v_hat,
    warmup,
    weight_decay,
    weight_sum,
    weight_sum_prev,
    z_prev,
)

_DEFAZIO = "Defazio et al. 2024, The Road Less Scheduled, Algorithm 1"
_CODE = "schedulefree, AdamWScheduleFree"
_WARM = "schedulefree, parameter warmup_steps"
_KERAS = "Keras, ScheduleFreeAdamW"

with evaluate(False):
    _ALPHA_T = Line(
        "alpha_t", alpha * sqrt(1 - beta2**t), "step size with the correction in it", _DEFAZIO
    )
    _WARMED = Line(
        "alpha_t", alpha * Min(t / warmup, 1), "step size, which grows evenly at first", _WARM
    )
    _GREATEST = Line("alpha_max", Max(alpha_max_prev, alpha), "greatest step size so far", _CODE)
    _SUM = Line("weight_sum", weight_sum_prev + alpha_max**2, "sum of the weights", _CODE)
    _SAYS = "weight of this iterate in the average"
    _SHARE = Line(
        "c", Piecewise((alpha_max**2 / weight_sum, weight_sum > 0), (0, True)), _SAYS, _CODE
    )
    _SUM_OF_STEPS = Line("weight_sum", weight_sum_prev + alpha_t**2, "sum of the weights", _DEFAZIO)
    _SHARE_OF_STEPS = Line(
        "c", Piecewise((alpha_t**2 / weight_sum, weight_sum > 0), (0, True)), _SAYS, _DEFAZIO
    )
    _EVEN_SHARE = Line("c", 1 / t, _SAYS, _KERAS)


def _moved(step: Expr, taken: Expr) -> tuple[Line, Line]:
    """Return how z and theta move."""
    with evaluate(False):
        kept = (1 + -1 * c) * theta_prev + c * z_prev
        moved = step * (1 + -1 * (beta1 * (1 + -1 * c)))
        return (
            Line("z", z_prev + -1 * (step * taken), "the fast iterate", _DEFAZIO, initial="theta"),
            Line(
                "theta",
                kept + -1 * (moved * taken),
                "where the next gradient is taken",
                _CODE,
                initial=None,
            ),
        )


def _schedule_free(form: str, warm_up: str) -> Rule | None:
    """Return schedule-free AdamW as ``"paper"``, ``"code"`` or ``"keras"`` has it.

    With a linear ``warm_up`` alpha, and with it the code's weights, grows over the first ``warmup``
    steps; the decay that Keras takes does not.

    code
        ``sqrt(v_hat) + eps``, iterates weighted by the square of the greatest step size, decay of
        z and y along with the step.
    paper
        The correction in the step size, and so in the weights, epsilon beside the uncorrected root.
    keras
        As code, but iterates weighted alike, and decay of y alone, before the step.
    """
    if warm_up != "none" and form == "paper":
        return None
    with evaluate(False):
        corrected: Expr = g / (sqrt(v_hat) + eps)
        uncorrected: Expr = g / (sqrt(v) + eps)
        penalty = weight_decay * theta_prev
        taken = {
            "code": corrected + penalty,
            "paper": uncorrected + penalty,
            "keras": corrected,
        }[form]
    warms = warm_up == "linear"
    warmed = (_WARMED,) if warms else ()
    with evaluate(False):
        greatest = replace(_GREATEST, expr=Max(alpha_max_prev, alpha_t)) if warms else _GREATEST
    lines = {
        "code": (SECOND_CORRECTED, *warmed, greatest, _SUM, _SHARE),
        "paper": (_ALPHA_T, _SUM_OF_STEPS, _SHARE_OF_STEPS),
        "keras": (SECOND_CORRECTED, *warmed, _EVEN_SHARE),
    }[form]
    source = _DEFAZIO if form == "paper" else _CODE
    u = Line("ratio", taken, "what the step size multiplies", source)
    rule = Rule(
        "schedule-free-adamw",
        "Schedule-free AdamW",
        (MOMENTS[1], *lines, u, *_moved(alpha_t if warms or form == "paper" else alpha, ratio)),
        _DEFAZIO,
        {
            "alpha": "0.0025",
            "beta1": "0.9",
            "beta2": "0.999",
            "eps": "1e-8",
            "weight_decay": "0",
        }
        | ({"warmup": "1"} if warms else {}),
    )
    if form != "keras":
        return rule
    rule = rule.inserted(replace(DECAYED, source=_KERAS), before="z")
    return rule.substituted(theta_prev, theta_decayed, "theta")


_AXES = (
    Axis(
        "form",
        ("code", "paper", "keras"),
        says=(
            "the authors' schedulefree, optax, pytorch-optimizer",
            "Defazio et al. 2024",
            "Keras",
        ),
    ),
    Axis("warm_up", ("none", "linear"), says=("optax", f"{_WARM}; Keras")),
)
SCHEDULE_FREES = (
    Optimizer(
        "schedule-free-adamw",
        "Schedule-free AdamW",
        by_axes(_schedule_free, _AXES),
        _AXES,
        called=("schedulefreeadamw", "adamwschedulefree", "schedulefreeadam"),
        spoken=("Schedule-free",),
        reductions=("schedule-free-is-adamw",),
    ),
)
