"""The instruction set: every arithmetic has each operation, or names it as one that it refuses."""

from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from sympy import Abs, Max, Min, Piecewise, Rational, Symbol, exp, log, sign, sqrt

from adamref.bounds import exactly
from adamref.numbers.ball import Ball
from adamref.numbers.columns import Columns
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.formats import BINARY32, BINARY64
from adamref.numbers.grids import Grids
from adamref.numbers.multiprecision import Multiprecision
from adamref.numbers.operations import OPERATIONS, REDUCTIONS
from adamref.numbers.rational import Rational as Rationals
from adamref.numbers.signs import Signs
from adamref.oracle.judge.bounding import Bounding
from adamref.oracle.judge.machine import Machine
from adamref.oracle.judge.working import Plain
from adamref.rules.program import Program
from adamref.rules.symbols import Total

CARRIERS = [Rationals(), Multiprecision(200), Ball(200), Enclosure(200)]
OTHERS = [Columns(pairs=True), Columns(pairs=False), Grids(), Signs()]
WORKS = [Plain(), Bounding(Machine(BINARY32, BINARY32, {}))]
X, Y = Symbol("x", real=True), Symbol("y", real=True)
EXPRESSIONS = {
    "add": X + Y,
    "multiply": X * Y,
    "divide": X / Y,
    "negate": -1 * X,
    "root": sqrt(X),
    "power": X ** Rational(3, 4),
    "magnitude": Abs(X),
    "signum": sign(X),
    "larger": Max(X, Y),
    "smaller": Min(X, Y),
    "chosen": Piecewise((X, X > Y), (Y, True)),
    "exponential": exp(X),
    "logarithm": log(X),
    "total": Total(X),
}
"""An expression for each, of x = 9/4 and y = 7/4."""
# The decimal module rounds these correctly, here to 50 digits.
_MANY = Context(prec=50)
_NINE_QUARTERS = Decimal("2.25")
VALUES = {
    "add": 4.0,
    "multiply": 3.9375,
    "divide": 9 / 7,
    "negate": -2.25,
    "root": 1.5,
    "power": float(_MANY.sqrt(Decimal("3.375"))),
    "magnitude": 2.25,
    "signum": 1.0,
    "larger": 2.25,
    "smaller": 1.75,
    "chosen": 2.25,
    "exponential": float(_MANY.exp(_NINE_QUARTERS)),
    "logarithm": float(_MANY.ln(_NINE_QUARTERS)),
    "total": 2.25,
}
"""Each real value, rounded to float64."""
# Rounding a real number x to float64 is off by at most u / (1 + u) of it, u = 2^-53 (none of these
# is subnormal). So two roundings of the same x differ by at most 2 u / (1 + u) of x, and that is at
# most 2 u of either. The u^2 of x that is spare is more than 200 bits, or 50 digits, lose.
ROUNDED_TWICE = 2 * 2.0**-53


def test_every_operation_has_an_expression_that_compiles_to_it():
    assert EXPRESSIONS.keys() == VALUES.keys() == OPERATIONS.keys()
    for name, expr in EXPRESSIONS.items():
        methods = [operation.method for _, operation in Program([("made", expr)]).operations]
        assert methods[-1] == name
        assert set(methods) <= OPERATIONS.keys()


@pytest.mark.parametrize("carrier", [*CARRIERS, *OTHERS], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_carrier_has_an_operation_or_refuses_it_by_name(carrier, name):
    assert hasattr(carrier, name) != (name in carrier.refused)
    assert all(carrier.refused.values())
    assert carrier.refused.keys() <= OPERATIONS.keys()


@pytest.mark.parametrize("work", WORKS, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_arithmetic_of_columns_has_every_operation(work, name):
    known = {*work.operations, "power", "total"}
    assert (name in known) != (name in work.refused)


@pytest.mark.parametrize("carrier", CARRIERS[1:], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_carrier_gives_the_value(carrier, name):
    with carrier.working():
        values = {n: carrier.lift(Fraction(x)) for n, x in (("x", "9/4"), ("y", "7/4"))}
        made = Program([("made", EXPRESSIONS[name])]).run(carrier, values, {})["made"]
        if isinstance(carrier, Multiprecision):
            found = float(carrier.to_exact(made))
            assert found == pytest.approx(VALUES[name], rel=ROUNDED_TWICE)
            return
        low, high = carrier.ends(made)
    assert float(low) == pytest.approx(VALUES[name], rel=ROUNDED_TWICE)
    assert low <= high <= low + abs(low) * Fraction(1, 2**150)


def done(work, name):
    """Carry an operation out on columns of one element: x = 9/4 and y = 7/4."""
    given = [work.column(np.array([x])) for x in (2.25, 1.75)]
    if name == "power":
        return work.power(given[0], Fraction(3, 4))
    if name in REDUCTIONS:
        return work.total(given[0], np.zeros(1, dtype=np.intp))
    if name == "chosen":
        return work.do(name, work.do("add", given[0], work.do("negate", given[1])), *given)
    return work.do(name, *given[: OPERATIONS[name].operands])


@pytest.mark.parametrize("work", WORKS, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", OPERATIONS)
def test_columns_give_the_value_within_their_bound(work, name):
    made, bounded = (done(each, name) for each in (work, WORKS[1]))
    value = np.asarray(getattr(made, "value", made))
    # Both work in float64, by the same functions of NumPy: how far that may be from the real value
    # is the slack of what is bounded. The value here was rounded, too.
    assert abs(value[0] - VALUES[name]) <= bounded.slack[0] + 2.0**-53 * abs(VALUES[name])
    assert bounded.slack[0] <= 32 * 2.0**-53 * abs(VALUES[name])
    if isinstance(work, Bounding):
        assert 0 <= made.error[0] <= 64 * 2.0**-24 * abs(VALUES[name])


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [(1.0, 0.25, 1.0, 1.0), (0.1, 0.25, -1.0, 1.0), (-0.1, 0.0, -1.0, -1.0)],
)
def test_a_sign_that_is_not_known_may_be_either(a, b, low, high):
    """The error of a sign is 2 where the number may have another, and 0 elsewhere."""
    work = Bounding(Machine(BINARY64, BINARY64, {}))
    x = exactly(np.array([a]))
    x = type(x)(x.value, x.slack, np.array([b]))
    made = work.do("signum", x)
    assert made.value[0] - made.error[0] <= low
    assert made.value[0] + made.error[0] >= high
    assert (made.error[0] == 0) == (low == high)


def test_a_choice_that_is_not_known_covers_both():
    work = Bounding(Machine(BINARY64, BINARY64, {}))
    unsure = exactly(np.array([0.1]))
    unsure = type(unsure)(unsure.value, unsure.slack, np.array([0.2]))
    made = work.do("chosen", unsure, exactly(np.array([3.0])), exactly(np.array([5.0])))
    assert made.value[0] == 3.0
    assert made.error[0] >= 2.0


def test_a_total_bounds_every_order_of_summation():
    """Sums in float32, forwards, backwards and in pairs, lie within the bound of the total."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(1000).astype(np.float32)
    work = Bounding(Machine(BINARY32, BINARY32, {}))
    made = work.total(exactly(x), np.zeros(1000, dtype=np.intp))
    forwards = np.cumsum(x)[-1]
    backwards = np.cumsum(x[::-1])[-1]
    for got in (forwards, backwards, np.sum(x)):
        assert abs(float(got) - made.value[0]) <= made.error[0] + made.slack[0]


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - REDUCTIONS))
def test_what_all_elements_share_is_worked_by_any_operation(name):
    """A number that columns share has a value within its error, also of a fractional power."""
    columns = Columns(pairs=True)
    shared = {n: columns.lift(Fraction(x)) for n, x in (("x", "9/4"), ("y", "7/4"))}
    made = Program([("made", EXPRESSIONS[name])]).run(columns, shared, {})["made"]
    with (ball := Ball(400)).working():
        values = {n: ball.lift(Fraction(x)) for n, x in (("x", "9/4"), ("y", "7/4"))}
        found = Program([("made", EXPRESSIONS[name])]).run(ball, values, {})["made"]
        low, high = ball.ends(found)
    off = abs(made.value) * Fraction(made.error)
    assert made.value - off <= high
    assert low <= made.value + off
    assert made.error < 2.0**-100


def test_the_root_of_a_negative_shared_number_may_only_be_passed_over():
    columns, root = Columns(pairs=True), Symbol("r", real=True)
    lines = [("r", sqrt(X + -1 * Y)), ("made", Piecewise((root + Y, X > Y), (X, True)))]
    below = {"x": columns.lift(Fraction(1)), "y": columns.lift(Fraction(3))}
    assert Program(lines).run(columns, below, {})["made"].value == 1
    greater = Program([("made", Max(sqrt(X + -1 * Y), X))]).run(columns, below, {})["made"]
    assert greater.error == float("inf")
