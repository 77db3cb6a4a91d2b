"""Tapes: what is written down is what is done, in whatever buffers, whatever the block."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref.numbers.arrays import nearest
from adamref.numbers.compiled import Compiled, can_compile, extent
from adamref.numbers.formats import BINARY16, BINARY32, BINARY64, FORMATS
from adamref.numbers.lanes import Tape, larger, magnitude, smaller, two_product, two_square, two_sum
from adamref.numbers.replay import TapeReplay

BINARY = {
    "add": (lambda a, b: a + b),
    "subtract": (lambda a, b: a - b),
    "multiply": (lambda a, b: a * b),
    "divide": (lambda a, b: a / b),
    "larger": larger,
}
ON_ARRAYS = BINARY | {"larger": np.maximum}
NUMBERS = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, -0.0, 1.0]))
COUNT = 7


@st.composite
def programs(draw):
    """Draw instructions over numbered values, of which the first two are given."""
    made = 2
    program = []
    for _ in range(draw(st.integers(1, 25))):
        name = draw(st.sampled_from([*BINARY, "negate", "magnitude", "sum", "product", "square"]))
        one, other = (draw(st.integers(0, made - 1)) for _ in range(2))
        shared = draw(st.one_of(st.none(), NUMBERS))
        program.append((name, one, other, shared))
        made += 2 if name in ("sum", "product", "square") else 1
    outputs = draw(st.lists(st.integers(0, made - 1), min_size=1, max_size=4))
    return program, outputs


def carried_out(program, values, binary, exactly, size):
    for name, one, other, shared in program:
        a, b = values[one], values[other] if shared is None else shared
        if name in BINARY:
            values.append(binary[name](a, b))
        elif name in exactly:
            values.extend(exactly[name](a) if name == "square" else exactly[name](a, b))
        else:
            values.append(-a if name == "negate" else size(a))
    return values


def dekker(a, b):
    """The formulas of two_product, typed again."""
    split = [(x * 134217729.0 - (x * 134217729.0 - x)) for x in (a, b)]
    (a1, b1), (a2, b2) = split, (a - split[0], b - split[1])
    return a * b, a1 * b1 - a * b + a1 * b2 + a2 * b1 + a2 * b2


def knuth(a, b):
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def lanes_of(program, *, whole=False):
    tape = Tape(whole=whole)
    return tape, carried_out(
        program,
        [tape.input(), tape.input()],
        BINARY,
        {"sum": two_sum, "product": two_product, "square": two_square},
        magnitude,
    )


@pytest.mark.slow
@given(drawn=programs(), seed=st.integers(0, 2**20))
def test_buffers_that_are_used_again_change_nothing(drawn, seed):
    program, outputs = drawn
    given_ = np.random.default_rng(seed).standard_normal((2, COUNT))
    tape, lanes = lanes_of(program)
    replay = TapeReplay(tape, [lanes[i] for i in outputs], COUNT)
    with np.errstate(all="ignore"):
        want = carried_out(
            program,
            list(given_),
            ON_ARRAYS,
            {"sum": knuth, "product": dekker, "square": lambda a: dekker(a, a)},
            np.abs,
        )
    for count in (COUNT, 3, COUNT, 1):
        found = replay.run([x[:count] for x in given_])
        for i, got in zip(outputs, found, strict=True):
            assert got.shape == (count,)
            assert np.array_equal(got, want[i][:count], equal_nan=True)


COMPILES = pytest.mark.skipif(
    not can_compile((BINARY32, BINARY64)), reason="numba, or a fused multiply-add, is not there"
)


@pytest.mark.slow
@COMPILES
@given(drawn=programs(), seed=st.integers(0, 2**20), dtype=st.sampled_from(["f4", "f8"]))
@settings(max_examples=25)
def test_what_is_compiled_has_the_same_bits(drawn, seed, dtype):
    program, outputs = drawn
    given_ = np.random.default_rng(seed).standard_normal((2, 19)).astype(dtype)
    found = []
    for work, whole in ((TapeReplay, False), (Compiled, True)):
        tape, lanes = lanes_of(program, whole=whole)
        wanted = [lanes[i] for i in outputs]
        first = wanted[0]
        wanted += [
            first.rounded(BINARY32),
            first.rounded(BINARY32).same(lanes[0].rounded(BINARY32)),
        ]
        wanted += [first.binade(), first.unless_zero(lanes[1]), first.choose(lanes[0], 0.5)]
        wanted += [first.with_sign_of(lanes[1]), smaller(first, lanes[1])]
        found.append([x.copy() for x in work(tape, wanted, 32).run(list(given_))])
    for one, other in zip(*found, strict=True):
        assert one.dtype == other.dtype
        # Which nan it is may differ, and which of two zeros is the larger.
        assert np.array_equal(one, other, equal_nan=True)


@COMPILES
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=40))
def test_the_extent_of_numbers(numbers):
    sizes = [abs(x) for x in numbers if x != 0]
    found = extent(np.array(numbers))
    if math.inf in sizes:
        assert found is None
    elif not sizes:
        assert found == (0, 0)
    else:
        least, most = found
        assert math.ldexp(1.0, least) <= min(sizes)
        assert max(sizes) < Fraction(2) ** most
        assert Fraction(2) ** (most - 1) <= max(sizes) or max(sizes) < 2.0**-1022
    assert extent(np.array([1.0, math.nan])) is None


@pytest.mark.parametrize("work", [TapeReplay, pytest.param(Compiled, marks=COMPILES)])
def test_outputs_go_where_they_are_wanted(work):
    tape = Tape(whole=work is Compiled)
    x = tape.input()
    outputs = x * 2.0, x.rounded(BINARY32), x + 1.0
    into = {0: np.zeros(3), 1: np.zeros(3, np.float32), 2: np.zeros(3, np.float16)}
    made = work(tape, outputs, 8).run([np.array([0.1, 0.2, 0.5])], into)
    assert all(made[i] is array for i, array in into.items())
    assert into[0].tolist() == [0.2, 0.4, 1.0]
    assert into[1].tolist() == np.float32([0.1, 0.2, 0.5]).tolist()
    assert into[2].tolist() == np.float16([1.1, 1.2, 1.5]).tolist()


def test_the_same_operation_is_written_down_once():
    tape = Tape()
    x = tape.input()
    assert (x + 1.0) is (x + 1.0)
    assert two_product(x, 3.0)[1] is two_product(x, 3.0)[1]
    assert (x + 0.0) is not (x + -0.0)
    y = x + x
    # Lane 0 and the number 0.0 are not the same, nor lane 1 and the number 1.0.
    assert (x * x) is not (x * 0.0)
    assert (x * (x + 1.0)) is not (x * 1.0)
    assert (x.choose(y, 1.0)) is not (x.choose(y, y))
    before = len(tape.instructions)
    assert (x + x) is y
    assert len(tape.instructions) == before


def test_what_no_output_needs_is_not_done():
    tape = Tape()
    x = tape.input()
    needed = x * 2.0
    assert (x / 3.0).at != needed.at
    assert [i.name for i in tape.needed([needed])] == ["multiply"]


@pytest.mark.parametrize("fmt", FORMATS)
def test_rounding_and_sameness(fmt):
    values = np.array([1.0, 1 / 3, -0.0, 0.0, 1e-30, -1e300, np.nan])
    tape = Tape()
    x = tape.input()
    near = x.rounded(fmt)
    got, same = TapeReplay(tape, (near, near.same((x + 0.0).rounded(fmt))), len(values)).run(
        [values]
    )
    with np.errstate(over="ignore"):
        assert np.array_equal(got, nearest(values, fmt), equal_nan=True)
    kinds = {BINARY16: np.float16, BINARY32: np.float32, BINARY64: np.float64}
    assert got.dtype == kinds.get(fmt, np.float64)
    # -0 + 0 is +0: the same number, but not the same.
    assert same.tolist() == [True, True, False, True, True, True, False]


def test_binades_are_powers_of_two():
    tape = Tape()
    x = tape.input()
    given_ = np.array([1.0, 1.5, -3.9, 2.0**-1022, 2.0**-1030, 0.0, -0.0, 1e300])
    (got,) = TapeReplay(tape, (x.binade(),), len(given_)).run([given_])
    want = [1.0, 1.0, 2.0, 2.0**-1022, 0.0, np.inf, np.inf, 2.0**996]
    assert got.tolist() == want


def test_a_choice_goes_by_the_sign_and_only_zero_is_replaced():
    tape = Tape()
    x, y = tape.input(), tape.input()
    chosen, kept = x.choose(y, -1.0), x.unless_zero(y)
    given_ = [np.array([1.0, -2.0, 0.0, -0.0, np.nan]), np.array([5.0, 6.0, 7.0, -0.0, 9.0])]
    first, second = TapeReplay(tape, (chosen, kept), 5).run(given_)
    assert first.tolist() == [5.0, -1.0, 7.0, -0.0, -1.0]
    assert second.tolist()[:3] == [1.0, -2.0, 7.0]
    assert np.signbit(second[3])


def test_a_number_for_all_elements_can_be_an_output():
    tape = Tape()
    tape.input()
    (got,) = TapeReplay(tape, (0.5,), 4).run([np.zeros(3)])
    assert got.tolist() == [0.5, 0.5, 0.5]
