"""``adamref check`` on the command line: its exit codes, its formats, its files."""

from __future__ import annotations

import functools
import json

import jsonschema
import pytest

from command import is_one_line, schema
from quick_check import FEW

PROBES = [x for name in FEW for x in ("--probes", name)]


@pytest.fixture
def check(call):
    """Check with the command in this process; its target in another."""
    return functools.partial(call, "check")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "options", "code"),
    [
        ("step", (), 0),
        ("step", ("--dialect", "eps-hat"), 1),
        ("step", ("--strict", "--probes", "tiny-float32"), 1),
        ("step_with_defaults", ("--defaults", "paper"), 1),
        ("raises", (), 3),
        ("leaves", (), 3),
    ],
)
def test_the_exit_code_says_what_was_found(check, target, options, code):
    assert check(f"check_targets:{target}", *PROBES, *options, "--quiet")[0] == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give MODULE:ATTRIBUTE or --command, one of them"),
        (("no_such_module:step",), "there is no module no_such_module"),
        (("check_targets:step", "--probes", "no-such"), "probe for adam in float32 'no-such'"),
        (("check_targets:step", "--ulp", "sqrt=none"), "ulp of sqrt"),
        (("check_targets:step", "--against", "no/such/file"), "no/such/file"),
        (("--command", "/no/such/program"), "/no/such/program"),
    ],
)
def test_what_cannot_be_asked_ends_with_2_and_one_line(check, arguments, message):
    code, out, err = check(*arguments)
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert message in err


def test_json_is_as_its_schema_says(check):
    document = json.loads(check("check_targets:step", *PROBES, "--format", "json")[1])
    jsonschema.validate(document, schema("check"))
    assert (document["schema"], document["verdict"]) == ("adamref.check/1", "conforms")
    assert [probe["name"] for probe in document["probes"]] == list(FEW)


def test_text_says_the_verdict_first(check):
    first = check("check_targets:step", *PROBES)[1].splitlines()[0]
    assert "conforms" in first


@pytest.mark.slow
@pytest.mark.parametrize(("format_", "begins"), [("html", "<!"), ("json", "{"), ("text", "c")])
def test_a_report_is_written_to_a_file(check, format_, begins, tmp_path):
    path = tmp_path / "report"
    code, out, _ = check("check_targets:step", *PROBES, "--format", format_, "--output", path)
    assert (code, out) == (0, "")
    assert path.read_text("utf-8").startswith(begins)


def test_quiet_says_nothing(check):
    assert check("check_targets:step", *PROBES, "--quiet") == (0, "", "")


@pytest.mark.slow
def test_a_baseline_goes_through_files(check, tmp_path):
    path, quietly = tmp_path / "base.json", (*PROBES, "--quiet")
    assert check("check_targets:step", *quietly, "--save", path)[0] == 0
    assert check("check_targets:step", *quietly, "--against", path)[0] == 0
    assert check("check_targets:in_float16", *quietly, "--against", path)[0] == 1
