"""What stands in a formula in place of the right thing is found, and by its plainest name."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Max, Mul, Pow, Rational, Symbol, evaluate, sqrt, symbols

from adamref import rules
from adamref.numbers import formats
from adamref.oracle.explain.formulas import whole, written
from adamref.solving.constants import law, recognised
from adamref.solving.inversion import Interval, valued
from adamref.solving.knowledge import Knowledge
from adamref.solving.laws import Laws
from adamref.solving.losing import lost
from adamref.solving.pool import as_float32, pool
from adamref.solving.solution import shape_of
from adamref.solving.solve import solutions

ROWS = 300


def drawn():
    random = np.random.default_rng(2015)
    trial = random.integers(0, 4, ROWS)
    values = {
        "g": random.normal(size=ROWS), "m_prev": random.normal(size=ROWS),
        "v_prev": random.random(ROWS), "g_last": random.normal(size=ROWS),
        "t": random.integers(1, 9, ROWS).astype(float), "norm": random.uniform(1.1, 9, ROWS),
        "beta1": np.array([0.83, 0.9, 0.5, 0.7])[trial],
        "beta2": np.array([0.97, 0.99, 0.9, 0.6])[trial],
        "eps": np.array([0.0137, 0.02, 0.5, 0.1])[trial],
    }  # fmt: skip
    return values | {"trial": trial}


def solved(line, made, off=2.0**-22, alone=(), narrow=()):
    values = drawn()
    trial, t = values.pop("trial"), values["t"]
    got = made(values, t)
    size = off * np.abs(got) + 1e-12
    groups = {"step": t, "tensor": np.arange(ROWS), "trial": trial}
    expr = rules.ADAM.line(line).expr
    alone = {Symbol(name, real=True): of(values) for name, of in dict(alone).items()}
    totals = {Symbol("norm", real=True): values["norm"]}
    return solutions(
        expr,
        Knowledge(values, alone=alone, totals=totals),
        Interval(got - size, got + size),
        groups,
        narrow,
    )


def b(x, i):
    return x[f"beta{i}"]


def test_what_is_right_has_nothing_else_in_it():
    assert not solved("m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"])


@pytest.mark.parametrize(
    ("line", "made", "old", "new"),
    [
        ("m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * 8 * x["g"], "g", "8*g"),
        ("m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g_last"], "g", "g_last"),
        ("m", lambda x, _: b(x, 2) * x["m_prev"] + (1 - b(x, 1)) * x["g"], "beta1", "beta2"),
        ("m", lambda x, _: b(x, 1) * x["m_prev"] + x["g"], "1 - beta1", "1"),
        ("v", lambda x, _: b(x, 2) * x["v_prev"] + (1 - b(x, 2)) * abs(x["g"]), "g**2", "Abs(g)"),
        ("m", lambda x, _: x["m_prev"], "beta1*m_prev + g*(1 - beta1)", "m_prev"),
        ("v", lambda x, _: b(x, 2) * x["v_prev"] + (1 - b(x, 2)) * abs(x["g"]) ** 3, "2", "3"),
        ("v", lambda x, _: b(x, 2) * x["v_prev"] + (1 - b(x, 2)) * 2 ** x["g"], "g**2", "2**g"),
        (
            "m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * 0.5 * np.sign(x["g"]),
            "g", "sign(g)/2",
        ),
        (
            "v", lambda x, _: b(x, 2) * x["v_prev"] / ((1 - b(x, 2)) * x["g"] ** 2),
            "beta2*v_prev + g**2*(1 - beta2)", "(beta2*v_prev)/((g**2*(1 - beta2)))",
        ),
    ],
)  # fmt: skip
def test_the_plainest_is_what_was_done(line, made, old, new):
    found = [(str(x.old), str(x.new)) for x in solved(line, made)]
    assert (old, new) in found[:3]


def half(x):
    return x.astype(np.float16).astype(float)


@pytest.mark.slow
def test_what_was_rounded_to_a_narrow_format_is_told_at_its_place():
    g = solved(
        "v", lambda x, _: b(x, 2) * x["v_prev"] + (1 - b(x, 2)) * half(x["g"]) ** 2,
        narrow=[formats.BINARY16],
    )  # fmt: skip
    assert str(g[0].new) == "float16(g)"
    whole = solved(
        "m", lambda x, _: half(b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"]),
        narrow=[formats.BFLOAT16, formats.BINARY16],
    )  # fmt: skip
    assert str(whole[0].new).startswith("float16(")
    both = solutions_of_theta(lambda c1, c2: (1 - half(1 - c1), 1 - half(1 - c2)))
    assert str(both[0].new) == "float16(β**t)"


def solutions_of_theta(corrected):
    """Solve a step whose corrections are worked in some way."""
    values = drawn()
    t = values["t"]
    values |= {"m": values["m_prev"], "v": values["v_prev"], "theta_prev": values["g_last"]}
    values |= {"alpha": np.full(ROWS, 0.013)}
    c1, c2 = corrected(*(1 - b(values, i) ** t for i in (1, 2)))
    got = values["theta_prev"] - 0.013 * (values["m"] / c1) / (
        np.sqrt(values["v"] / c2) + values["eps"]
    )
    off = 2.0**-22 * np.abs(got - values["theta_prev"])
    trial = values.pop("trial")
    lines = {x.name: x.expr for x in rules.ADAM.lines}
    expr = whole(lines, "theta", frozenset({"m", "v"}))
    groups = {"step": t, "tensor": np.arange(ROWS), "trial": trial}
    return solutions(
        expr, Knowledge(values), Interval(got - off, got + off), groups, [formats.BINARY16]
    )


def test_a_number_may_stand_in_several_places():
    made = solved("m", lambda x, _: 0.9 * x["m_prev"] + (1 - 0.9) * x["g"])
    assert (str(made[0].old), str(made[0].new)) == ("beta1", "9/10")
    decays = solved("v", lambda x, t: (1 - t**-0.8) * x["v_prev"] + t**-0.8 * x["g"] ** 2)
    varying = next(x for x in decays if x.by == "step")
    assert law(varying.numbers, varying.room) == "1 - t**-0.8"


def test_another_value_of_the_tensor_stands_by_itself():
    made = solved(
        "m", lambda x, _: b(x, 1) * np.roll(x["m_prev"], 7) + (1 - b(x, 1)) * x["g"],
        alone={"m[i-7]": lambda x: np.roll(x["m_prev"], 7)},
    )  # fmt: skip
    assert (str(made[0].old), str(made[0].new)) == ("m_prev", "m[i-7]")


def test_a_plain_number_times_something_may_stand_or_be_added():
    added = solved(
        "m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"] + 0.003 * x["v_prev"]
    )
    assert str(added[0].new - added[0].old) == "3*v_prev/1000"
    stands = solved("m", lambda x, _: b(x, 1) * x["m_prev"] + 0.04 * x["g"] * x["v_prev"])
    assert str(stands[0].formula) == "beta1*m_prev + g*(v_prev/25)"


def test_what_stands_for_a_rate_in_a_power_may_be_negative():
    def corrected(c1, _):
        t = np.round(np.log(1 - c1) / np.log(b(drawn(), 1)))
        return c1, 1 - drawn()["g"] ** t

    with np.errstate(all="ignore"):
        first = solutions_of_theta(corrected)[0]
    assert (str(first.old), str(first.new)) == ("beta2", "g")


def test_what_something_is_divided_by_may_be_added():
    values = drawn()
    a, x, y = symbols("g m_prev v_prev", real=True)
    with evaluate(False):
        right, wrong = a * x * y**-1, a * x + y
    made = valued(wrong, values, ROWS)
    off = 1e-7 * np.abs(made)
    found = solutions(
        right, Knowledge(values), Interval(made - off, made + off), {"step": values["t"]}
    )
    assert str(found[0].formula) == str(wrong)


def test_a_formula_that_loses_all_its_digits_may_be_anything():
    a, x, y = symbols("a x y", real=True)
    with evaluate(False):
        formula = a / (x - y)
    values = {"a": np.ones(2), "x": np.array([1.0, 1.0]), "y": np.array([1 - 2.0**-23, 0.25])}
    near, far = lost(formula, values, 2, 2.0**-24)
    assert near == np.inf
    assert far == pytest.approx((1 / 0.75) * ((1.25 + 0.5) / 0.75 + 1 + 2) * 2.0**-24)


def test_what_is_nothing_is_not_written():
    a, x, g = symbols("alpha theta_prev g", real=True)
    with evaluate(False):
        formula = (1 + 0 * a) * x + 0 * g
    assert written(formula) == "θₜ₋₁"


def test_a_floor_is_found():
    made = solved(
        "v", lambda x, _: np.maximum(b(x, 2) * x["v_prev"] + (1 - b(x, 2)) * x["g"] ** 2, x["eps"])
    )
    assert str(made[0].new).startswith("Max(eps, ")


def test_a_value_may_be_kept_to_the_size_of_another():
    values = drawn()
    trial, size = values.pop("trial"), 3 * np.sqrt(values["v_prev"])
    got = values["beta1"] * values["m_prev"] + (1 - values["beta1"]) * size * np.sign(values["g"])
    room = 2.0**-22 * np.abs(got)
    known = Knowledge(values, sizes={sqrt(Symbol("v_prev", real=True)): np.sqrt(values["v_prev"])})
    groups = {"step": values["t"], "tensor": np.arange(ROWS), "trial": trial}
    expr = rules.ADAM.line("m").expr
    first = solutions(expr, known, Interval(got - room, got + room), groups)[0]
    assert (str(first.old), str(first.new)) == ("g", "(3*sqrt(v_prev))*sign(g)")


def test_what_is_multiplied_in_once_for_each_tensor_before_is_a_power():
    random = np.random.default_rng(5)
    x, rate = (Symbol(n, real=True) for n in ("x", "alpha"))
    values = {"x": random.normal(size=ROWS), "alpha": random.uniform(0.5, 0.9, ROWS)}
    place = np.arange(ROWS) % 3
    got = values["x"] * (1 - values["alpha"]) ** (place + 1)
    rows = np.flatnonzero(place > 0)  # the first tensor is right
    got = got[rows]
    room = 2.0**-22 * np.abs(got)
    known = Knowledge({n: y[rows] for n, y in values.items()})
    groups = {"tensor": np.arange(len(rows)), "place": place[rows]}
    with evaluate(False):
        expr = (1 - rate) * x
    found = solutions(expr, known, Interval(got - room, got + room), groups)
    (first,) = [y for y in found if y.by == "place" and isinstance(y.new, Pow)]
    assert str(first.new) == "(1 - alpha)**by_place"
    assert first.numbers == pytest.approx({1.0: 2, 2.0: 3})


def test_a_number_by_steps_is_a_law_of_t():
    made = solved("m", lambda x, t: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"] * (1 + t) / 2)
    varying = [x for x in made if x.by == "step" and str(x.old) == "g"]
    assert law(varying[0].numbers, varying[0].room) == "0.5*t + 0.5"


def test_of_a_norm():
    made = solved("m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"] / x["norm"])
    assert "g/norm" in {str(x.new) for x in made}


def test_of_a_norm_up_to_a_bound():
    made = solved(
        "m",
        lambda x, _: (
            b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"] * np.minimum(3 * x["norm"], 10) / 3
        ),
    )
    assert not any("Min" in str(x.new) for x in made)  # three times a norm is no plain bound of it
    made = solved(
        "m", lambda x, _: b(x, 1) * x["m_prev"] + (1 - b(x, 1)) * x["g"] * np.minimum(x["norm"], 4)
    )
    assert "g*Min(4, norm)" in {str(x.new) for x in made}


def test_nothing_is_found_in_noise():
    """Numbers that follow from nothing have no formula."""
    noise = np.random.default_rng(7).normal(size=ROWS)
    assert solved("m", lambda _x, _t: noise) == []


def test_what_is_equal_is_kept_once():
    atoms = {
        Symbol("a", real=True): np.array([2.0, 3.0]),
        Symbol("b", real=True): np.array([2.0, 3.0]),
    }
    found = pool(atoms)
    values = [tuple(x) for x in np.asarray(found.values, dtype=np.float32).tolist()]
    assert len(values) == len(set(values))
    assert all(found.costs[i] <= found.costs[i + 1] for i in range(len(found) - 1))


@pytest.mark.parametrize(
    ("low", "high", "want"),
    [
        (0.94999, 0.95001, 0.95), (7.99, 8.01, 8.0), (-8.01, -7.99, -8.0), (-0.1, 0.1, 0.0),
        (1.5258e-5, 1.5259e-5, 2.0**-16), (9.9e-8, 1.01e-7, 1e-7),
    ],
)  # fmt: skip
def test_the_plainest_number_is_recognised(low, high, want):
    assert recognised(low, high)[0] == want


@pytest.mark.parametrize(("low", "high"), [(1.0, 9.0), (2.0, 1.0), (1.0, float("inf"))])
def test_what_tells_nothing_is_no_number(low, high):
    assert recognised(low, high) is None


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (lambda t: min(t, 4), "min(t, 4)"),
        (lambda t: t - 1, "t - 1"),
        (lambda t: 1 / (1 + 0.01 * (t - 1)), "1/(0.01*t + 0.99)"),
        (lambda t: 0.9 * 0.99**t, "0.9*0.99**t"),
        (lambda t: 3 * t**0.5, "3*t**0.5"),
    ],
)
def test_a_law_is_recognised(of, says):
    assert law({float(t): of(t) for t in range(1, 12)}, 1e-12) == says


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (lambda t: 0.999**t, "0.999**t"),
        (lambda t: 0.9 * 0.99 ** (t - 1), "0.9*0.99**(t - 1)"),
        (lambda t: 1 - t**-0.8, "1 - t**-0.8"),
        (lambda t: (t - 1) % 4 + 1, "(t - 1) mod 4 + 1"),
        (lambda t: t % 3, "t mod 3"),
    ],
)
def test_powers_and_cycles_are_laws_too(of, says):
    assert law({float(t): float(of(t)) for t in range(1, 30)}, 1e-10) == says


def test_a_count_that_goes_on_every_third_step_is_a_law():
    assert law({float(t): float(t // 3 + 1) for t in range(1, 12)}, 1e-9) == "floor(t/3) + 1"


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (
            lambda x: (1 - np.exp(-x["alpha"] * x["weight_decay"])) / x["weight_decay"],
            "(1 - exp(-alpha*weight_decay))/weight_decay",
        ),
        (lambda x: (1 - x["beta2"] ** (x["t"] / 2)) ** 2, "(1 - beta2**(t/2))**2"),
        (
            lambda x: x["beta2"] * (1 - x["alpha"] * x["weight_decay"]),
            "beta2*(-alpha*weight_decay + 1)",
        ),
    ],
)
def test_a_number_is_a_law_of_those_of_its_step(made, says):
    drawn = np.random.default_rng(5)
    count = 40
    values = {
        "alpha": drawn.uniform(0.001, 0.1, count),
        "beta2": drawn.uniform(0.5, 0.99, count),
        "weight_decay": drawn.uniform(0.01, 0.2, count),
        "t": np.tile(np.arange(1.0, 6.0), count // 5),
    }
    exact = made(values)
    laws = Laws(np.arange(count), values)
    found = laws.law_of(exact * (1 - 1e-6), exact * (1 + 1e-6))
    assert found is not None
    assert str(found[0]) == says
    noise = drawn.uniform(0.1, 1, count)
    assert laws.law_of(noise * (1 - 1e-6), noise * (1 + 1e-6)) is None


def test_a_law_allows_each_number_what_is_not_known_of_it():
    numbers = {float(t): 0.5**t for t in range(1, 12)} | {50.0: 0.0}
    rooms = dict.fromkeys(numbers, 1e-9) | {50.0: 1e-5}
    assert law(numbers, rooms) == "0.5**t"
    assert law(numbers | {3.0: 0.126}, rooms) is None


def test_what_follows_no_law_has_none():
    assert law({1.0: 0.3, 2.0: 0.9, 3.0: 0.1, 4.0: 0.7}, 1e-9) is None


def test_ends_of_float64_overflow_without_a_warning():
    """NumPy's numbers would warn: the suite takes a warning for an error."""
    huge = np.float64(np.finfo(np.float64).max)
    assert recognised(huge / 1.2, huge) is None
    assert recognised(-huge, -huge / 1.2) is None


def test_what_is_beyond_float32_is_infinite_and_nobody_is_warned():
    """Gradients of 1e20 have squares that float32 has not."""
    made = as_float32(np.array([1.5, 1e40, -1e300, np.nan]))
    assert made.dtype == np.float32
    assert made.tolist()[:3] == [1.5, np.inf, -np.inf]


def test_whole_numbers_are_added_up_where_a_formula_is_written():
    t = Symbol("t", real=True)
    with evaluate(False):
        inner = 1 - (Integer(2) * Integer(-2))
        assert written(Max(1, inner / t, evaluate=False)) == "max(1, 5/t)"
        assert written(t * (1 - Rational(9, 10))) == "t·(1 - 0.9)"  # as its author has it


def test_formulas_that_differ_in_order_and_brackets_alone_are_one():
    a, x, y = symbols("a x y", real=True)
    with evaluate(False):
        one, other = a * (x * y) + 1 / (x + y), Mul(Mul(y, a), x)
        same = Pow(y + x, Integer(-1)) + other
        twice = a * (x * (y * y)) + 1 / (x + y)
    assert shape_of(one) == shape_of(same)
    assert len({shape_of(z) for z in (one, twice, other, a - x, x - a)}) == 5
