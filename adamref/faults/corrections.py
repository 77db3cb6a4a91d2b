"""The corrections for the bias of the moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Integer, evaluate, sqrt

from adamref.faults.fault import ALGORITHM, Fault, both, exchanging
from adamref.faults.inputs import raised
from adamref.rules.symbols import beta1, beta2, m, t, v, v_max

if TYPE_CHECKING:
    from collections.abc import Callable

    from sympy import Expr

    from adamref.faults.fault import Drive, Edit
    from adamref.faults.inputs import Inputs, Table
    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule

_LINES = ("m_hat", "v_hat", "alpha_t")


def _power(beta: Expr, make: Callable[[Expr], Expr]) -> Edit:
    """Replace beta**t where moments are corrected."""
    return exchanging(*_LINES, pairs=lambda: {beta**t: make(beta)})


def _whole(beta: Expr, make: Callable[[Expr], Expr]) -> Edit:
    """Replace 1 - beta**t where moments are corrected."""
    return exchanging(*_LINES, pairs=lambda: {1 - beta**t: make(1 - beta**t)})


def _always(expr: Expr) -> Callable[[Expr], Expr]:
    return lambda _: expr


def _singles() -> list[Fault]:
    made = []
    for hat, beta, other, b, o in (
        ("m_hat", beta1, beta2, "1", "2"), ("v_hat", beta2, beta1, "2", "1"),
    ):  # fmt: skip
        right = f"1 - beta{b}**t"
        made += [
            Fault(
                f"{hat}-without-power",
                f"{hat} is divided by 1 - beta{b} instead of {right}",
                "right at the first step; later steps keep the first one's correction",
                "PennyLaneAI/pennylane#1929",
                _power(beta, lambda x: x),
            ),
            Fault(
                f"{hat}-product-for-power",
                f"{hat} is divided by 1 - beta{b}*t instead of {right}",
                "right at the first step, then of the wrong size and soon of the wrong sign",
                edit=_power(beta, lambda x: x * t),
            ),
            Fault(
                f"{hat}-power-t-plus-one",
                f"{hat} is divided by 1 - beta{b}**(t + 1)",
                "the first steps are of the wrong size",
                "suspected in tensorflow/tensorflow#35444",
                _power(beta, lambda x: x ** (t + 1)),
            ),
            Fault(
                f"{hat}-power-t-minus-one",
                f"{hat} is divided by 1 - beta{b}**(t - 1)",
                "the first step divides by zero",
                "tracel-ai/burn#834",
                _power(beta, lambda x: x ** (t + -1)),
            ),
            Fault(
                f"{hat}-with-beta{o}",
                f"{hat} is divided by 1 - beta{o}**t instead of {right}",
                "the first steps are of the wrong size",
                "juntang-zhuang/Adabelief-Optimizer#47 (in a relative)",
                _power(beta, _always(other**t)),
            ),
            Fault(
                f"{hat}-by-power-alone",
                f"{hat} is divided by beta{b}**t instead of {right}",
                "hardly visible at first, infinite after some hundred steps",
                "kozistr/pytorch_optimizer#525",
                _whole(beta, _always(beta**t)),
            ),
            Fault(
                f"{hat}-multiplied",
                f"{hat} is multiplied by {right} instead of divided",
                "the first step is many times too small or too large",
                "karpathy/convnetjs#70",
                _whole(beta, lambda c: 1 / c),
            ),
            Fault(
                f"{hat}-uncorrected",
                f"the bias of {hat[0]} is not corrected",
                "the first steps are of the wrong size",
                "asked for as an option in pytorch/pytorch#67105",
                _whole(beta, lambda _: Integer(1)),
            ),
            Fault(
                f"{hat}-complemented-twice",
                f"{hat} is divided by 1 - (1 - beta{b}**t)",
                "hardly visible at first, infinite after some hundred steps",
                "kozistr/pytorch_optimizer#308",
                _whole(beta, lambda c: 1 + -1 * c),
            ),
        ]  # fmt: skip
    return made


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
    def drive(inputs: Inputs, table: Table) -> Inputs | None:
        late = table.columns["t"] > after
        if not late.any():
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


def _t(by: str, change: Callable[[Array], Array]) -> Drive:
    return lambda inputs, _table: inputs.changed(by, {"t": change(inputs.columns["t"])})


def _uncorrected_maximum(rule: Rule) -> Rule | None:
    if "v_max" not in rule.fields or "v_hat" not in rule.fields:
        return None
    with evaluate(False):
        if v_max in rule.line("v_hat").expr.free_symbols:
            return rule.edited(v_hat=1 * v_max)
        return rule.edited(v_hat=1 * v)


_TWICE = "the correction accumulates: right at the first step, too large from the second on"

FAULTS = (
    *_singles(),
    Fault(
        "bias-correction-without-power",
        "both moments are divided by 1 - beta instead of 1 - beta**t",
        "right at the first step; later steps keep the first one's correction",
        "PennyLaneAI/pennylane#1929, allenai/OLMo-core#317 (t that stays 1)",
        both(_power(beta1, lambda x: x), _power(beta2, lambda x: x)),
    ),
    Fault(
        "bias-correction-product-for-power",
        "both moments are divided by 1 - beta*t",
        "right at the first step, then of the wrong size and soon of the wrong sign",
        edit=both(_power(beta1, lambda x: x * t), _power(beta2, lambda x: x * t)),
    ),
    Fault(
        "bias-uncorrected",
        "neither moment is corrected for its bias",
        "the first steps are wrong by (1 - beta1)/sqrt(1 - beta2)",
        "Kingma & Ba 2015, section 3; off by default in microsoft/onnxruntime#3301",
        both(_whole(beta1, lambda _: Integer(1)), _whole(beta2, lambda _: Integer(1))),
    ),
    Fault(
        "corrections-swapped",
        "m is divided by 1 - beta2**t, and v by 1 - beta1**t",
        "the first steps are of the wrong size",
        "juntang-zhuang/Adabelief-Optimizer#47 (in a relative)",
        exchanging(*_LINES, pairs=lambda: {beta1**t: beta2**t, beta2**t: beta1**t}),
    ),
    Fault(
        "bias-correction-multiplied",
        "both moments are multiplied by their corrections instead of divided",
        "the first steps are many times too small or too large",
        "karpathy/convnetjs#70",
        both(_whole(beta1, lambda c: 1 / c), _whole(beta2, lambda c: 1 / c)),
    ),
    Fault(
        "correction-misses-root",
        "the correction of v is applied to its root without taking the root of the correction",
        "the step is wrong by sqrt(1 - beta2**t)",
        "proposed and caught in the review of pytorch/pytorch#23737",
        _whole(beta2, lambda c: c**2),
    ),
    Fault(
        "correction-of-m-rooted",
        "m is divided by sqrt(1 - beta1**t)",
        "the first steps are too small",
        edit=_whole(beta1, sqrt),
    ),
    Fault("m-overwritten", "m is overwritten by m_hat", _TWICE, "frgfm/holocron#1",
          _in_place("m_hat")),
    Fault("v-overwritten", "v is overwritten by v_hat", _TWICE, "frgfm/holocron#1",
          _in_place("v_hat")),
    Fault("corrected-in-place", "m and v are overwritten by their corrected values", _TWICE,
          "frgfm/holocron#1", _in_place("m_hat", "v_hat")),
    *(
        Fault(
            f"correction-stops-after-{after}",
            f"the corrections are switched off after {after} steps",
            "right until then; with beta2 = 0.999 the step is too large afterwards",
            ALGORITHM,
            drive=_stops(after),
        )
        for after in (10, 100, 1000)
    ),
    *(
        Fault(
            f"correction-clamped-at-{least:g}",
            f"1 - beta**t is held above {least:g}",
            "the first steps are of the wrong size, until 1 - beta**t is above",
            ALGORITHM,
            drive=_clamped(least),
        )
        for least in (0.5, 0.1, 0.01)
    ),
    Fault(
        "t-behind",
        "t starts at 0: both corrections use t - 1",
        "the first step divides by 1 - beta**0 = 0: inf or NaN",
        "tracel-ai/burn#834",
        drive=_t("t-behind", lambda t: t - 1),
    ),
    Fault(
        "t-behind-guarded",
        "t starts at 0, and the first step is not corrected",
        "the corrections lag by a step",
        "tracel-ai/burn#834; ooples/AiDotNet#702 (t clamped to at least 1)",
        drive=_t("t-behind-guarded", lambda t: np.maximum(t - 1, 1)),
    ),
    Fault(
        "t-ahead",
        "both corrections use t + 1",
        "the first steps are of the wrong size",
        "suspected in tensorflow/tensorflow#35444",
        drive=_t("t-ahead", lambda t: t + 1),
    ),
    Fault(
        "t-counted-twice",
        "t advances by two at each step",
        "the corrections fade too early",
        "its kin: clab/dynet#77",
        drive=_t("t-counted-twice", lambda t: 2 * t),
    ),
    Fault(
        "maximum-uncorrected",
        "AMSGrad's maximum is used without its correction",
        "the first steps are of the wrong size",
        "online-ml/river#185 (its m)",
        _uncorrected_maximum,
    ),
)  # fmt: skip
