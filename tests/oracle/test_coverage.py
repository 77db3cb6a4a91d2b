"""Every fault has a probe that separates it from what is right, and the page of faults says so."""

from __future__ import annotations

import numpy as np
import pytest

import fault_page as writer
from adamref import faults
from adamref.mutation.separation import ProbesMade


@pytest.fixture(scope="module")
def found():
    return writer.coverage()


@pytest.mark.slow
def test_the_page_is_what_the_catalogue_and_the_simulation_say(found):
    """Otherwise write it again: python tests/support/fault_page.py."""
    assert writer.TARGET.read_text("utf-8") == writer.page(found)


@pytest.mark.slow
def test_every_fault_is_separated_and_limits_only_at_the_edges(found):
    assert {fault.id for fault in writer.shown()} == found.keys()
    for fault in writer.shown():
        assert bool(found[fault.id].core) != fault.limit, fault.id
        assert found[fault.id].core or found[fault.id].edge, fault.id


@pytest.mark.slow
def test_a_fault_is_shown_where_it_is_one(found):
    for fault in writer.shown():
        if fault.dtypes:
            assert found[fault.id].setting.split()[2] in fault.dtypes


@pytest.mark.slow
def test_what_is_not_told_apart_is_so_both_ways(found):
    by_setting = {}
    for id_, its in found.items():
        by_setting.setdefault(its.setting, {})[id_] = its.alike
    for alike in by_setting.values():
        for id_, others in alike.items():
            assert id_ not in others
            assert all(id_ in alike[x] for x in others if x in alike)


@pytest.mark.slow
def test_a_fault_that_is_a_dialect_is_called_one(found):
    assert "bias_correction=off" in found["bias-uncorrected"].alike


def test_a_fault_is_told_as_one_of_the_catalogue_or_as_a_dialect():
    for fault in faults.every():
        if fault.told_as and "=" not in fault.told_as:
            assert faults.get(fault.told_as).told_as == ""


@pytest.mark.slow
def test_a_rounding_is_separated_where_it_changes_the_number_for_sure(found):
    """What is stored in bfloat16 differs from a float32; the bound of a rounding alone hides it."""
    assert "random-generic-float32" in found["v-in-bfloat16"].core
    assert found["v-in-bfloat16"].alike == ()


def test_a_link_leads_to_where_it_was_seen():
    url = "https://github.com/a-b/c.d/issues/12"
    assert writer.linked("a-b/c.d#12, in words") == f"[a-b/c.d#12]({url}), in words"


def test_intervals_that_touch_are_not_apart_and_nothing_known_tells_nothing():
    one = ProbesMade(
        np.array([0.0, 0.0, np.inf, np.nan, 0.0]), np.array([1.0, 1.0, 0.0, np.nan, np.inf])
    )
    its = ProbesMade(np.array([2.0, 2.5, 0.0, np.nan, 9.0]), np.array([1.0, 1.0, 1.0, np.nan, 0.0]))
    assert one.apart(its).tolist() == [False, True, True, False, False]
    assert its.apart(one).tolist() == [False, True, True, False, False]
