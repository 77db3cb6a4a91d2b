"""No text makes the reader hang, crash or raise anything but its own errors."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.errors import AdamrefError, Unparsable, Unworkable
from adamref.expressions.evaluate import evaluate
from adamref.expressions.parser import parse
from adamref.expressions.tokens import tokenize
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.multiprecision import Multiprecision
from adamref.numbers.rational import Rational

SECOND = 1
"""Processor time that a refusal may take: the package's own promise."""
SECONDS = 10
"""What 50,000 characters may take: read once it is about one, with any backtracking minutes."""

CARRIERS = (Rational(), Multiprecision(100), Enclosure(100))
LONG = 50_000


def value_of(text, carrier):
    return evaluate(parse(text), carrier, lambda leaf: carrier.lift(leaf.value))


def failure(action, *arguments, **options):
    """Return the package's own error that a call raises, or None; any other error goes on."""
    try:
        action(*arguments, **options)
    except AdamrefError as error:
        return error
    return None


def refusals(text):
    """Read text in every carrier, each in time: the class of the error and what it says."""
    found = []
    for carrier in CARRIERS:
        start = time.process_time()
        error = failure(value_of, text, carrier)
        assert time.process_time() - start < SECOND
        found.append((type(error), str(error)))
    return found


@pytest.mark.parametrize(
    "text", ["9^9^9^9", "2^(10^7)", "2^1000001", "2^(1/1000001)", "0.5^1e10", "(1+1)^(9^9)"]
)
def test_a_giant_exponent_is_too_large(text):
    for kind, says in refusals(text):
        assert kind is Unworkable
        assert says == "it is too large to work out"


@pytest.mark.parametrize(
    "text",
    [
        "2^(3^600000/5^400000)",
        "2^(9^(9^6)-9^(9^6))",
        "2^exp(2^400000)",
        "exp(9^1000000)",
        "exp(3^99999)^1000000",
        "0.5^exp(999)",
    ],
)
def test_what_an_exponent_would_take_megabytes_to_write_is_too_large(text):
    assert {kind for kind, _ in refusals(text)} <= {Unworkable, type(None)}
    assert isinstance(failure(value_of, text, Enclosure(100)), Unworkable)


def test_a_number_next_to_zero_is_enclosed():
    for text in ("exp(-9^1000000)", "0.5^99999", "1/exp(9^999)", "0-exp(-exp(100))"):
        low, high = Enclosure.ends(value_of(text, Enclosure(100)))
        assert (low <= 0 <= high) or (low > 0 and high < 2**-30000)
        assert 0 < high - low <= Fraction(1, 2**32768) or low == 0


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("(" * 100_000, "100000 characters, but at most 10000 are read"),
        ("(" * 10_000, "10000 tokens, but at most 600 are read"),
        ("(" * 300 + "1" + ")" * 300, "601 tokens, but at most 600 are read"),
        ("(" * 121 + "1" + ")" * 121, "nested more than 120 deep"),
        ("{" * 200, "nested more than 120 deep"),
        ("-" * 150 + "1", "nested more than 120 deep"),
        ("√" * 150 + "1", "nested more than 120 deep"),
        ("2" + "^2" * 150, "nested more than 120 deep"),
        ("1" + "+1" * 400, "801 tokens, but at most 600 are read"),
        ("1" * 201, "a number of more than 200 digits"),
        ("1." + "1" * 9_000, "a number of more than 200 digits"),
        ("1e10001", "a number of more than 200 digits"),
        ("1e-999999999", "a number of more than 200 digits"),
        ("x" * 9_000, "is not arithmetic"),
    ],
    ids=lambda value: value[:12],
)
def test_what_is_too_long_or_too_deep_is_refused(text, because):
    for kind, says in refusals(text):
        assert kind is Unparsable
        assert because in says


def test_the_bounds_themselves_are_still_read():
    # A number, a sum, and a level for each pair of brackets.
    assert value_of("(" * 118 + "1+1" + ")" * 118, Rational()) == 2
    assert value_of("1" + "+1" * 118, Rational()) == 119
    assert value_of("1" * 200, Rational()) == (10**200 - 1) // 9
    assert value_of("1e10000 * 1e-10000", Rational()) == 1
    assert isinstance(value_of("2^1000000", Enclosure(53)), tuple)


@pytest.mark.parametrize(
    "text",
    ["-" * 590 + "1", "+" * 590 + "1", "√" * 590 + "1", " ".join("a" * 600)],
    ids=["minus", "plus", "root", "product"],
)
def test_nesting_without_brackets_is_refused_like_any_other(text):
    error = failure(parse, text)
    # Of 590 plus signs nothing remains, so they may be read.
    assert text[0] == "+" if error is None else "deep" in str(error)


def test_an_exponent_of_many_digits_is_refused():
    for kind, says in refusals("1e" + "9" * 5000):
        assert kind is Unparsable
        assert "a number of more than" in says


@pytest.mark.parametrize("text", ["exp(exp(exp(100)))", "exp(-exp(exp(100)))"])
@pytest.mark.parametrize("carrier", CARRIERS[1:], ids=lambda c: type(c).__name__)
def test_an_exponential_tower_is_too_large(text, carrier):
    found = failure(value_of, text, carrier)
    assert isinstance(found, Unworkable) or "(-" in text


def test_a_power_of_a_giant_power_is_too_large():
    enclosed = value_of("((10^1000000)^1000000)^1000000", Enclosure(100))
    with pytest.raises(Unworkable):
        Enclosure.ends(enclosed)


PIECES = [
    *["(", "{", "[", "_", "a_", "a_{", "1", "1,", "1,111", "1.", "1e", "1e+", "e", ".", "..."],
    *["\\frac{", "\\hat{", "\\hat", "\\sqrt{", "\\text{", "\\left", "\\", "\\\\", "\\partial"],
    *["\\theta_", "\\theta_{", "\\theta^ ", "\\nabla_{", "\\widehat{", "\\hspace{", "\\label{a}"],
    *["\\frac{d", "\\frac{d L", "\\frac{ ", "\\hat{m}_", "\\hat{m}^{", "\\end{a}{"],
    *["∇", "∇ ", "∇_", "∇(", "∇L(", "dL/d", "∂L/∂", "f'(", "J'(", "d", "'"],
    *[" ", "a ", "a_ ", "a_{ ", "a_{}", "a_{{", "{_", "a_b_", "a_1", "mhat", "é", "β", "₁", "²"],
    *["^", "√", "sqrt", "sqrt(", "sqrt ", "-", "*", "**", "=", "≈", "$", "&", "~", "a\u0302"],
    *["\u0302", "x^{corrected", "m^{", "1 ", "1 ..."],
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_very_long_line_is_refused_or_read_in_time(piece):
    start = time.process_time()
    assert isinstance(failure(parse, (piece * LONG)[:LONG]), Unparsable | None)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("∇", " ", "x"),
        ("a_", " ", "x"),
        ("\\frac{d", " ", "x"),
        ("\\hat{m}", " ", "^"),
        ("\\theta", " ", "^x"),
        ("\\theta_{a", "a", ""),
        ("\\hat{m_{", "{}", ""),
        ("a_{", "{}", " x"),
        ("∇J(", "a", "x"),
        ("1", " ", "x"),
        ("\\text", " ", "x"),
    ],
)
def test_a_long_middle_is_refused_or_read_in_time(before, piece, after):
    start = time.process_time()
    text = before + piece * (LONG // len(piece)) + after
    assert isinstance(failure(tokenize, text), Unparsable | None)
    assert time.process_time() - start < SECONDS


def is_read_or_refused(text):
    """Tokenize and parse; the only failure allowed is Unparsable, at a column of the text."""
    error = failure(parse, text)
    if error is None:
        return True
    return isinstance(error, Unparsable) and 1 <= error.column <= len(text) + 1


@given(st.text())
def test_any_text_is_read_or_refused(text):
    assert is_read_or_refused(text)


@given(st.text(st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Mn", "Lm", "No", "Lo"])))
def test_control_characters_and_odd_letters_are_read_or_refused(text):
    assert is_read_or_refused(text)


WORDS = [p.strip() for p in PIECES if p.strip()] + [
    *["}", ")", "]", "m", "v_t", "beta1", "\\beta_2", "0.9", "10", "²", "⁻⁸", "ᵗ", "+", "/", ","],
    *["\\cdot", "\\right)", "}{", "}_t", "_{t-1}", "'", "\n", "\t", "\x00", "\x1b[31m"],
]


@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join))
def test_any_heap_of_notation_is_read_or_refused(text):
    assert is_read_or_refused(text)


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join), st.booleans())
def test_tokens_stand_in_order_and_say_where(text, comma):
    error = failure(tokenize, text, decimal_comma=comma)
    if error is not None:
        assert "digits" in str(error)
        return
    ends = 0
    for token in tokenize(text, decimal_comma=comma):
        assert token.start <= token.end <= len(text)
        assert token.end >= ends
        ends = token.end
