"""Decimal rounding against the decimal module, ties and all."""

from __future__ import annotations

import math
import time
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.errors import OutOfDomain
from adamref.numbers.rounding import MAX_DIGITS, Digits, decimal_exponent, from_scaled, plain

COUNTS = st.integers(1, 60)


def divided(value: Fraction, count: int) -> Decimal:
    """Round by the decimal module: one division, correctly rounded, ties to even."""
    context = Context(prec=count, rounding=ROUND_HALF_EVEN, Emax=10**9, Emin=-(10**9))
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


@given(value=st.fractions(), count=COUNTS, shift=st.integers(-5000, 5000))
def test_rounding_is_the_decimal_modules(value, count, shift):
    scaled = value * Fraction(10) ** shift
    assert Digits(count).round(scaled) == divided(value, count).scaleb(shift, Context(prec=count))


@given(digits=st.integers(1, 10**30), count=COUNTS, exponent=st.integers(-400, 400))
def test_ties_go_to_the_even_digit(digits, count, exponent):
    kept = Fraction(digits)
    places = len(str(digits))
    # One more digit, a five: exactly half way between two numbers of that many digits.
    tie = (kept * 10 + 5) * Fraction(10) ** exponent
    even = digits if digits % 2 == 0 else digits + 1
    assert Digits(places).round(tie) == from_scaled(even, exponent + 1)
    assert Digits(places).round(-tie) == from_scaled(-even, exponent + 1)
    nudge = Fraction(1, 10 ** (count + 500))
    assert Digits(places).round(tie + nudge) == from_scaled(digits + 1, exponent + 1)
    assert Digits(places).round(tie - nudge) == from_scaled(digits, exponent + 1)


@given(value=st.fractions(), count=COUNTS)
def test_a_rounded_value_has_no_trailing_zeros_and_rounds_to_itself(value, count):
    rounded = Digits(count).round(value)
    digits = rounded.as_tuple().digits
    assert len(digits) <= count
    assert digits[-1] != 0 or rounded == 0
    assert Digits(count).round(Fraction(rounded)) == rounded


@pytest.mark.parametrize(
    ("value", "rounded"), [("9.996", "10"), ("99.96", "100"), ("0.9996", "1"), ("-9.995", "-10")]
)
def test_rounding_up_may_carry_into_a_new_digit(value, rounded):
    assert Digits(3).round(Fraction(value)) == Decimal(rounded)


@pytest.mark.parametrize("exponent", [0, 1, -1, 27, -27, 4299, 4301, -4301, 20_000, -20_000])
def test_the_exponent_is_exact_at_and_around_powers_of_ten(exponent):
    power = Fraction(10) ** exponent
    assert decimal_exponent(power) == decimal_exponent(-power) == exponent
    below = power - power / 10**40
    assert decimal_exponent(below) == exponent - 1
    assert decimal_exponent(power + power / 10**40) == exponent


@given(st.fractions().filter(bool), st.integers(-3000, 3000))
def test_the_exponent_brackets_its_value(value, shift):
    scaled = value * Fraction(2) ** shift
    exponent = decimal_exponent(scaled)
    assert Fraction(10) ** exponent <= abs(scaled) < Fraction(10) ** (exponent + 1)


def test_the_specials_stay_what_they_are():
    assert Digits(3).round(math.inf) == Decimal("Infinity")
    assert Digits(3).round(-math.inf) == Decimal("-Infinity")
    assert Digits(3).round(math.nan).is_nan()
    assert Digits(3).round(Fraction(0)) == 0


def test_many_digits_are_all_right():
    """7/9 has no digit but 7, and the last one rounds up."""
    rounded = Digits(20_000).round(Fraction(7, 9))
    assert rounded.as_tuple().digits == (7,) * 19_999 + (8,)


def test_no_global_context_enters():
    with localcontext(Context(prec=2, traps=[Inexact])):
        assert Digits(12).round(Fraction(2, 3)) == Decimal("0.666666666667")
        assert plain(Decimal("0.666666666667")) == "0.666666666667"


def test_a_short_number_at_the_greatest_count_takes_no_time():
    start = time.process_time()
    assert Digits(MAX_DIGITS).round(Fraction(1)) == 1
    assert time.process_time() - start < 1


@pytest.mark.parametrize("count", [0, -1, MAX_DIGITS + 1])
def test_a_count_out_of_range_is_refused(count):
    with pytest.raises(OutOfDomain, match=f"digits = {count}, but should be between 1 and 100000"):
        Digits(count)


@pytest.mark.parametrize("count", [True, 5.0, "5", None])
def test_a_count_that_is_not_whole_is_refused(count):
    with pytest.raises(OutOfDomain, match=f"digits = {count}, but should be a whole number"):
        Digits(count)


def test_a_numpy_integer_is_a_whole_number():
    assert Digits(np.int64(5)).round(Fraction(1, 3)) == Decimal("0.33333")


def test_a_count_is_written_with_its_unit():
    assert str(Digits(12)) == "12 digits"


@pytest.mark.parametrize(
    ("scaled", "exponent", "value"),
    [
        (0, 5, "0"),
        (-1500, -2, "-15"),
        (1, -30_000, "1E-30000"),
        (10**5000, 0, "1E+5000"),
        (10**5000 + 1, -5000, "1." + "0" * 4999 + "1"),
    ],
    ids=["zero", "tens", "tiny", "long zeros", "long digits"],
)
def test_from_scaled_is_exact(scaled, exponent, value):
    assert from_scaled(scaled, exponent).as_tuple() == Decimal(value).as_tuple()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(-15), "-15"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.500"), "1.5"),
        (Decimal("-0"), "0"),
        (Decimal("0E-50"), "0"),
        (Decimal("0.00001"), "0.00001"),
        (Decimal("0.000001"), "1e-6"),
        (Decimal("6.67E-11"), "6.67e-11"),
        (Decimal("1E+16"), "10000000000000000"),
        (Decimal("1E+17"), "1e17"),
        (Decimal("-1.25E+40"), "-1.25e40"),
        (Decimal("Infinity"), "inf"),
        (Decimal("-Infinity"), "-inf"),
        (Decimal("NaN"), "nan"),
        (0.1, "0.1"),
        (1e-320, "1e-320"),
        (math.inf, "inf"),
        (Fraction(1, 3), "0.3333333333333333"),
        (Fraction(7, 2), "3.5"),
    ],
)
def test_plain_writes_numbers_as_people_do(value, text):
    assert plain(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_plain_loses_no_digit(value):
    assert Decimal(plain(value)) == value
