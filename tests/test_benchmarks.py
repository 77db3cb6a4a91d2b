"""The benchmarks run, agree with each other, and name the peers that are missing."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import planted as benchmarked

ROOT = Path(__file__).parent.parent
PEERS = {"torch fused": "torch", "gmpy2 mpfr": "gmpy2"}
FEW = ("trajectory", "fast-step")
EVERY = ("trajectory", "exact-step", "fast-step", "planted")


# What is measured of exact-step, and the checks of planted faults, take most of the time.
@pytest.fixture(scope="module", params=[FEW, pytest.param(EVERY, marks=pytest.mark.long)], ids=len)
def chosen(request):
    return request.param


@pytest.fixture(scope="module")
def made(chosen, tmp_path_factory):
    """What a quick run prints, and the JSON it writes."""
    file = tmp_path_factory.mktemp("bench") / "found.json"
    only = "" if chosen == EVERY else " ".join(f"--only {name}" for name in chosen)
    done = subprocess.run(
        [sys.executable, *f"-m benchmarks --quick --rounds 1 {only} --json {file}".split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


def rows(found):
    return [row for each in found["measurements"] for row in each["contenders"]]


@pytest.mark.slow
def test_everything_is_measured_once(made, chosen):
    _, found = made
    measured = {each["name"] for each in found["measurements"]}
    assert measured == {*chosen} - {"planted"}
    assert (found["planted"] is None) == ("planted" not in chosen)
    assert (found["rounds"], found["quick"]) == (1, True)
    assert all(len(row["samples"]) == (row["missing"] is None) for row in rows(found))


@pytest.mark.long
@pytest.mark.parametrize("chosen", [EVERY], indirect=True, ids=len)
def test_planted_faults_are_counted(made):
    printed, found = made
    counts = found["planted"]["counts"]
    assert counts["planted"] == len(found["planted"]["outcomes"]) > 3
    assert (
        counts["deviation found"] == counts["named, or in the class that is"] == counts["planted"]
    )
    assert counts["allclose after 3 steps"] < counts["planted"]
    assert f"planted: planted {counts['planted']}, deviation found {counts['planted']}" in printed


@pytest.mark.slow
def test_each_contender_has_a_time_or_a_reason(made):
    _, found = made
    for row in rows(found):
        if row["missing"] is None:
            assert row["time"] > 0
            limit = row["name"].startswith("limit:")
            assert len(row["samples"][0]["check"]) == (0 if limit else 4)
        else:
            assert row["time"] is None
            assert set(row["ratios"].values()) == {None}
        if row["name"].startswith(("adamref", "exact_step", "plain mpmath")):
            assert row["missing"] is None


@pytest.mark.slow
def test_missing_peers_are_named_with_how_to_get_them(made):
    printed, found = made
    for name, module in PEERS.items():
        if find_spec(module) is None:
            (note,) = [note for note in found["notes"] if note.startswith(f"{name}:")]
            assert "adamref[bench]" in note
            assert note in printed
            assert f"| {name} " in printed


@pytest.mark.slow
def test_the_machine_and_the_versions_are_recorded(made):
    printed, found = made
    about = found["environment"]
    assert about["cpu"] in printed
    assert about["threads"] == 1
    assert about["libraries"]["python-flint"]
    assert (about["libraries"]["torch"] is None) == (find_spec("torch") is None)


def test_a_simple_test_fails_for_a_gross_fault_and_not_for_what_is_right():
    for test in benchmarked.SIMPLE.values():
        assert not test("adam", "float32", "")
    differs = benchmarked.SIMPLE["allclose after 3 steps"]
    assert differs("adam", "float32", "m-without-complement")
    assert differs("adam", "float32", "m-gradient-subtracted")


def test_outcomes_are_counted():
    """Of three that deviate one is named first, and one in its class."""
    simple = dict.fromkeys(benchmarked.SIMPLE, True)
    made = [
        benchmarked.Outcome("adam", "float32", "x", True, first, named, [], simple)
        for first, named in ((True, True), (False, True), (False, False))
    ]
    assert benchmarked.counts(made) == {
        "planted": 3, "deviation found": 3, "cause named first": 1,
        "named, or in the class that is": 2, **dict.fromkeys(simple, 3),
    }  # fmt: skip
    assert "not named: x (adam in float32)" in benchmarked.as_text(made)


OTHER_WORK = """
from dataclasses import replace
from benchmarks.harness import measure
from benchmarks.plan import plan
(each,) = [each for each in plan(quick=True) if each.case.get("dtype") == "float64"]
(first,) = [each for each in each.contenders if each.name == "mpmath, element by element"]
other = replace(first, name="another", settings={**first.settings, "digits": 9})
measure(replace(each, contenders=(first, other)), 1, (None, ""), print)
"""


def test_contenders_that_do_other_work_are_refused():
    done = subprocess.run(
        [sys.executable, "-c", OTHER_WORK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Disagreement: exact-step, 1,024 elements in float64: theta of another" in done.stderr
