"""Columns against balls: whatever is worked, each element lies within its error bound."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.numbers import double_double as dd
from adamref.numbers.ball import Ball
from adamref.numbers.column import Column, OutOfRange
from adamref.numbers.columns import Columns
from adamref.numbers.formats import BINARY32
from adamref.numbers.grids import Grids, grid_of
from adamref.numbers.lanes import Lane, Tape
from adamref.numbers.replay import TapeReplay
from adamref.numbers.scalar import ONE, Scalar

COUNT = 3
NUMBERS = st.floats(-1e6, 1e6, width=32).map(lambda x: x if abs(x) > 1e-6 else 0.0)
COLUMNS = st.lists(NUMBERS, min_size=COUNT, max_size=COUNT).map(tuple)
SHARED = st.fractions(-100, 100, max_denominator=1000)


def trees(leaves):
    def extended(inner):
        return st.one_of(
            st.tuples(st.sampled_from(["add", "multiply", "divide", "larger"]), inner, inner),
            st.tuples(st.sampled_from(["negate", "magnitude", "square", "signum"]), inner),
            st.tuples(st.just("root of the square"), inner),
            st.tuples(st.just("square and more"), inner, inner),
        )

    return st.recursive(leaves, extended, max_leaves=8)


def column(values, tape):
    array = np.array(values)
    sizes = np.abs(array[array != 0])
    least, most = (np.log2(sizes.min()) - 1, np.log2(sizes.max()) + 1) if sizes.size else (0.0, 0.0)
    nonnegative = bool((array >= 0).all())
    return Column(tape.input(), nonnegative=nonnegative, least=float(least), most=float(most))


def evaluated(tree, *, pairs, normal=False):
    """Return a tree's result and its bound as arrays: high, low, off, and whether it is >= 0."""
    carrier, tape, given = Columns(pairs=pairs), Tape(), []

    def leaf(x):
        if not isinstance(x, tuple):
            return carrier.lift(x)
        given.append(np.array(x))
        return column(x, tape)

    got = carrier.result(worked(tree, carrier, leaf))
    if normal and isinstance(got.high, Lane) and got.low is not None:
        got = got.normalised()
    low = 0.0 if got.low is None else got.low
    outputs = (got.high, low, got.bound())
    if not given:
        given.append(np.zeros(COUNT))
        tape.input()
    return *TapeReplay(tape, outputs, COUNT).run(given), got.nonnegative


def worked(tree, carrier, leaf):
    """Work a tree in an arithmetic that has the methods of a carrier."""
    if not (isinstance(tree, tuple) and isinstance(tree[0], str)):
        return leaf(tree)
    name, *inner = tree
    values = [worked(x, carrier, leaf) for x in inner]
    if name == "square":
        return carrier.power(values[0], Fraction(2))
    if name == "root of the square":
        return carrier.root(carrier.power(values[0], Fraction(2)))
    if name == "square and more":
        one, other = (carrier.power(x, Fraction(2)) for x in values)
        return carrier.root(carrier.add(one, other))
    return getattr(carrier, name)(*values)


@given(tree=trees(COLUMNS | SHARED), pairs=st.booleans(), normal=st.booleans())
def test_every_element_lies_within_its_bound(tree, pairs, normal):
    try:
        highs, lows, bound, nonnegative = evaluated(tree, pairs=pairs, normal=normal)
    except (OutOfRange, ZeroDivisionError):
        return
    ball = Ball(600)
    with ball.working():
        for i in range(COUNT):
            exact = worked(
                tree,
                ball,
                lambda x, i=i: ball.lift(Fraction(x[i]) if isinstance(x, tuple) else x),
            )
            high, low = float(highs[i]), float(lows[i])
            if not np.isfinite([high, low, bound[i]]).all():
                continue
            if isinstance(exact, float) or ball.sign(exact) is None:
                continue
            least, most = ball.ends(exact)
            value = Fraction(high) + Fraction(low)
            off = Fraction(float(bound[i]))
            assert least - off <= value <= most + off
            if nonnegative:
                assert high >= 0


@given(tree=trees(COLUMNS | SHARED))
def test_pairs_know_far_more_than_float64(tree):
    bounds = []
    for pairs in (False, True):
        try:
            bounds.append(evaluated(tree, pairs=pairs)[2])
        except (OutOfRange, ZeroDivisionError):
            return
    both = np.isfinite(bounds[0]) & np.isfinite(bounds[1]) & (bounds[0] > 0)
    assert (bounds[1][both] <= bounds[0][both] * 2.0**-40).all()


FLOATS = st.floats(-1e100, 1e100).filter(lambda x: x == 0 or abs(x) > 1e-100)


@given(a=FLOATS, b=FLOATS)
def test_the_building_blocks_are_exact(a, b):
    one, other = np.array([a]), np.array([b])
    for total, error, want in (
        (*dd.two_sum(one, other), Fraction(a) + Fraction(b)),
        (*dd.two_product(one, other), Fraction(a) * Fraction(b)),
        (*dd.two_square(one), Fraction(a) ** 2),
    ):
        assert Fraction(float(total[0])) + Fraction(float(error[0])) == want
    high, low = dd.split(one)
    assert high[0] + low[0] == a
    for part in (high, low):
        digits = Fraction(float(part[0])).numerator
        assert (digits // (digits & -digits or 1)).bit_length() <= 26


@given(a=st.fractions(Fraction(1, 10**6), 10**6), b=st.fractions(Fraction(1, 10**6), 10**6))
def test_scalars_hold_what_they_stand_for(a, b):
    one, other = Scalar(a), Scalar(b)
    assert (one + other).value == a + b
    assert (one * other).value == a * b
    assert (one / other).value == a / b
    assert (-one).sign == -1
    root = one.root()
    off = root.value * Fraction(root.error)
    assert (root.value - off) ** 2 <= a <= (root.value + off) ** 2
    grown = ONE
    for _ in range(12):
        grown = (grown * one / other).root() * other
    assert grown.value.numerator.bit_length() < 8000


def test_grids_tell_of_what_a_moment_is_a_multiple():
    """0.9 m + 0.1 g of float32 numbers near 1 is a multiple of 2^-24 / 5."""
    grids, tape = Grids(), Tape()
    m, g = (grid_of(tape.input(), BINARY32) for _ in range(2))
    first = grids.multiply(grids.lift(Fraction(9, 10)), m)
    grid = grids.add(first, grids.multiply(grids.lift(Fraction(1, 10)), g))
    assert grid.denominator == 5
    square = grids.power(g, Fraction(2))
    outputs = (grid.unit, grid.apart(), grid.apart(2.0**-30), square.unit)
    found = [
        x.tolist() for x in TapeReplay(tape, outputs, 2).run(np.array([[1.5, 0], [0.75, 0.1]]))
    ]
    assert found[0] == [2.0**-25, 2.0**-28]
    assert 0 < found[1][0] < 2.0**-25 / 5
    assert 0 < found[2][0] < 2.0**-30 / 5
    assert found[3][0] == 2.0**-48
    assert grids.root(g) is grids.divide(g, m) is None
    assert grids.lift(Fraction(0)).unit == np.inf


def test_what_might_underflow_is_refused():
    tiny = Column(Tape().input(), least=-300, most=-300)
    carrier = Columns(pairs=True)
    with pytest.raises(OutOfRange):
        carrier.multiply(tiny, tiny)
    with pytest.raises(OutOfRange):
        carrier.result(carrier.multiply(tiny, Scalar(Fraction(1, 2**400))))
