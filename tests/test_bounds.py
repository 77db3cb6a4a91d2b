"""Bounds against rounding as it happens: none is exceeded, and none is far too large."""

from __future__ import annotations

import dataclasses
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from adamref import bounds
from adamref.bounds import Arithmetic, exactly, generated
from adamref.bounds.operations import variables
from adamref.bounds.orders import ORDERS
from adamref.errors import MissingInput, OutOfDomain, UnknownName
from adamref.logic.check import algebra
from adamref.logic.statement import Statement
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, get
from adamref.proofs.rounding_of_operations import LEMMAS, ROUNDING
from adamref.theorems import bounds_writer, simulated
from adamref.theorems.operations import held as held_for
from adamref.theorems.rounded import Rounded

FORMATS = (BINARY16, BFLOAT16, BINARY32, BINARY64)
EVERY = [(field, name) for field, orders in ORDERS.items() for name in orders]
COEFFICIENTS = ("b", "w", "power", "c", "s", "keep")
POSITIVE = (*COEFFICIENTS, "v_hat", "v", "eps", "eps_root", "alpha", "denominator")


def test_the_generated_file_is_what_the_theorems_say():
    assert bounds_writer.TARGET.read_text("utf-8") == bounds_writer.text()
    assert bounds_writer.checksum() == bounds.CHECKSUM


def drawn(rng, part, fmt, kind):
    """Draw a number of a format: any digits, few digits, next to a power of two, or subnormal."""
    digits = {
        "random": lambda: rng.randrange(2 ** (fmt.precision - 1), 2**fmt.precision),
        "few digits": lambda: rng.choice([1, 3, 5]) << (fmt.precision - 3),
        "near a power": lambda: 2 ** (fmt.precision - 1) + rng.choice([-1, 0, 1, 2]),
        "subnormal": lambda: rng.randrange(2 ** (fmt.precision - 1), 2**fmt.precision),
    }[kind]()
    least = fmt.min_exponent if kind == "subnormal" else max(fmt.min_exponent // 2, -6)
    if part.name in COEFFICIENTS:
        exponent = rng.choice([-1, -1, -2, -4])
    elif kind == "subnormal":
        exponent = rng.choice([least - fmt.precision // 2, least // 2, least, 0])
    else:
        exponent = rng.randrange(least, 4)
    value = Fraction(fmt.round(Fraction(digits) * Fraction(2) ** (exponent - fmt.precision + 1)))
    unsigned = part.nonnegative or part.name in POSITIVE
    return value if unsigned or rng.random() < 0.5 else -value


def points(field, name, fmt, count, seed=0):
    """Draw operands, with what was computed for them, and carry the order out."""
    rng = random.Random(f"{field} {name} {fmt} {seed}")
    order, found = ORDERS[field][name], []
    kinds = ("random", "random", "few digits", "near a power", "subnormal")
    while len(found) < count:
        kind = rng.choice(kinds)
        held, exact, errors = {}, {}, {}
        for part in variables(order):
            value = drawn(rng, part, fmt, kind)
            error = (
                abs(value) * fmt.unit_roundoff * rng.choice([0, 0, 1, 3]) if part.computed else 0
            )
            if (field, name) == ("correction", "exact"):
                value += value * fmt.unit_roundoff * Fraction(rng.randrange(100), 70)
            held[str(held_for(part))], errors[part.name] = value, error
            exact[part.name] = value + error * rng.choice([-1, 1])
        try:
            result = simulated.worked(order, held, fmt)[order]
            found.append((exact, errors, result, simulated.real(order, exact)[order]))
        except simulated.Overflows:
            continue
    return found


def bounded(values, errors):
    """Return an operand with its exact values as fractions, in float64 with a slack."""
    floats = np.array([float(x) for x in values])
    slack = [abs(Fraction(f) - x) for f, x in zip(floats, values, strict=True)]
    up = np.vectorize(lambda x: math.nextafter(float(x), math.inf) if x else 0.0, otypes=[float])
    return bounds.Bounded(floats, up(slack), up(errors))


def ratios(field, name, fmt, count, **ulps):
    """Return the errors of computations, as fractions of their bounds."""
    found = points(field, name, fmt, count)
    given = {
        n: bounded([exact[n] for exact, *_ in found], [errors[n] for _, errors, *_ in found])
        for n in (part.name for part in variables(ORDERS[field][name]))
    }
    limit = bounds.worked(field, name, fmt=fmt, **ulps, **given)
    worst = 0.0
    for (_, _, result, right), error, value, slack in zip(
        found, limit.error, limit.value, limit.slack, strict=True
    ):
        # Roots are right to 300 bits only.
        assert abs(Fraction(value) - right) <= Fraction(slack) * (1 + Fraction(1, 2**200))
        if math.isinf(error):
            continue
        off = abs(result - right)
        assert off <= Fraction(error) * (1 + Fraction(1, 2**200)), (field, name, fmt, result, right)
        worst = max(worst, float(off / Fraction(error)) if error else 0.0)
    return worst


@pytest.mark.slow
@pytest.mark.parametrize(("field", "name"), EVERY)
def test_no_computation_exceeds_its_bound(field, name):
    worst = [ratios(field, name, fmt, 80) for fmt in (*FORMATS, *simulated.TOYS)]
    assert max(worst) > 0.3, "a bound three times too large says little"


@pytest.mark.slow
def test_every_order_has_a_derivation():
    """Orders without a record of their own rest on the same steps: the algebra checks them too."""
    recorded = {theorem.id for theorem in bounds_writer.theorems()}
    without = [e for e in EVERY if f"rounding-{'-'.join(e)}".replace("_", "-") not in recorded]
    assert len(EVERY) - len(without) > 30
    for field, name in without:
        worked = Rounded(ORDERS[field][name])
        steps = worked.derivation(LEMMAS)
        assert steps, (field, name)
        statement = Statement(steps[-1].claim, worked.domain)
        outcome = algebra(replaced(ROUNDING, statement, steps))
        assert outcome.refusal is None, (field, name, outcome.refusal)


def replaced(theorem, statement, steps):
    return dataclasses.replace(
        theorem, id="derived", statement=statement, proof=lambda _: steps, near_misses=()
    )


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(("field", "name"), [e for e in EVERY if e[0] in ("m", "v")])
def test_coefficients_that_differ_from_the_rules_enter_on_their_own(field, name, fmt):
    rng = random.Random(f"{field} {name}")
    beta = Fraction(rng.choice(["0.9", "0.999", "0.37"]))
    b, w = (Fraction(fmt.round(x)) for x in (beta, 1 - beta))
    order, worst = ORDERS[field][name], 0.0
    for exact_values, _, _, _ in points(field, name, fmt, 40, seed=1):
        held = {**exact_values, "b": b, "w": w}
        try:
            result = simulated.worked(order, held, fmt)[order]
        except simulated.Overflows:
            continue
        state, g = held[field], held["g"]
        right = beta * state + (1 - beta) * (g if field == "m" else g * g)
        given = {"b": b, "w": w, "beta": beta, "fmt": fmt}
        limit = bounds.moment(field, name, float(state), float(g), **given)
        if math.isinf(limit.error):
            continue
        assert abs(result - right) <= Fraction(float(limit.error))
        assert abs(Fraction(float(limit.value)) - right) <= Fraction(float(limit.slack))
        worst = max(worst, float(abs(result - right) / Fraction(float(limit.error))))
    assert worst > 0.2


@pytest.mark.parametrize("name", ["beta", "lerp", "lerp-fma", "back"])
@pytest.mark.parametrize("fmt", [BFLOAT16, BINARY16, BINARY32])
def test_errors_of_a_trajectory_stay_within_the_accumulated_bound(name, fmt):
    rng, beta = random.Random(f"{name} {fmt}"), Fraction("0.9")
    b, w = (Fraction(fmt.round(x)) for x in (beta, 1 - beta))
    held, right, limit = Fraction(0), Fraction(0), bounds.exactly(0.0)
    for t in range(1, 60):
        g = Fraction(fmt.round(Fraction(rng.gauss(0, 1)) * 2 ** rng.choice([0, 0, -8])))
        order = ORDERS["m"][name]
        held = simulated.worked(order, {"m": held, "g": g, "b": b, "w": w}, fmt)[order]
        right = beta * right + (1 - beta) * g
        limit = bounds.moment("m", name, limit, float(g), fmt=fmt, b=b, w=w, beta=beta)
        assert abs(held - right) <= Fraction(float(limit.error)), t
        assert abs(Fraction(float(limit.value)) - right) <= Fraction(float(limit.slack)), t
    assert limit.error < 8 * fmt.unit_roundoff * 10


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("rate", ["0.9", "0.999", "0.5", "0"])
@pytest.mark.parametrize("name", ["exact", "power", "running-product"])
def test_corrections_stay_within_their_bound(name, rate, fmt):
    beta = Fraction(rate)
    b, kept = Fraction(fmt.round(beta)), Fraction(1)
    for t in range(1, 40):
        kept = simulated.rounded(fmt, kept * b)
        right = 1 - beta**t
        power = {"exact": b**t, "power": Fraction(fmt.round(b**t)), "running-product": kept}[name]
        worked = fmt.round(1 - power)
        limit = bounds.correction(name, b, t, fmt=fmt, beta=beta)
        assert abs(Fraction(worked) - right) <= Fraction(float(limit.error)), t
        assert abs(Fraction(float(limit.value)) - right) <= Fraction(float(limit.slack)), t


def test_a_power_is_right_but_for_its_slack():
    for rate in ("0.9", "0.999", "0.99999999", "0.125"):
        for t in (1, 2, 3, 100, 1000):
            found = bounds.power(Fraction(rate), t)
            assert abs(Fraction(float(found.value)) - Fraction(rate) ** t) <= float(found.slack)


def test_approximate_roots_and_quotients_have_bounds_of_their_own():
    """Hardware that is 2 ulps off is inside the bound for 2 ulps, and outside that of IEEE."""
    for fmt in (BINARY32, BFLOAT16):
        x = np.float64(1)
        off = 2 * float(fmt.ulp(1))
        wide = bounds.worked("correction_root", "root", fmt=fmt, sqrt_ulp=2, c=x)
        tight = bounds.worked("correction_root", "root", fmt=fmt, c=x)
        assert tight.error < off <= wide.error <= 1.01 * off
        wide = bounds.worked("m_hat", "divided", fmt=fmt, div_ulp=2, m=x, c=x)
        tight = bounds.worked("m_hat", "divided", fmt=fmt, m=x, c=x)
        assert tight.error < off <= wide.error <= 1.01 * off


def test_where_a_bound_is_not_known_it_is_infinite():
    big = float(BINARY32.largest)
    for g in (math.nan, math.inf, -math.inf, big):
        assert bounds.v_bound("beta", 1.0, g, b=0.5, w=0.5, fmt=BINARY32) == math.inf
    unsure = bounds.within(1.0, 2.0)
    assert bounds.worked("m_hat", "divided", fmt=BINARY32, m=1.0, c=unsure).error == math.inf


def test_nothing_is_lost_where_everything_is_zero():
    for name in ORDERS["m"]:
        assert bounds.m_bound(name, 0.0, 0.0, b=0.9, w=0.1, fmt=BINARY32) == 0
    for name in ORDERS["v"]:
        assert bounds.v_bound(name, 0.0, 0.0, b=0.9, w=0.1, fmt=BINARY16) == 0


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_arrays_of_any_shape_and_type_are_taken(shape):
    for dtype in (np.float16, np.float32, np.float64):
        m, g = np.ones(shape, dtype), np.full(shape, 0.5, dtype)
        limit = bounds.m_bound("lerp", m, g, w=0.1, fmt=get(dtype))
        assert limit.shape == shape
        assert limit.dtype == np.float64


def test_what_is_missing_or_unknown_is_named():
    with pytest.raises(MissingInput, match="w is missing"):
        bounds.m_bound("lerp", 1.0, 1.0, b=0.9, fmt=BINARY32)
    with pytest.raises(MissingInput, match="eps is missing"):
        bounds.worked("denominator", "paper", fmt=BINARY32, v_hat=1.0)
    with pytest.raises(UnknownName, match="order of m"):
        bounds.order("m", "gamma")
    with pytest.raises(UnknownName, match="field"):
        bounds.order("q", "beta")
    with pytest.raises(OutOfDomain, match="sqrt_ulp"):
        bounds.Arithmetic(BINARY32, sqrt_ulp=0.1)
    with pytest.raises(OutOfDomain, match="t = 0"):
        bounds.power(0.9, 0)
    with pytest.raises(OutOfDomain, match="beta"):
        bounds.power(0.9, 1, beta=1.5)


def test_the_beta_bound_does_not_hold_for_lerp():
    """The near-miss of theorem rounding-m-lerp, in NumPy's own float32."""
    for beta, least, m, g in (
        (0.9, 1.3, "0x1.eb9c04p-3", "0x1.400fe4p+10"),
        (0.01, 98, "0x1.02961ap+0", "-0x1.00064p-24"),
    ):
        w = np.float32(1 - beta)
        state, gradient = np.float32(float.fromhex(m)), np.float32(float.fromhex(g))
        worked = state + w * (gradient - state)
        right = (1 - Fraction(float(w))) * Fraction(float(state))
        right += Fraction(float(w)) * Fraction(float(gradient))
        off = float(abs(Fraction(float(worked)) - right))
        rates = {"b": 1 - Fraction(float(w)), "w": float(w), "fmt": BINARY32}
        assert off > least * bounds.m_bound("beta", state, gradient, **rates)
        assert off <= bounds.m_bound("lerp", state, gradient, **rates)


def test_the_running_product_is_the_theorems():
    """The float evaluation is at least the theorem's bound, and hardly more."""
    for fmt in FORMATS:
        unit, tiny = fmt.unit_roundoff, fmt.smallest / 2
        for rate in (Fraction(9, 10), Fraction(1, 3), Fraction(0)):
            for t in (1, 2, 5, 30):
                sums = sum(((rate * (1 + unit)) ** (t - i) for i in range(1, t + 1)), Fraction(0))
                wanted = ((1 + unit) ** t - 1) * rate**t + tiny * sums
                got = Fraction(float(bounds.running_product(rate, t, fmt).error))
                assert wanted <= got
                assert got <= wanted * (1 + Fraction(1, 10**6)) + tiny * 3 * t


def test_no_bound_of_a_running_product_is_an_infinite_one():
    for rate in (Fraction(1, 2), Fraction(99, 100), 1.0):
        assert bounds.running_product(rate, 2**24, BFLOAT16).error == np.inf


def test_the_closed_forms_are_what_the_operations_come_to():
    """The theorem's bound of the beta form is a little above what its derivation gives."""
    rng = np.random.default_rng(4)
    state, g = rng.standard_normal(50), rng.standard_normal(50)
    unit, tiny = 2.0**-24, 2.0**-150
    limit = generated.of_m_in_beta_form(np.abs(0.875 * state), np.abs(0.125 * g), unit, tiny)
    derived = bounds.m_bound("beta", state, g, b=0.875, w=0.125, fmt=BINARY32)
    assert np.all(derived <= limit)
    assert np.all(limit <= 2 * derived)
    v = np.abs(state)
    limit = generated.of_v_in_beta_form(0.875 * v, 0.125 * g * g, unit, tiny, 0.125)
    derived = bounds.v_bound("beta", v, g, b=0.875, w=0.125, fmt=BINARY32)
    assert np.all(derived <= limit)
    assert np.all(limit <= 1.01 * derived)


def native(values, fmt):
    """Round an array of float64 to a format that NumPy may not have."""
    if fmt is BFLOAT16:
        bits = np.asarray(values, np.float32).view(np.uint32)
        even = ((bits >> 16) & 1) + 0x7FFF
        return ((bits + even) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(np.float64)
    return np.asarray(values).astype(fmt.dtype).astype(np.float64)


@pytest.mark.long
@pytest.mark.parametrize("name", ["beta", "lerp", "back"])
@pytest.mark.parametrize("fmt", [BFLOAT16, BINARY16, BINARY32])
def test_a_million_updates_stay_within_their_bound(name, fmt):
    rng = np.random.default_rng(16)
    n = 10**6
    for beta in (0.9, 0.999, 0.01):
        b, w = float(native(beta, fmt)), float(native(1 - beta, fmt))
        m = native(rng.standard_normal(n) * 2.0 ** rng.integers(-12, 4, n), fmt)
        g = native(rng.standard_normal(n) * 2.0 ** rng.integers(-12, 4, n), fmt)
        change = native(g - m, fmt)
        one, other = {
            "beta": (native(b * m, fmt), native(w * g, fmt)),
            "lerp": (m, native(w * change, fmt)),
            "back": (g, -native(change * b, fmt)),
        }[name]
        worked = native(one + other, fmt)
        limit = bounds.moment("m", name, m, g, b=b, w=w, fmt=fmt)
        # The right value is known to float64 only: its slack is far below any bound here.
        assert np.all(np.abs(worked - limit.value) <= limit.error + limit.slack)
        assert np.max(np.abs(worked - limit.value) / limit.error) > 0.5


@pytest.mark.long
@pytest.mark.parametrize(("field", "name"), EVERY)
def test_thousands_of_computations_stay_within_their_bound(field, name):
    for fmt in FORMATS:
        assert ratios(field, name, fmt, 1000) <= 1


def test_whole_numbers_are_added_without_a_rounding():
    """t - 1 is known, also where it is 0: a line that chooses by its sign has one value."""
    arithmetic = Arithmetic(BINARY32)
    t, one = exactly(np.array([1.0, 2.0, 2.0**24])), exactly(1.0)
    made = arithmetic.difference(t, one)
    assert made.value.tolist() == [0.0, 1.0, 2.0**24 - 1]
    assert not made.error.any()
    assert not made.slack.any()
    assert arithmetic.sum(t, one).error.any()  # 2**24 + 1 is no number of the format
    assert arithmetic.difference(exactly(np.array([0.5])), one).error.any()
