"""An explanation is confirmed by exact arithmetic, or it is not."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Max, Rational, Symbol, evaluate, sqrt

import observed
import plantable
import planted
from adamref.numbers import formats
from adamref.oracle.explain.confirming import gives
from adamref.oracle.explain.diagnosis import Diagnosis
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.identification import Fitters
from adamref.oracle.observe.trials import trials
from adamref.solving.inversion import cut, rounded

NAMES = ("random-generic-float32", "random-state-float32", "missing-float32")
DIALECT = observed.paper("float32")


def seen(fault=None, *, visible=True, names=NAMES):
    pieces = planted.FAULTS["adam", "float32"][fault] if fault else {}
    session = plantable.Planted(pieces, "adam", visible=visible)
    chosen = trials("float32", "adam", names if visible else [names[0]])
    return observed.seen(session, chosen)


def diagnosis(rows):
    return Diagnosis(rows, [0], [DIALECT], Fitters(rows, observed.machine("float32")))


def hypothesis(id_):
    (found,) = [x for x in singles(DIALECT, "float32") if x.ids == (id_,)]
    return found


def test_the_right_rule_is_confirmed_by_a_right_step():
    for visible in (True, False):
        assert diagnosis(seen(visible=visible)).is_confirmed(correct(DIALECT))


@pytest.mark.parametrize(
    "fault",
    [
        "eps-subtracted", "bias-correction-without-power", "v-of-m", "betas-swapped",
        "gradient-negated", "t-ahead", "alpha-doubled", "root-forgotten",
    ],
)  # fmt: skip
def test_the_fault_that_was_planted_is_confirmed_and_no_other(fault):
    """One that edits the rule, or what goes into it."""
    looks = diagnosis(seen(fault))
    assert looks.is_confirmed(hypothesis(fault))
    assert not looks.is_confirmed(correct(DIALECT))
    assert not diagnosis(seen()).is_confirmed(hypothesis(fault))
    other = "eps-subtracted" if fault != "eps-subtracted" else "t-ahead"
    assert not looks.is_confirmed(hypothesis(other))


def test_with_a_hidden_state_the_first_steps_are_confirmed():
    looks = diagnosis(seen("eps-subtracted", visible=False))
    assert looks.is_confirmed(hypothesis("eps-subtracted"))
    assert not looks.is_confirmed(correct(DIALECT))


@pytest.mark.parametrize("fault", ["powers-in-bfloat16", "v-in-bfloat16"])
def test_what_is_no_exact_rule_is_not_confirmed(fault):
    """Powers that are worked in another way, and values that are stored in a narrower format."""
    assert not diagnosis(seen(fault)).is_confirmed(hypothesis(fault))


def test_without_a_step_there_is_nothing_to_confirm():
    session = plantable.Planted({}, "adam")
    rows = observed.seen(session, [observed.trial([[0.5]], [[None]])])
    assert not diagnosis_of(rows).is_confirmed(correct(DIALECT))


def diagnosis_of(rows):
    return Diagnosis(rows, [], [DIALECT], Fitters(rows, observed.machine("float32")))


_G, _BETA = Symbol("g", real=True), Symbol("beta2", real=True)


@pytest.mark.parametrize(
    ("formula", "known", "made"),
    [
        (_G / 3, {"g": 1.0}, 1 / 3),
        (1 - _BETA**2, {"beta2": 1 - 2.0**-40}, 2.0**-39 - 2.0**-80),
        (rounded(_G / 3, formats.BFLOAT16), {"g": 1.0}, 0.333984375),
        (cut(_G / 3, formats.BFLOAT16), {"g": 1.0}, 0.33203125),
        (cut(-_G / 3, formats.BFLOAT16), {"g": 1.0}, -0.33203125),
        (Max(_G, rounded(_G**2, formats.BFLOAT16)), {"g": 3.0}, 9.0),
    ],
)
def test_a_formula_is_worked_exactly_from_what_was_there(formula, known, made):
    assert gives(formula, known, made, abs(made) * 2.0**-53)
    assert not gives(formula, known, made * (1 + 2.0**-50), abs(made) * 2.0**-53)


@pytest.mark.parametrize("known", [{}, {"g": 0.0}, {"g": float("nan")}])
def test_a_formula_that_cannot_be_worked_confirms_nothing(known):
    assert (
        gives(1 - _BETA ** sqrt(Symbol("t", real=True)), {"beta2": 0.5, "t": 2.0}, 0.6, 1.0) is None
    )
    assert not gives(1 / _G, known, 1.0, 1.0)


def test_what_lies_between_two_numbers_of_a_format_confirms_nothing():
    x = Symbol("x", real=True)
    with evaluate(False):
        middle = sqrt(x) * sqrt(x) * (1 + Rational(1, 256))
    for kept in (2.0, 2.015625):
        assert not gives(rounded(middle, formats.BFLOAT16), {"x": 2.0}, kept, 0.0)
    assert gives(rounded(middle, formats.BFLOAT16), {"x": 1.98}, 1.984375, 2.0**-7)


def test_a_quotient_that_may_be_of_zero_may_be_an_infinity():
    """Where the root is epsilon itself, it is nothing that is known, and no other explanation."""
    rows = seen("eps-subtracted", names=("random-generic-float32", "wide-float32"))
    assert np.isinf(rows.got["theta"]).any()
    assert diagnosis(rows).accounts(hypothesis("eps-subtracted")) is not None
