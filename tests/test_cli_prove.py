"""``adamref prove`` and ``adamref derive`` on the command line."""

from __future__ import annotations

import json
from dataclasses import asdict

import jsonschema
import pytest

from adamref.logic.size import trusted_core
from adamref.theorems import kernel, prove, report
from adamref.theorems.library import theorems
from adamref.theorems.prove import Check, Outcome
from command import schema


@pytest.fixture
def without_coq(monkeypatch):
    monkeypatch.setattr(kernel.shutil, "which", lambda _: None)


@pytest.mark.slow
def test_one_line_a_theorem(call):
    code, out, err = call("prove", "weights", "window-mass", "--no-kernel")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == [
        "theorem",
        "title",
        "verdict",
        "algebra",
        "z3",
        "search",
        "Coq",
        "s",
    ]
    assert lines[1].startswith("weights ")
    assert lines[1].split()[-5:-1] == ["yes", "yes", "yes", "?"]
    assert lines[2].split()[-5:-1] == ["yes", "yes", "yes", "-"]
    assert "2 theorems: 2 PROVED; 3 of 3 near-misses refused." in out
    core = trusted_core()
    assert (
        f"Trusted core, which decides every step: {core.lines} lines in {core.files} files" in out
    )


def test_json_fits_its_schema(call):
    code, out, _ = call("prove", "weights", "--no-kernel", "--format", "json")
    assert code == 0
    found = json.loads(out)
    jsonschema.validate(found, schema("prove"))
    assert found["trusted_core"] == asdict(trusted_core())
    (weights,) = found["theorems"]
    assert (weights["id"], weights["verdict"], weights["recorded"]) == (
        "weights",
        "PROVED",
        "PROVED",
    )
    assert weights["checks"] == {
        "algebra": "passed", "smt": "passed", "numbers": "passed", "kernel": "not run",
    }  # fmt: skip
    assert weights["refused"] == weights["near_misses"] == 2


def test_an_unknown_id_is_one_line_and_exit_2(call):
    for command in ("prove", "derive"):
        code, out, err = call(command, "nonsense")
        assert (code, out) == (2, "")
        assert err.startswith("adamref: theorem or chapter 'nonsense' is unknown; of ")
        assert len(err.partition("the nearest are ")[2].split(", ")) == 5
        assert err.count("\n") == 1


@pytest.mark.usefixtures("without_coq")
def test_a_checker_that_is_not_installed_is_named_and_decides_nothing(call):
    code, out, _ = call("prove", "--kernel", "weights")
    assert code == 0
    assert "weights: kernel not run: Records.weights: needs Coq" in out


@pytest.mark.slow
def test_for_some_theorems_coq_is_started_where_that_is_asked_for(call, monkeypatch):
    """It takes half a minute, and one theorem a second or two."""
    asked = []
    monkeypatch.setattr(kernel, "check", lambda names: asked.extend(names) or {})
    assert call("prove", "weights")[0] == 0
    assert asked == []
    call("prove", "--kernel", "weights")
    assert "weights" in {name.name for name in asked}
    asked.clear()
    assert call("prove", "weights", "--require", "all")[0] == 1
    assert asked


@pytest.mark.usefixtures("without_coq")
def test_require_all_fails_where_a_checker_is_not_installed(call):
    assert call("prove", "weights", "--require", "all")[0] == 1
    assert call("prove", "window-mass", "--require", "all")[0] == 0


def test_without_z3_and_hypothesis_the_verdict_rests_on_the_algebra(call, monkeypatch):
    monkeypatch.setattr(prove.smt, "installed", lambda: False)
    monkeypatch.setattr(prove.search, "installed", lambda: False)
    code, out, _ = call("prove", "weights", "--no-kernel")
    assert code == 0
    assert "smt not run: needs its extra: pip install 'z3-solver" in out
    assert call("prove", "weights", "--no-kernel", "--require", "all")[0] == 1


@pytest.mark.usefixtures("without_coq")
def test_quiet_prints_nothing_and_keeps_the_exit_code(call):
    assert call("prove", "weights", "--quiet") == (0, "", "")
    assert call("prove", "weights", "--quiet", "--require", "all") == (1, "", "")
    assert call("derive", "weights", "--unchecked", "--quiet") == (0, "", "")


def test_derive_writes_markdown_and_latex(call, tmp_path):
    code, out, _ = call("derive", "weights", "--unchecked")
    assert code == 0
    assert out.startswith("# What is proved about Adam\n\n")
    assert "\n## The weights of a moment add up to" in out
    assert "\n### The weights add up to" in out

    target = tmp_path / "weights.tex"
    command = ("derive", "weights", "--unchecked", "--format", "latex", "--output", str(target))
    assert call(*command) == (0, "", "")
    assert target.read_text("utf-8").startswith(r"\documentclass")


def test_derive_writes_json_that_fits_its_schema(call):
    code, out, _ = call("derive", "weights", "closed-form-m", "--unchecked", "--format", "json")
    assert code == 0
    found = json.loads(out)
    jsonschema.validate(found, schema("derive"))
    assert [theorem["id"] for theorem in found["theorems"]] == ["weights", "closed-form-m"]


@pytest.mark.usefixtures("without_coq")
def test_derive_says_who_checked(call):
    _, out, _ = call("derive", "--checked", "weights")
    assert "**Checked.** PROVED. algebra: passed" in out
    assert "Coq: not run" in out


def fake(verdict="PROVED", recorded="PROVED", status="passed", passing=((), ())):
    checks = dict.fromkeys(prove.CHECKERS, Check("passed"))
    checks["smt"] = Check(status, "something")
    return Outcome("weights", verdict, recorded, checks, passing, 0.1)


@pytest.mark.parametrize(
    ("made", "fine", "said"),
    [
        (fake(), True, None),
        (fake("UNKNOWN", status="failed"), False, "weights: smt failed: something"),
        (fake("REFUTED"), False, "recorded as PROVED, now REFUTED"),
        (fake(passing=((), ("algebra",))), False, "not refused by algebra"),
        (fake(status="not run"), True, "weights: smt not run: something"),
    ],
    ids=["as recorded", "unknown", "changed", "near-miss proved", "not installed"],
)
def test_what_is_not_as_it_should_be_is_said(made, fine, said):
    assert made.as_recorded == fine
    lines = report.trouble(made)
    assert (lines == []) == (said is None)
    assert said is None or any(said in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_outcomes_come_in_the_order_asked_for(jobs):
    ids = ["weights", "closed-form-v", "power-below-one"]
    found = list(prove.prove(ids, jobs=jobs, in_kernel=False))
    assert [outcome.id for outcome in found] == ids
    assert all(outcome.as_recorded for outcome in found)


def test_every_theorem_has_its_own_id_and_known_names():
    assert list(theorems()) == [theorem.id for theorem in theorems().values()]
    assert len(theorems()) >= 4
