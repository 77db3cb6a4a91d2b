"""Properties of every run, whatever the gradients and legal hyperparameters."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import first_difference, rules, run
from adamref.numbers import formats
from adamref.numbers.ball import Ball
from adamref.numbers.carrier import Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.multiprecision import Multiprecision
from adamref.numbers.rational import Rational
from adamref.numbers.rounding import Digits
from adamref.problem import problem
from adamref.stepper import trajectory

RULES = st.sampled_from(
    [
        rules.ADAM,
        rules.ADAM_EPS_HAT,
        rules.ADAM_EPS_INSIDE,
        rules.ADAM_UNCORRECTED,
        rules.ADAM_L2,
        rules.ADAMW,
        rules.AMSGRAD,
        rules.AMSGRAD_V_HAT,
        rules.RMSPROP,
        rules.ADAGRAD,
        rules.ADAMAX,
    ]
)
SCALES = st.integers(-30, 30).map(lambda k: Fraction(10) ** k)
MANTISSAS = st.fractions(min_value=-10, max_value=10, max_denominator=1000)
NUMBERS = st.builds(lambda m, s: m * s, MANTISSAS, SCALES) | st.just(Fraction(0))
NONZERO = NUMBERS.filter(bool)
RATES = st.one_of(
    st.just(Fraction(0)),
    st.fractions(min_value=0, max_value=1, max_denominator=1000).filter(lambda x: x < 1),
    st.integers(1, 40).map(lambda k: 1 - Fraction(1, 10**k)),
)
EPSILONS = st.sampled_from([Fraction(0), Fraction(1, 10**8), Fraction(1, 10**40), Fraction(1)])
SIZES = st.sampled_from([Fraction(1, 1000), Fraction(1, 3), Fraction(0), Fraction(10)])


@st.composite
def problems(draw, rule=RULES, steps=3):
    """A rule, a start, gradients and legal hyperparameters, as arguments of run."""
    chosen = draw(rule)
    known = {"alpha": SIZES, "beta1": RATES, "beta2": RATES, "eps": EPSILONS}
    known |= {"weight_decay": st.sampled_from([Fraction(0), Fraction(1, 100)])}
    hyper = {name: draw(known[name]) for name in chosen.defaults}
    needed = hyper.get("eps", 0) == 0  # keeps 0/0 out; it has a test of its own
    gradients = draw(st.lists(NONZERO if needed else NUMBERS, min_size=1, max_size=steps))
    return (chosen, draw(MANTISSAS), gradients), hyper


@given(given_problem=problems(), digits=st.integers(1, 25))
def test_fewer_digits_are_the_first_of_more(given_problem, digits):
    """Rounding 3d digits again to d can differ only where they end in an exact tie.

    A boundary of d digits has d + 1 digits, so rounding to 3d never crosses one, but may land on
    it: then, and only then, is the second rounding not that of the real number.
    """
    arguments, hyper = given_problem
    few = run(*arguments, digits=digits, **hyper)
    many = run(*arguments, digits=3 * digits, **hyper)
    wide = {"Emax": 10**6, "Emin": -(10**6)}
    again = Context(prec=digits, **wide)
    ends = [Context(prec=digits, rounding=r, **wide) for r in (ROUND_FLOOR, ROUND_CEILING)]
    for one, other in zip(few, many, strict=True):
        for name in few.fields:
            if one[name].is_nan() or again.plus(other[name]) == one[name]:
                assert one[name].is_nan() == other[name].is_nan()
                continue
            written = other[name].as_tuple().digits
            assert (len(written), written[-1]) == (digits + 1, 5)
            assert one[name] in [context.plus(other[name]) for context in ends]


@given(given_problem=problems(), bits=st.sampled_from([40, 100, 333]))
def test_an_enclosure_holds_the_rational_and_the_multiprecision_value(given_problem, bits):
    """Each operation rounded to nearest stays inside the same operation rounded outwards."""
    (rule, theta, gradients), hyper = given_problem
    what = problem(rule, theta, gradients, **hyper)
    runs = zip(
        trajectory(what, Enclosure(bits)),
        trajectory(what, Multiprecision(bits)),
        trajectory(what, Rational()),
        strict=True,
    )
    for around, near, known in runs:
        for name in rule.fields:
            (interval,), (value,), (exactly,) = around[name], near[name], known[name]
            if not isinstance(interval, tuple):
                # inf or nan, or Unknown where the sign of a divisor or radicand is.
                assert not isinstance(interval, float) or not isinstance(exactly, Fraction)
                continue
            low, high = Enclosure.ends(interval)
            if not isinstance(value, float):
                assert low <= Multiprecision.to_exact(value) <= high
            if isinstance(exactly, Fraction):
                assert low <= exactly <= high


@given(given_problem=problems(), bits=st.sampled_from([40, 100, 333]))
def test_a_ball_holds_the_rational_and_meets_the_interval(given_problem, bits):
    (rule, theta, gradients), hyper = given_problem
    what = problem(rule, theta, gradients, **hyper)
    runs = zip(
        trajectory(what, Ball(bits)),
        trajectory(what, Enclosure(bits)),
        trajectory(what, Rational()),
        strict=True,
    )
    for ball, interval, known in runs:
        for name in rule.fields:
            (around,), (other,), (exactly,) = ball[name], interval[name], known[name]
            if isinstance(around, float):
                assert not isinstance(exactly, Fraction)
            elif not isinstance(around, Unknown):
                least, most = Ball.ends(around)
                if isinstance(exactly, Fraction):
                    assert least <= exactly <= most
                if isinstance(other, tuple):
                    low, high = Enclosure.ends(other)
                    assert max(low, least) <= min(high, most)


@given(given_problem=problems(), digits=st.integers(1, 40))
def test_balls_and_mpmath_round_to_the_same_digits(given_problem, digits):
    """Two libraries, one rounding; where mpmath's own errors matter (a tie) it says nothing."""
    arguments, hyper = given_problem
    rule, theta, gradients = arguments
    trace = run(*arguments, digits=digits, **hyper)
    second = trajectory(problem(rule, theta, gradients, **hyper), Multiprecision(600))
    target = Digits(digits)
    for step, other in zip(trace, second, strict=True):
        for name in rule.fields:
            (value,) = other[name]
            if isinstance(value, float) or not step[name].is_finite():
                continue
            near = Multiprecision.to_exact(value)
            off = abs(near) / 2**500 + Fraction(1, 2**500)
            assert target.round(near - off) <= step[name] <= target.round(near + off)


@given(given_problem=problems(), digits=st.integers(1, 25))
def test_every_reported_value_is_the_nearest_to_a_narrow_enclosure(given_problem, digits):
    arguments, hyper = given_problem
    rule, theta, gradients = arguments
    trace = run(*arguments, digits=digits, **hyper)
    narrow = trajectory(problem(rule, theta, gradients, **hyper), Enclosure(2000))
    target = Digits(digits)
    for step, around in zip(trace, narrow, strict=True):
        for name in rule.fields:
            (interval,) = around[name]
            if isinstance(interval, tuple):
                low, high = map(target.round, Enclosure.ends(interval))
                assert low <= step[name] <= high


@given(
    given_problem=problems(), dtype=st.sampled_from(["float16", "bfloat16", "float32", "float64"])
)
def test_a_format_is_the_rounding_of_many_digits_unless_they_end_on_a_boundary(
    given_problem, dtype
):
    """A boundary of binary64 has up to 1,100 decimal digits; 1,200 digits never cross one."""
    arguments, hyper = given_problem
    fmt = formats.get(dtype)
    floats = run(*arguments, dtype=dtype, **hyper)
    decimals = run(*arguments, digits=1200, **hyper)
    for one, other in zip(floats, decimals, strict=True):
        for name in floats.fields:
            if other[name].is_nan():
                assert math.isnan(one[name])
            else:
                assert float(one[name]) == fmt.round(Fraction(other[name]))


@given(given_problem=problems(rule=st.just(rules.ADAM)))
def test_the_sign_of_every_gradient_flips_the_sign_of_every_step(given_problem):
    (rule, theta, gradients), hyper = given_problem
    one = run(rule, theta, gradients, digits=20, **hyper)
    other = run(rule, -theta, [-g for g in gradients], digits=20, **hyper)
    for here, there in zip(one, other, strict=True):
        for name in ("g", "m", "m_hat", "delta", "theta"):
            assert here[name] == -there[name]
        assert (here.v, here.v_hat) == (there.v, there.v_hat)


@given(
    given_problem=problems(rule=st.just(rules.ADAM)),
    scale=st.integers(-20, 20).map(lambda k: Fraction(10) ** k),
)
def test_scaling_gradients_and_epsilon_changes_no_step(given_problem, scale):
    """Kingma & Ba, section 2.1: the step is invariant to the scale of the gradients."""
    (rule, theta, gradients), hyper = given_problem
    one = run(rule, theta, gradients, digits=20, **hyper)
    hyper["eps"] *= scale
    other = run(rule, theta, [g * scale for g in gradients], digits=20, **hyper)
    assert one["delta"] == other["delta"]
    assert one["theta"] == other["theta"]


@given(given_problem=problems(rule=st.just(rules.ADAM)))
def test_a_resynchronised_run_is_its_single_steps(given_problem):
    (rule, theta, gradients), hyper = given_problem
    trace = run(rule, theta, gradients, dtype="float32", resync=True, **hyper)
    state = {}
    for t, (gradient, step) in enumerate(zip(gradients, trace, strict=True), 1):
        alone = run(rule, theta, [gradient], dtype="float32", t=t, state=state, **hyper)[0]
        assert repr(alone) == repr(step)  # NaN is not equal to itself
        theta, state = step.theta, {"m": step.m, "v": step.v}


@given(given_problem=problems())
def test_a_run_is_the_same_twice(given_problem):
    arguments, hyper = given_problem
    one, other = (run(*arguments, digits=15, **hyper) for _ in range(2))
    assert first_difference(one, other) is None
    assert one.about == other.about
    assert repr(one) == repr(other)


@pytest.mark.long
@settings(max_examples=200)
@given(given_problem=problems(steps=40), digits=st.integers(20, 200))
def test_long_runs_agree_at_twice_the_precision(given_problem, digits):
    arguments, hyper = given_problem
    few = run(*arguments, digits=digits, **hyper)
    many = run(*arguments, digits=2 * digits, **hyper)
    again = Context(prec=digits, Emax=10**6, Emin=-(10**6))
    unit = Decimal((0, (1,), 1 - digits))
    for one, other in zip(few, many, strict=True):
        for name in few.fields:
            if not one[name].is_nan():
                assert abs(again.plus(other[name]) - one[name]) <= abs(one[name]) * unit
