"""Where epsilon stands, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Integer, Max, evaluate, sqrt

from adamref.faults.fault import Fault, exchanging, replacing, step
from adamref.rules.symbols import beta2, eps, t, v, v_max

if TYPE_CHECKING:
    from collections.abc import Callable

    from sympy import Expr

    from adamref.faults.fault import Edit, Parts
    from adamref.faults.inputs import Inputs, Table
    from adamref.rules.rule import Rule


def _below(make: Callable[[Parts], Expr]) -> Edit:
    return replacing("delta", lambda rule: step(rule, make))


def _inside_corrections(rule: Rule) -> Rule | None:
    if "v_hat" not in rule.fields:
        return None
    with evaluate(False):
        under = rule.line("v_hat").expr
        greatest = v_max if v_max in under.free_symbols else v
        made = (greatest + eps) / (1 - beta2**t)
        return rule.edited(v_hat=made, delta=step(rule, lambda p: sqrt(p.second)))


def _zero_replaced(inputs: Inputs, _table: Table) -> Inputs | None:
    eps_column = inputs.columns["eps"]
    if not (eps_column == 0).any():
        return None
    return inputs.changed("eps-zero-replaced", {"eps": np.where(eps_column == 0, 1e-8, eps_column)})


_IN_ALL = "gradients of about epsilon's size get another step"

FAULTS = (
    Fault(
        "eps-squared-inside-root",
        "epsilon squared stands inside the root: sqrt(v_hat + eps**2)",
        "small gradients get steps of another size, by a factor of up to sqrt(2)",
        "tensorflow/tensorflow#22876",
        _below(lambda p: sqrt(p.second + eps**2)),
    ),
    Fault(
        "eps-inside-and-outside",
        "epsilon stands inside the root and outside: sqrt(v_hat + eps) + eps",
        "at the default epsilon small gradients make steps that are 10,000 times too small",
        "kozistr/pytorch_optimizer#397",
        _below(lambda p: sqrt(p.second + eps) + eps),
    ),
    Fault(
        "eps-as-maximum",
        "the denominator is max(sqrt(v_hat), eps) instead of their sum",
        _IN_ALL,
        "tensorflow/tensorflow#22876",
        _below(lambda p: Max(sqrt(p.second), eps)),
    ),
    Fault(
        "eps-omitted",
        "epsilon is left out",
        "small gradients make full steps, and a zero gradient gives NaN",
        "OpenMined/PySyft#740",
        exchanging("delta", pairs=lambda: {eps: Integer(0)}),
    ),
    Fault(
        "eps-subtracted",
        "epsilon is subtracted from the root",
        "steps are too large, and infinite or reversed where |g| comes near epsilon",
        "tensorflow/tensorflow#61411",
        _below(lambda p: sqrt(p.second) + -1 * eps),
    ),
    Fault(
        "eps-scaled-by-correction",
        "epsilon is multiplied by 1 - beta2**t",
        "epsilon acts as a smaller one in the first steps",
        "proposed with a root in keras-team/keras#14035",
        _below(lambda p: sqrt(p.second) + eps * (1 - beta2**t)),
    ),
    Fault(
        "eps-scaled-by-root-of-correction",
        "epsilon is multiplied by sqrt(1 - beta2**t) beside the corrected root",
        "epsilon acts as a smaller one in the first steps",
        "keras-team/keras#14035",
        _below(lambda p: sqrt(p.second) + eps * sqrt(1 - beta2**t)),
    ),
    Fault(
        "eps-divided-by-correction",
        "epsilon is divided by 1 - beta2**t",
        "epsilon acts as a larger one in the first steps",
        "keras-team/keras#14035 (its kin)",
        _below(lambda p: sqrt(p.second) + eps / (1 - beta2**t)),
    ),
    Fault(
        "eps-inside-corrections",
        "epsilon is added to v before the correction: sqrt((v + eps)/(1 - beta2**t))",
        "epsilon acts under the root, and as a larger one in the first steps",
        "juntang-zhuang/Adabelief-Optimizer#32 (in a relative)",
        _inside_corrections,
    ),
    Fault(
        "eps-multiplied",
        "the root is multiplied by 1 + eps",
        "a zero gradient gives NaN, and small gradients make full steps",
        edit=_below(lambda p: sqrt(p.second) * (1 + eps)),
    ),
    Fault(
        "eps-in-numerator",
        "epsilon is added to the ratio, not to its denominator",
        "a drift by alpha*eps at each step, and NaN for a zero gradient",
        edit=replacing("delta", lambda r: step(r, lambda p: sqrt(p.second)) + -1 * eps),
    ),
    Fault(
        "eps-zero-replaced",
        "an epsilon of zero is taken for none and replaced by 1e-8",
        "epsilon = 0 cannot be had: a zero gradient gives no NaN",
        "keras-team/keras#8710 (None stands for a default there)",
        drive=_zero_replaced,
    ),
    Fault(
        "eps-floor-of-v",
        "v_hat is held above eps: sqrt(max(v_hat, eps))",
        "small gradients make steps that are far too small",
        "kozistr/pytorch_optimizer#397 (suggested)",
        _below(lambda p: sqrt(Max(p.second, eps))),
    ),
)
