"""Nothing false is proved: records made to be fallen for, each of a kind of its own."""

from __future__ import annotations

import pytest

import false_meanings  # noqa: F401 - adds to them
from adamref.logic.check import algebra
from adamref.theorems.prove import outcome
from false_records import FALSE


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refused(name):
    assert algebra(FALSE[name]).refusal is not None


@pytest.mark.parametrize("name", ["two-stored-states", "invented-fact", "root-of-anything"])
def test_no_verdict_says_that_it_is_proved(name):
    assert outcome(FALSE[name]).verdict == "UNKNOWN"
