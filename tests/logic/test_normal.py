"""The normal form decides what is equal, and nothing that is not."""

from __future__ import annotations

import pytest
from sympy import Abs, Function, Integer, Max, Rational, Sum, log, sqrt, symbols

from adamref.logic.context import Context
from adamref.logic.normal import Atoms, Undecided
from adamref.logic.refusal import Refused
from adamref.logic.relations import ge, gt, lt, ne, total
from adamref.theorems.symbols import beta, beta1, beta2, eps, i, n, t

x, y, z = symbols("x y z", real=True)
f, g = Function("f", real=True), Function("g", real=True)
RATE = (ge(beta, 0), lt(beta, 1))

EQUAL = {
    "binomial": ((x + y) ** 2, x**2 + 2 * x * y + y**2),
    "telescoping": ((1 - x) * (1 + x + x**2), 1 - x**3),
    "a root squared": (sqrt(1 + x**2) ** 2, 1 + x**2),
    "a root of a square": (sqrt(x**2 + 2 * x * y + y**2), Abs(x + y)),
    "a number below a root": (sqrt(Rational(9, 4) * (1 + x**2)), Rational(3, 2) * sqrt(1 + x**2)),
    "an absolute value squared": (Abs(x - y) ** 2, (y - x) ** 2),
    "absolute values of a product": (Abs(x * y), Abs(x) * Abs(y)),
    "absolute value of a difference": (Abs(x - y), Abs(y - x)),
    "maximum": ((Max(x, y) - x) * (Max(x, y) - y), Integer(0)),
    "one more factor": (beta ** (t + 1), beta * beta**t),
    "two factors": (beta ** (t + 2) - beta**t, (beta**2 - 1) * beta**t),
    "an even power": (beta ** (2 * t), (beta**t) ** 2),
    "an even power and one": (beta ** (2 * t + 1), beta * (beta**t) ** 2),
    "a linear sum": (
        total(2 * g(i) + f(i), i, 1, t),
        2 * total(g(i), i, 1, t) + total(f(i), i, 1, t),
    ),
    "what is common to the terms": (total(x * g(i), i, 1, t), x * total(g(i), i, 1, t)),
    "a power of the last term": (
        total(beta ** (t - i) * g(i), i, 1, t - 1),
        beta * total(beta ** (t - 1 - i) * g(i), i, 1, t - 1),
    ),
    "another name of the index": (total(g(i), i, 1, t), total(g(n), n, 1, t)),
    "a sum without terms": (total(g(i), i, 5, 4), Integer(0)),
    "a sum of a known number of ones": (total(1, i, 1, 7), Integer(7)),
    "arguments": (f(2 * (t - 1)), f(2 * t - 2)),
}

DIFFERENT = {
    "a sign": ((x - y) ** 2, x**2 + 2 * x * y + y**2),
    "a root is not its square": (sqrt(1 + x**2), 1 + x**2),
    "a root has a sign": (sqrt(1 + x**2), -sqrt(1 + x**2)),
    "an absolute value": (Abs(x), x),
    "a root of a square": (sqrt(x**2), x),
    "a maximum": (Max(x, y), x),
    "a power": (beta ** (t + 1), beta**t),
    "another base": (beta1**t, beta2**t),
    "another function": (f(t), g(t)),
    "another argument": (f(t), f(t + 1)),
    "another range": (total(g(i), i, 1, t), total(g(i), i, 0, t)),
    "another end": (total(g(i), i, 1, t), total(g(i), i, 1, t + 1)),
    "a product is no sum": (
        total(g(i) * f(i), i, 1, t),
        total(g(i), i, 1, t) * total(f(i), i, 1, t),
    ),
    "another function of it": (log(1 + x**2), log(1 + y**2)),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL.keys())
def test_what_is_equal_is_decided_so(one, other):
    assert Context((*RATE, ge(t, 0))).same(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_is_different_is_not_decided_equal(one, other):
    assert not Context((*RATE, ge(t, 0))).same(one, other)


def test_a_division_needs_a_divisor_that_is_not_0():
    quotient = x / (y + 1)
    with pytest.raises(Refused, match="y \\+ 1 is divided by"):
        Context(()).same(quotient, quotient)
    assert Context((gt(y, 0),)).same(quotient, quotient)
    assert Context((gt(y + 1, 0),)).same(quotient, quotient)
    assert Context((ne(y, -1),)).same(quotient, quotient)


def test_a_divisor_is_recognised_in_another_form():
    assert Context((gt(x**2 + 2 * x + 3, 0),)).same(1 / ((x + 1) ** 2 + 2), 1 / (x**2 + 2 * x + 3))


def test_a_power_of_what_may_be_0_is_not_divided():
    """0^(t-1) * 0 is 0^t from t = 1 on, and not before."""
    claim = (beta**t, beta * beta ** (t - 1))
    assert Context((*RATE, ge(t, 1))).same(*claim)
    with pytest.raises(Refused, match="may be 0"):
        Context((*RATE, ge(t, 0))).same(*claim)
    assert Context((gt(beta, 0), ge(t, 0))).same(*claim)


def test_exponents_are_split_only_for_a_base_that_is_not_0():
    claim = (beta ** (t - i) * y, beta**t * beta ** (-i) * y)
    assert Context((gt(beta, 0),)).same(*claim)


def test_a_quotient_to_a_power_is_a_quotient_of_powers():
    claim = ((beta2 / beta1) ** i, beta2**i / beta1**i)
    assert Context((gt(beta1, 0), gt(beta2, 0))).same(*claim)


def test_a_negative_number_below_a_root_is_no_square_of_anything():
    """sqrt(x)^2 = x is used only where x is known to be >= 0."""
    claim = (sqrt(x - 1) ** 4, (x - 1) ** 2)
    assert Context((ge(x - 1, 0),)).same(*claim)
    root = sqrt(f(t))
    with pytest.raises(Refused, match="below a root"):
        Context(()).same((root + 1) ** 2 - 2 * root - 1, f(t))


def test_the_sign_of_a_root_is_not_lost():
    assert Context((gt(eps, 0),)).same(sqrt(eps**2), eps)
    assert not Context(()).same(sqrt(x**2 * (1 + y**2)), x * sqrt(1 + y**2))


def test_a_sum_that_divides_by_its_index_needs_its_range():
    whole = total(g(i) / i, i, 1, t)
    assert isinstance(whole, Sum)
    with pytest.raises(Refused, match="is divided by"):
        Context(()).same(whole, 2 * whole)


def atoms_of(*expressions, holds=False):
    """Return atoms that know no base not to be 0, and all or no conditions on exponents."""
    made = Atoms(lambda _: False, lambda _: False, lambda _, __: holds)
    made.prepare(expressions)
    return made


def test_what_may_be_0_stands_with_no_exponent_that_may_be_negative():
    """0 has no power -1: beta beta^(t-1) is beta^t for t >= 1 alone, and beta^(-t) is nothing."""
    with pytest.raises(Undecided, match="may be 0, and stands with the exponent -t"):
        atoms_of(beta ** (-t)).of(beta ** (-t))
    claim = beta * beta ** (t - 1) - beta**t
    with pytest.raises(Undecided, match="may be 0, and t - 1 is not known to be >= 0"):
        atoms_of(claim).of(claim)
    known = atoms_of(claim, holds=True)
    assert known.reduced(known.of(claim)) == 0


@pytest.mark.parametrize("depth", [3, pytest.param(41, marks=pytest.mark.long)])
def test_a_form_that_takes_too_long_to_reach_is_refused(depth):
    """Each magnitude inside another is reached once more often than the one around it."""
    nested = x
    for _ in range(depth):
        nested = Abs(y + nested, evaluate=False)
    claim = (nested**2, (y + nested.args[0].args[1]) ** 2)
    if depth == 3:
        assert Context((), ()).same(*claim)
        return
    with pytest.raises(Refused, match="do not come to an end"):
        Context((), ()).same(claim[0], Integer(0))
