"""Ids with titles: listed, looked through, completed; and how derivations say what was checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema
import pytest
from click.shell_completion import ShellComplete

from adamref import cli, rules
from adamref.derive.reading import PATHS
from adamref.golden import catalogue
from adamref.theorems import prove as proving
from adamref.theorems.index import ids
from adamref.theorems.library import chosen
from command import schema


@pytest.mark.parametrize(
    ("command", "of", "some"),
    [
        ("prove", "theorems", ["step-bound", "first-step"]),
        ("derive", "theorems and rules", ["step-bound", "adamw"]),
        ("golden", "probes", ["tail-float16"]),
    ],
)
def test_every_command_with_ids_lists_them_with_titles(call, command, of, some):
    code, out, err = call(command, "--list", "--format", "json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    jsonschema.validate(found, schema("list"))
    assert found["of"] == of
    listed = {one["id"]: one["title"] for group in found["groups"] for one in group["ids"]}
    assert set(some) <= set(listed)
    assert all(listed.values())
    wanted = {
        "prove": ids(),
        "derive": {*ids(), *rules.family(), *PATHS},
        "golden": catalogue.every(),
    }
    assert set(listed) == set(wanted[command])


def test_a_list_is_looked_through_by_words_of_ids_and_titles(call):
    code, out, _ = call("prove", "--list", "correction", "SHORTER")
    assert code == 0
    lines = [line for line in out.splitlines() if line.startswith("  ")]
    assert any(line.split()[0] == "uncorrected-shorter" for line in lines)
    assert not any(line.split()[0] == "step-bound" for line in lines)
    assert out.splitlines()[0].startswith("Leaving out bias") or "ithout bias correction" in out


def test_in_text_ids_stand_below_the_title_of_their_chapter(call):
    _, out, _ = call("prove", "--list", "closed-form")
    assert out.splitlines()[0] == "The closed forms of the two moments  (closed_forms)"
    assert out.splitlines()[1].split(maxsplit=1) == [
        "closed-form-m", "The first moment is a weighted sum of the gradients",
    ]  # fmt: skip
    assert out.splitlines()[-1].endswith(" ids of theorems.")


def test_on_a_narrow_terminal_titles_stand_below_their_ids(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = call("prove", "--list", "closed-form")[1].splitlines()
    at = lines.index("  closed-form-m")
    assert lines[at + 1].strip().startswith("title") or lines[at + 1].startswith("    ")
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize("command", ["prove", "derive", "golden"])
def test_a_word_that_is_nowhere_is_one_line_with_the_nearest(call, command):
    code, out, err = call(command, "--list", "zebra-crossing")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "'zebra-crossing' is unknown; of " in err


def test_what_is_listed_is_text_where_the_command_writes_another_format(call):
    assert call("derive", "--list", "adamw")[1].startswith("Rules\n  ")


@pytest.mark.parametrize(
    ("arguments", "incomplete", "has"),
    [
        (["prove"], "first", {"first-step"}),
        (["derive"], "adam", {"adam", "adamw", "adamax"}),
        (["golden"], "tail-f", {"tail-float64", "tail-float32", "tail-float16"}),
        (["step", "--optimizer"], "ams", {"amsgrad"}),
        (["step", "--dialect"], "form=eps", {"form=eps-hat", "form=eps-inside"}),
        (["check", "--optimizer", "lion", "--dialect"], "weight", {"weight_decay=l2"}),
        (["check", "--dtype"], "b", {"bfloat16"}),
        (["step", "--format"], "j", {"json"}),
    ],
)
def test_a_shell_completes_ids_rules_and_dialects(arguments, incomplete, has):
    complete = ShellComplete(cli.adamref, {}, "adamref", "_ADAMREF_COMPLETE")
    found = {item.value for item in complete.get_completions(arguments, incomplete)}
    assert has <= found
    assert all(value.startswith(incomplete) for value in found)


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_says_how_a_shell_is_to_complete(shell):
    environment = {**os.environ, "_ADAMREF_COMPLETE": f"{shell}_source"}
    ran = subprocess.run(
        [sys.executable, "-m", "adamref"], env=environment, capture_output=True, check=False
    )
    assert b"_ADAMREF_COMPLETE" in ran.stdout


def test_a_derivation_says_what_was_not_checked_now(call, monkeypatch):
    monkeypatch.setattr(proving, "_attempt", None)  # nothing is proved
    _, out, _ = call("derive", "weights")
    assert "**Checked.** Recorded as PROVED by algebra, z3, search and Coq; " in out


@pytest.mark.slow
def test_checked_is_what_is_asked_for_and_what_it_rests_on(call, monkeypatch):
    asked = []
    plain = proving.prove

    def prove(names, **options):
        asked.extend(names)
        return plain(names, **{**options, "in_kernel": False, "jobs": 1})

    monkeypatch.setattr(proving, "prove", prove)
    code, out, _ = call("derive", "--checked", "unbiased-m-hat")
    assert code == 0
    assert asked[-1] == "unbiased-m-hat"
    assert 1 < len(asked) < 6
    assert out.count("\n### ") == 1  # the others are named, not written
    assert f"It rests on `{asked[-2]}` (PROVED)" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("step", "--theta", "0.5", "--grad", "-15"),
        ("derive", "weights"),
        ("prove", "--list", "closed-form"),
        ("golden", "tail-float16"),
    ],
    ids=lambda x: x[0],
)
def test_a_dash_is_standard_output(call, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*arguments, "--output", "-")
    assert (code, err) == (0, "")
    assert out
    assert list(tmp_path.iterdir()) == []


def test_of_golden_vectors_a_dash_prints_the_file_of_one(call):
    _, out, _ = call("golden", "tail-float16", "--output", "-")
    document = json.loads(out)
    jsonschema.validate(document, schema("golden-probe"))
    assert document["name"] == "tail-float16"
    code, _, err = call("golden", "--output", "-")
    assert code == 2
    assert "a suite is a directory; name one probe for standard output" in err


def test_a_chapter_is_listed_with_the_name_that_takes_it(call):
    _, out, _ = call("derive", "--list", "--format", "json")
    groups = {one["title"]: one.get("name") for one in json.loads(out)["groups"]}
    assert "drift" in groups.values()
    assert groups["Rules"] is None
    for name in filter(None, groups.values()):
        assert chosen([name]), name
    _, out, _ = call("derive", "--list", "unbiased")
    assert out.splitlines()[0].endswith("are not  (unbiased)")
