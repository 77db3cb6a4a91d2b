"""A simulation of all rows at once gives what `run` gives row by row, with faults and without."""

from __future__ import annotations

import numpy as np
import pytest

import observed
from adamref import run
from adamref.oracle.catalogue import FAULTS
from adamref.oracle.dialects import dialects
from adamref.oracle.exactly import states_of
from adamref.oracle.hypotheses import correct, singles
from adamref.oracle.running import Record
from adamref.oracle.session import Held
from adamref.oracle.simulation import Simulator, inputs_of
from adamref.oracle.table import table

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
    its = dialect
    return f"{its.optimizer}-{its.form}-{its.bias_correction}-{its.weight_decay}-{its.amsgrad}"


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


EDITS = [fault for fault in FAULTS if fault.edit is not None and fault.drive is None]


@pytest.mark.parametrize("fault", EDITS, ids=lambda fault: fault.id)
def test_a_fault_of_the_rule_is_simulated_as_the_edited_rule_is_run(fault):
    """In the first dialect that has a place for it."""
    dialect, edited = next((d, fault.edit(d.rule)) for d in EVERY if fault.edit(d.rule))
    (hypothesis,) = [x for x in singles(dialect, "float64", limits=True) if x.faults == (fault,)]
    made = worked(edited, dialect)
    for visible in (states_of(dialect), ()):
        rows = shown(made, dialect, visible=visible)
        names = ("theta", *states_of(dialect))
        for name, values in simulated(rows, hypothesis, names).items():
            assert_close(values, made, name)
