"""Lion: the sign of an average, which is kept with another decay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import evaluate, sign

from adamref.rules.decay import decayed
from adamref.rules.optimizer import Axis, Optimizer
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, beta1, beta2, c, delta, g, m_prev, theta_prev

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHEN = "Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, Algorithm 2"

with evaluate(False):
    _LINES = (
        Line("c", beta1 * m_prev + (1 - beta1) * g, "average whose sign is stepped by", _CHEN),
        Line("m", beta2 * m_prev + (1 - beta2) * g, "average that is kept", _CHEN),
        Line("delta", -1 * (alpha * sign(c)), "step", _CHEN),
        Line("theta", theta_prev + delta, "updated parameter", _CHEN, initial=None),
    )


def lion(weight_decay: str = "decoupled-before") -> Rule:
    """Return Lion with decoupled weight decay, as published, or with the L2 penalty's gradient."""
    rule = Rule(
        "lion",
        "Lion",
        _LINES,
        _CHEN,
        {"alpha": "0.0001", "beta1": "0.9", "beta2": "0.99"},
        {"weight_decay": weight_decay},
    )
    rule = decayed(rule, weight_decay)
    return replace(rule, defaults={**rule.defaults, "weight_decay": "0"})


def _made(axes: Mapping[str, str]) -> Rule:
    return lion(axes["weight_decay"])


_DECAY = Axis(
    "weight_decay",
    ("decoupled-before", "l2"),
    says=("Chen et al. 2023; lion-pytorch, optax, Keras, timm", "pytorch-optimizer, undecoupled"),
)
LIONS = (
    Optimizer(
        "lion",
        "Lion",
        _made,
        (_DECAY,),
        called=("lion",),
        reductions=("lion-is-adamw", "lion-equal-rates"),
    ),
)
