"""Where epsilon stands, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Integer, Max, evaluate, sqrt

from adamref.faults.edits import StepParts, below, exchanged, exchanging, parts, stepping
from adamref.faults.fault import Fault
from adamref.faults.inputs import feeding
from adamref.rules.symbols import beta2, eps, t, v, v_max

if TYPE_CHECKING:
    from adamref.rules.rule import Rule


def _inside_corrections(rule: Rule) -> Rule | None:
    its = parts(rule)
    if its is None or "v_hat" not in rule.fields:
        return None
    with evaluate(False):
        under = rule.line("v_hat").expr
        greatest = v_max if v_max in under.free_symbols else v
        made = (greatest + eps) / (1 - beta2**t)
        return rule.edited(v_hat=made, delta=exchanged(its.step, {its.below: sqrt(its.second)}))


def _in_numerator(p: StepParts) -> Expr:
    return exchanged(p.step, {p.below: sqrt(p.second)}) + -1 * eps


_SMALLER = "epsilon acts as a smaller one in the first steps"

FAULTS = (
    Fault("eps-inside-root", "epsilon stands inside the root: sqrt(v_hat + eps)",
          "at the defaults it acts as an epsilon of 1e-4: gradients of that size hardly move theta",
          below(lambda p: sqrt(p.second + eps)), told_as="form=eps-inside",
          seen_in="FluxML/Flux.jl#448, CyberZHG/keras-radam#29"),
    Fault("eps-squared-inside-root", "epsilon squared stands inside the root: sqrt(v_hat + eps**2)",
          "small gradients get steps of another size, by a factor of up to sqrt(2)",
          below(lambda p: sqrt(p.second + eps**2)), seen_in="tensorflow/tensorflow#22876"),
    Fault("eps-inside-and-outside",
          "epsilon stands inside the root and outside: sqrt(v_hat + eps) + eps",
          "at the default epsilon small gradients make steps that are 10,000 times too small",
          below(lambda p: sqrt(p.second + eps) + eps), seen_in="kozistr/pytorch_optimizer#397"),
    Fault("eps-as-maximum", "the denominator is max(sqrt(v_hat), eps) instead of their sum",
          "gradients of about epsilon's size get another step",
          below(lambda p: Max(sqrt(p.second), eps)), seen_in="tensorflow/tensorflow#22876"),
    Fault("eps-omitted", "epsilon is left out",
          "small gradients make full steps, and a zero gradient gives NaN",
          exchanging({eps: Integer(0)}, "delta"), seen_in="OpenMined/PySyft#740"),
    Fault("eps-subtracted", "epsilon is subtracted from the root",
          "steps are too large, and infinite or reversed where |g| comes near epsilon",
          below(lambda p: sqrt(p.second) + -1 * eps), seen_in="tensorflow/tensorflow#61411"),
    Fault("eps-scaled-by-correction", "epsilon is multiplied by 1 - beta2**t", _SMALLER,
          below(lambda p: sqrt(p.second) + eps * (1 - beta2**t)),
          seen_in="proposed with a root in keras-team/keras#14035"),
    Fault("eps-scaled-by-root-of-correction",
          "epsilon is multiplied by sqrt(1 - beta2**t) beside the corrected root", _SMALLER,
          below(lambda p: sqrt(p.second) + eps * sqrt(1 - beta2**t)),
          seen_in="keras-team/keras#14035"),
    Fault("eps-divided-by-correction", "epsilon is divided by 1 - beta2**t",
          "epsilon acts as a larger one in the first steps",
          below(lambda p: sqrt(p.second) + eps / (1 - beta2**t)),
          seen_in="keras-team/keras#14035 (its kin)"),
    Fault("eps-inside-corrections",
          "epsilon is added to v before the correction: sqrt((v + eps)/(1 - beta2**t))",
          "epsilon acts under the root, and as a larger one in the first steps",
          _inside_corrections, seen_in="juntang-zhuang/Adabelief-Optimizer#32 (in a relative)"),
    Fault("eps-multiplied", "the root is multiplied by 1 + eps",
          "a zero gradient gives NaN, and small gradients make full steps",
          below(lambda p: sqrt(p.second) * (1 + eps))),
    Fault("eps-in-numerator", "epsilon is added to the ratio, not to its denominator",
          "a drift by alpha*eps at each step, and NaN for a zero gradient",
          stepping(_in_numerator)),
    Fault("eps-zero-replaced", "an epsilon of zero is taken for none and replaced by 1e-8",
          "epsilon = 0 cannot be had: a zero gradient gives no NaN",
          drive=feeding("eps-zero-replaced", "eps", lambda x, _: np.where(x == 0, 1e-8, x)),
          seen_in="keras-team/keras#8710 (None stands for a default there)"),
    Fault("eps-floor-of-v", "v_hat is held above eps: sqrt(max(v_hat, eps))",
          "small gradients make steps that are far too small",
          below(lambda p: sqrt(Max(p.second, eps))),
          seen_in="kozistr/pytorch_optimizer#397 (suggested)"),
)  # fmt: skip
