"""A simulation of all rows at once gives what `run` gives row by row, with faults and without."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import observed
import plantable
from adamref import run
from adamref.faults import cases
from adamref.numbers.arrays import POWER_SLACK, one_minus_power, power
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.exactly import states_of
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.simulation import Simulator, inputs_of
from adamref.oracle.observe.running import Record
from adamref.oracle.observe.sessions.session import Held
from adamref.oracle.observe.table import table
from adamref.oracle.observe.trials import trials

CLOSE = 2.0**-40
"""Relative to the greatest term: a few hundred float64 operations, of which some cancel digits."""

GRADS = ([0.75, -1.5, 0.375], [-0.5, -0.625, 2.0], None, [1.25, 0.5, -0.25], [2.0, -3.0, 0.5])
THETA = [0.5, -0.0625, 1.75]
LITERAL = {
    optimizer: dialects(optimizer, {}, [("literal", "float64")])
    for optimizer in ("adam", "adam-l2", "adamw", "amsgrad")
}
EVERY = [x for some in LITERAL.values() for x in some]


def hyper(dialect):
    given = {
        "beta1": 0.83, "beta2": 0.97, "eps": 0.11, "weight_decay": 0.07, "eps_root": 0.05,
    }  # fmt: skip
    return {n: x for n, x in given.items() if n in dialect.rule.defaults}


def worked(rule, dialect, grads=GRADS):
    """Run a rule to thirty digits: the steps that have a gradient, by number."""
    taken = [i for i, g in enumerate(grads) if g is not None]
    alpha = [0.013 * (i + 1) for i in taken]
    trace = run(rule, THETA, [grads[i] for i in taken], digits=30, alpha=alpha, **hyper(dialect))
    return dict(zip(taken, trace, strict=True))


def shown(made, dialect, grads=GRADS, *, visible):
    """Lay out a trace as what an implementation showed."""
    steps, held = [], Held(np.array(THETA), {n: np.zeros(3) for n in visible}, 0)
    for i in range(len(grads)):
        if i in made:
            states = {n: floats(made[i][n]) for n in visible}
            held = Held(floats(made[i].theta), states, len(steps))
        steps.append([held])
    trial = observed.trial(
        [THETA],
        [[g] for g in grads],
        alpha=tuple(0.013 * (i + 1) for i in range(len(grads))),
        hyper=hyper(dialect),
    )
    return table([Record(trial, steps)], "float64")


def floats(values):
    return np.array([float(x) for x in values])


def simulated(rows, hypothesis, wanted):
    inputs = inputs_of(rows, observed.numbers(rows, hypothesis.dialect))
    return Simulator(rows).run(hypothesis.model(inputs, rows), wanted)


def assert_close(values, made, name, grads=GRADS):
    """Compare a column with a trace; where a gradient was missing, with the step before."""
    now = None
    for i, column in enumerate(values.reshape(len(grads), -1)):
        now = made.get(i, now)
        want = floats(now[name])
        known = np.isfinite(want)
        assert np.array_equal(column[~known], want[~known], equal_nan=True), (name, i)
        off = np.abs(column[known] - want[known])
        assert (off <= CLOSE * np.maximum(np.abs(want[known]), 2.0**-20)).all(), (name, i, off)


def name_of(dialect):
    return "-".join((dialect.optimizer, *dict(dialect.axes).values()))


@pytest.mark.parametrize("visible", [True, False], ids=["visible", "hidden"])
@pytest.mark.parametrize("dialect", EVERY, ids=name_of)
def test_every_dialect_is_simulated_as_it_is_run(dialect, visible):
    """With a missing gradient and a learning rate of its own at each step."""
    made = worked(dialect.rule, dialect)
    states = states_of(dialect)
    rows = shown(made, dialect, visible=states if visible else ())
    names = ("theta", *states)
    for name, values in simulated(rows, correct(dialect), names).items():
        assert_close(values, made, name)


EDITS = [fault for fault in cases() if fault.edit and not fault.drive and not fault.told_as]


@pytest.mark.parametrize("fault", EDITS, ids=lambda fault: fault.id)
def test_a_fault_of_the_rule_is_simulated_as_the_edited_rule_is_run(fault):
    """In the first dialect that has a place for it."""
    dialect, edited = next((d, x) for d in EVERY if (x := fault.applied(d.rule)))
    (hypothesis,) = [x for x in singles(dialect, "float64", limits=True) if x.ids == (fault.id,)]
    made = worked(edited, dialect)
    for visible in (states_of(dialect), ()):
        rows = shown(made, dialect, visible=visible)
        names = ("theta", *states_of(dialect))
        for name, values in simulated(rows, hypothesis, names).items():
            assert_close(values, made, name)


TRIALS = ("random-generic-float32", "missing-float32", "schedule-float32", "tensors-float32")


@pytest.mark.parametrize("visible", [True, False], ids=["visible", "hidden"])
def test_what_models_share_does_not_change_them(visible):
    """One simulator for all faults, one after another, and a new one for each."""
    session = plantable.Planted({}, "adam", visible=visible)
    rows = observed.seen(session, trials("float32", "adam", TRIALS))
    inputs = inputs_of(rows, observed.numbers(rows, observed.paper("float32")))
    common = Simulator(rows)
    for hypothesis in singles(observed.paper("float32"), "float32", limits=True):
        model = hypothesis.model(inputs, rows)
        one, other = (x.run(model, ("theta", "m", "v")) for x in (common, Simulator(rows)))
        for name in other:
            assert np.array_equal(one[name], other[name], equal_nan=True), (hypothesis.ids, name)


def test_a_line_that_is_stored_in_a_narrower_format_is_rounded():
    dialect = LITERAL["adam"][0]
    rows = shown(worked(dialect.rule, dialect), dialect, visible=("m", "v"))
    (narrow,) = [x for x in singles(dialect, "float64") if x.ids == ("v-in-float32",)]
    made, right = (simulated(rows, x, ("theta", "m", "v")) for x in (narrow, correct(dialect)))
    assert np.array_equal(made["m"], right["m"])
    taken = rows.columns["taken"]
    assert np.array_equal(made["v"][taken], right["v"][taken].astype(np.float32))


@given(rate=st.floats(0.0, 1.0, exclude_max=True), t=st.integers(0, 2**31))
def test_powers_and_their_complements_are_right_to_sixteen_units(rate, t):
    """Against mpmath: 1 - beta**t does not cancel where beta is near 1."""
    complement = 1 - mpmath.mpf(rate)
    made = one_minus_power(np.array([float(complement)]), np.array([float(t)]))[0]
    base = power(np.array([rate]), np.array([float(complement)]), np.array([float(t)]))[0]
    with mpmath.workprec(200):
        # What is not in float64 is rounded before: the right base is that of the complement.
        want = 1 - (1 - mpmath.mpf(float(complement))) ** t
        assert abs(made - want) <= POWER_SLACK * want
        if 0.5 < rate < 1:
            assert abs(base - (1 - want)) <= POWER_SLACK * (1 + t) + 2.0**-1074
