"""An objective's gradient, symbolically and in every carrier."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from adamref import Objective, rules, run
from adamref.errors import (
    AdamrefError,
    CannotEvaluate,
    ShapeMismatch,
    UnknownName,
    Unparsable,
)
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.exact import exact
from adamref.numbers.rational import Rational

EXACT = Rational(1 << 20)
w, x, y = (sympy.Symbol(name, real=True) for name in "wxy")


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("(3*w - 4)**2", (18 * w - 24,)),
        ("(3w - 4)^2", (18 * w - 24,)),
        (r"\frac{1}{2} w^2", (w,)),
        ("0.1*w", (sympy.Rational(1, 10),)),
        ("sqrt(w)", (1 / (2 * sympy.sqrt(w)),)),
        ("exp(2w)", (2 * sympy.exp(2 * w),)),
        ("ln(w)", (1 / w,)),
        ("abs(w)", (w / sympy.Abs(w),)),
        ("x**2*y + y", (2 * x * y, x**2 + 1)),
        ("y + x", (1, 1)),
    ],
)
def test_the_gradient_is_the_vector_of_partial_derivatives(text, gradient):
    found = Objective(text).gradient
    assert len(found) == len(gradient)
    assert all(sympy.expand(a - b) == 0 for a, b in zip(found, gradient, strict=True))


def test_the_variables_are_in_order_of_appearance_or_as_named():
    assert Objective("y + x").variables == ("y", "x")
    assert Objective("y + x", names=("x", "y")).variables == ("x", "y")
    assert Objective("x**2", names=("x", "y")).gradient == (2 * x, 0)
    assert Objective(x - y**2, names=("y", "x")).gradient == (-2 * y, 1)
    assert Objective("w_1 + θ + m_hat").variables == ("w_1", "theta", "m_hat")


def test_an_objective_shows_its_text_and_variables():
    assert repr(Objective("(3*w - 4)**2")) == "<Objective (3*w - 4)**2 of w>"
    assert repr(Objective("x*y")) == "<Objective x*y of x, y>"


POINTS = st.fractions(min_value=-100, max_value=100, max_denominator=1000)
COEFFICIENTS = st.lists(st.integers(-9, 9), min_size=1, max_size=5)


@given(coefficients=COEFFICIENTS, point=POINTS)
def test_a_polynomials_gradient_is_exact_and_enclosed(coefficients, point):
    text = " + ".join(f"({c})*w^{k}" for k, c in enumerate(coefficients))
    want = sum((k * c * point ** (k - 1) for k, c in enumerate(coefficients) if k), Fraction(0))
    objective = Objective(text, names=("w",))
    assert objective.at(EXACT, [point]) == [want]
    carrier = Enclosure(60)
    (around,) = objective.at(carrier, [carrier.lift(point)])
    low, high = Enclosure.ends(around)
    assert low <= want <= high


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("exp(w)*sqrt(w) + ln(w)", lambda v: mpmath.exp(v) * mpmath.sqrt(v) + mpmath.log(v)),
        ("ln(1 + exp(-2w))", lambda v: mpmath.log(1 + mpmath.exp(-2 * v))),
        ("w^(3/2) + abs(w - 2)", lambda v: v ** mpmath.mpf("1.5") + abs(v - 2)),
        ("w^w", lambda v: v**v),
        ("1/(1 + w^2)", lambda v: 1 / (1 + v**2)),
        ("2^w", lambda v: mpmath.mpf(2) ** v),
    ],
)
@pytest.mark.parametrize("point", ["0.25", "1.75", "3.5"])
def test_a_gradient_holds_mpmaths_derivative(text, function, point):
    """mpmath's own differentiation, to 40 digits, against an enclosure of about 30."""
    carrier = Enclosure(100)
    (around,) = Objective(text).at(carrier, [carrier.lift(Fraction(point))])
    low, high = Enclosure.ends(around)
    with mpmath.workdps(120):
        want = exact(mpmath.diff(function, mpmath.mpf(point), h=mpmath.mpf(10) ** -50))
    # A central difference of step 10^-50 errs by about 10^-100 and 120 - 50 digits of rounding.
    slack = Fraction(1, 10**60)
    assert low - slack <= want <= high + slack
    assert high - low < Fraction(1, 2**80)


def test_a_gradient_follows_ieee_754_at_its_poles():
    assert Objective("ln(w)").at(EXACT, [Fraction(0)]) == [float("inf")]
    (at_kink,) = Objective("abs(w)").at(EXACT, [Fraction(0)])
    (below,) = Objective("sqrt(w)").at(EXACT, [Fraction(-1)])
    assert at_kink != at_kink  # noqa: PLR0124
    assert below != below  # noqa: PLR0124


def test_a_stationary_point_is_where_adam_stays():
    trace = run(rules.ADAM, "4/3", "(3*w - 4)**2", steps=3, digits=30)
    assert set(trace["g"]) == set(trace["delta"]) == {0}
    assert len(set(trace["theta"])) == 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("3*w -",), Unparsable, "cannot read '3*w -' at column 6: it ends too soon"),
        (("x*y", ("x",)), UnknownName, "variable 'y' is unknown; known are x"),
        ((x * y, ("x",)), UnknownName, "variable 'y' is unknown; known are x"),
        (("w^1001",), CannotEvaluate, "a power has no value: its exponent is beyond 1000"),
        (("w^(w^2)",), CannotEvaluate, "a power has no value: its exponent is a power itself"),
        (("w/0",), CannotEvaluate, "a quotient has no value: its divisor is 0"),
        (("w/(w - w)",), CannotEvaluate, "a quotient has no value: its divisor is 0"),
    ],
)
def test_what_cannot_be_an_objective_is_refused(arguments, error, message):
    with pytest.raises(error) as caught:
        Objective(*arguments)
    assert str(caught.value) == message


def test_a_function_without_a_carrier_is_refused():
    with pytest.raises(CannotEvaluate, match="the derivative by w has no value: it is cos"):
        _ = Objective(sympy.sin(w)).gradient


def test_a_point_of_another_size_is_refused():
    message = r"theta has shape \(1,\), but should have \(2,\), the shape of the objective's"
    with pytest.raises(ShapeMismatch, match=message):
        Objective("x*y").at(EXACT, [Fraction(1)])


@pytest.mark.parametrize(
    "objective",
    ["w*exp(1)", "w*sqrt(0-1)", "w*ln(0)", "w*0^(-1)", w**2 * sympy.Float("0.5"), w * sympy.pi],
    ids=str,
)
def test_a_constant_is_evaluated_or_refused(objective):
    try:
        (value,) = Objective(objective).at(Enclosure(53), [Enclosure(53).lift(Fraction(1))])
    except AdamrefError:
        return
    assert value is not None


@pytest.mark.parametrize("text", ["(1 - beta)^3/3", "2^t", "beta^t"])
def test_a_variable_may_be_called_beta_or_t(text):
    objective = Objective(text)
    point = [Fraction(1, 2)] * len(objective.variables)
    carrier = Enclosure(53)
    found = objective.at(carrier, [carrier.lift(value) for value in point])
    assert len(found) == len(point)


def test_a_variable_named_twice_is_refused():
    with pytest.raises(AdamrefError):
        Objective("w**2", names=("w", "w"))


@pytest.mark.parametrize("text", ["w*((2^1000)^1000)^1000", "w*(1e10000)^1000"])
def test_a_tower_of_numbers_is_refused_in_time(text):
    """In a process of its own: what is not refused would take all memory."""
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (3, 3))\n"
        "from adamref import Objective\n"
        "from adamref.errors import CannotEvaluate\n"
        "try:\n    Objective(sys.argv[1])\n"
        "except CannotEvaluate:\n    print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, text], capture_output=True, text=True, check=False
    )
    assert done.stdout == "refused\n"
