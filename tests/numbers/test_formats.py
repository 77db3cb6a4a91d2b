"""The float formats against NumPy: all values of the 16-bit ones, drawn values of the others."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.errors import OutOfDomain, UnknownName
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, FORMATS, Format, get

SMALL = (BINARY16, BFLOAT16)
# Of bfloat16 one in 17 neighbours always: no power of two, so that these fall anywhere in a binade.
WALKS = ((BINARY16, 1), (BFLOAT16, 17), pytest.param(BFLOAT16, 1, marks=pytest.mark.long))
LARGE = ((BINARY32, np.float32, np.uint32), (BINARY64, np.float64, np.uint64))
INF, NAN = math.inf, math.nan


def from_bits(fmt: Format, patterns: np.ndarray) -> list[float]:
    """Read 16-bit patterns as values, by NumPy's own casts."""
    if fmt is BINARY16:
        return patterns.astype(np.uint16).view(np.float16).astype(np.float64).tolist()
    with np.errstate(invalid="ignore"):  # signalling NaN
        return (patterns.astype(np.uint32) << 16).view(np.float32).astype(np.float64).tolist()


def nonnegative(fmt: Format) -> list[float]:
    """All values from +0 to +inf, in the order of their bit patterns, which is their own."""
    values = from_bits(fmt, np.arange(0x8000))
    return [x for x in values if not math.isnan(x)]


def same(a: float, b: float) -> bool:
    """Say whether two floats are the same, zeros by sign and NaN with NaN."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b and math.copysign(1, a) == math.copysign(1, b)


def reals() -> st.SearchStrategy[Fraction]:
    """Rational numbers over the range of every format, and beyond it."""
    return st.builds(
        lambda n, d, e: Fraction(n, d) * Fraction(2) ** e,
        st.integers(-(2**70), 2**70),
        st.integers(1, 2**20),
        st.integers(-1160, 1040),
    )


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_every_16_bit_value_is_contained_and_rounds_to_itself(fmt):
    for value in from_bits(fmt, np.arange(0x10000)):
        assert fmt.contains(value)
        if not math.isfinite(value):
            assert same(fmt.round(value), value)
        else:
            # A real zero has no sign, so -0.0 comes back as +0.0.
            assert same(fmt.round(Fraction(value)), value + 0.0)


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_the_count_of_finite_values_is_that_of_the_bit_patterns(fmt):
    assert len(nonnegative(fmt)) - 1 == fmt._finite_count
    assert nonnegative(fmt)[1] == fmt.smallest
    assert nonnegative(fmt)[-2] == fmt.largest


@pytest.mark.slow
@pytest.mark.parametrize(("fmt", "share"), WALKS, ids=str)
def test_next_up_and_next_down_walk_through_all_values(fmt, share):
    for below, above in [*pairwise(nonnegative(fmt))][::share]:
        assert same(fmt.next_up(below), above)
        assert same(fmt.next_down(-below), -above)
        assert same(fmt.next_up(-above), -below)
        assert same(fmt.next_down(above), below)


def test_the_order_of_bit_patterns_is_numpys_nextafter():
    """So the walk above is a walk along np.nextafter too."""
    values = np.array(nonnegative(BINARY16), dtype=np.float16)
    with np.errstate(all="ignore"):
        assert np.array_equal(np.nextafter(values[:-1], np.float16(INF)), values[1:])
        assert np.array_equal(np.nextafter(values[1:], np.float16(-INF)), values[:-1])
        assert np.array_equal(np.spacing(values[:-2]), np.diff(values)[:-1])


@pytest.mark.slow
@pytest.mark.parametrize(("fmt", "share"), WALKS, ids=str)
def test_neighbours_are_one_apart_everywhere(fmt, share):
    for below, above in [*pairwise(nonnegative(fmt))][::share]:
        assert fmt.distance(below, above) == fmt.distance(-above, -below) == 1


@pytest.mark.parametrize("fmt", SMALL, ids=str)
@given(data=st.data())
def test_distance_counts_bit_patterns_and_so_is_a_metric(fmt, data):
    values = nonnegative(fmt)
    places = st.integers(1 - len(values), len(values) - 1)
    i, j = data.draw(places), data.draw(places)
    one, other = (math.copysign(values[abs(k)], k) for k in (i, j))
    assert fmt.distance(one, other) == fmt.distance(other, one) == abs(i - j)


@pytest.mark.parametrize(("fmt", "share"), WALKS, ids=str)
def test_ulp_is_the_gap_above_every_finite_value(fmt, share):
    for below, above in [*pairwise(nonnegative(fmt)[:-1])][::share]:
        gap = Fraction(above) - Fraction(below)
        assert fmt.ulp(Fraction(below)) == fmt.ulp(-Fraction(below)) == gap
        # Inside the gap, too: ulp is a function of real numbers.
        assert fmt.ulp(Fraction(below) + gap / 3) == gap


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_every_midpoint_rounds_to_the_even_neighbour(fmt):
    finite = nonnegative(fmt)[:-1]
    nudge = fmt.smallest / 2**20
    for at, (below, above) in enumerate(pairwise(finite)):
        middle = (Fraction(below) + Fraction(above)) / 2
        even = below if at % 2 == 0 else above
        assert same(fmt.round(middle), even)
        assert same(fmt.round(-middle), -even)
        assert fmt.round(middle - nudge) == below
        assert fmt.round(middle + nudge) == above


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_the_overflow_threshold_is_largest_plus_half_an_ulp(fmt):
    threshold = fmt.largest + fmt.ulp(fmt.largest) / 2
    assert fmt.round(threshold) == INF
    assert fmt.round(-threshold) == -INF
    assert fmt.round(threshold - fmt.smallest) == fmt.largest
    assert fmt.round(fmt.smallest - threshold) == -fmt.largest
    assert fmt.round(Fraction(10) ** 20_000) == INF


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_the_underflow_threshold_is_half_the_smallest(fmt):
    half = fmt.smallest / 2
    assert same(fmt.round(half), 0.0)
    assert same(fmt.round(-half), -0.0)
    assert fmt.round(half * Fraction(1001, 1000)) == fmt.smallest
    assert fmt.round(3 * half) == 2 * fmt.smallest
    assert same(fmt.round(Fraction(-1, 10**20_000)), -0.0)
    assert same(fmt.round(Fraction(0)), 0.0)


@pytest.mark.parametrize(("fmt", "kind"), [(f, k) for f, k, _ in LARGE], ids=str)
def test_constants_are_those_of_numpy(fmt, kind):
    info = np.finfo(kind)
    assert fmt.largest == Fraction(float(info.max))
    assert fmt.smallest == Fraction(float(info.smallest_subnormal))
    assert fmt.unit_roundoff * 2 == Fraction(float(info.eps))
    assert Fraction(2) ** fmt.min_exponent == Fraction(float(info.tiny))


@pytest.mark.parametrize(("fmt", "kind", "bits"), LARGE, ids=str)
@given(data=st.data())
def test_neighbours_and_spacing_are_numpys(fmt, kind, bits, data):
    pattern = data.draw(st.integers(0, 2 ** (8 * np.dtype(kind).itemsize) - 1))
    value = np.array([pattern], dtype=bits).view(kind)[0]
    plain = float(value)
    with np.errstate(all="ignore"):
        assert same(fmt.next_up(plain) + 0.0, float(np.nextafter(value, kind(INF))) + 0.0)
        assert same(fmt.next_down(plain) + 0.0, float(np.nextafter(value, kind(-INF))) + 0.0)
        if math.isfinite(plain):
            assert fmt.ulp(Fraction(plain)) == abs(Fraction(float(np.spacing(value))))


@pytest.mark.parametrize(("fmt", "kind", "bits"), LARGE, ids=str)
@given(data=st.data())
def test_distance_is_the_difference_of_bit_patterns(fmt, kind, bits, data):
    largest = int(np.array([INF], dtype=kind).view(bits)[0])
    i, j = (data.draw(st.integers(-largest, largest)) for _ in range(2))
    one, other = (
        math.copysign(float(np.array([abs(k)], dtype=bits).view(kind)[0]), k) for k in (i, j)
    )
    assert fmt.distance(one, other) == abs(i - j)


@pytest.mark.parametrize(("fmt", "kind"), [(BINARY16, np.float16), (BINARY32, np.float32)], ids=str)
@given(value=st.floats(allow_nan=False))
def test_a_binary64_number_rounds_as_numpy_casts_it(fmt, kind, value):
    with np.errstate(all="ignore"):
        cast = float(kind(value))
    rounded = fmt.round(Fraction(value) if math.isfinite(value) else value)
    # Fraction(-0.0) is the real zero, which has no sign.
    assert same(rounded, cast if value != 0 else 0.0)


@given(digits=st.integers(-(10**25), 10**25), exponent=st.integers(-360, 330))
def test_a_decimal_rounds_to_binary64_as_the_c_library_reads_it(digits, exponent):
    read = float(f"{digits}e{exponent}")
    rounded = BINARY64.round(digits * Fraction(10) ** exponent)
    assert same(rounded, read + 0.0 if digits == 0 else read)


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@given(value=reals())
def test_no_neighbour_is_nearer_than_the_rounded_value(fmt, value):
    rounded = fmt.round(value)
    if math.isinf(rounded):
        assert abs(value) >= fmt.largest + fmt.ulp(fmt.largest) / 2
        return
    error = abs(Fraction(rounded) - value)
    for neighbour in (fmt.next_up(rounded), fmt.next_down(rounded)):
        if math.isinf(neighbour):
            continue
        other = abs(Fraction(neighbour) - value)
        assert error <= other
        if error == other:
            assert Fraction(rounded) / fmt.ulp(Fraction(rounded)) % 2 == 0


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@given(value=reals())
def test_an_odd_multiple_of_half_an_ulp_is_decided_to_even(fmt, value):
    unit = fmt.ulp(value)
    low = abs(value) // unit
    middle = (low + Fraction(1, 2)) * unit
    even = Fraction(low if low % 2 == 0 else low + 1) * unit
    if middle < fmt.largest:
        assert Fraction(fmt.round(middle)) == -Fraction(fmt.round(-middle)) == even


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@given(a=st.floats(width=16), b=st.floats(width=16))
def test_distance_is_never_nan(fmt, a, b):
    a, b = (x if fmt.contains(x) else 1.0 for x in (a, b))
    distance = fmt.distance(a, b)
    assert distance >= 0
    assert (distance == INF) == (math.isnan(a) != math.isnan(b))


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_both_zeros_are_one_point_and_both_nans_too(fmt):
    assert fmt.distance(0.0, -0.0) == 0
    assert fmt.distance(NAN, NAN) == 0
    assert fmt.distance(NAN, 1.0) == fmt.distance(-INF, NAN) == INF
    assert fmt.distance(float(fmt.largest), INF) == 1
    assert fmt.distance(float(-fmt.smallest), float(fmt.smallest)) == 2


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_the_specials_step_to_themselves_or_to_the_largest(fmt):
    assert same(fmt.next_up(NAN), NAN)
    assert same(fmt.next_down(NAN), NAN)
    assert fmt.next_up(INF) == INF
    assert fmt.next_down(-INF) == -INF
    assert fmt.next_up(-INF) == -fmt.largest
    assert fmt.next_down(INF) == fmt.largest
    for zero in (0.0, -0.0):
        assert fmt.next_up(zero) == fmt.smallest
        assert fmt.next_down(zero) == -fmt.smallest


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_ulp_of_the_specials(fmt):
    assert fmt.ulp(INF) == fmt.ulp(-INF) == fmt.ulp(fmt.largest)
    assert fmt.ulp(fmt.largest * 10) == fmt.ulp(fmt.largest)
    assert fmt.ulp(Fraction(0)) == fmt.smallest
    with pytest.raises(OutOfDomain, match="argument of ulp = nan, but should be a number"):
        fmt.ulp(NAN)


@pytest.mark.parametrize("fmt", [BINARY16, BFLOAT16, BINARY32], ids=str)
def test_a_float_of_a_wider_format_is_refused(fmt):
    assert not fmt.contains(0.1)
    with pytest.raises(OutOfDomain, match=f"0x1.999999999999ap-4, but should be a {fmt.name}"):
        fmt.exact(0.1)
    with pytest.raises(OutOfDomain, match="the float"):
        fmt.distance(1.0, 0.1)


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_a_format_is_found_by_each_of_its_names(fmt):
    assert get(fmt.name) is get(fmt.dtype) is get(fmt) is fmt
    if fmt is not BFLOAT16:
        assert get(np.dtype(fmt.dtype)) is get(np.dtype(fmt.dtype).type) is fmt


@pytest.mark.parametrize("name", ["float8", "", None, 32, np.int32, "Float32"])
def test_any_other_name_is_unknown(name):
    known = "known are float16, bfloat16, float32, float64(; did you mean float(16|32)\\?)?"
    with pytest.raises(UnknownName, match=f"^dtype .* is unknown; {known}$"):
        get(name)
