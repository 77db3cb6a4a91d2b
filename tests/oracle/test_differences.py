"""The first difference: where it is, and the step worked again, by a snippet that can be pasted."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

import observed
import plantable
import planted
from adamref import rules, run
from adamref.numbers import formats
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.differences import first_differences, shortest
from adamref.oracle.judge.exactly import right_values
from adamref.oracle.judge.identification import Fitters
from adamref.oracle.observe.trials import trials


def judged(rows, dialect, machine):
    """Return a table with its judgement and its right values."""
    found = Fitters(rows, machine).fitted(dialect)
    return rows, found, right_values(rows, dialect, found.numbers, machine)


def first(fault, dtype="float32", optimizer="adam", name="random-generic", *, visible=True):
    """Return the first difference that a planted fault makes from the usual dialect."""
    session = plantable.Planted(
        planted.FAULTS["adam", "float32"][fault], optimizer, visible=visible
    )
    chosen = trials(dtype, optimizer, [f"{name}-{dtype}"])
    rows = observed.seen(session, chosen, dtype, optimizer)
    convention = "literal" if dtype == "float64" else "mixed"
    dialect = dialects(optimizer, {}, [(convention, dtype)])[0]
    rows, found, right = judged(rows, dialect, observed.machine(dtype))
    return first_differences(rows, found, right, found.fit.bound, found.fit.over)[0]


def printed(snippet):
    """Run a snippet as whoever pastes it does; return its table, by column."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet], check=True, capture_output=True, text=True
    )
    names, values = (line.rstrip(">").split() for line in done.stdout.splitlines()[1:3])
    return dict(zip(names, values, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("bias-correction-without-power", {}),
        ("eps-subtracted", {"dtype": "float64"}),
        ("bias-correction-without-power", {"visible": False}),
        ("eps-subtracted", {"optimizer": "adamw"}),
        ("eps-subtracted", {"optimizer": "amsgrad"}),
    ],
)
def test_the_snippet_prints_the_value_that_is_wanted(fault, options):
    found = first(fault, **options)
    assert found.field == "theta"
    made = printed(found.snippet)
    assert float(made["theta"]) == float(found.want)
    assert int(made["t"]) == found.t
    for line in found.lines:
        assert float(made[line.field]) == float(line.right), line


def test_the_lines_say_what_run_says_and_what_they_have():
    found = first("bias-correction-without-power")
    assert [line.field for line in found.lines] == ["m", "v", "m_hat", "v_hat", "delta", "theta"]
    shown = {line.field: line.theirs for line in found.lines}
    assert {name for name, theirs in shown.items() if theirs is None} == {"m_hat", "v_hat", "delta"}
    assert shown["theta"] == found.got
    assert shown["m"] is not None
    assert found.lines[-1].right == found.want
    assert all(line.symbols and line.latex for line in found.lines)


def test_it_says_where_and_by_how_much():
    found = first("eps-subtracted")
    assert str(found) == (
        f"theta[t=1, i=0] = {found.got}, but should be {found.want} (bound {found.bound})"
    )
    assert abs(float(found.got) - float(found.want)) > float(found.bound) > 0


def test_of_several_tensors_it_says_which():
    found = first("first-tensor-only", name="tensors")
    assert (found.tensor, found.t) == (1, 1)
    assert "tensor=1" in str(found)


def test_after_a_load_its_own_state_is_given():
    found = first("eps-subtracted", name="random-state")
    assert found.t == 17
    assert "t=17" in found.snippet
    assert float(printed(found.snippet)["theta"]) == float(found.want)


class Off(observed.Stepping):
    """Right but for two values of the second step."""

    def step(self, grads, lr=None):
        (held,) = super().step(grads, lr)
        if self._held[0][2] == 2:
            held.states["v"][1] *= 1.5
            held.theta[0] += 1
        return [held]


def test_the_earliest_step_comes_first_then_the_first_line():
    """v of the second step is wrong at element 1, theta at element 0: v comes first."""

    def step(theta, g, state, t, h):
        m = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
        v = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
        below = np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"]
        return theta - h["lr"] * (m / (1 - h["beta1"] ** t)) / below, {"m": m, "v": v}

    dialect = observed.paper("float32")
    trial = observed.trial([[0.5, 0.25]], [[[3.0, -1.0]]] * 2)
    rows, found, right = judged(
        observed.seen(Off(step), [trial]), dialect, observed.machine("float32")
    )
    over = found.fit.over
    made = first_differences(rows, found, right, found.fit.bound, over)
    assert set(made) == {0}
    assert (made[0].t, made[0].field, made[0].index) == (2, "v", 1)
    none = {name: np.zeros_like(x) for name, x in over.items()}
    assert first_differences(rows, found, right, found.fit.bound, none) == {}


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.1, "float64", "0.1"),
        (float(np.float32(0.1)), "float32", "0.1"),
        (float(np.float16(0.1)), "float16", "0.1"),
        (2.0**-149, "float32", "1e-45"),
        (0.1, "float32", "0.1"),
        (float("inf"), "float32", "inf"),
        (float("nan"), "float16", "nan"),
        (-0.0, "float32", "-0.0"),
    ],
)
def test_floats_are_written_as_their_shortest_decimal(value, dtype, text):
    """What is no number of the format is written in full, as a float64."""
    assert shortest(value, formats.get(dtype)) == text


def test_a_snippet_for_a_narrow_storage_works_in_the_numbers_that_are_held():
    """Float32 arithmetic holds its rates in float32, not in the format of theta."""
    pytest.importorskip("ml_dtypes")

    def step(theta, g, state, t, h):
        m0, v0, wide = (x.astype(np.float32) for x in (state["m"], state["v"], g))
        m = h["beta1"] * m0 + (1 - h["beta1"]) * wide
        v = h["beta2"] * v0 + (1 - h["beta2"]) * wide * wide
        below = np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"]
        new = theta.astype(np.float32) - 2 * h["lr"] * (m / (1 - h["beta1"] ** t)) / below
        return new.astype(theta.dtype), {"m": m.astype(theta.dtype), "v": v.astype(theta.dtype)}

    fmt, wide = formats.BFLOAT16, formats.BINARY32
    grads = [[np.array([1.8671875, -3.0]).astype("float64")]]
    rows = observed.seen(
        observed.Stepping(step),
        [observed.trial([[0.0, 0.0]], grads, hyper={"beta1": 0.83, "beta2": 0.97, "eps": 0.0137})],
        "bfloat16",
    )
    machine = observed.Machine(wide, fmt, dict.fromkeys(("m", "v", "v_max"), fmt))
    dialect = observed.paper("float32")
    rows, found, right = judged(rows, dialect, machine)
    made = first_differences(rows, found, right, found.fit.bound, found.fit.over)
    shown = printed(made[0].snippet)
    for name, want in (("m", made[0].lines[0].right), ("theta", made[0].want)):
        assert fmt.round(Fraction(shown[name])) == fmt.round(Fraction(want)), name


def test_run_is_what_the_lines_come_from():
    """The lines that are not shown, against a run of one's own."""
    found = first("eps-subtracted")
    (trial,) = trials("float32", "adam", ["random-generic-float32"])
    step = run(
        rules.ADAM, trial.thetas[0][0], [trial.grads[0][0][0]],
        dtype="float32", convention="mixed", alpha=trial.alphas[0], **trial.hyper,
    )[0]  # fmt: skip
    for line in found.lines:
        assert np.float32(line.right) == step[line.field]
