"""Numbers of the process protocol."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.numbers import formats
from adamref.oracle.observe.sessions import wire
from adamref.oracle.observe.sessions.session import Failed

DTYPES = ("float16", "bfloat16", "float32", "float64")
FLOATS = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)


def bits(values):
    return [float(x).hex() for x in values]


@pytest.mark.parametrize("style", get_args(wire.Style))
@given(st.lists(FLOATS, max_size=4))
def test_every_float64_comes_back_to_the_bit(style, values):
    read, dtype = wire.read("x", wire.write(np.array(values), style), "float64")
    assert (bits(read), dtype) == (bits(values), "float64")


@pytest.mark.parametrize("dtype", DTYPES)
@given(st.lists(FLOATS, min_size=1, max_size=4))
def test_numbers_read_at_once_are_those_read_one_by_one(dtype, values):
    written = wire.write(np.array(values))
    # A capital X is none of what is read at once.
    one_by_one = [x.replace("0x", "0X") for x in written]
    got, want = wire.read("x", written, dtype), wire.read("x", one_by_one, dtype)
    assert (bits(got[0]), got[1]) == (bits(want[0]), want[1])


@given(st.floats(width=32))
def test_the_shortest_decimal_of_a_float32_is_that_float32(x):
    read, dtype = wire.read("x", [str(np.float32(x))], "float32")
    assert (bits(read), dtype) == (bits([x]), "float32")


@given(st.floats(width=32))
def test_nine_digits_of_a_float32_are_that_float32(x):
    read, dtype = wire.read("x", [f"{x:.9g}"], "float32")
    assert (bits(read), dtype) == (bits([x]), "float32")


@pytest.mark.parametrize("dtype", DTYPES)
@given(x=FLOATS)
def test_what_a_format_holds_is_read_as_of_that_format(dtype, x):
    rounded = x if not math.isfinite(x) else float(formats.get(dtype).round(Fraction(x)))
    assert wire.read("x", [rounded.hex()], dtype)[1] == dtype


@pytest.mark.parametrize(
    ("text", "dtype", "value", "kind"),
    [
        ("0.1", "float32", float(np.float32(0.1)), "float32"),
        ("0.1", "float64", 0.1, "float64"),
        ("0.10000000000000001", "float32", 0.1, "float64"),
        ("0.0123456", "bfloat16", float(np.float32(0.0123456)), "float32"),
        ("0x1.999999999999ap-4", "float32", 0.1, "float64"),
        ("0x1.99999ap-4", "float16", float(np.float32(0.1)), "float32"),
        ("0X1P-1074", "float64", 5e-324, "float64"),
        ("1e-45", "float32", 2.0**-149, "float32"),
        ("1e400", "float32", math.inf, "float32"),
        ("-0x1p+9999", "float32", -math.inf, "float32"),
        ("-0", "float32", -0.0, "float32"),
        ("Infinity", "float32", math.inf, "float32"),
        (0.5, "float32", 0.5, "float32"),
        (3, "float32", 3.0, "float32"),
    ],
)
def test_a_decimal_stands_for_the_narrowest_number_that_all_its_digits_come_from(
    text, dtype, value, kind
):
    read, got = wire.read("x", [text], dtype)
    assert (bits(read), got) == (bits([value]), kind)


def test_an_answer_has_the_widest_dtype_of_its_numbers():
    assert wire.read("x", ["0x1p-1", "0x1.999999999999ap-4"], "float32")[1] == "float64"


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "10x",
        "0x",
        "ff",
        "1_0",
        "--1",
        "+-inf",
        "1e",
        "0x1p",
        "nan(1)",
        True,
        None,
        [1],
        {},
    ],
)
def test_garbage_is_named(value):
    with pytest.raises(Failed) as failed:
        wire.read("v", ["0x0p+0", value], "float32")
    assert failed.value.id == "garbage"
    assert failed.value.says.startswith(f"v[1] is {value!r}, but should be a number")


def test_a_long_value_is_shortened_and_a_very_long_number_is_none():
    with pytest.raises(Failed, match=r"v\[0\] is '1111.*\.\.\., but should be") as failed:
        wire.read("v", ["1" * 100_000], "float32")
    assert len(failed.value.says) < 200


@pytest.mark.parametrize(
    "value",
    [None, "0x0p+0", {"0": "1"}, 3, {"float64": "AA=A"}, {"float64": 1}, {"float64": "AAAA"}],
)
def test_numbers_come_in_a_list(value):
    with pytest.raises(Failed, match="but should be a list of numbers"):
        wire.read("v", value, "float32")


@pytest.mark.parametrize(("value", "want"), [(3, 3), (3.0, 3), ("3", 3), (2**60, 2**60)])
def test_a_number_of_steps(value, want):
    assert wire.read_whole("t", value) == want


@pytest.mark.parametrize("value", [True, "x", 1.5, math.nan, math.inf, None, "-1", [1]])
def test_no_number_of_steps(value):
    with pytest.raises(Failed, match=r"t is .*, but should be a whole number"):
        wire.read_whole("t", value)
