"""What a printed number stands for."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.documents.spans import Printed, Span, point, printed
from adamref.expressions.parser import parse

# printed, right value, how the one comes from the other
FITS = [
    ("0.225", "0.225", "exact"),
    ("-15", "-15", "exact"),
    ("0", "0", "exact"),
    ("0.2250", "0.225", "exact"),
    ("0.2", "0.249", "rounded"),
    ("0.3", "0.2501", "rounded"),
    ("0.2", "0.25", "rounded"),  # ties to even
    ("0.3", "0.25", "rounded"),  # ties up
    ("-0.2", "-0.25", "rounded"),
    ("-0.3", "-0.25", "rounded"),
    ("-0.3", "-0.2501", "rounded"),
    ("0.2", "0.2501", "truncated"),
    ("0.2", "0.2999999", "truncated"),
    ("-0.2", "-0.2999999", "truncated"),
    ("0.2", "0.3", None),
    ("-0.2", "-0.3", None),
    ("0.2", "0.1499", None),
    ("-0.2", "-0.1499", None),
    ("0.2", "-0.2", None),
    ("0.0", "0.04", "rounded"),
    ("0.0", "-0.05", "rounded"),
    ("0.0", "0.09", "truncated"),
    ("0.0", "-0.09", "truncated"),
    ("0.0", "0.1", None),
    ("15", "15.5", "rounded"),
    ("15", "15.9", "truncated"),
    ("15", "16", None),
    ("7.8947", "7.89473684211", "rounded"),
    ("112.811", "112.556278139", None),
    ("2.25e-1", "0.2254", "rounded"),
    ("2.25e-1", "0.226", None),
    ("2.25 * 10^-1", "0.2259", "truncated"),
    ("-2.25e3", "-2254", "rounded"),
    ("10^-8", "0.00000001", "exact"),
    ("0.33...", "0.3333", "truncated"),
    ("0.33...", "0.33", "exact"),
]


def number(text, relation="="):
    found = printed(parse(text), relation)
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "right", "how"), FITS, ids=[f"{p} of {r}" for p, r, _ in FITS])
def test_a_printed_number_fits_what_rounds_or_truncates_to_it(text, right, how):
    assert number(text).fits(point(Fraction(right))) == how


def test_a_continued_number_is_rather_cut_off_but_may_be_rounded():
    """People write 0.667... for two thirds; a right number is never called wrong."""
    assert number("0.33...").continued
    assert number("0.33").fits(point(Fraction(1, 3))) == "rounded"
    assert number("0.33...").fits(point(Fraction(1, 3))) == "truncated"
    assert number("0.667...").fits(point(Fraction(2, 3))) == "rounded"
    assert number("0.67...").fits(point(Fraction(66, 100))) is None


def test_trailing_zeros_of_a_whole_number_count_only_after_an_equals_sign():
    right = point(Fraction(25_088))
    assert number("25,000").fits(right) is None
    assert number("25,000", "≈").fits(right) == "rounded"
    assert (number("250").unit, number("250", "≈").unit) == (1, 10)
    assert number("25.0", "≈").unit == Fraction(1, 10)
    assert number("0", "≈").unit == 1


READ = {
    "0.225": ("9/40", "1/1000", "0.225"),
    "-15": ("-15", "1", "-15"),
    "(-15)": ("-15", "1", "-15"),
    ".5": ("1/2", "1/10", "0.5"),
    "12.50": ("25/2", "1/100", "12.50"),
    "25,000": ("25000", "1", "25000"),
    "1e-8": ("1/100000000", "1/100000000", "1e-8"),
    "10^-8": ("1/100000000", "1/100000000", "1e-8"),
    "10^{-8}": ("1/100000000", "1/100000000", "1e-8"),
    "2.25 × 10^-1": ("9/40", "1/1000", "2.25e-1"),
    r"2.25 \times 10^{-1}": ("9/40", "1/1000", "2.25e-1"),
    "7%": ("7/100", "1/100", "7e-2"),
}


@pytest.mark.parametrize(("text", "read"), READ.items(), ids=READ.keys())
def test_a_number_is_read_with_its_unit_and_written_plainly(text, read):
    value, unit, plain = read
    found = number(text)
    assert (found.value, found.unit, found.text) == (Fraction(value), Fraction(unit), plain)
    assert Fraction(found.text) == found.value


@pytest.mark.parametrize("text", ["-1.5 × 10^3", r"-1.5 \times 10^{3}", "(-1.5)*10^3"])
def test_a_negative_number_in_scientific_notation_is_a_printed_number(text):
    found = printed(parse(text))
    assert found is not None
    assert (found.value, found.unit, found.text) == (-1500, 100, "-1.5e3")


@pytest.mark.parametrize("text", ["w", "1/2", "0.1*3", "1 + 2", "sqrt(4)", "3*10", "2^-1", "10^w"])
def test_an_expression_is_not_a_printed_number(text):
    assert printed(parse(text)) is None
    assert printed(parse(text), "≈") is None


def test_a_span_of_right_values_fits_if_any_of_its_numbers_does():
    around = Span(Fraction("0.2999"), Fraction("0.3001"))
    assert number("0.2").fits(around) == "truncated"
    assert number("0.3").fits(around) == "rounded"
    assert number("0.5").fits(around) is None


def test_a_span_is_never_matched_exactly():
    assert number("0.3").fits(Span(Fraction("0.3"), Fraction("0.31"))) == "rounded"


def test_spans_that_touch_meet():
    one, other = Span(Fraction(0), Fraction(1)), Span(Fraction(1), Fraction(2))
    assert one.meets(other)
    assert other.meets(one)
    assert not one.meets(point(2))


def test_the_noise_of_binary64_is_told_from_a_slip():
    right = point(Fraction("1.5"))
    assert number("1.4999999999999996").is_float_of(right)
    assert not number("1.4999999999996").is_float_of(right)
    assert not number("1.4999999999999").is_float_of(right)


FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6)


def shown(value, digits, rounding):
    """Write a fraction to some digits, by Python's decimal alone: with its value and its unit."""
    decimal = Context(prec=digits, rounding=rounding).divide(
        Decimal(value.numerator), Decimal(value.denominator)
    )
    unit = Fraction(10) ** decimal.as_tuple().exponent
    return Printed(Fraction(decimal), unit, continued=False, text=str(decimal))


@given(FRACTIONS, st.integers(1, 15), st.sampled_from([ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN]))
def test_a_number_fits_however_it_was_rounded(value, digits, rounding):
    written = shown(value, digits, rounding)
    how = written.fits(point(value))
    if written.value == value:
        assert how == "exact"
    else:
        assert how == "rounded" or (how == "truncated" and rounding == ROUND_DOWN)


@given(FRACTIONS, st.integers(1, 15))
def test_what_fits_is_inside_the_span(value, digits):
    written = shown(value, digits, ROUND_DOWN)
    assert written.span.low <= value <= written.span.high


@given(FRACTIONS, st.integers(1, 15), st.sampled_from([1, -1]), st.fractions(0, 5))
def test_a_number_two_units_away_fits_no_point(value, digits, side, more):
    written = shown(value, digits, ROUND_HALF_EVEN)
    away = written.value + side * (2 + more) * written.unit
    assert written.fits(point(away)) is None


@given(FRACTIONS, st.integers(1, 15))
def test_signs_do_not_matter(value, digits):
    written = shown(value, digits, ROUND_HALF_UP)
    mirrored = Printed(-written.value, written.unit, continued=False, text="")
    assert mirrored.fits(point(-value)) == written.fits(point(value))


@given(st.decimals(-1000, 1000, places=4))
def test_reading_what_is_written_gives_the_number(decimal):
    text = format(decimal, "f")
    found = number(text)
    assert found.value == Fraction(decimal)
    assert found.unit == Fraction(1, 10_000)
