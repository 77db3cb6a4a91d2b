"""Every reported value is rounded once: ties, float formats, zeros, infinities, arrays."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from mpmath import mpf, sqrt

from adamref import first_difference, rules, run, stepper
from adamref.errors import UndecidedRounding
from adamref.numbers import formats
from adamref.numbers.exact import exact

FIELDS = ("g", "m", "v", "m_hat", "v_hat", "delta", "theta")
DTYPES = ("float16", "bfloat16", "float32", "float64")
GRADIENTS = ("-15", "0.37", "-1e-4", "2.5", "1e3")


def exact_step(state, g, t, numbers):
    """One step of Algorithm 1 to 400 digits, from exact numbers to exact numbers."""
    with mpmath.workdps(400):
        theta, m, v, g = (mpf(x.numerator) / x.denominator for x in (*state, g))
        alpha, b1, b2, eps = (mpf(x.numerator) / x.denominator for x in numbers)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
        delta = -alpha * m_hat / (sqrt(v_hat) + eps)
        return [exact(x) for x in (g, m, v, m_hat, v_hat, delta, theta + delta)]


NUMBERS = tuple(map(Fraction, ("0.1", "0.9", "0.999", "1e-8")))
HYPER = {"alpha": "0.1", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("resync", [False, True])
def test_a_format_gets_the_real_value_rounded_once(dtype, resync):
    fmt = formats.get(dtype)
    trace = run(rules.ADAM, "0.5", GRADIENTS, dtype=dtype, resync=resync, **HYPER)
    theta, m, v = Fraction(1, 2), Fraction(0), Fraction(0)
    for t, (g, step) in enumerate(zip(GRADIENTS, trace, strict=True), 1):
        values = exact_step((theta, m, v), Fraction(g), t, NUMBERS)
        want = [fmt.round(x) for x in values]
        assert [float(step[name]) for name in FIELDS] == want
        # Without resync the exact values go on; with it the rounded ones do.
        kept = [exact(x) for x in want] if resync else values
        theta, m, v = kept[6], kept[1], kept[2]


def test_resync_with_decimals_starts_from_the_reported_digits():
    trace = run(rules.ADAM, "0.5", GRADIENTS, digits=3, resync=True, **HYPER)
    theta, m, v = Fraction(1, 2), Fraction(0), Fraction(0)
    for t, (g, step) in enumerate(zip(GRADIENTS, trace, strict=True), 1):
        start = {"m": m, "v": v}
        alone = run(rules.ADAM, theta, [g], digits=3, t=t, state=start, **HYPER)[0]
        assert alone == step
        theta, m, v = (Fraction(step[name]) for name in ("theta", "m", "v"))


def test_resync_and_the_exact_trajectory_part_ways():
    kept, dropped = (
        run(rules.ADAM, "0.5", GRADIENTS, digits=3, resync=x, **HYPER) for x in (False, True)
    )
    assert first_difference(kept, dropped) is not None


def test_a_closed_loop_resynchronised_evaluates_the_gradient_at_the_rounded_theta():
    trace = run(rules.ADAM, "0.5", "(3*w-4)**2", steps=3, dtype="float16", resync=True, **HYPER)
    for before, after in pairwise(trace):
        assert float(after.g) == formats.BINARY16.round(18 * Fraction(float(before.theta)) - 24)


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("float16", np.float16),
        ("bfloat16", np.float32),
        ("float32", np.float32),
        ("float64", np.float64),
        (np.float32, np.float32),
        (np.dtype("float64"), np.float64),
    ],
)
def test_values_are_numpy_scalars_or_arrays_of_the_format(dtype, kind):
    assert type(run(rules.ADAM, 0, [1], dtype=dtype)[0].theta) is kind
    array = run(rules.ADAM, [0, 1], [[1, 1]], dtype=dtype)[0].theta
    assert (array.dtype, array.shape) == (np.dtype(kind), (2,))


@pytest.mark.parametrize(("g", "m"), [("0.25", "0.12"), ("0.75", "0.38"), ("-0.25", "-0.12")])
def test_a_tie_of_m_goes_to_the_even_digit(g, m):
    """Half of 0.25 is 0.125, half way between 0.12 and 0.13."""
    step = run(rules.ADAM, 0, [g], beta1="0.5", digits=2)[0]
    assert step.m == Decimal(m)
    assert "m" not in step.exact
    assert "g" in step.exact


@pytest.mark.parametrize(
    ("alpha", "eps", "theta"),
    [
        ("0.125", 0, "0.38"),  # 0.5 - 0.125 = 0.375
        ("0.115", 0, "0.38"),  # 0.5 - 0.115 = 0.385
        ("0.25", 2, "0.38"),  # g = 2: 2/(2 + 2) of alpha is 0.125
    ],
)
def test_a_tie_of_theta_is_decided_where_the_root_is_rational(alpha, eps, theta):
    step = run(rules.ADAM, "0.5", [2], alpha=alpha, eps=eps, digits=2)[0]
    assert step.theta == Decimal(theta)


@pytest.mark.parametrize(("halves", "want"), [(1, 0), (3, 4), (5, 4), (2, 2)])
def test_a_tie_of_theta_in_binary32_goes_to_even(halves, want):
    """Below 1 the spacing is 2^-24; theta = 1 - alpha lies on half spacings."""
    alpha, unit = Fraction(halves, 2**25), Fraction(1, 2**25)
    step = run(rules.ADAM, 1, [3], alpha=alpha, eps=0, dtype="float32")[0]
    assert Fraction(float(step.theta)) == 1 - want * unit


def test_a_tie_beyond_the_first_budget_is_still_decided_exactly():
    """beta1 alone has more bits than the first pass in rationals keeps; m_hat is 2.5 exactly."""
    beta1 = 1 - Fraction(1, 10**700)
    step = run(rules.ADAM, 0, ["2.5"], beta1=beta1, digits=1)[0]
    assert step.m_hat == 2
    assert run(rules.ADAM, 0, ["3.5"], beta1=beta1, digits=1)[0].m_hat == 4


def test_m_can_cancel_to_an_exact_zero():
    """m = g/2, then half of it plus half of -g/2."""
    trace = run(rules.ADAM, "0.1", ["0.3", "-0.15"], beta1="0.5", digits=30)
    assert trace[1].m == trace[1].m_hat == trace[1].delta == 0
    assert trace[1].theta == trace[0].theta
    assert {"m", "m_hat", "delta"} <= trace[1].exact


def test_theta_can_cancel_to_an_exact_zero():
    step = run(rules.ADAM, "0.1", [7], alpha="0.1", eps=0)[0]
    assert step.theta == 0
    assert "theta" in step.exact


def test_an_exact_zero_is_found_at_any_t_where_beta_is_zero():
    step = run(rules.ADAM, "0.1", [1], t=2 * 10**6, betas=(0, 0), alpha="0.1", eps=0)[0]
    assert step.theta == 0


def test_a_tie_behind_two_roots_that_cancel_is_decided():
    """In the eps-hat form both sqrt(1 - beta2) are irrational, and the step is exactly -10."""
    rule = rules.get("adam", form="eps-hat")
    step = run(rule, -5, [1], digits=1, alpha=10, betas=(0, "0.9"), eps=0)[0]
    assert step.theta == Decimal(-20)  # -15 is a tie, and 2 is even
    assert run(rule, -5, [1], digits=2, alpha=10, betas=(0, "0.9"), eps=0)[0].theta == -15


def test_what_stays_undecided_is_refused_with_its_enclosure(monkeypatch):
    """0.55 is a tie of one digit, and the step away from it is below the precision allowed."""
    monkeypatch.setattr(stepper, "_GREATEST_PRECISION", 1 << 12)
    with pytest.raises(UndecidedRounding) as caught:
        run(rules.ADAM, "0.55", ["1e-5000", "2e-5000"], digits=1)
    error = caught.value
    assert error.where == "theta[t=2]"
    assert error.low < Fraction(55, 100)
    assert error.high >= error.low
    assert 0 < error.high - error.low < Fraction(1, 2 ** (error.precision - 8))
    assert f"at {error.precision} bits it lies in [0.55" in str(error)


def test_exact_says_which_values_nothing_was_rounded_away_from():
    trace = run(rules.ADAM, "0.5", [-15, 2], digits=12, alpha="0.1")
    assert trace[0].exact == {"g", "m", "v", "m_hat", "v_hat"}
    assert trace[1].exact == {"g", "m", "v"}
    assert run(rules.ADAM, 0, ["inf"], dtype="float16")[0].exact >= {"g", "m", "v", "theta"}
    assert "g" not in run(rules.ADAM, 0, ["1e5"], dtype="float16")[0].exact


def test_overflow_happens_at_the_last_rounding_only():
    """binary16 ends at 65504: v and v_hat overflow, theta does not notice."""
    step = run(rules.ADAM, 0, ["1e4"], dtype="float16", alpha="0.5", eps=0)[0]
    assert step.v_hat == np.inf
    assert step.theta == np.float16(-0.5)


def test_underflow_keeps_the_sign_and_theta():
    step = run(rules.ADAM, 0, ["-1e-8"], dtype="float16", alpha="0.5", eps=0)[0]
    assert math.copysign(1, step.m) == -1
    assert step.m == step.v == step.v_hat == 0
    assert step.theta == np.float16(0.5)


@pytest.mark.parametrize("target", [{"digits": 9}, {"dtype": "float32"}])
def test_nan_stays_in_its_own_element_and_goes_on_forever(target):
    trace = run(rules.ADAM, [0, 0], [["nan", 1], [1, 1]], **target)
    for step in trace:
        for name in FIELDS[1:]:
            assert math.isnan(step[name][0])
            assert not math.isnan(step[name][1])
    assert trace.about["not finite"] == "g[t=1, 0] = nan"


@pytest.mark.parametrize("target", [{"digits": 9}, {"dtype": "bfloat16"}])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_infinite_gradient_gives_infinite_moments_and_nan(target, sign):
    step = run(rules.ADAM, 0, [sign * math.inf], **target)[0]
    assert step.m == step.m_hat == sign * math.inf
    assert step.v == step.v_hat == math.inf
    assert math.isnan(step.delta)
    assert math.isnan(step.theta)


def test_opposite_infinities_cancel_to_nan():
    trace = run(rules.ADAM, 0, ["inf", "-inf"])
    assert math.isnan(trace[1].m)
    assert trace[1].v == math.inf
    assert trace.about["not finite"] == "g[t=1] = inf; g[t=2] = -inf"


def test_zero_over_zero_is_nan_and_epsilon_prevents_it():
    without, within = (run(rules.ADAM, 1, [0], eps=eps)[0] for eps in (0, "1e-8"))
    assert math.isnan(without.theta)
    assert without.v_hat == 0
    assert (within.delta, within.theta) == (0, 1)


def test_a_negative_v_has_no_root():
    step = run(rules.ADAM, 0, [1], state={"v": -1})[0]
    assert step.v == Decimal("-0.998")
    assert math.isnan(step.theta)


def test_an_infinite_theta_stays_infinite():
    assert run(rules.ADAMW, "-inf", [1])[0].theta == -math.inf


SHAPES = [(1,), (3,), (2, 3), (1, 2, 1), (0,), (2, 0)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("target", [{"digits": 20}, {"dtype": "float32"}])
def test_an_array_is_its_elements(shape, target):
    size = math.prod(shape)
    thetas = (np.arange(size) / 8 - 0.5).reshape(shape)
    gradients = [(np.arange(size) ** 2 - 2.25).reshape(shape), np.full(shape, 0.1)]
    state = {"m": np.ones(shape), "v": np.full(shape, 0.25)}
    trace = run(rules.AMSGRAD, thetas, gradients, state=state, t=3, **target)
    for at in np.ndindex(shape):
        start = {"m": 1, "v": 0.25}
        alone = run(
            rules.AMSGRAD, thetas[at], [g[at] for g in gradients], state=start, t=3, **target
        )
        for step, single in zip(trace, alone, strict=True):
            assert all(step[name][at] == single[name] for name in trace.fields)
    assert all(step[name].shape == shape for step in trace for name in trace.fields)


@pytest.mark.parametrize(
    "theta",
    [
        [["0.5", 1], [Fraction(1, 3), Decimal("0.1")]],
        np.array([["0.5", 1], [Fraction(1, 3), Decimal("0.1")]], dtype=object),
        (("0.5", "1"), ("1/3", "0.1")),
    ],
    ids=["lists", "objects", "tuples"],
)
def test_nested_sequences_keep_their_exact_elements(theta):
    step = run(rules.ADAM, theta, [np.zeros((2, 2))], digits=20)[0]
    third = Decimal("0.33333333333333333333")
    assert step.theta.tolist() == [[Decimal("0.5"), Decimal(1)], [third, Decimal("0.1")]]


@pytest.mark.parametrize("scalar", [np.array(0.5), np.float32(0.5), mpf("0.5")], ids=repr)
def test_a_scalar_of_any_kind_is_a_scalar(scalar):
    step = run(rules.ADAM, scalar, [scalar], digits=20)[0]
    assert isinstance(step.theta, Decimal)
    assert step == run(rules.ADAM, "0.5", ["0.5"], digits=20)[0]


@pytest.mark.parametrize("gradients", [-15, [-15], (-15,), np.array([-15.0]), np.array(-15)])
def test_a_single_gradient_needs_no_list(gradients):
    assert run(rules.ADAM, "0.5", gradients)[0].g == -15


def test_a_tiny_state_can_be_resynchronised():
    trace = run(rules.ADAM, 0, ["1e-15000"] * 2, digits=5, resync=True)
    assert trace[1].v_hat == Decimal("1E-30000")


def test_a_tie_that_hides_below_ten_thousand_bits_is_decided():
    """The step of 1e-4995 lifts 0.55 above the tie, so one digit of it is 6."""
    step = run(rules.ADAM, "0.55", ["-1e-5000"], digits=1)[0]
    assert str(step.theta) == "0.6"
