"""Each check of the proof checker is needed: without it, some test of it fails."""

from __future__ import annotations

import ast

import pytest

from checker_mutants import noticed, places, without

PLACES = places()


def test_every_file_of_the_core_that_refuses_is_looked_at():
    files = {place.path.name for place in PLACES}
    assert {"check.py", "closed.py", "defined.py", "limits.py", "runs.py", "stalling.py"} <= files
    assert len(PLACES) >= 160


def test_what_is_left_is_a_program():
    for place in PLACES:
        assert ast.parse(without(place))


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_test_notices_that_a_check_is_gone(place):
    assert noticed(place)
