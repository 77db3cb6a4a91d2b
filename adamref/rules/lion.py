"""Lion: the sign of an average, which is kept with another decay."""

from __future__ import annotations

from sympy import evaluate, sign

from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer, by_axes
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, beta2, c, delta, g, m_prev, theta_prev

_CHEN = "Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, Algorithm 2"

with evaluate(False):
    _LINES = (
        Line("c", beta1 * m_prev + (1 - beta1) * g, "average whose sign is stepped by", _CHEN),
        Line("m", beta2 * m_prev + (1 - beta2) * g, "average that is kept", _CHEN),
        Line("delta", -1 * (alpha * sign(c)), "step", _CHEN),
        Line("theta", theta_prev + delta, "updated parameter", _CHEN, initial=None),
    )


def _lion(weight_decay: str) -> Rule:
    """Return Lion with decoupled weight decay, as published, or with the L2 penalty's gradient."""
    defaults = {"alpha": "0.0001", "beta1": "0.9", "beta2": "0.99"}
    return decayed(Rule("lion", "Lion", _LINES, _CHEN, defaults), weight_decay, default="0")


_AXES = (
    Axis(
        "weight_decay",
        ("decoupled-before", "l2"),
        says=(
            "Chen et al. 2023; lion-pytorch, optax, Keras, timm",
            "pytorch-optimizer, undecoupled",
        ),
    ),
)
_CALLED = ("lion",)
LIONS = (
    Optimizer(
        "lion",
        "Lion",
        by_axes(_lion, _AXES),
        _AXES,
        called=_CALLED,
        reductions=("lion-is-adamw", "lion-equal-rates"),
    ),
)
