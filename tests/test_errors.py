"""Each error carries its values, and says what was got and what it should be."""

from __future__ import annotations

import inspect
import pickle
from fractions import Fraction

import pytest

from adamref import errors

A_NUMBER = "a float, an int, a Fraction, a Decimal or a decimal string"
UNDECIDED = (
    "theta[t=3] could not be rounded to 5 digits: at 53 bits it lies in "
    "[0.3333333333333333333333333, 0.5], which still holds a rounding boundary"
)
CASES = [
    (
        errors.CannotLoad("mine:step", "mine has no step"),
        ImportError,
        "mine:step: mine has no step",
        {"target": "mine:step", "because": "mine has no step"},
    ),
    (
        errors.Ambiguous("mine:thing", "it is not known how to call it", ("function", "class")),
        ValueError,
        "mine:thing: it is not known how to call it; say which adapter: function, class",
        {"target": "mine:thing", "choices": ("function", "class")},
    ),
    (
        errors.CannotIsolate("f", "it is a closure"),
        ValueError,
        "f cannot run in a process of its own: it is a closure",
        {"target": "f", "because": "it is a closure"},
    ),
    (
        errors.OutOfDomain("beta1", 1.5, "in [0, 1)"),
        ValueError,
        "beta1 = 1.5, but should be in [0, 1)",
        {"name": "beta1", "got": 1.5, "domain": "in [0, 1)"},
    ),
    (
        errors.StepDeviates("AdamW, step 100: lr was 0.1 where 0.2 is written", None),
        ArithmeticError,
        "AdamW, step 100: lr was 0.1 where 0.2 is written",
        {"step": None},
    ),
    (
        errors.NotANumber("theta", "x", "it has no digits"),
        TypeError,
        "theta = 'x', but should be " + A_NUMBER + ": it has no digits",
        {"name": "theta", "got": "x"},
    ),
    (
        errors.ShapeMismatch("m", (2,), (3, 1), "theta"),
        ValueError,
        "m has shape (2,), but should have (3, 1), the shape of theta",
        {"name": "m", "got": (2,), "want": (3, 1)},
    ),
    (
        errors.UnknownName("rule", "x", ("adam", "ewa")),
        LookupError,
        "rule 'x' is unknown; known are adam, ewa",
        {"kind": "rule", "got": "x", "known": ("adam", "ewa")},
    ),
    (
        errors.MissingInput("gradients", "a run needs at least one step"),
        TypeError,
        "gradients is missing: a run needs at least one step",
        {"name": "gradients"},
    ),
    (
        errors.WrongDtype("grad", "int64", "float32, as theta"),
        TypeError,
        "grad has dtype int64, but should have float32, as theta",
        {"name": "grad", "got": "int64", "want": "float32, as theta"},
    ),
    (
        errors.ReadOnly("v"),
        ValueError,
        (
            "v is read-only, but should be writeable: it is updated in place (without in_place a "
            "step returns new arrays)"
        ),
        {"name": "v"},
    ),
    (
        errors.MissingPackage("numba", "kernel='numba'", "fast"),
        ImportError,
        "numba is not installed, and kernel='numba' needs it: pip install 'numba>=0.61'",
        {"package": "numba", "extra": "fast"},
    ),
    (
        errors.UndecidedRounding("theta[t=3]", Fraction(1, 3), Fraction(1, 2), 53, "5 digits"),
        ArithmeticError,
        UNDECIDED,
        {"where": "theta[t=3]", "low": Fraction(1, 3), "high": Fraction(1, 2), "precision": 53},
    ),
    (
        errors.Unparsable("3 *", 4, "it ends too soon"),
        ValueError,
        "cannot read '3 *' at column 4: it ends too soon",
        {"text": "3 *", "column": 4, "because": "it ends too soon"},
    ),
    (
        errors.Unreadable("a.md", "no such file"),
        OSError,
        "a.md: no such file",
        {"path": "a.md", "because": "no such file"},
    ),
    (
        errors.CannotEvaluate("a power", "its exponent is a power itself"),
        ArithmeticError,
        "a power has no value: its exponent is a power itself",
        {"what": "a power", "because": "its exponent is a power itself"},
    ),
    (
        errors.CannotFollow("mine:Adam", "it has no step"),
        ValueError,
        "mine:Adam: it has no step",
        {"target": "mine:Adam", "because": "it has no step"},
    ),
    (
        errors.CannotRun("pytest tests", "there are none"),
        RuntimeError,
        "pytest tests: there are none",
        {"command": "pytest tests", "because": "there are none"},
    ),
    (
        errors.NoWorkers("tcp://10.0.0.1:8786", "it has no workers"),
        RuntimeError,
        "tcp://10.0.0.1:8786: it has no workers",
        {"scheduler": "tcp://10.0.0.1:8786", "because": "it has no workers"},
    ),
    (errors.Unworkable(), errors.AdamrefError, "it is too large to work out", {}),
]
NAMES = [type(error).__name__ for error, *_ in CASES]


@pytest.mark.parametrize(("error", "base", "message", "carried"), CASES, ids=NAMES)
def test_an_error_carries_its_values_and_says_them(error, base, message, carried):
    assert isinstance(error, base)
    assert isinstance(error, errors.AdamrefError)
    assert str(error) == message
    assert {name: getattr(error, name) for name in carried} == carried


def test_every_error_class_is_tested_here():
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.AdamrefError)
    }
    assert classes == {"AdamrefError", *NAMES}


def test_long_text_is_shown_in_part_and_carried_whole():
    error = errors.Unparsable("x" * 100, 1, "it is long")
    assert str(error) == f"cannot read '{'x' * 57}...' at column 1: it is long"
    assert error.text == "x" * 100


def test_an_enclosure_that_is_not_finite_is_shown_as_it_is():
    error = errors.UndecidedRounding("m[t=1]", float("-inf"), float("inf"), 8, "float32")
    assert "[-inf, inf]" in str(error)


@pytest.mark.parametrize("error", [error for error, *_ in CASES], ids=NAMES)
def test_an_error_can_be_sent_to_another_process(error):
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert vars(again) == vars(error)
