"""Lines of states that are not shown: read back from theta, solved, followed and looked up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import observed
from adamref.oracle.explain.hidden import hidden_cause
from adamref.oracle.explain.names import named
from adamref.oracle.judge.fit import Fitter
from adamref.oracle.judge.identification import Identified

pytestmark = pytest.mark.slow

HYPER = {"beta1": 0.83, "beta2": 0.97, "eps": 0.0137}


def adam(theta, g, state, t, h, *, m_line=None, v_line=None, last=None):
    """A step of Adam with other lines for its moments."""
    m, v = state["m"], state["v"]
    m = h["beta1"] * m + (1 - h["beta1"]) * g if m_line is None else m_line(m, g, h)
    v = h["beta2"] * v + (1 - h["beta2"]) * g * g if v_line is None else v_line(v, g, h)
    m_hat, v_hat = m / (1 - h["beta1"] ** t), v / (1 - h["beta2"] ** t)
    return theta - h["lr"] * m_hat / (np.sqrt(v_hat) + h["eps"]), {"m": m, "v": v, "last": last}


def other_rate(theta, g, state, t, h):
    return adam(theta, g, state, t, h, m_line=lambda m, g, h: h["beta2"] * m + (1 - h["beta1"]) * g)


def summed(theta, g, state, t, h):
    return adam(theta, g, state, t, h, v_line=lambda v, g, h: h["beta2"] * v + g * g)


def small_gradients_unsquared(theta, g, state, t, h):
    def line(v, g, h):
        return h["beta2"] * v + (1 - h["beta2"]) * np.where(np.abs(g) < 0.5, np.abs(g), g * g)

    return adam(theta, g, state, t, h, v_line=line)


def stale_from_the_third(theta, g, state, t, h):
    last, own = state.get("last", g), g
    if t >= 3:
        g = last
    return adam(theta, g, state, t, h, last=own)


def begun_again(theta, g, state, t, h):
    state = state if h["lr"] == 0.05 or t == 1 else {"m": 0 * theta, "v": 0 * theta}
    return adam(theta, g, state, t, h)


def summed_with_decay(theta, g, state, t, h):
    """The decay in the gradient, and v without the weight of what is new."""
    g = g + h["weight_decay"] * theta
    return adam(theta, g, state, t, h, v_line=lambda v, g, h: h["beta2"] * v + g * g)


def cause_of(step, alpha=0.05, dtype="float64", optimizer="adam", **hyper):
    """What is found where no state is shown, and the dialect in which it was looked for."""
    random = np.random.default_rng(8)
    trials = [
        observed.trial(
            [random.uniform(-1, 1, n)],
            [[random.uniform(-2, 2, n)] for _ in range(6)],
            alpha=alpha,
            hyper={**HYPER, **hyper},
        )
        for n in (5, 12)
    ]
    seen = observed.seen(observed.Stepping(step, visible=()), trials, dtype, optimizer)
    dialect = observed.paper(dtype, optimizer=optimizer)
    numbers, machine = observed.numbers(seen, dialect), observed.machine(dtype)
    fit = Fitter(seen, numbers, machine, apart=True).fit(dialect)
    found = Identified(fit, machine, numbers, conforms=False)
    return hidden_cause(found, seen), found, seen


@pytest.mark.parametrize(
    ("step", "lines", "says", "where"),
    [
        (other_rate, ("m",), "mₜ = β₂·mₜ₋₁ + (1 - β₁)·gₜ", ""),
        (small_gradients_unsquared, ("v",), "vₜ = β₂·vₜ₋₁ + (1 - β₂)·|gₜ|", "|g| <= 0.5"),
        (
            stale_from_the_third,
            ("m", "v"),
            "mₜ = β₁·mₜ₋₁ + (1 - β₁)·gₜ₋₁; vₜ = β₂·vₜ₋₁ + (1 - β₂)·gₜ₋₁²",
            "t >= 3",
        ),
    ],
)
def test_a_hidden_line_is_solved_with_its_condition(step, lines, says, where):
    cause, _, seen = cause_of(step)
    assert (cause.lines, cause.says, cause.where.says) == (lines, says, where)
    assert cause.confirmed
    assert cause.explained == cause.wrong > 0
    assert cause.spared == (0 if not where else (~cause.where.rows & seen.judged).sum())


def test_states_that_begin_from_zero_again_are_told_with_where():
    cause, *_ = cause_of(begun_again, alpha=(0.05, 0.05, 0.02, 0.05, 0.02, 0.05))
    assert cause.change.startswith("m and v begin from 0 again (")
    assert cause.where.says == "alpha is not that of the first step"
    assert cause.confirmed


@pytest.mark.parametrize("rough", [1e-3, 1e-6])
def test_a_line_that_nothing_accounts_for_is_told_as_none(rough):
    random = np.random.default_rng(2)

    def noisy(theta, g, state, t, h):
        new, state = adam(theta, g, state, t, h)
        return new * (1 + rough * random.standard_normal(theta.shape)), state

    assert cause_of(noisy)[0] is None


def test_a_right_step_has_no_hidden_cause():
    assert cause_of(adam)[0] is None


def test_what_was_solved_has_the_names_of_what_gives_the_same():
    cause, found, seen = cause_of(summed)
    (one,) = named([cause], found, seen)
    assert [x.id for x in one.faults] == ["v-without-complement"]
    (none,) = named([replace(cause, where=replace(cause.where, says="t >= 2"))], found, seen)
    assert none.faults == ()


def test_a_line_of_a_gradient_with_decay_in_it_is_read_back():
    """A KeyError: the gradient with its decay is a line of its own, which nothing shows."""
    cause, _, _ = cause_of(summed_with_decay, optimizer="adam-l2", weight_decay=0.17)
    assert cause is not None
    assert (cause.lines, cause.where.says, cause.confirmed) == (("v",), "", True)
    assert "vₜ = β₂·vₜ₋₁ + (gₜ + λ·θₜ₋₁)²" in cause.says
