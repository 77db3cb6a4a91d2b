"""Weight decay, and AMSGrad's maximum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Integer, Max, Rational, evaluate, sqrt

from adamref import rules
from adamref.faults.edits import exchanged, exchanging, replacing
from adamref.faults.fault import Edit, Fault
from adamref.rules.decay import decayed
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    g,
    g_total,
    t,
    theta_prev,
    v,
    v_hat,
    v_max,
    v_max_prev,
    weight_decay,
)

if TYPE_CHECKING:
    from adamref.faults.inputs import Inputs, Rows
    from adamref.rules.rule import Rule

_TWICE = "dylanyunlon/Neuron_SP#13 (decay in a wrapper and in the optimizer)"
_PLAIN = "plain Adam: steps grow again once the gradients shrink"


def _another(kind: str, instead_of: str) -> Edit:
    """Return the same dialect with weight decay of another kind than it has."""

    def edit(rule: Rule) -> Rule | None:
        if not rule.dialect.get("weight_decay", "").startswith(instead_of):
            return None
        if "v_max" in rule.fields:
            return None
        plain = rules.optimizer(rule.name).made({**rule.dialect, "weight_decay": "none"})
        if plain is None:
            return None
        return replace(decayed(plain, kind), dialect={**rule.dialect, "weight_decay": kind})

    return edit


def _decayed_by(make: Expr) -> Edit:
    """Give decoupled decay another factor than 1 - alpha*weight_decay."""
    return exchanging({1 - alpha * weight_decay: make})


def _l2_of(*fields: str) -> Edit:
    """Leave L2's term in one moment only."""

    def edit(rule: Rule) -> Rule | None:
        if "g_total" not in rule.fields:
            return None
        return rule.substituted(g_total, g, *({"m", "v"} - set(fields)))

    return edit


def _first_alpha_decays(inputs: Inputs, table: Rows) -> Inputs | None:
    first, now = table.columns["alpha_first"], inputs.columns["alpha"]
    decay = inputs.columns.get("weight_decay")
    if decay is None or not (first != now).any():
        return None
    with np.errstate(all="ignore"):
        return inputs.changed(
            "decay-with-first-alpha",
            {"weight_decay": np.where(first == now, decay, decay * first / now)},
        )


def _unasked(rule: Rule) -> Rule | None:
    if "weight_decay" in rule.defaults or "theta" not in rule.fields:
        return None
    with evaluate(False):
        kept = (1 + -1 * (alpha * Rational(1, 100))) * theta_prev
        return rule.edited(theta=exchanged(rule.line("theta").expr, {theta_prev: kept}))


def _ignored(rule: Rule) -> Rule | None:
    if "v_max" not in rule.fields:
        return None
    with evaluate(False):
        greatest = v_hat if rule.dialect["amsgrad"] == "v_hat" else v
        return rule.substituted(v_max, greatest, "v_hat", "delta")


def _fed_back(rule: Rule) -> Rule | None:
    if "v_max" not in rule.fields:
        return None
    with evaluate(False):
        return rule.edited(v=Max(v_max_prev, rule.line("v").expr), v_max=1 * v)


def _line(name: str, make: Expr) -> Edit:
    return replacing(name, lambda _: make)


with evaluate(False):
    FAULTS: tuple[Fault, ...] = (
        Fault("decay-ignored", "the weight decay that was asked for is not applied",
              "theta does not shrink",
              exchanging({weight_decay: Integer(0)}, "g_total", "theta_decayed", "theta"),
              seen_in="PaddlePaddle/Paddle#5836"),
        Fault("decay-l2", "decoupled decay is added to the gradient instead (L2)",
              "the decay is divided by sqrt(v_hat) with the rest: it hardly depends on theta",
              _another("l2", instead_of="decoupled"), seen_in="anhquan0412/basic_model_scratch#2"),
        Fault("decay-decoupled", "the L2 term is taken out of the gradient and applied to theta",
              "the moments lack weight_decay*theta",
              _another("decoupled-before", instead_of="l2"),
              seen_in="flagos-ai/FlagGems#4989; discussed in pytorch/pytorch#41679"),
        Fault("decay-l2-in-m-only", "the L2 term goes into m, and not into v",
              "the decay is not scaled as the gradient is", _l2_of("m")),
        Fault("decay-l2-in-v-only", "the L2 term goes into v, and not into m",
              "theta does not shrink", _l2_of("v")),
        Fault("decay-l2-sign", "the L2 term is subtracted from the gradient", "theta grows",
              _line("g_total", g + -1 * (weight_decay * theta_prev)),
              seen_in="chainer/chainer#261"),
        Fault("decay-l2-doubled", "the L2 term is added twice", "the decay is twice as strong",
              _line("g_total", g + 2 * (weight_decay * theta_prev)), seen_in=_TWICE),
        Fault("decay-l2-squared", "the L2 term has theta squared", "the decay has no sign",
              _line("g_total", g + weight_decay * theta_prev**2)),
        Fault("decay-l2-times-alpha", "the L2 term is multiplied by alpha", "hardly any decay",
              _line("g_total", g + alpha * (weight_decay * theta_prev))),
        Fault("decay-sign", "decoupled decay has the wrong sign: theta*(1 + alpha*weight_decay)",
              "theta grows", _decayed_by(1 + alpha * weight_decay), seen_in="chainer/chainer#261"),
        Fault("decay-without-alpha",
              "theta is multiplied by 1 - weight_decay instead of 1 - alpha*weight_decay",
              "the decay does not follow the schedule and is far too strong",
              _decayed_by(1 + -1 * weight_decay),
              seen_in="flashlight/flashlight#143, deeplearning4j/deeplearning4j#5843"),
        Fault("decay-with-corrected-alpha",
              "the decay is multiplied by alpha*sqrt(1 - beta2**t)/(1 - beta1**t)",
              "the decay is of the wrong size in the first steps",
              _decayed_by(
                  1 + -1 * (alpha * sqrt(1 - beta2**t) / (1 - beta1**t) * weight_decay)),
              seen_in="Oneflow-Inc/oneflow#5960, facebookresearch/schedule_free#38"),
        Fault("decay-with-alpha-over-correction",
              "the decay is multiplied by alpha/(1 - beta1**t)",
              "the decay is too strong in the first steps",
              _decayed_by(1 + -1 * (alpha / (1 - beta1**t) * weight_decay)),
              seen_in="Oneflow-Inc/oneflow#5960 (its kin)"),
        Fault("decay-doubled", "decoupled decay is applied twice", "the decay is twice as strong",
              _decayed_by((1 + -1 * (alpha * weight_decay)) ** 2), seen_in=_TWICE),
        Fault("decay-alpha-squared", "the decay is multiplied by alpha twice", "hardly any decay",
              _decayed_by(1 + -1 * (alpha**2 * weight_decay))),
        Fault("decay-with-first-alpha", "the decay uses the first step's alpha under a schedule",
              "the decay dominates once alpha is small", drive=_first_alpha_decays,
              seen_in="tensorflow/addons#844 (its kin)"),
        Fault("decay-unasked", "theta is decayed by 0.01*alpha though no decay was asked for",
              "theta shrinks", _unasked, seen_in="torch.optim.AdamW (such is its default)"),
        Fault("maximum-ignored", "AMSGrad's maximum is not used", _PLAIN, _ignored,
              seen_in="chaoshangcs/GTS#16"),
        Fault("maximum-not-kept", "AMSGrad's maximum is not stored back", _PLAIN,
              _line("v_max", 1 * v), seen_in="chainer/chainer#7661, pytorch/pytorch#4034"),
        Fault("maximum-fed-back", "v itself is replaced by the maximum", "v no longer decays",
              _fed_back),
        Fault("minimum-for-maximum", "the least v is kept instead of the greatest",
              "v_max stays 0", _line("v_max", -1 * Max(-1 * v_max_prev, -1 * v))),
        Fault("maximum-decays", "the maximum decays with beta2", "the maximum is forgotten",
              _line("v_max", Max(beta2 * v_max_prev, v))),
        Fault("maximum-of-one", "the maximum starts at 1 instead of 0",
              "steps are too small until v exceeds 1",
              _line("v_max", Max(Max(v_max_prev, v), Rational(1)))),
        Fault("maximum-root-forgotten", "the square root of the maximum is not taken",
              "the step goes as 1/g instead of sign(g)",
              exchanging({sqrt(v_max): 1 * v_max}, "delta")),
    )  # fmt: skip
