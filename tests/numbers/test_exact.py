"""Inputs are read as the exact real numbers they are, or refused."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.errors import AdamrefError, NotANumber
from adamref.numbers.exact import exact, is_special, terminates

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("given_as", "value"),
    [
        (3, Fraction(3)),
        (-15, Fraction(-15)),
        (0.1, Fraction(3602879701896397, 36028797018963968)),
        (-0.0, Fraction(0)),
        ("0.1", Fraction(1, 10)),
        (" 0.1 ", Fraction(1, 10)),
        ("+1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1_000", Fraction(1000)),
        ("1e-8", Fraction(1, 10**8)),
        ("1E+3", Fraction(1000)),
        ("1e-20000", Fraction(1, 10**20000)),
        ("\N{MINUS SIGN}2", Fraction(-2)),
        ("1/3", Fraction(1, 3)),
        ("-1 / 3", Fraction(-1, 3)),
        ("1.5/0.5", Fraction(3)),
        ("0x1p-1", Fraction(1, 2)),
        ("-0x1.8p1", Fraction(-3)),
        ("0x1.999999999999ap-4", Fraction(0.1)),
        (Fraction(2, 7), Fraction(2, 7)),
        (Decimal("0.1"), Fraction(1, 10)),
        (Decimal("-0"), Fraction(0)),
        (np.float64(0.1), Fraction(0.1)),
        (np.float32(0.1), Fraction(13421773, 134217728)),
        (np.float16(0.1), Fraction(819, 8192)),
        (np.int64(2**62), Fraction(2**62)),
        (np.array(0.5), Fraction(1, 2)),
        (np.str_("0.1"), Fraction(1, 10)),
        (mpmath.mpf(3) / 4, Fraction(3, 4)),
    ],
)
def test_a_number_is_exactly_itself(given_as, value):
    found = exact(given_as)
    assert found == value
    assert type(found) is Fraction


@pytest.mark.parametrize(
    ("given_as", "value"),
    [
        (INF, INF),
        (-INF, -INF),
        ("inf", INF),
        ("+Inf", INF),
        ("-inf", -INF),
        ("Infinity", INF),
        ("-infinity", -INF),
        ("\N{MINUS SIGN}inf", -INF),
        (Decimal("Infinity"), INF),
        (Decimal("-Infinity"), -INF),
        (np.float32(INF), INF),
        (mpmath.mpf("-inf"), -INF),
    ],
)
def test_an_infinity_is_a_float(given_as, value):
    assert exact(given_as) == value
    assert is_special(exact(given_as))


@pytest.mark.parametrize(
    "given_as", [NAN, "nan", "NaN", Decimal("NaN"), np.float16(NAN), mpmath.nan]
)
def test_nan_is_a_float(given_as):
    assert math.isnan(exact(given_as))
    assert is_special(exact(given_as))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_and_its_hexadecimal_are_the_same_number(value):
    assert exact(value) == exact(value.hex()) == Fraction(value)


@given(st.fractions())
def test_a_fraction_and_its_text_are_the_same_number(value):
    assert exact(value) == exact(str(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_and_its_text_are_the_same_number(value):
    if abs(value.adjusted()) <= 20_000:
        assert exact(value) == exact(str(value)) == Fraction(value)


def test_a_float_and_a_decimal_string_differ():
    assert exact(0.1) != exact("0.1")
    assert exact(0.5) == exact("0.5")


@pytest.mark.parametrize(
    ("given_as", "because"),
    [
        (True, "a truth value is not a number here"),
        (np.True_, ""),
        (None, ""),
        (1j, ""),
        (b"1", ""),
        ([1], ""),
        (np.array([1.0]), ""),
        ("", "it has no digits"),
        (".", "it has no digits"),
        ("e5", "it has no digits"),
        ("one", "this string is not a number"),
        ("1,5", "this string is not a number"),
        ("1..2", "this string is not a number"),
        ("__import__('os')", "this string is not a number"),
        ("0x", "not a binary64 number in C99 notation"),
        ("0x1p99999", "not a binary64 number in C99 notation"),
        ("1/0", "a ratio needs two finite numbers, the lower not zero"),
        ("inf/2", "a ratio needs two finite numbers, the lower not zero"),
        ("1e20001", "its exponent is beyond 20000"),
        ("1e999999999", "its exponent is beyond 20000"),
        ("1e-999999999", "its exponent is beyond 20000"),
        (Decimal("1e999999"), ""),
        ("1" * 20_001, "it has 20001 characters"),
    ],
)
def test_anything_else_is_refused_with_the_reason(given_as, because):
    with pytest.raises(NotANumber) as caught:
        exact(given_as, "beta1")
    message = str(caught.value)
    assert message.startswith("beta1 = ")
    assert "but should be a float, an int, a Fraction, a Decimal or a decimal string" in message
    assert message.endswith(because)
    assert caught.value.name == "beta1"


@given(st.text())
def test_any_text_is_a_number_or_is_refused(text):
    try:
        value = exact(text)
    except NotANumber:
        return
    assert is_special(value) or type(value) is Fraction


def test_a_long_exponent_is_refused_like_a_large_one():
    with pytest.raises(NotANumber, match="exponent is beyond"):
        exact("1e" + "9" * 5000)


def test_a_string_of_many_digits_is_read():
    assert exact("0." + "1" * 5000) == Fraction((10**5000 - 1) // 9, 10**5000)


def test_many_slashes_do_not_exhaust_the_stack():
    with pytest.raises(AdamrefError):
        exact("/".join(["1"] * 9000))


def test_two_slashes_are_refused():
    with pytest.raises(NotANumber):
        exact("1/2/3")


def test_a_signalling_nan_is_a_nan():
    assert math.isnan(exact(Decimal("sNaN")))


def test_every_spelling_of_infinity_may_have_a_plus():
    assert exact("+infinity") == INF


@pytest.mark.parametrize(
    ("value", "ends"),
    [("1/8", True), ("7/250", True), ("3", True), ("0", True), ("1/3", False), ("1/70", False)],
)
def test_terminates_tells_finite_decimals(value, ends):
    assert terminates(Fraction(value)) is ends
