"""Faults planted under suites of which it is known what they see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adamref.errors import CannotRun
from adamref.mutation.mutate import mutate
from adamref.mutation.runs import is_pytest
from adamref.outside import departure
from adamref.render import render
from suites import (
    ABSENT,
    CRASHES,
    EXACT,
    FAILING,
    FAILS,
    FIRST_STEP,
    HANGS,
    OF_FAST,
    OPTIMIZER,
    PASSES,
    SCRIPT,
)

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Return what writes tests beside an optimizer and plants faults under them."""
    (tmp_path / "mine.py").write_text(OPTIMIZER)
    monkeypatch.chdir(tmp_path)

    def planted(text, *faults, **options):
        (tmp_path / "test_mine.py").write_text(text)
        command = (*PYTEST, "test_mine.py")
        return mutate("mine:Adam", command, faults=faults, jobs=1, **options)

    return planted


def test_a_command_of_pytest_is_known():
    assert is_pytest(["/usr/bin/pytest", "-q"]) == 1
    assert is_pytest(["python3", "-I", "-m", "pytest"]) == 4
    assert not is_pytest(["make", "test"])


@pytest.mark.slow
def test_a_suite_with_planted_weaknesses(suite):
    found = suite(FIRST_STEP, *PASSES, *FAILS)
    assert found.baseline == "passed"
    assert (found.tests, found.reaching) == (2, 1)
    assert {x.id for x in found.of("survived")} == set(PASSES)
    assert {x.id for x in found.of("killed")} == set(FAILS)
    assert {x.by for x in found.of("killed")} == {("test_mine.py::test_first_step",)}
    assert found.exit_code == 1
    for one in found.of("survived"):
        assert one.because.startswith(PASSES[one.id]), one
        assert one.effect
    assert departure(found.to_json(), "mutate.schema.json") is None
    for format_ in ("text", "html"):
        written = render(found, format_)
        assert all(one.id in written for one in found.of("survived"))


@pytest.mark.slow
def test_the_test_to_paste_passes_and_kills(suite):
    (before,) = suite(FIRST_STEP, "m_hat-without-power").faults
    assert before.verdict == "survived"
    pasted = before.shown_by.test
    after = suite(FIRST_STEP + pasted, "m_hat-without-power")
    assert [x.verdict for x in after.faults] == ["killed"]
    assert after.exit_code == 0


@pytest.mark.long
def test_the_smallest_set_kills_all(suite):
    found = suite(FIRST_STEP, smallest=True, budget=0.0)
    assert len(found.minimal.probes) <= 12
    assert not found.minimal.untold
    core = [x.id for x in found.faults if x.core]
    assert set(found.minimal.told) == set(core)
    some = core[:: max(1, len(core) // 12)]
    after = suite(found.minimal.text, *some)
    assert [x.id for x in after.of("killed")] == some


@pytest.mark.slow
def test_what_is_no_fault_is_not_planted(suite):
    found = suite(FIRST_STEP, "bias-uncorrected", "without-alpha", "t-while-missing")
    assert [(x.id, x.verdict) for x in found.faults] == [
        ("without-alpha", "equivalent"),
        ("bias-uncorrected", "dialect"),
        ("t-while-missing", "undetectable"),
    ]
    assert all(x.because for x in found.faults)
    assert found.exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [(HANGS, "did not end: it took longer than 3 s, in test_mine.py::test_hangs"),
     (CRASHES, "did not end: it was ended by SIGABRT, in test_mine.py::test_crashes"),
     (ABSENT, "pytest collects no tests"),
     ("import nowhere\n", "cannot be collected"),
     ("def test_of_nothing(): pass\n", "no test imports mine:Adam")],
    ids=["hangs", "crashes", "none", "broken", "elsewhere"],
)  # fmt: skip
def test_what_cannot_be_run_is_said(suite, text, says):
    options = {"timeout": 3.0} if text == HANGS else {}
    with pytest.raises(CannotRun, match=says.replace(".", r"\.").replace(":", ":")):
        suite(text, "t-ahead", **options)


@pytest.mark.slow
def test_tests_that_fail_anyway_are_the_report(suite):
    found = suite(FAILING, "t-ahead")
    assert (found.baseline, found.exit_code, found.faults) == ("failed", 2, ())
    assert found.because == "the tests fail with the target itself"
    assert found.failures == (("test_mine.py::test_fails", "ValueError: it never worked"),)


@pytest.mark.slow
def test_tests_that_compare_to_the_bit_are_told(suite):
    found = suite(EXACT, "t-ahead")
    assert found.baseline == "failed"
    assert found.because.startswith("the tests fail with a right drop-in")
    again = suite(EXACT, "t-ahead", "schedule-late", own_rounding=True)
    assert {x.id: x.verdict for x in again.faults} == {
        "t-ahead": "killed", "schedule-late": "survived",
    }  # fmt: skip


@pytest.mark.slow
def test_a_command_that_is_no_pytest(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(OPTIMIZER)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT)
    command = (sys.executable, "script.py")
    found = mutate("mine:Adam", command, faults=["t-ahead", "schedule-late"], jobs=1)
    assert {x.id: x.verdict for x in found.faults} == {
        "t-ahead": "killed", "schedule-late": "survived",
    }  # fmt: skip


@pytest.mark.slow
def test_nothing_is_left_running(suite):
    with pytest.raises(CannotRun):
        suite(HANGS, "t-ahead", timeout=2.0)
    listed = subprocess.run(["ps", "-eo", "cmd"], capture_output=True, text=True, check=True)
    assert "test_mine.py::" not in listed.stdout


@pytest.mark.long
def test_the_tests_of_fast_see_what_is_planted_in_it(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    command = (*PYTEST, "tests/fast/test_fast_golden.py")
    found = mutate("adamref.fast:adam_step", command, faults=(*FAILS, *PASSES, *OF_FAST), jobs=1)
    assert {x.verdict for x in found.faults} == {"killed"}, found.of("survived")
    assert len(found.faults) == len(FAILS) + len(PASSES) + len(OF_FAST)
    assert found.exit_code == 0
