"""One exact step of any optimizer of the family, against the certified run of its rule."""

from __future__ import annotations

import numpy as np
import pytest

from adamref import rules, run
from adamref.errors import MissingInput, OutOfDomain, UnknownName
from adamref.golden.exact import exact_step

THETA = np.array([0.5, -0.0625, 1.75, 0.0])
GRADIENTS = np.array([[0.75, -1.5, 0.375, 0.0], [-0.5, -0.625, 2.0, 3.0], [1.25, 0.8125, -1.0, -2]])
NEWER = (
    "radam", "adabelief", "lion", "adopt", "ademamix", "cautious-adamw", "schedule-free-adamw",
    "nadam", "rmsprop", "adagrad", "adamax",
)  # fmt: skip
CASES = [rule for name in NEWER for rule in rules.optimizer(name).rules()]


# Each rule always in one of the formats, in turns, and in both by make test-long.
DTYPES = ("float32", "float64")
IN_TURNS = [
    pytest.param(rule, dtype, id=f"{rule.name} {' '.join(rule.dialect.values())}-{dtype}",
                 marks=marks)
    for i, rule in enumerate(CASES)
    for dtype, marks in ((DTYPES[i % 2], ()), (DTYPES[1 - i % 2], pytest.mark.long))
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "dtype"), IN_TURNS)
def test_it_is_a_step_of_the_run(rule, dtype):
    """Step by step from the rounded states, as ``run(..., resync=True)`` works them."""
    hyper = {name: one.generic for name, one in rule.hypers.items()}
    trace = run(rule, THETA, GRADIENTS, dtype=dtype, resync=True, **hyper)
    hyper["lr"] = hyper.pop("alpha")
    known = {**{n: float(x) for n, x in hyper.items()}, "theta": THETA}
    held = {
        name: np.full(4, rule.line(name).begun(known)).astype(dtype)
        for name in rule.states
        if name != "theta"
    }
    theta = THETA.astype(dtype)
    for step, g in zip(trace, GRADIENTS, strict=True):
        made = exact_step(
            theta,
            g.astype(dtype),
            t=step.t,
            optimizer=rule.name,
            dialect=rule.dialect,
            state=held,
            **hyper,
        )
        assert made.states.keys() == held.keys()
        for name, got in {"theta": made.theta, **made.states}.items():
            assert got.dtype == np.dtype(dtype)
            np.testing.assert_array_equal(got, step[name], err_msg=f"{name}[t={step.t}]")
        theta, held = made.theta, made.states


def test_it_stays_a_tuple_of_four():
    one = np.array([1.0])
    theta, m, v, v_max = exact_step(one, one, t=1, lr=0.5, optimizer="lion", m=one * 0)
    assert (theta[0], m[0], v, v_max) == (0.5, 0.01, None, None)
    step = exact_step(one, one, one, one, t=1, lr=0.5, optimizer="amsgrad", v_max=one)
    assert list(step.states) == ["m", "v", "v_max"]


def test_elements_that_meet_are_worked_together():
    """Cautious AdamW with all elements agreeing: size/(size + 1) of AdamW's step."""
    theta, g, zero = np.zeros(3), np.ones(3), np.zeros(3)
    made = exact_step(theta, g, zero, zero, t=1, lr=1, eps=0, optimizer="cautious-adamw")
    np.testing.assert_array_equal(made.theta, [-0.75, -0.75, -0.75])


def test_what_is_refused():
    one = np.array([1.0])
    with pytest.raises(MissingInput, match="z is missing"):
        exact_step(one, one, v=one, t=1, lr=1, optimizer="schedule-free-adamw", state={
            "alpha_max": one, "weight_sum": one,
        })  # fmt: skip
    with pytest.raises(OutOfDomain, match="v = an array, but should be absent for lion"):
        exact_step(one, one, one, one, t=1, lr=1, optimizer="lion")
    with pytest.raises(UnknownName, match="hyperparameter of lion 'eps' is unknown"):
        exact_step(one, one, one, t=1, lr=1, eps=1e-8, optimizer="lion")
    with pytest.raises(UnknownName, match="axis 'form' is unknown"):
        exact_step(one, one, one, t=1, lr=1, optimizer="lion", form="eps-hat")
    with pytest.raises(UnknownName, match="dialect of radam 'form=eps-inside' is unknown"):
        exact_step(one, one, one, one, t=1, lr=1, optimizer="radam", form="eps-inside")
    with pytest.raises(UnknownName, match="optimizer 'ewa' is unknown"):
        exact_step(one, one, one, t=1, lr=1, optimizer="ewa")


def test_a_form_is_an_axis_of_whatever_optimizer_has_one():
    one, given = np.ones(1), {"t": 1, "lr": "0.1"}
    radam = exact_step(one, one, one, one, **given, optimizer="radam", form="eps-hat")
    said = exact_step(one, one, one, one, **given, optimizer="radam", dialect={"form": "eps-hat"})
    assert radam.theta == said.theta
    inside = exact_step(one, one, one, one, **given, form="eps-root", eps_root="0.5", eps=0)
    same = exact_step(one, one, one, one, **given, form="eps-inside", eps="0.5")
    assert inside.theta == same.theta


def test_what_elements_share_may_be_beyond_columns():
    """The rate of AdEMAMix's slow average is inf/inf where beta1 is 0, which has no logarithm."""
    one, schedule = np.ones(2, np.float32), {"schedule": "paper"}
    state = {"m_slow": one}
    step = exact_step(
        one, one, one, one, t=2, lr="0.1", beta1=0, beta2="0.5", eps="1", optimizer="ademamix",
        dialect=schedule, state=state, beta3="0.5", alpha_mix="1", warmup="4",
    )  # fmt: skip
    assert step.m.tolist() == [1, 1]
    assert np.isnan(step.theta).all()
