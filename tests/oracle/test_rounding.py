"""Columns are rounded as `adamref.numbers.formats` rounds single numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.numbers.arrays import nearest, ulp
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, FORMATS

EVERY = pytest.mark.parametrize("fmt", FORMATS, ids=str)


def around(fmt):
    """Every kind of float64 at which a format rounds in its own way."""
    ends = [
        *(2.0**fmt.min_exponent, float(fmt.smallest), float(fmt.largest), 1.0, 0.0),
        float(fmt.largest) * 2.0 if fmt is not BINARY64 else math.inf,
        float(fmt.smallest) / 2 if fmt is not BINARY64 else 5e-324,
    ]
    near = [math.nextafter(x, to) for x in ends for to in (-math.inf, math.inf)]
    return st.sampled_from([float(x) for x in (*ends, *near, math.inf, math.nan)])


def doubles(fmt):
    """Numbers of float64 in and about the range of a format, ties and subnormals among them."""
    lowest = fmt.min_exponent - fmt.precision - 2
    ties = st.builds(
        lambda ulps, exponent: math.ldexp(ulps + 0.5, exponent),
        st.integers(0, 2**fmt.precision),
        st.integers(max(lowest, -1070), fmt.max_exponent - fmt.precision),
    )
    within = st.builds(
        math.ldexp, st.floats(1, 2, exclude_max=True), st.integers(lowest, fmt.max_exponent)
    )
    one = st.one_of(st.floats(), ties, within, around(fmt))
    return st.builds(math.copysign, one, st.sampled_from([1.0, -1.0]))


def alone(x, fmt):
    """Round one number; the real number 0 has no sign, the float has."""
    return x if x == 0 else fmt.round(BINARY64.exact(x))


def bits(x):
    return "nan" if math.isnan(x) else float(x).hex()


@EVERY
@given(data=st.data())
def test_a_column_is_rounded_as_single_numbers_are(fmt, data):
    values = data.draw(st.lists(doubles(fmt), max_size=8))
    made = nearest(np.array(values), fmt)
    assert [bits(x) for x in made] == [bits(alone(x, fmt)) for x in values]


@EVERY
@given(data=st.data())
def test_the_ulp_of_a_column_is_that_of_single_numbers(fmt, data):
    """Within the format's range, zero and subnormals included."""
    values = data.draw(st.lists(doubles(fmt).filter(math.isfinite), min_size=1, max_size=8))
    inside = [x for x in values if abs(x) <= fmt.largest]
    assert ulp(np.array(inside), fmt).tolist() == [float(fmt.ulp(Fraction(x))) for x in inside]


@EVERY
def test_what_is_not_finite_has_no_ulp(fmt):
    assert np.isnan(ulp(np.array([math.inf, -math.inf, math.nan]), fmt)).all()


@EVERY
def test_rounding_twice_is_rounding_once(fmt):
    values = np.ldexp(1.0 + np.arange(64) / 67, np.arange(-1074, 1023, 2097 / 64).astype(int))
    once = nearest(values, fmt)
    assert nearest(once, fmt).tobytes() == once.tobytes()


@pytest.mark.parametrize("fmt", [BINARY16, BFLOAT16, BINARY32], ids=str)
def test_a_tie_goes_to_the_even_neighbour(fmt):
    half = float(fmt.unit_roundoff)
    made = nearest(np.array([1 + half, 1 + 3 * half, -1 - half]), fmt)
    assert made.tolist() == [1, 1 + 4 * half, -1]


@pytest.mark.parametrize("fmt", [BINARY16, BFLOAT16, BINARY32], ids=str)
def test_from_half_an_ulp_above_the_largest_on_it_is_infinite(fmt):
    edge = float(fmt.largest + fmt.ulp(fmt.largest) / 2)
    made = nearest(np.array([math.nextafter(edge, 0), edge, -edge]), fmt)
    assert made.tolist() == [float(fmt.largest), math.inf, -math.inf]


@pytest.mark.parametrize("fmt", [BINARY16, BFLOAT16, BINARY32], ids=str)
def test_below_half_of_the_smallest_it_is_zero_of_its_sign(fmt):
    least = float(fmt.smallest)
    made = nearest(np.array([least / 2, -least / 2, 0.75 * least, 1.5 * least]), fmt)
    assert [bits(x) for x in made] == [bits(x) for x in (0.0, -0.0, least, 2 * least)]


def test_float64_is_left_as_it_is():
    values = np.array([5e-324, 0.1, math.inf, math.nan])
    assert nearest(values, BINARY64).tobytes() == values.tobytes()


def test_shapes_stay():
    assert nearest(np.ones((2, 0, 3)), BFLOAT16).shape == (2, 0, 3)
    assert nearest(np.array(0.1), BFLOAT16) == Fraction(205, 2048)
    assert ulp(np.array(1.0), BFLOAT16) == 2.0**-7


@pytest.mark.parametrize("fmt", [BINARY16, BINARY32], ids=str)
@given(data=st.data())
def test_numpys_own_spacing_agrees(fmt, data):
    """An oracle that is not this package's."""
    value = data.draw(st.floats(width=16 if fmt is BINARY16 else 32))
    if abs(value) < fmt.largest:
        # Of -1 in float16 NumPy takes the distance to the nearer neighbour.
        assert ulp(np.array(value), fmt) == np.spacing(np.dtype(fmt.dtype).type(abs(value)))
