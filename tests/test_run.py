"""What run reports, against Algorithm 1 worked by hand."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

import mpmath
import pytest
from mpmath import mpf, nstr, sqrt

from adamref import rules, run
from adamref.numbers.rational import Rational
from adamref.objective import Objective
from adamref.problem import problem
from adamref.stepper import trajectory

PARABOLA = "(3*w - 4)**2"
FIELDS = ("g", "m", "v", "m_hat", "v_hat", "delta", "theta")


def algorithm_1(gradient, theta, steps, *, alpha, beta1, beta2, eps, m=0, v=0, t=0):
    """Kingma & Ba 2015, Algorithm 1, line by line, at mpmath's working precision."""
    alpha, beta1, beta2, eps, theta, m, v = map(mpf, (alpha, beta1, beta2, eps, theta, m, v))
    for i in range(steps):
        t = t + 1
        g = gradient(theta, i)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        delta = -alpha * m_hat / (sqrt(v_hat) + eps)
        theta = theta + delta
        yield g, m, v, m_hat, v_hat, delta, theta


def decimals(rows, digits):
    """Round each value of each row once; the guard digits of the working precision are cut off."""
    context = Context(prec=digits, Emax=10**8, Emin=-(10**8))
    return [[context.create_decimal(nstr(x, digits + 20)) for x in row] for row in rows]


def worked(digits, precision, gradient, theta, steps, **numbers):
    with mpmath.workdps(precision):
        rows = list(algorithm_1(gradient, theta, steps, **numbers))
        return decimals(rows, digits)


def reported(trace):
    return [[step[name] for name in FIELDS] for step in trace]


DEFAULTS = {"alpha": "0.1", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}


def test_the_parabola_takes_its_published_first_five_steps():
    trace = run(rules.ADAM, "0.5", PARABOLA, steps=5, digits=12, alpha="0.1")
    want = "0.599999999933 0.699464807340 0.797915643326 0.894758938781 0.989268338301"
    assert trace["theta"] == [Decimal(x) for x in want.split()]
    first = trace[0]
    assert (first.g, first.m, first.v, first.m_hat, first.v_hat) == (
        Decimal(-15),
        Decimal("-1.5"),
        Decimal("0.225"),
        Decimal(-15),
        Decimal(225),
    )


@pytest.mark.parametrize("digits", [1, 5, 17, 50, 200, 1000])
def test_a_second_algorithm_1_at_two_precisions_agrees_to_every_digit(digits):
    def gradient(w, _i):
        return 2 * 3 * (3 * w - 4)

    once = worked(digits, digits + 60, gradient, "0.5", 5, **DEFAULTS)
    twice = worked(digits, 2 * digits + 120, gradient, "0.5", 5, **DEFAULTS)
    trace = run(rules.ADAM, "0.5", PARABOLA, steps=5, digits=digits, **DEFAULTS)
    assert reported(trace) == once == twice


@pytest.mark.parametrize("digits", [1, 17, 300])
def test_given_gradients_agree_with_algorithm_1_too(digits):
    texts = ["-15", "0.3", "1e-9", "7e8", "-0.25", "3", "3", "1e-30"]

    def gradient(_theta, i):
        return mpf(texts[i])

    want = worked(digits, 2 * digits + 120, gradient, "-2.5", len(texts), **DEFAULTS)
    assert reported(run(rules.ADAM, "-2.5", texts, digits=digits, **DEFAULTS)) == want


@pytest.mark.parametrize("digits", [5, 50, 1000])
def test_a_million_steps_in_with_beta2_next_to_one_every_digit_is_right(digits):
    numbers = {**DEFAULTS, "beta2": "0.999999999999", "m": "0.0375", "v": "0.00021"}
    want = worked(
        digits, digits + 120, lambda _w, _i: mpf("-0.7"), "0.5", 1, t=10**6 - 1, **numbers
    )
    state = {"m": numbers.pop("m"), "v": numbers.pop("v")}
    trace = run(rules.ADAM, "0.5", ["-0.7"], digits=digits, t=10**6, state=state, **numbers)
    assert reported(trace) == want
    assert trace[0].t == 10**6


def test_exact_rationals_agree_up_to_the_root():
    b1, b2 = Fraction(9, 10), Fraction(999, 1000)
    gradients = [Fraction(-15), Fraction(3, 7), Fraction(2, 10**9), Fraction(10**9, 13)]
    what = problem(rules.ADAM, "0.5", gradients, alpha="0.1")
    exactly = trajectory(what, Rational(1 << 16))
    trace = run(rules.ADAM, "0.5", gradients, alpha="0.1", digits=40)
    round_once = Context(prec=40).divide
    m = v = Fraction(0)
    for t, (g, known, step) in enumerate(zip(gradients, exactly, trace, strict=True), 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        want = {"m": m, "v": v, "m_hat": m / (1 - b1**t), "v_hat": v / (1 - b2**t)}
        for name, value in want.items():
            assert known[name] == [value]
            assert step[name] == round_once(Decimal(value.numerator), Decimal(value.denominator))


def test_reported_values_satisfy_algorithm_1():
    """Substitute each reported value; each is within u = 10^(1-d)/2, relative, of the real one."""
    digits = 50
    u = Fraction(1, 2 * 10 ** (digits - 1))
    alpha, b1, b2, eps = (Fraction(x) for x in DEFAULTS.values())
    trace = run(rules.ADAM, "0.5", PARABOLA, steps=8, digits=digits, **DEFAULTS)
    m_before = v_before = Fraction(0)
    theta_before = Fraction(1, 2)
    for t, step in enumerate(trace, 1):
        g, m, v, m_hat, v_hat, delta, theta = (Fraction(step[name]) for name in FIELDS)
        # 18 times theta's error, and g's own.
        assert abs(g - (18 * theta_before - 24)) <= u * (18 * abs(theta_before) + abs(g))
        bound = u * (abs(m) + b1 * abs(m_before) + (1 - b1) * abs(g))
        assert abs(m - (b1 * m_before + (1 - b1) * g)) <= bound
        # g**2 has twice the error of g, and its square.
        bound = u * (v + b2 * v_before + (2 + u) * (1 - b2) * g**2)
        assert abs(v - (b2 * v_before + (1 - b2) * g**2)) <= bound
        assert abs(m_hat * (1 - b1**t) - m) <= u * (abs(m_hat) * (1 - b1**t) + abs(m))
        assert abs(v_hat * (1 - b2**t) - v) <= u * (v_hat * (1 - b2**t) + v)
        # s = sqrt(v_hat) + eps has twice u, so (s - eps)^2 four times u s^2, and v_hat its own;
        # u s^2 more covers the products of errors.
        s = -alpha * m_hat / delta
        assert abs((s - eps) ** 2 - v_hat) <= 6 * u * s**2
        bound = u * (abs(theta) + abs(theta_before) + abs(delta))
        assert abs(theta - theta_before - delta) <= bound
        m_before, v_before, theta_before = m, v, theta


def test_a_float_is_its_dyadic_value():
    as_float, as_text, as_fraction = (
        run(rules.ADAM, x, [x], alpha=x, digits=40)[0] for x in (0.1, "0.1", Fraction(0.1))
    )
    assert as_float == as_fraction
    assert as_float.g != as_text.g
    assert as_float.theta != as_text.theta
    assert as_text.g == Decimal("0.1")
    assert as_float.g == Context(prec=40).create_decimal_from_float(0.1)


@pytest.mark.parametrize(
    "same", [Decimal("0.25"), "0.25", "1/4", Fraction(1, 4), 0.25, mpf("0.25")]
)
def test_every_way_to_write_a_quarter_is_the_same_input(same):
    want = run(rules.ADAM, "0.25", ["0.25"], eps="0.25", beta1="0.25", digits=30)
    assert list(run(rules.ADAM, same, [same], eps=same, beta1=same, digits=30)) == list(want)


def test_lr_and_betas_are_other_names():
    one = run(rules.ADAM, 0, [1, 2], alpha="0.1", beta1="0.5", beta2="0.75")
    other = run(rules.ADAM, 0, [1, 2], lr="0.1", betas=("0.5", "0.75"))
    assert list(one) == list(other)


def test_betas_beside_beta1_are_refused():
    with pytest.raises(ValueError, match="beta"):
        run(rules.ADAM, 0, [1], betas=("0.9", "0.999"), beta1="0.5")


def test_a_schedule_gives_each_step_its_own_alpha():
    """With eps = 0 and one constant gradient each step is exactly its alpha."""
    trace = run(rules.ADAM, 1, [3, 3, 3], alpha=["0.1", "0.02", "0.003"], eps=0, digits=20)
    assert trace["delta"] == [Decimal("-0.1"), Decimal("-0.02"), Decimal("-0.003")]
    assert trace["theta"] == [Decimal("0.9"), Decimal("0.88"), Decimal("0.877")]


def test_the_trace_tells_the_whole_schedule():
    trace = run(rules.ADAM, 1, [3, 3, 3], alpha=["0.1", "0.2", "0.1"])
    assert trace.about["alpha"] == "0.1, 0.2, 0.1"


def test_a_run_goes_on_from_a_given_state_and_t():
    gradients = ["-15", "3/7", "0.25", "2"]
    whole = run(rules.ADAM, "0.5", gradients)
    what = problem(rules.ADAM, "0.5", gradients)
    second = trajectory(what, Rational())[1]
    state = {"m": second["m"][0], "v": second["v"][0]}
    rest = run(rules.ADAM, "0.5", gradients[2:], state=state, t=3)
    for name in FIELDS[:-1]:
        assert rest[name] == whole[name][2:]
    assert [step.t for step in rest] == [3, 4]


def test_what_a_state_leaves_out_is_its_initial_value():
    some = run(rules.ADAM, 0, [1], state={"m": "0.5"})
    assert list(some) == list(run(rules.ADAM, 0, [1], state={"m": "0.5", "v": 0}))
    nadam = run(rules.NADAM, 0, [1], state={"mu_product": 1})
    assert list(nadam) == list(run(rules.NADAM, 0, [1]))


def test_two_variables_move_together_in_a_closed_loop():
    """Rosenbrock's function: each gradient depends on both parameters."""
    digits, steps = 60, 6
    trace = run(
        rules.ADAM,
        ["-1.2", "1"],
        Objective("(1 - x)**2 + 100*(y - x**2)**2", names=("x", "y")),
        steps=steps,
        digits=digits,
        alpha="0.05",
    )
    with mpmath.workdps(2 * digits):
        x, y = mpf("-1.2"), mpf(1)
        m, v = [mpf(0)] * 2, [mpf(0)] * 2
        b1, b2 = mpf("0.9"), mpf("0.999")
        for t, step in enumerate(trace, 1):
            g = (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2))
            m = [b1 * a + (1 - b1) * b for a, b in zip(m, g, strict=True)]
            v = [b2 * a + (1 - b2) * b * b for a, b in zip(v, g, strict=True)]
            x, y = (
                w - mpf("0.05") * (a / (1 - b1**t)) / (sqrt(b / (1 - b2**t)) + mpf("1e-8"))
                for w, a, b in zip((x, y), m, v, strict=True)
            )
            assert list(step.g) == decimals([g], digits)[0]
            assert list(step.theta) == decimals([(x, y)], digits)[0]


@pytest.mark.parametrize("gradient", ["1e-320", "1e300", "1e-5000", "1e5000", "-4.9e-324"])
def test_the_size_of_a_gradient_costs_no_digit(gradient):
    """With eps = 0 the first step is alpha against the sign of g, whatever its size."""
    first = run(rules.ADAM, 1, [gradient], alpha="0.1", eps=0, digits=30)[0]
    g = Decimal(gradient)
    assert first.theta == (Decimal("1.1") if g < 0 else Decimal("0.9"))
    context = Context(prec=30, Emax=10**6, Emin=-(10**6))
    assert (first.m_hat, first.v_hat) == (g, context.power(g, 2))


def test_beta_zero_forgets_everything():
    trace = run(rules.ADAM, 0, [2, -7, "0.1"], beta1=0, beta2=0, eps=0, alpha="0.5", digits=9)
    assert trace["m_hat"] == [Decimal(2), Decimal(-7), Decimal("0.1")]
    assert trace["theta"] == [Decimal("-0.5"), Decimal(0), Decimal("-0.5")]


def test_the_trace_says_what_it_is_about():
    about = run(rules.ADAM, 0, [1], digits=12, alpha="0.1").about
    assert about["rule"] == "adam"
    assert about["form"] == "paper"
    assert about["rounded to"] == "12 digits"
    assert about["precision"].endswith(" bits")
    assert (about["alpha"], about["beta1"], about["eps"]) == ("0.1", "0.9", "1e-8")
    single = run(rules.ADAM, 0, [1], dtype="float32", convention="mixed").about
    assert (single["rounded to"], single["hyper"]) == ("float32", "mixed")
