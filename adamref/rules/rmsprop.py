"""RMSprop, with epsilon outside or inside of the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, evaluate, sqrt

from adamref.rules.optimizer import Axis, Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta2, delta, eps, g, theta_prev, v, v_prev

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINTON = "Tieleman & Hinton 2012, Coursera lecture 6.5"


def rmsprop(form: str) -> Rule:
    """Return RMSprop with epsilon outside of the root ("paper") or inside ("eps-inside")."""
    with evaluate(False):
        below: Expr = sqrt(v) + eps if form == "paper" else sqrt(v + eps)
        lines = (
            Line("v", beta2 * v_prev + (1 - beta2) * g**2, "average of squared gradients", _HINTON),
            Line("delta", -1 * (alpha * g / below), "step", _HINTON),
            Line("theta", theta_prev + delta, "updated parameter", _HINTON, initial=None),
        )
    where = "outside" if form == "paper" else "inside"
    return Rule(
        "rmsprop",
        f"RMSprop, epsilon {where} the root",
        lines,
        _HINTON,
        {"alpha": "0.001", "beta2": "0.9", "eps": "1e-8"},
        {"form": form},
    )


def _made(axes: Mapping[str, str]) -> Rule | None:
    return rmsprop(axes["form"]) if axes["form"] in _FORM.values else None


_FORM = Axis("form", ("paper", "eps-inside"), says=("PyTorch", "TensorFlow"))
RMSPROPS = (
    Optimizer(
        "rmsprop",
        "RMSprop",
        _made,
        (_FORM,),
        called=("rmsprop", "rmspropstep"),
        spoken=("RMS-Prop",),
    ),
)
