"""How weight decay comes into any rule: of its gradient, or of the parameter beside its step."""

from __future__ import annotations

from dataclasses import replace

from sympy import evaluate

from adamref.rules.optimizer import Axis
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import alpha, g, g_total, theta_decayed, theta_prev, weight_decay

WEIGHT_DECAYS = ("none", "l2", "decoupled-before", "decoupled-after", "decoupled-unscaled")

LOSHCHILOV = "Loshchilov & Hutter 2019, Algorithm 2"

with evaluate(False):
    L2 = Line(
        "g_total",
        g + weight_decay * theta_prev,
        "gradient with the L2 penalty's gradient added",
        "PyTorch, torch.optim.Adam, parameter weight_decay",
    )
    DECAYED = Line(
        "theta_decayed",
        (1 - alpha * weight_decay) * theta_prev,
        "parameter after decoupled weight decay",
        LOSHCHILOV,
    )
    _UNSCALED = replace(DECAYED, expr=(1 - weight_decay) * theta_prev)

FRAMEWORK_DECAY = Axis(
    "weight_decay",
    ("none", "l2", "decoupled-before"),
    says=("usual", "PyTorch, parameter weight_decay", "Keras, parameter weight_decay"),
)
"""As the frameworks have it for what is no AdamW."""


def decayed(rule: Rule, kind: str, default: str = "") -> Rule:
    """Return a rule with weight decay of a kind, one of ``WEIGHT_DECAYS``.

    l2 adds ``weight_decay * theta`` to the gradient wherever that stands; decoupled multiplies
    theta by ``1 - alpha * weight_decay``, before or after the step is added; unscaled by
    ``1 - weight_decay``, before it. The default is 0 for l2 and 0.01 for the others, unless it is
    given.
    """
    if kind == "none":
        return rule
    default = default or ("0.01" if kind.startswith("decoupled") else "0")
    rule = replace(rule, defaults={**rule.defaults, "weight_decay": default})
    if kind == "l2":
        return rule.substituted(g, g_total).inserted(L2, before=rule.lines[0].name)
    if kind in ("decoupled-before", "decoupled-unscaled"):
        line = DECAYED if kind == "decoupled-before" else _UNSCALED
        rule = rule.inserted(line, before="theta")
        return rule.substituted(theta_prev, theta_decayed, "theta")
    with evaluate(False):
        return rule.edited(theta=(1 - alpha * weight_decay) * rule.line("theta").expr)
