"""The two moments: what is averaged, with which weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Abs, Max, Rational, Symbol, evaluate, sqrt

from adamref.faults.fault import ALGORITHM, Fault, exchanging, parts, replacing
from adamref.rules import faults as lines
from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    eps,
    g,
    g_total,
    m,
    m_prev,
    t,
    theta_prev,
    v,
    v_prev,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sympy import Expr

    from adamref.faults.fault import Edit
    from adamref.faults.inputs import Inputs, Table
    from adamref.rules.rule import Rule

_OF_LINES = {
    "m-without-complement": (
        "m is too large by 1/(1 - beta1) and the step by a constant factor", ALGORITHM),
    "v-without-complement": (
        "v is too large by 1/(1 - beta2) and the step too small", ALGORITHM),
    "m-decay-and-complement-swapped": (
        "m forgets nearly all of its past", "mila-iqia/blocks#1159"),
    "v-decay-and-complement-swapped": (
        "v forgets nearly all of its past", "mila-iqia/blocks#1159"),
    "m-with-beta2": ("m decays with the rate of v", ALGORITHM),
    "v-with-beta1": ("v decays with the rate of m", ALGORITHM),
    "m-forgets-its-past": (
        "right at the first step, wrong from the second on",
        "dngfra/Restricted-Boltzmann-Machines#2"),
    "v-forgets-its-past": (
        "right at the first step, wrong from the second on",
        "dngfra/Restricted-Boltzmann-Machines#2"),
    "m-past-undecayed": ("right at the first step, then m grows", ALGORITHM),
    "v-past-undecayed": ("right at the first step, then v grows", ALGORITHM),
    "m-gradient-subtracted": ("m has the wrong sign, and theta climbs", ALGORITHM),
    "v-gradient-subtracted": ("v is negative, and theta NaN", ALGORITHM),
    "v-without-square": ("v has the wrong size, and the wrong sign for negative g", ALGORITHM),
    "v-complement-squared": ("v is too small by 1 - beta2", "mdenil/dropout#4 (in SGD)"),
    "v-of-m": ("v is too small: m averages signs away", ALGORITHM),
    "m-of-square": ("m has no sign", ALGORITHM),
}  # fmt: skip
"""What shows of the single-line faults that the audit knows too, and where they were seen."""


def _of_line(fault: lines.Fault) -> Edit:
    def edit(rule: Rule) -> Rule | None:
        if fault.line not in rule.fields:
            return None
        with evaluate(False):
            made = fault.expr
            if "g_total" in rule.fields:
                made = made.xreplace({g: g_total})
            return rule.edited(**{fault.line: made})

    return edit


def _average(field: str, make: Callable[[Expr], Expr]) -> Edit:
    """Give m or v another right-hand side, made from the gradient that goes into it."""
    return replacing(field, lambda rule: make(parts(rule).gradient))


_DELTA_LINES = ("m_hat", "v_hat", "v_max", "delta")
_SHARED = Symbol("g_square_of_tensor", real=True)


def _mean_square(inputs: Inputs, table: Table) -> Inputs | None:
    of_tensor = np.stack([table.columns[n] for n in ("trial", "tensor", "step")], axis=1)
    unique, back, counts = np.unique(of_tensor, axis=0, return_inverse=True, return_counts=True)
    squares = np.zeros(len(unique))
    np.add.at(squares, back.reshape(-1), inputs.columns["g"] ** 2)
    mean = (squares / counts)[back.reshape(-1)]
    return inputs.changed("moments-shared", {_SHARED.name: mean})


def _floored(floor: str) -> Callable[[Expr], Expr]:
    return lambda g: Max(beta2 * v_prev + (1 - beta2) * g**2, Rational(floor))


def _nesterov(ahead: Callable[[Expr], Expr]) -> Edit:
    return replacing("m_hat", lambda rule: ahead(parts(rule).gradient))


def _with_g(rule: Rule) -> Expr:
    p = parts(rule)
    with evaluate(False):
        return rule.line("delta").expr.xreplace({p.first: p.gradient})


FAULTS = (
    *(
        Fault(
            fault.id,
            fault.says,
            *_OF_LINES[fault.id],
            edit=_of_line(fault),
        )
        for fault in lines.FAULTS
        if fault.line in ("m", "v")
    ),
    Fault(
        "m-used-before-update",
        "the step uses m of the step before",
        "the first step is zero, every other one comes late",
        "google-deepmind/optax#1716 (of v, in a relative)",
        exchanging(*_DELTA_LINES, pairs=lambda: {m: m_prev}),
    ),
    Fault(
        "v-used-before-update",
        "the step uses v of the step before",
        "the first step divides by epsilon alone",
        "google-deepmind/optax#1716 (on purpose, in a relative)",
        exchanging(*_DELTA_LINES, pairs=lambda: {v: v_prev}),
    ),
    Fault(
        "nesterov-unannounced",
        "m_hat looks ahead: (beta1*m + (1 - beta1)*g)/(1 - beta1**t)",
        "the step weighs the last gradient more",
        "Dozat 2016 (that is NAdam)",
        _nesterov(lambda g: (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)),
    ),
    Fault(
        "nesterov-with-two-corrections",
        "m_hat looks ahead: beta1*m/(1 - beta1**(t+1)) + (1 - beta1)*g/(1 - beta1**t)",
        "the step weighs the last gradient more",
        "Dozat 2016 (that is NAdam)",
        _nesterov(
            lambda g: beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        ),
    ),
    Fault(
        "v-centred",
        "v averages (g - m)**2",
        "steady gradients make v vanish and the steps huge",
        "Zhuang et al. 2020 (that is AdaBelief); UselessToys/Ecosystem_WebUI#383 (its kin)",
        _average("v", lambda g: beta2 * v_prev + (1 - beta2) * (g + -1 * m) ** 2),
    ),
    Fault(
        "v-centred-on-old-m",
        "v averages (g - m)**2 with m of the step before",
        "the first step is right",
        "google-deepmind/optax#1716 (in a relative)",
        _average("v", lambda g: beta2 * v_prev + (1 - beta2) * (g + -1 * m_prev) ** 2),
    ),
    Fault(
        "v-of-magnitude",
        "v averages |g| instead of its square",
        "the step goes as sqrt(|g|)",
        edit=_average("v", lambda g: beta2 * v_prev + (1 - beta2) * Abs(g)),
    ),
    Fault(
        "v-as-maximum",
        "v is max(beta2*v, g**2), as AdaMax has it",
        "v jumps instead of averaging",
        "Kingma & Ba 2015, Algorithm 2 (that is AdaMax)",
        _average("v", lambda g: Max(beta2 * v_prev, g**2)),
    ),
    Fault(
        "v-summed",
        "v is the sum of all squares, as AdaGrad has it",
        "steps shrink for good",
        edit=_average("v", lambda g: v_prev + g**2),
    ),
    Fault(
        "m-times-alpha",
        "alpha is taken into the average m",
        "a schedule acts with delay",
        "stanfordnlp/GloVe#134 (in AdaGrad)",
        _average("m", lambda g: beta1 * m_prev + (1 - beta1) * (alpha * g)),
    ),
    Fault(
        "moments-shared",
        "v is averaged over the elements of a tensor",
        "elements with small gradients hardly move; invisible with one element",
        "zyushun/Adam-mini#43 (on purpose)",
        replacing("v", lambda _: beta2 * v_prev + (1 - beta2) * _SHARED),
        _mean_square,
    ),
    *(
        Fault(
            f"v-floored-at-{floor}",
            f"v is held above {floor}",
            "small gradients make steps that are far too small",
            "tensorflow/tensorflow#22876",
            _average(
                "v",
                _floored(floor),
            ),
        )
        for floor in ("1e-6", "1e-8", "1e-10", "1e-12", "1e-16")
    ),
    Fault(
        "root-forgotten",
        "the square root of v_hat is not taken",
        "the step goes as 1/g instead of sign(g)",
        edit=replacing("delta", lambda r: -1 * (parts(r).size * parts(r).first
                                                / (parts(r).second + eps))),
    ),
    Fault(
        "step-multiplied",
        "the step is multiplied by the denominator, not divided",
        "large gradients make larger steps",
        "oracle/tribuo#401",
        replacing("delta", lambda r: -1 * (parts(r).size * parts(r).first
                                           * (sqrt(parts(r).second) + eps))),
    ),
    Fault(
        "step-with-gradient",
        "the step uses the gradient in place of the first moment",
        "there is no momentum: RMSprop",
        edit=replacing("delta", _with_g),
    ),
    Fault(
        "without-denominator",
        "the step is not divided at all: momentum",
        "the step goes as the gradient",
        edit=replacing("delta", lambda r: -1 * (parts(r).size * parts(r).first)),
    ),
    Fault(
        "plain-gradient-step",
        "a plain gradient step is made",
        "the step goes as the gradient",
        edit=replacing("delta", lambda r: -1 * (alpha * parts(r).gradient)),
    ),
    Fault(
        "update-added",
        "the step is added with the wrong sign",
        "theta climbs",
        "kozistr/pytorch_optimizer#528 (a sign twice)",
        exchanging("theta", pairs=lambda: {Symbol("delta", real=True):
                                           -1 * Symbol("delta", real=True)}),
    ),
    Fault(
        "parameter-forgotten",
        "theta becomes the step itself",
        "theta is about alpha from the first step on",
        edit=exchanging("theta", "theta_decayed", pairs=lambda: {theta_prev: Rational(0)}),
    ),
    Fault(
        "update-forgotten",
        "theta is not updated",
        "theta stays where it is",
        edit=exchanging("theta", pairs=lambda: {Symbol("delta", real=True): Rational(0)}),
    ),
)  # fmt: skip
