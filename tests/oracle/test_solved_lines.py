"""What was solved in one dialect is asked of another only where that knows the same numbers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sympy import Symbol

import observed
from adamref import faults
from adamref.oracle.check import check
from adamref.oracle.explain import explaining
from adamref.oracle.explain.lines import causes
from adamref.oracle.judge.fit import Fitter
from adamref.oracle.judge.identification import Identified
from adamref.oracle.report.summary import diagnosis, headline
from drawn import planted
from plantable import judged

PROBES = ("generic-l2-float32", "generic-float32-literal", "random-generic-float32")
"""With a weight decay and without, few values."""


def wrong(theta, g, state, t, h):
    """RMSprop with its momentum's rate in the average of squares."""
    del t
    v = h["beta1"] * state["v"] + (1 - h["beta1"]) * g * g
    b = h["beta1"] * state["b"] + g / (np.sqrt(v) + h["eps"])
    return theta - h["lr"] * b, {"v": v, "b": b}


def solved(seen, known, optimizer="rmsprop", **axes):
    dialect = observed.paper("float64", optimizer=optimizer, **axes)
    numbers, machine = observed.numbers(seen, dialect), observed.machine("float64")
    fit = Fitter(seen, numbers, machine, apart=True).fit(dialect)
    return causes(Identified(fit, machine, numbers, conforms=False), seen, known)


def test_a_dialect_without_a_number_is_not_told_that_it_stands_in_its_lines():
    random = np.random.default_rng(3)
    thetas, states = [np.ones(24)], [{n: random.uniform(1, 2, 24) for n in ("v", "b")}]
    grads = [[random.uniform(1, 4, 24)] for _ in range(4)]
    hyper = {"beta1": 0.75, "beta2": 0.9, "eps": 0.25}
    trial = observed.trial(thetas, grads, hyper=hyper, states=states)
    session = observed.Stepping(wrong, visible=("v",))
    seen = observed.seen(session, [trial], "float64", "rmsprop")
    known = {}
    with_it = solved(seen, known, momentum="rate-outside")
    assert "β₁ stands for β₂" in [x.change for x in with_it if x.lines == ("v",)]
    without = solved(seen, known)
    assert without
    assert not any("β₁" in x.change for x in without)


def negative(theta, g, state, t, h):
    """Adam with 1 - 1/beta2**t, which is negative."""
    m = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    v = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** -t)) + h["eps"])
    return theta - h["lr"] * step, {"m": m, "v": v}


def test_a_root_of_something_negative_is_told():
    random = np.random.default_rng(4)
    trial = observed.trial([np.ones(8)], [[random.uniform(-4, 4, 8)] for _ in range(3)])
    seen = observed.seen(observed.Stepping(negative), [trial], "float64", "adam")
    with np.errstate(invalid="ignore"):
        (only,) = solved(seen, {}, "adam")
    assert "is negative" in only.change
    assert (only.where.says, only.confirmed) == ("", False)
    assert only.wrong == only.explained == 8


def hidden_edit(m_line, v_line):
    """Adam that keeps its moments to itself, with other lines for them."""

    class Step:
        __slots__ = ("_b1", "_b2", "_eps", "_lr", "_m", "_t", "_v", "theta")

        def __init__(self, theta, lr, beta1, beta2, eps):
            self.theta, self._t, self._m, self._v = theta, 0, 0 * theta, 0 * theta
            self._lr, self._b1, self._b2, self._eps = lr, beta1, beta2, eps

        def step(self, g):
            self._t += 1
            m, v = self._m, self._v
            self._m = m_line(m, g, self._b1, self._b2)
            self._v = v_line(v, g, m, self._b2)
            m_hat = self._m / (1 - self._b1**self._t)
            root = np.sqrt(self._v / (1 - self._b2**self._t))
            moved = self._lr * m_hat / (root + self._eps)
            self.theta = (self.theta - moved).astype(self.theta.dtype)
            return self.theta

    return Step


def right_m(m, g, b1, b2):
    del b2
    return b1 * m + (1 - b1) * g


def right_v(v, g, m, b2):
    del m
    return b2 * v + (1 - b2) * g * g


@pytest.mark.slow
@pytest.mark.parametrize(
    ("m", "v", "line", "formula"),
    [
        (lambda m, g, b1, b2: b2 * m + (1 - b1) * g, right_v, "m", "mₜ = β₂·mₜ₋₁ + (1 - β₁)·gₜ"),
        pytest.param(
            right_m, lambda v, g, m, b2: b2 * v + (1 - b2) * m * g, "v",
            "vₜ = β₂·vₜ₋₁ + (1 - β₂)·(gₜ·mₜ₋₁)", marks=pytest.mark.long,
        ),
        pytest.param(
            right_m, lambda v, g, _, b2: b2 * v + (1 - b2) * np.abs(g) ** 3, "v",
            "vₜ = β₂·vₜ₋₁ + (1 - β₂)·|gₜ|·gₜ²", marks=pytest.mark.long,
        ),
    ],
)  # fmt: skip
def test_a_line_that_is_not_shown_is_read_back_from_theta_and_solved(m, v, line, formula):
    report = check(hidden_edit(m, v), isolate=False, optimizer="adam")
    (only,) = report.diagnosis
    assert (only.line, only.formula, only.where) == ((line,), formula, "")
    assert only.confirmed
    assert "is not shown" in only.change
    assert report.tried["hypotheses"] < 1_000


def stale_behind_the_middle(theta, grad, state, *, lr, beta1, beta2, eps):
    """Adam whose second half is given the gradient of the step before; nothing is shown."""
    m, v, t, last = (0 * theta, 0 * theta, 0, grad) if state is None else state()
    flat, its = np.ravel(grad).copy(), np.ravel(last)
    middle = (flat.size + 1) // 2
    flat[middle:] = its[middle:]
    g, t = flat.reshape(theta.shape), t + 1
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    moved = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return (theta - moved).astype(theta.dtype), lambda: (m, v, t, grad)


def begun_again_where_the_rate_changes(theta, grad, state, *, lr, beta1, beta2, eps):
    """Adam that makes its states anew where it is given another rate; nothing is shown."""
    kept = (lr, 0 * theta, 0 * theta, 0) if state is None else state()
    _, m, v, t = kept if kept[0] == lr else (lr, 0 * theta, 0 * theta, 0)
    t = t + 1
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad * grad
    moved = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return (theta - moved).astype(theta.dtype), lambda: (lr, m, v, t)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "where", "change"),
    [
        pytest.param(
            stale_behind_the_middle,
            "the element's number less half of how many there are >= 0 and t >= 2",
            "gₜ₋₁ stands for gₜ",
            marks=pytest.mark.long,
        ),
        (
            begun_again_where_the_rate_changes,
            "alpha is not that of the step before",
            "m and v begin from 0 again, and t from 1",
        ),
    ],
)
def test_what_hidden_lines_do_in_places_is_told_with_the_condition(step, where, change):
    report = check(step, isolate=False, optimizer="adam")
    (only,) = report.diagnosis
    assert (only.line, only.where, only.confirmed) == (("m", "v"), where, True)
    assert only.change == f"{change} (m and v are not shown: theta follows from it)"
    assert only.counts["explained"] >= 0.99 * only.counts["wrong"]


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", pytest.param("bfloat16", marks=pytest.mark.long)])
def test_what_was_solved_in_theta_is_looked_up_by_what_it_gives(dtype):
    fault = faults.get("eps-scaled-by-root-of-correction")
    report = judged(planted(fault, "adam", dtype, visible=False), dtype, "adam")
    assert [x.faults for x in report.diagnosis] == [(fault.id,)]


def returning_early(theta, g, state, t, h):
    """Adam that returns where the gradient's norm is small, and does not count that step."""
    del t
    count = state.get("n", 0) + 1
    if np.linalg.norm(g) < 1e-3:
        return theta, state
    m = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    v = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
    m_hat, v_hat = m / (1 - h["beta1"] ** count), v / (1 - h["beta2"] ** count)
    return theta - h["lr"] * m_hat / (np.sqrt(v_hat) + h["eps"]), {"m": m, "v": v, "n": count}


@pytest.mark.slow
def test_a_step_that_is_not_taken_is_told_apart_from_a_count_that_is_behind():
    random = np.random.default_rng(6)
    sizes = [1.0, 1e-5, 1.0, 1e-5, *[1.0] * 8]
    grads = [[size * random.uniform(1, 4, 12)] for size in sizes]
    seen = observed.seen(
        observed.Stepping(returning_early), [observed.trial([np.ones(12)], grads)], "float64"
    )
    still, behind = solved(seen, {}, "adam")
    assert still.change.startswith("the step is not taken")
    assert still.lines == ("m", "v", "theta")
    assert still.where.rows[seen.columns["g"] < 1e-3].all()
    assert behind.lines == ("theta",)
    assert behind.change.startswith("c(t) stands for t")


@pytest.mark.parametrize(
    ("nearest", "farther", "chosen"),
    [
        ([(3436, 0)], [(7955, 4520), (3434, 0)], "nearest"),  # a cause more, and as much untold
        ([(3436, 0)], [(7955, 7000), (955, 0)], "farther"),
        ([(40, 0), (9, 9)], [(40, 0)], "farther"),
        ([(40, 40)], [(9, 9)], "nearest"),  # nothing is left: no other is asked
        ([(40, 40), (40, 40)], [(40, 40)], "farther"),  # one cause of the line is less than two
        ([(40, 40), (40, 40)], [(40, 40), (40, 40)], "nearest"),
    ],
)
def test_a_dialect_that_is_farther_off_has_to_tell_more(monkeypatch, nearest, farther, chosen):
    told = {
        name: [
            SimpleNamespace(wrong=wrong, explained=known, lines=("theta",), formulas=(Symbol("x"),))
            for wrong, known in its
        ]
        for name, its in (("nearest", nearest), ("farther", farther))
    }
    monkeypatch.setattr(explaining, "causes", lambda found, *_: told[found.name])
    dialects = [SimpleNamespace(axes=name, name=name) for name in told]
    fits = {
        x.name: SimpleNamespace(name=x.name, fit=SimpleNamespace(misses=lambda _: 0))
        for x in dialects
    }
    apart = SimpleNamespace(rows=None, table=None, fitted=lambda x: fits[x.name])
    dialect, found = explaining._solved(apart, dialects, dialects, {})
    assert dialect.name == chosen
    assert found is told[chosen]


def decayed_in_the_step(theta, g, state, *, lr, beta1, beta2, eps, weight_decay):
    """Decay added to m within the step, in place of to the gradient; epsilon as in eps-hat."""
    state = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = state["t"] + 1
    m = beta1 * state["m"] + (1 - beta1) * g
    v = beta2 * state["v"] + (1 - beta2) * g * g
    size = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    step = size * (m + weight_decay * theta) / (np.sqrt(v) + eps)
    return theta - step, {"m": m, "v": v, "t": t}


@pytest.mark.slow
def test_what_is_one_thing_in_the_states_is_told_beside_what_is_another_in_theta():
    report = check(decayed_in_the_step, isolate=False, optimizer="adam-l2", probes=PROBES)
    assert report.dialect["form"] == "eps-hat"
    states, theta = report.diagnosis
    assert (states.line, states.faults) == (("m", "v"), ("decay-ignored",))
    assert theta.line == ("theta",)
    assert theta.change == "λ·θₜ₋₁ is added to mₜ"
    said = headline(report)
    assert "m and v: looks like decay-ignored; theta: λ·θₜ₋₁ is added to mₜ; first seen" in said
    assert "Effect" not in "".join(diagnosis(report))  # what it does to a run alone


def warmed(theta, g, state, t, h):
    """Scale m by how much alpha fell; leave the first of four alone from the second step on."""
    last = state.get("last", h["lr"])
    m = h["beta1"] * (state["m"] * (h["lr"] / last if h["lr"] < last else 1)) + (1 - h["beta1"]) * g
    v = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    still = (np.arange(theta.size) == 0) & (theta.size == 4)
    new = np.where(still, theta, theta - h["lr"] * step)
    return new, {"m": m, "v": v, "last": h["lr"]}


def test_a_factor_is_of_two_rates_and_nothing_is_said_of_rows_that_there_are_none_of():
    """Theta was said to follow from the right m where it is wrong in other tensors alone."""
    random = np.random.default_rng(9)
    hyper = {"beta1": 0.83, "beta2": 0.97, "eps": 0.0137}
    rates = (0.05, 0.02, 0.03, 0.03, 0.01, 0.012)
    made = [
        observed.trial([random.uniform(-1, 1, 6)], [[random.uniform(1, 4, 6)] for _ in rates],
                       alpha=rates, hyper=hyper),
        observed.trial([random.uniform(-1, 1, 4)], [[random.uniform(1, 4, 4)] for _ in range(4)],
                       hyper=hyper),
    ]  # fmt: skip
    seen = observed.seen(observed.Stepping(warmed), made, "float64")
    of_m, of_theta = solved(seen, {}, "adam")
    assert (of_m.lines, of_m.change) == (("m",), "α·β₁/αₜ₋₁ stands for β₁")
    assert of_m.where.says == "alpha is less than that of the step before"
    assert not of_m.stored
    assert of_theta.lines == ("theta",)
    assert of_theta.change.startswith("θₜ₋₁ is kept")


def heavy(theta, g, state, *, lr, beta1, beta2, eps):
    """Called AdaBelief below, and Adam with an epsilon that piles up in v."""
    state = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = state["t"] + 1
    m = beta1 * state["m"] + (1 - beta1) * g
    v = beta2 * state["v"] + (1 - beta2) * g * g + eps
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - step, {"m": m, "v": v, "t": t}


@pytest.mark.slow
def test_what_is_judged_by_its_name_is_noted_as_what_else_it_is(monkeypatch):
    monkeypatch.setattr(heavy, "__name__", "adabelief_step")
    monkeypatch.setattr(heavy, "__qualname__", "adabelief_step")
    report = check(
        heavy, isolate=False, probes=["generic-float32-literal", "random-generic-float32"]
    )
    assert report.optimizer == "adabelief"
    (note,) = [x for x in report.findings if x.id == "by-its-name"]
    assert note.severity == "note"
    assert note.says == (
        "It was judged as adabelief, which is what it is called; it deviates as adam too: v: ε is "
        "added to β₂·vₜ₋₁"
    )
