"""What float64 and its error bound settle is what balls and pairs say, to the bit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import observed
from adamref import rules
from adamref.numbers.formats import get
from adamref.oracle.judge import exactly
from adamref.oracle.judge.dialects import Dialect
from adamref.oracle.judge.enclosed import _Powers, enclosed
from adamref.oracle.observe.running import Record
from adamref.oracle.observe.sessions.session import Held
from adamref.oracle.observe.table import table_of


def drawn_table(rule, dtype, *, steps=2, size=32):
    """Return a table of numbers of a format, of many sizes; what was answered is never looked at.

    Among them are zeros, ties, subnormal numbers, infinities and NaN.
    """
    drawn = np.random.default_rng(20_150_513)
    special = [0.0, -0.0, 1.0, -1.5, np.inf, -np.inf, np.nan, float(get(dtype).smallest)]

    def numbers():
        made = drawn.standard_normal(size) * 2.0 ** drawn.integers(-12, 12, size)
        made[: len(special)] = drawn.permutation(special)
        return made.astype(dtype).astype(np.float64)

    states = [name for name in rule.states if name != "theta"]
    answered = [
        [Held(numbers(), {n: np.abs(numbers()) for n in states}, i + 1)] for i in range(steps)
    ]
    trial = observed.trial([numbers()], [[numbers()] for _ in range(steps)])
    start = {name: (np.abs(numbers()),) for name in states}
    return table_of([Record(trial, answered, initial=start)], dtype, rule.name)


def nothing(table, *_):
    return {}, np.zeros(len(table), dtype=bool)


@pytest.mark.parametrize(
    ("name", "hyper", "dtype"),
    [
        *(("adam", hyper, "float32") for hyper in ("literal", "rounded", "mixed")),
        *((name, "literal", "float32") for name in ("adamw", "amsgrad", "adamax", "lion")),
        ("amsgrad", "mixed", "float16"),
        ("adabelief", "mixed", "float32"),
    ],
)
def test_they_are_those_of_the_exact_step(monkeypatch, name, hyper, dtype):
    rule = rules.get(name)
    rows = drawn_table(rule, dtype)
    dialect = Dialect(name, tuple(rule.dialect.items()), hyper=hyper, held=dtype)
    given = rows, dialect, observed.numbers(rows, dialect), observed.machine(dtype)
    made = exactly.right_values(*given)
    known = enclosed(rows, dialect.rule, *given[2:], list(made))[1]
    monkeypatch.setattr(exactly, "enclosed", nothing)
    want = exactly.right_values(*given)
    assert known.mean() > 0.5
    assert not known.all()
    for field, values in made.items():
        assert np.array_equal(values[known], want[field][known]), field
        assert np.array_equal(values, want[field], equal_nan=True), field
        assert np.array_equal(np.signbit(values[known]), np.signbit(want[field][known])), field


def test_a_rule_with_functions_of_a_library_is_left_alone():
    rule = rules.get("nadam")
    rows = drawn_table(rule, "float32", steps=1)
    dialect = Dialect("nadam", tuple(rule.dialect.items()))
    numbers = observed.numbers(rows, dialect)
    made, known = enclosed(rows, dialect.rule, numbers, observed.machine("float32"), ["theta"])
    assert made == {}
    assert not known.any()


def test_what_float64_cannot_tell_apart_is_left():
    """A tie is half way between two numbers, so that what it may be rounds to both."""
    rule = rules.get("adam")
    m, hyper = np.array([1.0, 1.0 + 2.0**-23]), {"beta1": 0.5, "beta2": 0.5, "eps": 1e-8}
    trial = observed.trial([np.zeros(2)], [[np.ones(2)]], hyper=hyper)
    held = Held(np.zeros(2), {"m": m, "v": m}, 1)
    rows = table_of([Record(trial, [[held]], initial={"m": (m,), "v": (m,)})], "float32", "adam")
    dialect = observed.paper("float32", "literal")
    numbers = observed.numbers(rows, dialect)
    fields = ["theta", "m", "v"]
    _, known = enclosed(rows, rule, numbers, observed.machine("float32"), fields)
    # (1 + 1 + 2**-23) / 2 lies between 1 and the next number of float32.
    assert known.tolist() == [True, False]


def test_powers_are_the_nearest_numbers():
    rows = drawn_table(rules.get("adam"), "float32")
    numbers = observed.numbers(rows, observed.paper("float32", "mixed"))
    t = rows.columns["t"].astype(float)
    made = _Powers(numbers).of("beta2", t, t, t, _from_one=True)
    base = numbers.exact(0)["beta2.base"]
    assert np.unique(t).tolist() == [1, 2]
    for step, value in zip(t, made, strict=True):
        assert value == float(1 - Fraction(base) ** int(step))
    half = np.where(t == 1, 0.5, t)
    assert np.isnan(_Powers(numbers).of("beta2", t, t, half, _from_one=True)[t == 1]).all()
