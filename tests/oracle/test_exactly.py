"""The right values of a table are those of `run`, of `exact_step` and of the golden vectors."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

import observed
from adamref import exact_step, run
from adamref.golden import catalogue
from adamref.numbers import formats
from adamref.oracle.judge.dialects import Dialect
from adamref.oracle.judge.exactly import right_values, states_of
from adamref.oracle.observe.calling.values import numpy_dtype
from adamref.oracle.observe.running import Record
from adamref.oracle.observe.sessions.session import Held
from adamref.oracle.observe.table import table
from adamref.oracle.observe.trials import trials

PROBES = (
    "generic-float32-literal", "generic-float32-mixed", "generic-float32-rounded",
    "generic-eps-hat-float32", "generic-eps-root-float32", "generic-uncorrected-float32",
    "generic-float64", "generic-bfloat16-mixed", "schedule-float32", "missing-float32",
    "large-float32", "subnormal-float32", "inf-float32", "nan-adam-float32",
    "eps-zero-gradient-zero-float32", "jump-2e31-float32", "generic-adamw-after-float32",
    "generic-l2-float32", "generic-amsgrad-float32", "generic-amsgrad-v-hat-float32",
)  # fmt: skip


def of_probe(name):
    """Return a probe, as the trial that is made of it, with the dialect that it is for."""
    probe = catalogue.probes()[name]
    (trial,) = trials(probe.dtype, probe.rule, [name])
    dialect = Dialect(
        probe.rule, tuple(probe.the_rule.dialect.items()), hyper=probe.hyper, held=probe.dtype
    )
    return probe, trial, dialect


def resynchronised(probe, trial, dialect):
    """What a machine without errors would show: each step rounded once, the next from there."""
    lanes = []
    for j, theta in enumerate(trial.thetas):
        taken = [i for i, g in enumerate(trial.grads) if g[j] is not None]
        trace = run(
            dialect.rule,
            theta,
            [trial.grads[i][j] for i in taken],
            state=dict(trial.states[j]),
            t=trial.firsts[j],
            dtype=probe.dtype,
            convention=probe.hyper,
            compute="storage",
            resync=True,
            alpha=[trial.alphas[i] for i in taken],
            **{n: x for n, x in trial.hyper.items() if n in dialect.rule.defaults},
        )
        made, now = dict(zip(taken, trace, strict=True)), None
        lane = []
        for i in range(len(trial.grads)):
            now = made.get(i, now)
            states = {n: as_float64(now[n]) for n in states_of(dialect)} if now else trial.states[j]
            lane.append(Held(as_float64(now.theta) if now else theta, states, 0))
        lanes.append(lane)
    return [list(step) for step in zip(*lanes, strict=True)]


def as_float64(x):
    return np.asarray(x).astype(np.float64)


def same(one, other):
    """Bit for bit, but that NaN is NaN."""
    one, other = as_float64(one), as_float64(other)
    return np.array_equal(one, other, equal_nan=True) and np.array_equal(
        np.signbit(one[one == 0]), np.signbit(other[other == 0])
    )


@pytest.mark.parametrize("name", PROBES)
def test_they_are_those_of_a_resynchronised_run(name):
    probe, trial, dialect = of_probe(name)
    record = Record(trial, resynchronised(probe, trial, dialect))
    rows = table([record], probe.dtype)
    right = right_values(
        rows, dialect, observed.numbers(rows, dialect), observed.machine(probe.dtype)
    )
    assert right.keys() == {"theta", *states_of(dialect)}
    for field, values in right.items():
        assert same(values, rows.got[field]), field


@pytest.mark.parametrize("name", [x for x in PROBES if x != "missing-float32"])
def test_the_first_step_is_the_one_in_the_golden_file(name):
    """Whose first step is recorded always, for every tensor."""
    probe, trial, dialect = of_probe(name)
    file = files("adamref").joinpath("data", "golden", f"{name}.json")
    (first, *_) = json.loads(file.read_text(encoding="utf-8"))["trace"]
    rows = table([Record(trial, resynchronised(probe, trial, dialect)[:1])], probe.dtype)
    right = right_values(
        rows, dialect, observed.numbers(rows, dialect), observed.machine(probe.dtype)
    )
    for field, values in right.items():
        recorded = [float.fromhex(x) for x in first["fields"][field]["hex"]]
        assert same(values[: len(recorded)], recorded), field


def test_they_are_those_of_exact_step():
    trial = observed.trial([[0.5, -2.0]], [[[0.1, -15.0]], [[0.25, 3.0]]])
    dialect = observed.paper("float64", "literal")
    made = exact_step(
        *(trial.thetas[0], trial.grads[0][0], np.zeros(2), np.zeros(2)),
        **{"t": 1, "lr": 0.1, **observed.HYPER},
    )
    held = Held(made.theta, {"m": made.m, "v": made.v}, 1)
    rows = table([Record(trial, [[held]])], "float64")
    right = right_values(
        rows, dialect, observed.numbers(rows, dialect), observed.machine("float64")
    )
    assert all(same(right[n], getattr(made, n)) for n in ("theta", "m", "v"))


def test_a_hidden_state_is_worked_from_the_first_step_on():
    """Theta then comes from float64, and in float32 that is right too."""
    probe, trial, dialect = of_probe("generic-float32-mixed")
    shown = resynchronised(probe, trial, dialect)
    hidden = [[Held(x.theta) for x in step] for step in shown]
    rows = table([Record(trial, hidden)], "float32")
    made = right_values(rows, dialect, observed.numbers(rows, dialect), observed.machine("float32"))
    fmt = formats.get("float32")
    count = trial.thetas[0].size
    assert same(made["theta"][:count], rows.got["theta"][:count])
    distances = [fmt.distance(*x) for x in zip(made["theta"], rows.got["theta"], strict=True)]
    assert max(distances) <= 1


def test_a_missing_gradient_leaves_everything():
    trial = observed.trial([[0.5]], [[[3.0]], [None]])
    held = Held(np.array([0.25]), {"m": np.array([1.0]), "v": np.array([2.0])}, 1)
    rows = table([Record(trial, [[held], [held]])], "float32")
    dialect = observed.paper("float32")
    right = right_values(
        rows, dialect, observed.numbers(rows, dialect), observed.machine("float32")
    )
    assert [right[n][1] for n in ("theta", "m", "v")] == [0.25, 1, 2]


def test_the_dtypes_of_the_formats_are_numpys():
    pytest.importorskip("ml_dtypes")
    assert [numpy_dtype(f.dtype).itemsize for f in formats.FORMATS] == [2, 2, 4, 8]


def test_states_are_those_that_a_step_needs():
    assert states_of(observed.paper("float32")) == {"m", "v"}
    amsgrad = observed.paper("float32", optimizer="amsgrad", amsgrad="v")
    assert states_of(amsgrad) == {"m", "v", "v_max"}
