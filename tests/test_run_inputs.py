"""Bad input is refused by the right class, and the message says what was got and wanted."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from adamref import Objective, rules, run
from adamref.errors import (
    AdamrefError,
    MissingInput,
    NotANumber,
    OutOfDomain,
    ShapeMismatch,
    UnknownName,
    Unparsable,
)

A_NUMBER = "but should be a float, an int, a Fraction, a Decimal or a decimal string"
TRUTH = f"{A_NUMBER}: a truth value is not a number here"
RAGGED = f"{A_NUMBER}: its rows differ in length"
NOT_NEGATIVE = "but should be a finite number >= 0"


@pytest.mark.parametrize("name", ["beta1", "beta2"])
@pytest.mark.parametrize("value", [1, "1", 1.0, -0.1, "-1e-9", 1.5, "inf", float("nan"), "1e300"])
def test_a_decay_rate_outside_its_half_open_interval_is_refused(name, value):
    with pytest.raises(OutOfDomain) as caught:
        run(rules.ADAM, 0, [1], **{name: value})
    assert str(caught.value) == f"{name} = {value}, but should be in [0, 1)"
    assert (caught.value.name, caught.value.domain) == (name, "in [0, 1)")


@pytest.mark.parametrize("name", ["alpha", "eps", "eps_root", "weight_decay"])
@pytest.mark.parametrize(
    "value", [-1, "-1e-300", float("nan"), float("inf"), "-inf", Decimal("NaN")]
)
def test_a_negative_or_unbounded_hyperparameter_is_refused(name, value):
    rule = rules.adam("eps-root", weight_decay="l2")
    with pytest.raises(OutOfDomain) as caught:
        run(rule, 0, [1], **{name: value})
    assert str(caught.value) == f"{name} = {value}, {NOT_NEGATIVE}"


@pytest.mark.parametrize("name", ["alpha", "beta1", "eps"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, f" = True, {TRUTH}"),
        (np.False_, f" = np.False_, {A_NUMBER}"),
        (None, f" = None, {A_NUMBER}"),
        ("a", f" = 'a', {A_NUMBER}: this string is not a number"),
        (1j, f" = 1j, {A_NUMBER}"),
    ],
)
def test_a_hyperparameter_that_is_no_number_is_refused(name, value, message):
    with pytest.raises(NotANumber) as caught:
        run(rules.ADAM, 0, [1], **{name: value})
    assert str(caught.value) == name + message


CASES = [
    # theta and gradients that are no numbers
    ((True, [1]), {}, NotANumber, f"theta = True, {TRUTH}"),
    ((None, [1]), {}, NotANumber, f"theta = None, {A_NUMBER}"),
    (("w", [1]), {}, NotANumber, f"theta = 'w', {A_NUMBER}: this string is not a number"),
    (([1, "x"], [[1, 1]]), {}, NotANumber, f"theta[1] = 'x', {A_NUMBER}: this string is not a"),
    ((0, [True]), {}, NotANumber, f"gradients[0] = True, {TRUTH}"),
    ((0, [1, None]), {}, NotANumber, f"gradients[1] = None, {A_NUMBER}"),
    (([0, 1], [[1, False]]), {}, NotANumber, f"gradients[0][1] = False, {TRUTH}"),
    (([0, 1], np.array([[True, False]])), {}, NotANumber, "gradients[0][0] = np.True_"),
    (([[1, 2], [3]], [1]), {}, NotANumber, f"theta = [[1, 2], [3]], {RAGGED}"),
    (([1, [2]], [1]), {}, NotANumber, f"theta = [1, [2]], {RAGGED}"),
    (([0, 0], [[1, [2]]]), {}, NotANumber, f"gradients[0] = [1, [2]], {RAGGED}"),
    # shapes
    (([0, 1], [1]), {}, ShapeMismatch, "gradients[0] has shape (), but should have (2,), the"),
    ((0, [1, [1]]), {}, ShapeMismatch, "gradients[1] has shape (1,), but should have (), the"),
    (
        (np.zeros((2, 3)), [np.zeros((3, 2))]),
        {},
        ShapeMismatch,
        "gradients[0] has shape (3, 2), but should have (2, 3), the shape of theta",
    ),
    (
        ([0, 0], [[1, 1]]),
        {"state": {"m": 0}},
        ShapeMismatch,
        "m has shape (), but should have (2,), the shape of theta",
    ),
    (
        (0, [1, 2]),
        {"alpha": ["0.1"]},
        ShapeMismatch,
        "alpha has shape (1,), but should have (2,), the shape of the steps",
    ),
    (
        (0, "x*y"),
        {},
        ShapeMismatch,
        "theta has shape (), but should have (2,), the shape of the objective's variables",
    ),
    # counts
    ((0, []), {}, MissingInput, "gradients is missing: a run needs at least one step"),
    ((0, [1]), {"steps": 2}, OutOfDomain, "steps = 2, but should be 1, the number of gradients"),
    ((0, "w**2"), {"steps": 0}, OutOfDomain, "steps = 0, but should be a whole number >= 1"),
    ((0, "w**2"), {"steps": True}, OutOfDomain, "steps = True, but should be a whole number >="),
    ((0, "w**2"), {"steps": 1.5}, OutOfDomain, "steps = 1.5, but should be a whole number >= 1"),
    ((0, [1]), {"t": 0}, OutOfDomain, "t = 0, but should be a whole number >= 1"),
    ((0, [1]), {"t": True}, OutOfDomain, "t = True, but should be a whole number >= 1"),
    ((0, [1]), {"t": 1.0}, OutOfDomain, "t = 1.0, but should be a whole number >= 1"),
    ((0, [1]), {"digits": 0}, OutOfDomain, "digits = 0, but should be between 1 and 100000"),
    ((0, [1]), {"digits": -3}, OutOfDomain, "digits = -3, but should be between 1 and 100000"),
    ((0, [1]), {"digits": True}, OutOfDomain, "digits = True, but should be a whole number"),
    ((0, [1]), {"digits": 10**6}, OutOfDomain, "digits = 1000000, but should be between 1 and"),
    # names
    (
        (0, [1]),
        {"beta3": 0},
        UnknownName,
        "hyperparameter of adam 'beta3' is unknown; known are alpha, beta1, beta2, eps",
    ),
    ((0, [1]), {"weight_decay": 0}, UnknownName, "hyperparameter of adam 'weight_decay' is unk"),
    ((0, [1]), {"dtype": "int8"}, UnknownName, "dtype 'int8' is unknown; known are float16, bf"),
    ((0, [1]), {"state": {"x": 1}}, UnknownName, "state 'x' is unknown; known are m, v"),
    ((0, [1]), {"state": {"theta": 1}}, UnknownName, "state 'theta' is unknown; known are m, v"),
    ((0, [1]), {"convention": "x"}, UnknownName, "hyperparameter convention 'x' is unknown; kn"),
    # two names for one thing
    ((0, [1]), {"lr": 1, "alpha": 1}, OutOfDomain, "lr = 1, but should be absent where alpha is"),
    ((0, [1]), {"betas": (0,)}, OutOfDomain, "betas = (0,), but should be a pair (beta1, beta2)"),
    ((0, [1]), {"betas": "ab"}, OutOfDomain, "betas = ab, but should be a pair (beta1, beta2)"),
    ((0, [1]), {"betas": (0, 1)}, OutOfDomain, "beta2 = 1, but should be in [0, 1)"),
    # objectives
    ((0, "3*w -"), {}, Unparsable, "cannot read '3*w -' at column 6: it ends too soon"),
    ((0, "w = 2"), {}, Unparsable, "cannot read 'w = 2' at column"),
]


@pytest.mark.parametrize(("arguments", "options", "error", "message"), CASES)
def test_bad_input_is_refused(arguments, options, error, message):
    with pytest.raises(error) as caught:
        run(rules.ADAM, *arguments, **options)
    assert str(caught.value).startswith(message)
    assert isinstance(caught.value, AdamrefError)


def test_a_schedule_is_checked_at_every_step():
    with pytest.raises(OutOfDomain, match="alpha = -1, but should be a finite number >= 0"):
        run(rules.ADAM, 0, [1, 1, 1], alpha=[1, 1, -1])


def test_nothing_that_was_handed_over_is_changed():
    theta, gradients = np.array([0.5, 1.0]), [np.array([1.0, 2.0])]
    state, betas = {"m": np.zeros(2)}, ["0.9", "0.999"]
    run(rules.ADAM, theta, gradients, state=state, betas=betas, dtype="float32")
    assert theta.tolist() == [0.5, 1.0]
    assert gradients[0].tolist() == [1.0, 2.0]
    assert state["m"].tolist() == [0.0, 0.0]
    assert betas == ["0.9", "0.999"]


def test_an_objective_may_be_given_in_three_ways():
    import sympy

    w = sympy.Symbol("w", real=True)
    texts = [
        run(rules.ADAM, "0.5", objective, steps=3, digits=20)
        for objective in ("(3*w - 4)**2", Objective("(3*w - 4)**2"), (3 * w - 4) ** 2)
    ]
    assert list(texts[0]) == list(texts[1]) == list(texts[2])


def test_a_0d_array_is_a_scalar_alpha():
    assert run(rules.ADAM, 0, [1], alpha=np.array(0.5), eps=0)[0].delta == Decimal("-0.5")


def test_a_hyperparameter_of_many_digits_is_legal():
    step = run(rules.ADAM, 0, [1], alpha=10**5000, eps=0, digits=5)[0]
    assert step.delta == Decimal("-1E+5000")


def test_a_bad_hyperparameter_of_many_digits_is_refused_like_any_other():
    with pytest.raises(OutOfDomain, match=r"^beta1 = "):
        run(rules.ADAM, 0, [1], beta1=10**5000)


def test_an_unknown_lr_is_called_lr():
    with pytest.raises(UnknownName, match="'lr' is unknown"):
        run(rules.EWA, 0, [1], lr="0.1")


@pytest.mark.parametrize("convention", ["rounded", "mixed"])
def test_a_convention_without_a_format_is_refused(convention):
    with pytest.raises(AdamrefError):
        run(rules.ADAM, 0, [1], convention=convention)
