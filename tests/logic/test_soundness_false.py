"""Nothing false is proved: records made to be fallen for, each of a kind of its own."""

from __future__ import annotations

from functools import reduce
from importlib import import_module

import pytest
from sympy import And, Integer, Mul, Pow, Rational

import false_instances
import false_meanings  # noqa: F401 - adds to them
from adamref.logic.arithmetic import Certificate, Identity
from adamref.logic.check import algebra
from adamref.logic.closed import (
    DEFINITIONS,
    INFERENCES,
    MEANINGS,
    RECORDS,
    must_be,
    must_be_data,
)
from adamref.logic.proof import Cite
from adamref.logic.refusal import Refused
from adamref.logic.relations import eq, ge, le
from adamref.theorems.prove import outcome
from false_records import FALSE, Easy, Sure, Trust, Values
from small_theorems import refusal, step, x


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refused(name):
    assert algebra(FALSE[name]).refusal is not None


@pytest.mark.parametrize("name", ["two-stored-states", "invented-fact", "root-of-anything"])
def test_no_verdict_says_that_it_is_proved(name):
    assert outcome(FALSE[name]).verdict == "UNKNOWN"


def test_what_is_put_in_has_a_value():
    """A fourth root is put in where its radicand is known to be >= 0, and not elsewhere."""
    root = (x + false_instances.FAR) ** Rational(1, 4)
    by = Certificate((), (Cite(false_instances.FOURTH, {false_instances.z: root}),))
    claim = ge(x + false_instances.FAR, 0)
    assert "is nonnegative, which is not known" in refusal(claim, step(claim, by))
    assert refusal(claim, step(claim, by), domain=(ge(x, 0),)) is None


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (eq(x, x), "both sides are the same"),
        (eq(x / x, 1), "both sides are the same"),
        (le(Integer(1), Integer(2)), "no symbol"),
        (And(ge(x**2, 0), eq(x + 1, 1 + x), evaluate=False), "both sides are the same"),
        (eq(Mul(x, Pow(x, -1), evaluate=False), 1), "another statement"),
        (
            ge(Pow(Pow(x, 2, evaluate=False), Rational(1, 2), evaluate=False), 0),
            "another statement",
        ),
    ],
)
def test_what_says_nothing_is_refused(claim, why):
    """SymPy had cancelled, or would, what was to be proved."""
    assert why in refusal(claim, step(claim, Identity()))


@pytest.mark.parametrize("one", [Easy(), Trust(), Sure, object()])
def test_only_types_of_the_lists_are_taken(one):
    for listed in (INFERENCES, RECORDS, MEANINGS):
        with pytest.raises(Refused, match="not known"):
            must_be(one, listed, "something")
    must_be(Identity(), INFERENCES, "an inference")


@pytest.mark.parametrize("one", [[x], {x}, Values(), (1, [2]), Identity(([],)), lambda: 0])
def test_only_data_is_taken(one):
    with pytest.raises(Refused, match="nothing of which"):
        must_be_data(one)
    must_be_data((1, "two", {x: (x, None)}, Identity(("three",))))


def test_every_name_of_the_lists_is_there():
    for listed in (INFERENCES, RECORDS, MEANINGS, DEFINITIONS):
        for module, names in listed.items():
            for name in names:
                found = reduce(getattr, name.split("."), import_module(module))
                assert callable(found), f"{module}.{name}"
