"""The carriers against each other: rationals are right, enclosures hold, floats are near."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref.numbers.ball import Ball
from adamref.numbers.carrier import Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.exact import INF, NAN
from adamref.numbers.multiprecision import Multiprecision
from adamref.numbers.rational import Rational

EXACT = Rational()
CARRIERS = (EXACT, Multiprecision(80), Enclosure(80), Ball(80))
KINDS = (Enclosure, Ball)
UNARY = ("negate", "magnitude", "root")
BINARY = ("add", "multiply", "divide", "larger")


def trees(leaves, unary=UNARY, binary=BINARY, powers=(-2, -1, 0, 1, 2, 3)):
    """Nested tuples (method, operands…) over leaves."""

    def extended(inner):
        options = [st.tuples(st.sampled_from(binary), inner, inner)]
        if unary:
            options.append(st.tuples(st.sampled_from(unary), inner))
        if powers:
            options.append(st.tuples(st.just("power"), inner, st.sampled_from(powers)))
        return st.one_of(options)

    return st.recursive(leaves, extended, max_leaves=12)


def carried(tree, carrier):
    """Carry a tree out in a carrier."""
    with carrier.working():
        if not isinstance(tree, tuple):
            return carrier.lift(tree)
        if tree[0] == "power":
            return carrier.power(carried(tree[1], carrier), Fraction(tree[2]))
        return getattr(carrier, tree[0])(*(carried(x, carrier) for x in tree[1:]))


def worked(carrier, method, *operands):
    """Do one operation at a carrier's precision."""
    with carrier.working():
        return getattr(carrier, method)(*operands)


def encloses(value) -> bool:
    """Say whether a value is an enclosure: an interval or a ball."""
    return not isinstance(value, float | Unknown)


def size(tree) -> int:
    """Count the nodes of a tree."""
    return 1 + sum(map(size, tree[1:])) if isinstance(tree, tuple) else 1


def same_special(a, b) -> bool:
    """Say whether two values are the same of inf, -inf, nan."""
    both = isinstance(a, float) and isinstance(b, float)
    return both and (a == b or (math.isnan(a) and math.isnan(b)))


RATIONALS = st.fractions(max_denominator=10**6).filter(lambda x: abs(x) < 10**9)
EXTENDED = RATIONALS | st.sampled_from([Fraction(0), Fraction(1), INF, -INF, NAN])
SURDS = [("root", Fraction(2)), ("root", Fraction(3, 7)), ("negate", ("root", Fraction(2)))]
POSITIVE = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=10**6)


@given(tree=trees(EXTENDED), bits=st.sampled_from([2, 10, 53, 200]), kind=st.sampled_from(KINDS))
def test_an_enclosure_holds_the_exact_result(tree, bits, kind):
    want, got = carried(tree, EXACT), carried(tree, kind(bits))
    if isinstance(got, Unknown):
        return
    if isinstance(want, float) or isinstance(got, float):
        assert same_special(want, got) or isinstance(want, Unknown)
        return
    low, high = kind.ends(got)
    assert low <= high
    if isinstance(want, Fraction):
        assert low <= want <= high


@given(tree=trees(EXTENDED | st.sampled_from(SURDS)))
def test_an_interval_and_a_ball_meet(tree):
    """Two libraries enclose the same number."""
    one, other = carried(tree, Enclosure(100)), carried(tree, Ball(100))
    if encloses(one) and encloses(other):
        (low, high), (least, most) = Enclosure.ends(one), Ball.ends(other)
        assert max(low, least) <= min(high, most)
    elif isinstance(one, float) and isinstance(other, float):
        assert same_special(one, other)
    else:
        assert isinstance(one, Unknown) or isinstance(other, Unknown)


@given(tree=trees(RATIONALS | st.sampled_from(SURDS)), kind=st.sampled_from(KINDS))
def test_the_sign_of_an_unknown_is_the_sign_of_its_enclosure(tree, kind):
    known, around = carried(tree, EXACT), carried(tree, kind(600))
    if not (isinstance(known, Unknown) and encloses(around)):
        return
    low, high = kind.ends(around)
    if known.sign == 1:
        assert high > 0
    elif known.sign == -1:
        assert low < 0
    elif known.sign == 0:
        assert low <= 0 <= high


@given(tree=trees(EXTENDED), bits=st.integers(1, 24))
def test_a_small_budget_gives_the_same_number_or_its_true_sign(tree, bits):
    small, large = carried(tree, Rational(bits)), carried(tree, Rational(1 << 20))
    if isinstance(small, Unknown):
        if small.sign is not None and not isinstance(large, Unknown):
            assert not isinstance(large, float)
            assert (large > 0) - (large < 0) == small.sign
    elif not isinstance(large, Unknown):
        assert small == large or same_special(small, large)


@given(tree=trees(EXTENDED, unary=("negate", "magnitude")))
def test_without_roots_and_with_a_large_budget_nothing_is_unknown(tree):
    assert isinstance(carried(tree, Rational(1 << 20)), Fraction | float)


@given(tree=trees(POSITIVE, unary=("root",), powers=()), bits=st.sampled_from([24, 53, 150]))
def test_a_multiprecision_result_is_within_half_an_ulp_an_operation(tree, bits):
    """Among positive numbers nothing cancels: each of n nodes brings one factor 1 ± 2^-bits."""
    value = Multiprecision.to_exact(carried(tree, Multiprecision(bits)))
    low, high = Enclosure.ends(carried(tree, Enclosure(4 * bits)))
    factor = (1 - Fraction(1, 2**bits)) ** size(tree)
    assert low * factor <= value <= high / factor


@given(tree=trees(EXTENDED, unary=("negate", "magnitude"), binary=("multiply", "divide")))
def test_where_nothing_cancels_all_carriers_meet_the_same_infinities(tree):
    want = carried(tree, Rational(1 << 20))
    for carrier in (Multiprecision(53), Enclosure(53), Ball(53)):
        got = carried(tree, carrier)
        assert isinstance(got, float) == isinstance(want, float)
        if isinstance(want, float):
            assert same_special(got, want)


TABLE = (0.0, 1.0, -2.0, 0.375, INF, -INF, NAN)
ORACLES = {"add": np.add, "multiply": np.multiply, "divide": np.divide, "larger": np.maximum}
SINGLE = {"negate": np.negative, "magnitude": np.abs, "root": np.sqrt}


def shown(carrier, value) -> float:
    """Round a carrier's value to a Python float."""
    if isinstance(value, float):
        return value
    if isinstance(carrier, KINDS):
        low, high = type(carrier).ends(value)
        assert high - low <= abs(high) * Fraction(1, 2**70)
        return float(high)
    return float(value if isinstance(value, Fraction) else Multiprecision.to_exact(value))


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("method", BINARY)
@pytest.mark.parametrize("a", TABLE)
@pytest.mark.parametrize("b", TABLE)
def test_two_operands_follow_ieee_754(carrier, method, a, b):
    left, right = (carrier.lift(Fraction(x) if math.isfinite(x) else x) for x in (a, b))
    with np.errstate(all="ignore"):
        want = float(ORACLES[method](a, b))
    got = shown(carrier, worked(carrier, method, left, right))
    assert got == want or (math.isnan(got) and math.isnan(want))


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("method", UNARY)
@pytest.mark.parametrize("a", [0.0, 1.0, -2.0, 0.25, INF, -INF, NAN])
def test_one_operand_follows_ieee_754(carrier, method, a):
    with np.errstate(all="ignore"):
        want = float(SINGLE[method](a))
    value = carrier.lift(Fraction(a) if math.isfinite(a) else a)
    got = shown(carrier, worked(carrier, method, value))
    assert got == want or (math.isnan(got) and math.isnan(want))


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("a", [0.0, 1.0, -2.0, 0.5, INF, -INF, NAN])
@pytest.mark.parametrize("exponent", [-3, -2, -1, 0, 1, 2, 3])
def test_whole_powers_follow_ieee_754(carrier, a, exponent):
    with np.errstate(all="ignore"):
        want = float(np.power(a, float(exponent)))
    value = carrier.lift(Fraction(a) if math.isfinite(a) else a)
    got = shown(carrier, worked(carrier, "power", value, Fraction(exponent)))
    assert got == want or (math.isnan(got) and math.isnan(want))


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: type(c).__name__)
def test_exponential_and_logarithm_at_their_ends(carrier):
    zero, one, below = (carrier.lift(Fraction(x)) for x in (0, 1, -1))
    assert shown(carrier, carrier.exponential(-INF)) == 0
    assert carrier.exponential(INF) == carrier.logarithm(INF) == INF
    assert carrier.logarithm(zero) == -INF
    assert shown(carrier, carrier.exponential(zero)) == 1
    for value in (below, -INF, NAN):
        assert math.isnan(carrier.logarithm(value))
    assert math.isnan(carrier.exponential(NAN))
    assert shown(carrier, carrier.add(carrier.logarithm(one), one)) == 1


@given(
    value=st.fractions(min_value=Fraction(1, 1000), max_value=50),
    bits=st.integers(10, 300),
    kind=st.sampled_from(KINDS),
)
def test_exponential_and_logarithm_hold_mpmaths_value_at_twice_the_precision(value, bits, kind):
    carrier = kind(bits)
    lifted = worked(carrier, "lift", value)
    with mpmath.workprec(2 * bits + 100):
        number = mpmath.mpf(value.numerator) / value.denominator
        for method, function in (("exponential", mpmath.exp), ("logarithm", mpmath.log)):
            low, high = kind.ends(worked(carrier, method, lifted))
            want = function(number)
            assert mpmath.mpf(low.numerator) / low.denominator <= want
            assert want <= mpmath.mpf(high.numerator) / high.denominator


RATES = st.fractions(min_value=0, max_value=1, max_denominator=10**4).filter(lambda x: x < 1)


@given(
    rate=RATES,
    t=st.integers(1, 300),
    bits=st.sampled_from([10, 53, 200]),
    kind=st.sampled_from(KINDS),
)
def test_one_minus_a_power_is_exact_enclosed_and_never_cancels(rate, t, bits, kind):
    want = 1 - rate**t
    exponent = Fraction(t)
    assert Rational(1 << 20).one_minus_power(rate, exponent) == want
    near = Multiprecision.to_exact(Multiprecision(bits).one_minus_power(rate, exponent))
    # Correctly rounded but for the power's error, which guard bits keep below another half ulp.
    assert abs(near - want) <= want * Fraction(1, 2 ** (bits - 1))
    low, high = kind.ends(worked(kind(bits), "one_minus_power", rate, exponent))
    assert low <= want <= high
    # An ulp (2^(1-bits)) at each end, and as much again for the power.
    assert high - low <= want * Fraction(1, 2 ** (bits - 3))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("t", [1, 2, 1000, 10**6])
def test_one_minus_a_power_just_below_one_keeps_every_digit(t, kind):
    """With d = 10^-300: t d - (t d)^2/2 <= 1 - (1 - d)^t <= t d (Bonferroni)."""
    bits, gap = 200, Fraction(1, 10**300)
    upper = t * gap
    lower = upper - upper**2 / 2
    low, high = kind.ends(worked(kind(bits), "one_minus_power", 1 - gap, Fraction(t)))
    assert low <= upper
    assert high >= lower
    assert high - low <= upper * Fraction(1, 2 ** (bits - 3))
    near = Multiprecision.to_exact(Multiprecision(bits).one_minus_power(1 - gap, Fraction(t)))
    ulp = Fraction(1, 2 ** (bits - 1))
    assert lower * (1 - ulp) <= near <= upper * (1 + ulp)


@given(rate=RATES, t=st.integers(1, 10**6), kind=st.sampled_from(KINDS))
def test_a_wide_and_a_narrow_enclosure_meet_at_large_t(rate, t, kind):
    narrow, wide = (
        kind.ends(worked(kind(bits), "one_minus_power", rate, Fraction(t))) for bits in (53, 212)
    )
    near = Multiprecision.to_exact(Multiprecision(212).one_minus_power(rate, Fraction(t)))
    assert narrow[0] <= wide[0] <= wide[1] <= narrow[1]
    assert narrow[0] <= near <= narrow[1]


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("t", [1, 7, 10**6])
def test_a_rate_of_zero_has_the_power_zero(carrier, t):
    minus = carrier.one_minus_power(Fraction(0), Fraction(t))
    if isinstance(minus, Unknown):  # the budget counts t bits
        assert minus.sign == 1
    else:
        assert shown(carrier, minus) == 1
        assert shown(carrier, carrier.exact_power(Fraction(0), Fraction(t))) == 0


@pytest.mark.parametrize("base", [0, 1, -1])
def test_a_power_of_zero_or_one_needs_no_budget(base):
    assert Rational(64).power(Fraction(base), Fraction(10**6)) == base**2


@given(
    base=st.fractions(min_value=Fraction(1, 100), max_value=Fraction(99, 100)),
    exponent=st.fractions(min_value=1, max_value=1000, max_denominator=1000),
    bits=st.sampled_from([20, 53, 150]),
    kind=st.sampled_from(KINDS),
)
def test_rational_exponents_hold_mpmaths_value(base, exponent, bits, kind):
    with mpmath.workprec(4 * bits + 200):
        number = mpmath.mpf(base.numerator) / base.denominator
        power = number ** (mpmath.mpf(exponent.numerator) / exponent.denominator)
        for method, want in (("exact_power", power), ("one_minus_power", 1 - power)):
            low, high = kind.ends(worked(kind(bits), method, base, exponent))
            assert mpmath.mpf(low.numerator) / low.denominator <= want
            assert want <= mpmath.mpf(high.numerator) / high.denominator
            assert high - low <= high * Fraction(1, 2 ** (bits - 4))
            near = Multiprecision.to_exact(getattr(Multiprecision(bits), method)(base, exponent))
            ulp = Fraction(1, 2 ** (bits - 1))
            assert low * (1 - ulp) <= near <= high * (1 + ulp)


def test_roots_that_cancel_leave_a_rational_number():
    """(2/3) sqrt(1/10) over sqrt(2/5) is 1/3; sqrt(8) - 2 sqrt(2) is 0; sqrt(5)^4 is 25."""
    root = EXACT.root
    scaled = EXACT.multiply(Fraction(2, 3), root(Fraction(1, 10)))
    assert EXACT.divide(scaled, root(Fraction(2, 5))) == Fraction(1, 3)
    twice = EXACT.multiply(Fraction(-2), root(Fraction(2)))
    assert EXACT.add(root(Fraction(8)), twice) == 0
    assert EXACT.add(root(Fraction(8)), EXACT.negate(twice)).square == 32
    assert EXACT.power(root(Fraction(5)), Fraction(4)) == 25
    assert EXACT.power(root(Fraction(5)), Fraction(3)) == Unknown(1)
    assert EXACT.add(root(Fraction(2)), root(Fraction(3))) == Unknown(1)
    assert EXACT.multiply(root(Fraction(2)), root(root(Fraction(2)))) == Unknown(1)


def test_rationals_take_the_roots_that_are_rational():
    assert EXACT.root(Fraction(9, 16)) == Fraction(3, 4)
    assert EXACT.root(Fraction(2)) == Unknown(1)
    assert EXACT.power(Fraction(9, 16), Fraction(-3, 2)) == Fraction(64, 27)
    assert EXACT.exact_power(Fraction(24, 25), Fraction(1, 250)) == Unknown(1)
    assert EXACT.multiply(Unknown(), Fraction(0)) == 0
    assert EXACT.divide(Unknown(), Fraction(0)) == Unknown()
    assert math.isnan(EXACT.add(Unknown(), NAN))


@pytest.mark.parametrize("carrier", [EXACT, Enclosure(53)], ids=lambda c: type(c).__name__)
def test_an_infinity_plus_any_finite_number_is_that_infinity(carrier):
    finite = carrier.between(Fraction(-1), Fraction(1)) if carrier is not EXACT else Unknown()
    assert carrier.add(INF, finite) == INF
    assert shown(carrier, carrier.divide(finite, -INF)) == 0
