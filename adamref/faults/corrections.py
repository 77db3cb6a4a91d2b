"""The corrections for the bias of the moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Integer, evaluate, sqrt

from adamref.faults.edits import both, exchanging
from adamref.faults.fault import Edit, Fault, Parameter
from adamref.faults.inputs import Drive, Inputs, Rows, feeding, raised
from adamref.rules.symbols import beta1, beta2, m, t, v, v_max

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule


def _power(beta: Expr, make: Callable[[Expr], Expr]) -> Edit:
    """Replace beta**t where moments are corrected."""
    with evaluate(False):
        return exchanging({beta**t: make(beta)})


def _whole(beta: Expr, make: Callable[[Expr], Expr]) -> Edit:
    """Replace 1 - beta**t where moments are corrected."""
    with evaluate(False):
        return exchanging({1 - beta**t: make(1 - beta**t)})


def _of_both(edit: Callable[[Expr, Callable[[Expr], Expr]], Edit],
             make: Callable[[Expr], Expr]) -> Edit:  # fmt: skip
    return both(edit(beta1, make), edit(beta2, make))


_PENNYLANE, _TENSORFLOW = "PennyLaneAI/pennylane#1929", "suspected in tensorflow/tensorflow#35444"
_CONVNET, _BELIEF = "karpathy/convnetjs#70", "juntang-zhuang/Adabelief-Optimizer#47 (in a relative)"
_ONCE = "right at the first step; later steps keep the first one's correction"
_SOON = "right at the first step, then of the wrong size and soon of the wrong sign"
_SIZE = "the first steps are of the wrong size"
_LATE = "hardly visible at first, infinite after some hundred steps"
_TWICE = "the correction accumulates: right at the first step, too large from the second on"


def _singles() -> Iterator[Fault]:
    for hat, beta, other, b, o in (
        ("m_hat", beta1, beta2, "beta1", "beta2"), ("v_hat", beta2, beta1, "beta2", "beta1"),
    ):  # fmt: skip
        of = "m" if hat == "m_hat" else "v"
        yield Fault(
            f"{hat}-power-t-plus-one", f"{hat} is divided by 1 - {b}**(t + 1)", _SIZE,
            _power(beta, lambda x: x ** (t + 1)), seen_in=_TENSORFLOW,
        )  # fmt: skip
        yield Fault(
            f"{hat}-power-t-minus-one", f"{hat} is divided by 1 - {b}**(t - 1): t lags",
            "the first step divides by zero", _power(beta, lambda x: x ** (t + -1)),
            seen_in="tracel-ai/burn#834",
        )  # fmt: skip
        yield Fault(
            f"{hat}-without-power", f"{hat} is divided by 1 - {b} instead of 1 - {b}**t", _ONCE,
            _power(beta, lambda x: x), seen_in=_PENNYLANE,
        )  # fmt: skip
        yield Fault(
            f"{hat}-product-for-power", f"{hat} is divided by 1 - {b}*t instead of 1 - {b}**t",
            _SOON, _power(beta, lambda x: x * t),
        )  # fmt: skip
        yield Fault(
            f"{hat}-with-{o}", f"{hat} is divided by 1 - {o}**t instead of 1 - {b}**t", _SIZE,
            _power(beta, lambda _, other=other: other**t), seen_in=_BELIEF,  # type: ignore[misc]
        )  # fmt: skip
        yield Fault(
            f"{hat}-by-power-alone", f"{hat} is divided by {b}**t instead of 1 - {b}**t", _LATE,
            _whole(beta, lambda _, beta=beta: beta**t),  # type: ignore[misc]
            seen_in="kozistr/pytorch_optimizer#525",
        )  # fmt: skip
        yield Fault(
            f"{hat}-multiplied", f"{hat} is multiplied by 1 - {b}**t instead of divided",
            "the first step is many times too small or too large", _whole(beta, lambda c: 1 / c),
            seen_in=_CONVNET,
        )  # fmt: skip
        yield Fault(
            f"{hat}-uncorrected", f"the bias of {of} is not corrected", _SIZE,
            _whole(beta, lambda _: Integer(1)),
            seen_in="asked for as an option in pytorch/pytorch#67105",
        )  # fmt: skip
        yield Fault(
            f"{hat}-complemented-twice", f"{hat} is divided by 1 - (1 - {b}**t)", _LATE,
            _whole(beta, lambda c: 1 + -1 * c), seen_in="kozistr/pytorch_optimizer#308",
        )  # fmt: skip


def _in_place(*hats: str) -> Edit:
    def edit(rule: Rule) -> Rule | None:
        if not {"m_hat", "v_hat"} <= set(rule.fields):
            return None
        if "v_hat" in hats and "v_max" in rule.fields:
            return None
        with evaluate(False):
            changed: dict[str, Expr] = {}
            for hat, state, beta in (("m_hat", m, beta1), ("v_hat", v, beta2)):
                if hat in hats:
                    changed[state.name] = rule.line(state.name).expr / (1 - beta**t)
                    changed[hat] = 1 * state
            return rule.edited(**changed)

    return edit


def _stops(after: int) -> Drive:
    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        if not (table.columns["t"] > after).any():
            return None
        return _with(
            inputs,
            f"correction-stops-{after}",
            lambda exponent, made, from_one: np.where(
                exponent > after, 1.0 if from_one else 0.0, made
            ),
        )

    return drive


def _clamped(least: float) -> Drive:
    return lambda inputs, _table: _with(
        inputs,
        f"correction-clamped-{least}",
        lambda _e, made, from_one: np.maximum(made, least) if from_one else made,
    )


def _with(inputs: Inputs, by: str, change: Callable[..., Array]) -> Inputs:
    before = inputs.correct or raised

    def correct(
        rate: str, base: Array, complement: Array, exponent: Array, from_one: bool
    ) -> Array:
        made = before(rate, base, complement, exponent, from_one)
        return np.asarray(change(exponent, made, from_one))

    return inputs.corrected(by, correct)


def _uncorrected_maximum(rule: Rule) -> Rule | None:
    if not {"v_max", "v_hat"} <= set(rule.fields):
        return None
    with evaluate(False):
        of_maximum = v_max in rule.line("v_hat").expr.free_symbols
        return rule.edited(v_hat=1 * (v_max if of_maximum else v))


with evaluate(False):
    _SWAPPED = {beta1**t: beta2**t, beta2**t: beta1**t}

FAULTS = (
    *_singles(),
    Fault("bias-correction-without-power",
          "both moments are divided by 1 - beta instead of 1 - beta**t", _ONCE,
          _of_both(_power, lambda x: x),
          seen_in=f"{_PENNYLANE}, allenai/OLMo-core#317 (t that stays 1)"),
    Fault("bias-correction-product-for-power", "both moments are divided by 1 - beta*t", _SOON,
          _of_both(_power, lambda x: x * t)),
    Fault("bias-uncorrected", "neither moment is corrected for its bias",
          "the first steps are wrong by (1 - beta1)/sqrt(1 - beta2)",
          _of_both(_whole, lambda _: Integer(1)), contradicts="Kingma & Ba 2015, section 3",
          seen_in="microsoft/onnxruntime#3301 (off by default)"),
    Fault("corrections-swapped", "m is divided by 1 - beta2**t, and v by 1 - beta1**t", _SIZE,
          exchanging(_SWAPPED), seen_in=_BELIEF),
    Fault("bias-correction-multiplied",
          "both moments are multiplied by their corrections instead of divided",
          "the first steps are many times too small or too large",
          _of_both(_whole, lambda c: 1 / c), seen_in=_CONVNET),
    Fault("correction-misses-root",
          "the correction of v is applied to its root without taking the root of the correction",
          "the step is wrong by sqrt(1 - beta2**t)", _whole(beta2, lambda c: c**2),
          seen_in="proposed and caught in the review of pytorch/pytorch#23737"),
    Fault("correction-of-m-rooted", "m is divided by sqrt(1 - beta1**t)",
          "the first steps are too small", _whole(beta1, sqrt)),
    Fault("m-overwritten", "m is overwritten by m_hat", _TWICE, _in_place("m_hat"),
          seen_in="frgfm/holocron#1"),
    Fault("v-overwritten", "v is overwritten by v_hat", _TWICE, _in_place("v_hat"),
          seen_in="frgfm/holocron#1"),
    Fault("corrected-in-place", "m and v are overwritten by their corrected values", _TWICE,
          _in_place("m_hat", "v_hat"), seen_in="frgfm/holocron#1"),
    Fault("correction-stops-after-{steps}",
          "the corrections are switched off after {steps} steps",
          "right until then; with beta2 = 0.999 the step is too large afterwards",
          parameter=Parameter("steps", "steps", (10, 100, 1000), drive=_stops)),
    Fault("correction-clamped-at-{least}", "1 - beta**t is held above {least}",
          "the first steps are of the wrong size, until 1 - beta**t is above",
          parameter=Parameter("least", "dimensionless", (0.5, 0.1, 0.01), drive=_clamped)),
    Fault("t-behind", "t starts at 0: both corrections use t - 1",
          "the first step divides by 1 - beta**0 = 0: inf or NaN",
          drive=feeding("t-behind", "t", lambda t, _: t - 1), seen_in="tracel-ai/burn#834"),
    Fault("t-behind-guarded", "t starts at 0, and the first step is not corrected",
          "the corrections lag by a step",
          drive=feeding("t-behind-guarded", "t", lambda t, _: np.maximum(t - 1, 1)),
          seen_in="tracel-ai/burn#834; ooples/AiDotNet#702 (t clamped to at least 1)"),
    Fault("t-ahead", "both corrections use t + 1", _SIZE,
          drive=feeding("t-ahead", "t", lambda t, _: t + 1),
          seen_in=_TENSORFLOW),
    Fault("t-counted-twice", "t advances by two at each step", "the corrections fade too early",
          drive=feeding("t-counted-twice", "t", lambda t, _: 2 * t),
          seen_in="its kin: clab/dynet#77"),
    Fault("maximum-uncorrected", "AMSGrad's maximum is used without its correction", _SIZE,
          _uncorrected_maximum, seen_in="online-ml/river#185 (its m)"),
)  # fmt: skip
