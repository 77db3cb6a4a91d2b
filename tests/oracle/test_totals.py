"""What a factor was worked from is told: of which tensors, of what of them, and up to what."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Symbol

import observed
from adamref.oracle.explain.lines import causes, wrong_lines
from adamref.oracle.explain.totals import totals
from adamref.oracle.judge.fit import Fitter
from adamref.oracle.judge.identification import Identified
from adamref.solving.features import Features
from adamref.solving.inversion import Interval

GENERIC = {"beta1": 0.83, "beta2": 0.97, "eps": 0.0137, "weight_decay": 0.17}


def told(made, known, off=2.0**-22):
    keys = np.arange(len(made))
    size = off * np.abs(made)
    its = {Symbol(n, real=True): x for n, x in known.items()}
    return Features(keys, its).of(Interval(made - size, made + size), keys)


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (lambda x, _: 1 / (x + 1e-6), "1/(x + 1/1000000)"),
        (lambda x, _: np.minimum(1, 1 / (np.abs(x) + 1e-6)), "Min(1, 1/(x + 1/1000000))"),
        (lambda x, _: np.minimum(1, 1 / np.abs(x)), "Min(1, 1/x)"),
        (lambda _, y: 0.3 / (y + 0.01), "3/(10*(y + 1/100))"),
        (lambda _, y: np.minimum(1, 0.7 / y), "Min(1, 7/(10*y))"),
        (lambda x, _: np.maximum(x, 4), "Max(4, x)"),
        (lambda _, y: 2 * y + 3, "2*y + 3"),
    ],
)
def test_which_of_several_a_number_was_worked_from(of, said):
    random = np.random.default_rng(11)
    x, y = (np.exp(random.uniform(-2, 3, 40)) for _ in range(2))
    assert str(told(of(x, y), {"x": x, "y": y})) == said


def test_a_number_of_nothing_that_is_known_is_none():
    random = np.random.default_rng(12)
    x = np.exp(random.uniform(-2, 3, 40))
    assert told(random.uniform(1, 2, 40), {"x": x}) is None
    assert told(1 / x + random.uniform(0, 1e-3, 40), {"x": x}) is None


def still(theta, g, state, t, h):
    del g, t, h
    return theta, state


def seen_of(thetas, grads):
    return observed.seen(observed.Stepping(still), [observed.trial(thetas, grads)], "float64")


def test_sums_over_tensors_are_of_the_tensors_that_are_named():
    thetas = [np.ones(2), np.ones((2, 2)), np.ones(1)]
    grads = [[np.array([3.0, 4.0]), np.full((2, 2), 1.0), np.array([-12.0])]]
    seen = seen_of(thetas, grads)
    found = {x.name: y for x, y in totals(seen, {}, {}).items()}
    tensor = seen.columns["tensor"]

    def each(name):
        return [float(found[name][tensor == j][0]) for j in range(3)]

    assert each("Σg²") == [25, 4, 144]
    assert each("Σg² over all tensors") == [173, 173, 173]
    assert each("Σ|g| over all tensors") == [23, 23, 23]
    assert each("Σ‖g‖ over all tensors") == [19, 19, 19]
    assert each("max|g| over all tensors") == [12, 12, 12]
    assert each("‖g of the first tensor‖") == [5, 5, 5]
    assert each("‖g of the last tensor‖") == [12, 12, 12]
    assert each("‖g of the tensors so far‖") == [5, np.sqrt(29), np.sqrt(173)]
    assert each("‖g of the tensors from here on‖") == [np.sqrt(173), np.sqrt(148), 12]
    before = each("‖g of the tensor before‖")
    assert np.isnan(before[0])
    assert before[1:] == [5, 2]


def test_of_whom_is_left_out_nothing_is_known():
    """An empty tensor has no row: which is the first of those that were stepped is not known."""
    seen = seen_of([np.ones(0), np.ones(2)], [[np.ones(0), np.array([3.0, 4.0])]])
    found = {x.name: y for x, y in totals(seen, {}, {}).items()}
    assert np.isnan(found["‖g of the first tensor‖"]).all()
    assert (found["Σg² over all tensors"] == 25).all()


def moments(g, state, h):
    m = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    return m, h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g


def two_wrong(theta, g, state, t, h):
    """AdamW: t - 1 in the correction of v from t = 2 on, and vectors are not decayed."""
    m, v = moments(g, state, h)
    v_hat = v / (1 - h["beta2"] ** max(t - 1, 1))
    kept = theta if theta.ndim < 2 else theta * (1 - h["lr"] * h["weight_decay"])
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v_hat) + h["eps"])
    return kept - h["lr"] * step, {"m": m, "v": v}


def shifted(theta, g, state, t, h):
    """Adam whose loop reads the element before, which it has written already."""
    m, v = state["m"].copy(), moments(g, state, h)[1]
    for i in range(m.size):
        m[i] = h["beta1"] * m[i - 1] + (1 - h["beta1"]) * g[i]
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    return theta - h["lr"] * step, {"m": m, "v": v}


def brackets(theta, g, state, t, h):
    """Adam that adds eps to the quotient."""
    m, v = moments(g, state, h)
    root = np.sqrt(v / (1 - h["beta2"] ** t))
    return theta - h["lr"] * (m / (1 - h["beta1"] ** t) / root + h["eps"]), {"m": m, "v": v}


def solved(step, optimizer, **axes):
    random = np.random.default_rng(8)
    trials = []
    for shape in ((6,), (2, 3)):
        for decay in (0.0, 0.17):
            hyper = {**GENERIC, "weight_decay": decay}
            if optimizer == "adam":
                del hyper["weight_decay"]
            grads = [[random.uniform(0.5, 4, shape)] for _ in range(5)]
            states = [{n: random.uniform(0.5, 2, shape) for n in ("m", "v")}]
            given = observed.trial(
                [random.normal(size=shape)], grads, hyper=hyper, states=states, alpha=0.013
            )
            trials.append(given)
    seen = observed.seen(observed.Stepping(step), trials, "float64", optimizer)
    dialect = observed.paper("float64", optimizer=optimizer, **axes)
    numbers, machine = observed.numbers(seen, dialect), observed.machine("float64")
    fit = Fitter(seen, numbers, machine, apart=True).fit(dialect)
    return causes(Identified(fit, machine, numbers, conforms=False), seen, {})


@pytest.mark.slow
def test_two_causes_of_one_line_are_told_one_beside_the_other():
    first, second = solved(two_wrong, "adamw")
    # t >= 2 without the other; vectors that are decayed, at t >= 2 with it and at t = 1 alone.
    assert (first.explained, second.explained, first.wrong) == (72, 24 + 6, 102)
    assert first.lines == second.lines == ("theta",)
    assert (first.change, first.where.says) == ("-1 + t stands for t", "t >= 2")
    assert (second.change, second.where.says) == ("-α·λ is missing", "the number of axes = 1")
    assert first.confirmed
    assert second.confirmed
    assert "β₂^(-1 + t)" in second.says  # in a line that has the first in it


def test_a_loop_in_place_that_reads_what_it_has_written_is_told():
    (only,) = (x for x in solved(shifted_flat, "adam") if x.lines == ("m",))
    assert only.change == "m[(i-1) mod n] stands for mₜ₋₁"
    assert only.confirmed


def shifted_flat(theta, g, state, t, h):
    """The same, of any shape."""
    made, states = shifted(theta.ravel(), g.ravel(), {n: x.ravel() for n, x in state.items()}, t, h)
    return made.reshape(theta.shape), {n: x.reshape(theta.shape) for n, x in states.items()}


def test_a_sum_that_stands_outside_its_brackets_is_told():
    (only,) = solved(brackets, "adam")
    assert only.confirmed
    assert only.explained == only.wrong
    assert only.says == "θₜ = θₜ₋₁ - α·(mₜ/√(vₜ/(1 - β₂ᵗ))/(1 - β₁ᵗ) + ε)"


def halves(theta, g, state, t, h):
    """Adam that squares in float16."""
    half = g.astype(np.float16)
    m = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    v = h["beta2"] * state["v"] + (1 - h["beta2"]) * (half * half).astype(g.dtype)
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    return theta - h["lr"] * step, {"m": m, "v": v}


def test_an_operation_that_is_worked_in_fewer_bits_is_told():
    (only,) = solved(halves, "adam")
    assert only.says == "vₜ = β₂·vₜ₋₁ + (1 - β₂)·float16(float16(gₜ)²)"
    assert only.confirmed


def spreading(theta, g, state, t, h):
    """Adam whose v has the sum of all squares, and whose gradient has 0 * theta added."""
    g = g + 0.0 * theta
    m, v = moments(np.where(np.isnan(g), 0, g).sum() + 0 * g, state, h)
    m = moments(g, state, h)[0]
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    return np.where(theta > 2, np.inf, theta - h["lr"] * step), {"m": m, "v": v}


def test_no_number_in_theta_is_no_fault_of_another_line():
    grads = [[np.array([0.5, 1.5])] for _ in range(3)]
    trial = observed.trial([np.array([3.0, 0.25])], grads, hyper=GENERIC, alpha=0.013)
    seen = observed.seen(observed.Stepping(spreading), [trial], "float64", "adam")
    dialect = observed.paper("float64", optimizer="adam")
    numbers, machine = observed.numbers(seen, dialect), observed.machine("float64")
    fit = Fitter(seen, numbers, machine, apart=True).fit(dialect)
    wrong = wrong_lines(Identified(fit, machine, numbers, conforms=False), seen)
    assert np.isnan(seen.got["m"]).any()
    assert "v" in wrong
    assert "m" not in wrong


def tail_left(theta, g, state, t, h):
    """Adam that leaves what is behind the last whole four elements."""
    made, states = right(theta, g, state, t, h)
    own = np.arange(g.size).reshape(g.shape) < g.size // 4 * 4
    return np.where(own, made, theta), {n: np.where(own, x, state[n]) for n, x in states.items()}


def right(theta, g, state, t, h):
    m, v = moments(g, state, h)
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    return theta - h["lr"] * step, {"m": m, "v": v}


def test_a_formula_that_loses_all_its_digits_is_no_cause():
    """Where beta1 and its complement are added nothing is left of what is right elsewhere."""
    (only,) = solved(tail_left, "adam")
    assert only.lines == ("m", "v", "theta")
    assert only.change.startswith("the step is not taken")
    assert not only.where.is_everywhere
