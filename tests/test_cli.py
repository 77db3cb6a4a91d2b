"""The command: what it prints, where it writes, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parent.parent
W_HALF = ROOT / "examples" / "audit" / "w-half.md"
USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
RIGHT = USUAL + "m_1 = 0.1*15 = 1.5\nv_1 = 0.001*225 = 0.225\n"
WRONG = USUAL + "m_1 = 0.1*15 = 1.6\n"
PROBLEM = ("--objective", "(3*w - 4)**2", "--theta", "0.5", "--alpha", "0.1")
ONE_STEP = ("step", "--theta", "0.5", "--grad", "-15", "--alpha", "0.1")
FIVE = ("0.599999999933", "0.699464807340", "0.797915643326", "0.894758938781", "0.989268338301")


@pytest.fixture
def document(tmp_path):
    """Write a document and return its path."""

    def written(content, name="notes.md"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def subprocess_run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "adamref", *map(str, arguments)],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def schema(name):
    return json.loads(files("adamref").joinpath("schemas", name).read_text(encoding="utf-8"))


def one_line(err):
    return err.endswith("\n") and err.count("\n") == 1 and err.startswith("adamref: ")


# The audit of the document that the project grew from.


def test_audit_of_w_half_exits_1_and_names_the_first_wrong_number(call):
    code, out, err = call("audit", W_HALF)
    assert (code, err) == (1, "")
    assert "First wrong: line 37, m_hat at t = 1" in out
    assert "-7.8947 stands there, but -15 is right." in out
    assert out.index("First wrong") < out.index("The corrected sheet")


def test_audit_json_of_w_half_fits_its_schema(call):
    code, out, err = call("audit", W_HALF, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (1, "")
    jsonschema.validate(found, schema("audit.schema.json"))
    (only,) = found["documents"]
    first = only["claims"][only["first_wrong"]]
    assert (only["verdict"], first["field"], first["claimed"]) == ("wrong", "m_hat", "-7.8947")


def test_audit_html_of_w_half_is_self_contained(call):
    code, out, _ = call("audit", W_HALF, "--format", "html")
    assert code == 1
    assert out.lstrip().lower().startswith("<!doctype html>")
    assert out.rstrip().endswith("</html>")
    for outside in ("<script", "src=", "href=", "@import", "url("):
        assert outside not in out.lower()
    assert "-7.8947" in out


def test_the_module_is_the_same_command():
    ran = subprocess_run("audit", W_HALF)
    assert ran.returncode == 1
    assert "First wrong: line 37" in ran.stdout.decode()
    assert ran.stderr == b""


# Several documents.


def test_a_right_document_exits_0(call, document):
    code, out, err = call("audit", document(RIGHT))
    assert (code, err) == (0, "")
    assert "2 claims: 2 hold." in out


def test_several_documents_are_reported_in_the_order_given(call, document):
    right, wrong = document(RIGHT, "right.md"), document(WRONG, "wrong.md")
    code, out, _ = call("audit", right, wrong, right, "--format", "json")
    assert code == 1
    verdicts = [found["verdict"] for found in json.loads(out)["documents"]]
    assert verdicts == ["holds", "wrong", "holds"]


def test_two_right_documents_exit_0(call, document):
    path = document(RIGHT)
    assert call("audit", path, path)[0] == 0


def test_an_unreadable_file_does_not_hide_the_others(call, document, tmp_path):
    code, out, err = call("audit", tmp_path / "missing.md", document(RIGHT), "--format", "json")
    assert code == 2
    assert one_line(err)
    assert "missing.md" in err
    assert [found["verdict"] for found in json.loads(out)["documents"]] == ["holds"]


def test_a_document_without_a_step_among_others_does_not_change_the_exit_code(call, document):
    nothing, right = document("Hello there.", "nothing.md"), document(RIGHT)
    code, _, err = call("audit", nothing, right)
    assert code == 0
    assert "nothing.md: nothing read" in err


# Exit 2: one line on standard error.

UNREADABLE = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n\t\n", "empty"),
    "binary": (b"m_1 = 1.5\x00\x01", "binary"),
    "not UTF-8": (b"m_1 = 1.5 \xff", "not UTF-8 (byte 0xff at offset 10)"),
    "without a step": (b"Hello there, reader.\n", "nothing read"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_document_is_one_line_and_exit_2(call, document, content, said):
    path = document(content)
    code, _, err = call("audit", path)
    assert code == 2
    assert one_line(err)
    assert path.name in err
    assert said in err


def test_a_missing_file_is_one_line_and_exit_2(call, tmp_path):
    code, out, err = call("audit", tmp_path / "missing.md")
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "there is no such file" in err


def test_an_empty_directory_is_one_line_and_exit_2(call, tmp_path):
    code, out, err = call("audit", tmp_path)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "directory" in err


def test_a_line_feed_in_a_file_name_does_not_break_the_line(call, tmp_path):
    code, _, err = call("audit", tmp_path / "two\nlines.md")
    assert code == 2
    assert one_line(err)


MISUSE = {
    "unknown command": (["bogus"], "bogus"),
    "unknown option": (["audit", "--bogus", "x.md"], "--bogus"),
    "no file": (["audit"], "FILE"),
    "bad format of audit": (["audit", "x.md", "--format", "latex"], "'latex'"),
    "bad format of step": (["step", "--theta", "1", "--grad", "1", "--format", "xml"], "'xml'"),
    "no theta": (["step", "--grad", "1"], "--theta"),
    "theta not a number": (["step", "--theta", "half", "--grad", "1"], "theta = 'half'"),
    "theta empty": (["step", "--theta", "", "--grad", "1"], "theta = ''"),
    "gradient not a number": (["step", "--theta", "1", "--grad", "x"], "'x'"),
    "neither gradient nor objective": (["step", "--theta", "1"], "--objective or --grad"),
    "both": (["step", "--theta", "1", "--grad", "1", "--objective", "w"], "--objective or --grad"),
    "beta1 of 1": (["step", "--theta", "1", "--grad", "1", "--beta1", "1"], "beta1 = 1"),
    "beta2 of 1": (["step", "--theta", "1", "--grad", "1", "--beta2", "1"], "beta2 = 1"),
    "negative alpha": (["step", "--theta", "1", "--grad", "1", "--alpha", "-1"], "alpha = -1"),
    "tower of powers": (["step", "--theta", "1", "--objective", "9^9^9^9"], "power"),
    "tower on a variable": (["step", "--theta", "1", "--objective", "w^9^9^9^9"], "power"),
    "two variables": (["step", "--theta", "1", "--objective", "a*b"], "a, b"),
    "no variable": (["step", "--theta", "1", "--objective", "3"], "one variable"),
    "objective cut off": (["step", "--theta", "1", "--objective", "w +"], "column"),
    "code for an objective": (
        ["step", "--theta", "1", "--objective", "__import__('os').getcwd()"],
        "cannot read",
    ),
    "hyper without dtype": (["step", "--theta", "1", "--grad", "1", "--hyper", "literal"], "dtype"),
    "unknown dtype": (["step", "--theta", "1", "--grad", "1", "--dtype", "int8"], "int8"),
    "unknown optimizer": (["step", "--theta", "1", "--grad", "1", "--optimizer", "x"], "adamw"),
    "unknown form": (["step", "--theta", "1", "--grad", "1", "--form", "x"], "eps-inside"),
    "no steps": (["step", "--theta", "1", "--grad", "1", "--steps", "0"], "--steps"),
    "no digits": (["step", "--theta", "1", "--grad", "1", "--digits", "0"], "--digits"),
    "t of 0": (["step", "--theta", "1", "--grad", "1", "--t", "0"], "--t"),
    "schedule too long": (
        ["step", "--theta", "1", "--grad", "1", "--alpha", "1", "--alpha", "2"],
        "--alpha",
    ),
    "exponent beyond use": (["step", "--theta", "1", "--grad", "1e999999999"], "exponent"),
}


@pytest.mark.parametrize(("arguments", "named"), MISUSE.values(), ids=MISUSE.keys())
def test_wrong_usage_is_one_line_that_names_it_and_exit_2(call, arguments, named):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert named in err


def test_wrong_usage_has_no_traceback_in_a_process_of_its_own():
    ran = subprocess_run("step", "--theta", "1", "--objective", "9^9^9^9")
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert one_line(ran.stderr.decode())


# Files written.


def test_output_holds_all_that_would_be_printed_and_leaves_nothing_beside_it(call, tmp_path):
    code, printed, _ = call(*ONE_STEP)
    assert code == 0
    code, out, err = call(*ONE_STEP, "--output", tmp_path / "sheet.txt")
    assert (code, out, err) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.txt"]
    assert (tmp_path / "sheet.txt").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("format_", ["text", "json", "html"])
def test_an_audit_written_to_a_file_still_tells_by_its_exit_code(call, tmp_path, format_):
    target = tmp_path / "report"
    code, out, err = call("audit", W_HALF, "--format", format_, "--output", target)
    assert (code, out, err) == (1, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert "-7.8947" in target.read_text(encoding="utf-8")


def test_a_text_report_in_a_file_has_no_escape_codes(call, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    call("audit", W_HALF, "--output", tmp_path / "report")
    assert "\x1b" not in (tmp_path / "report").read_text(encoding="utf-8")


def test_output_to_a_missing_folder_is_one_line_and_exit_2(call, tmp_path):
    code, out, err = call(*ONE_STEP, "--output", tmp_path / "missing" / "sheet.txt")
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "cannot be written" in err
    assert list(tmp_path.iterdir()) == []


def test_an_audit_that_cannot_be_written_exits_2_even_if_something_is_wrong(call, tmp_path):
    code, _, err = call("audit", W_HALF, "--output", tmp_path / "missing" / "report")
    assert code == 2
    assert one_line(err)


def test_a_failed_rename_leaves_nothing_beside_the_target(call, tmp_path):
    (tmp_path / "taken").mkdir()
    code, _, err = call(*ONE_STEP, "--output", tmp_path / "taken")
    assert code == 2
    assert one_line(err)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_an_existing_file_is_replaced(call, tmp_path):
    target = tmp_path / "sheet.txt"
    target.write_text("old", encoding="utf-8")
    assert call(*ONE_STEP, "--output", target)[0] == 0
    assert "old" not in target.read_text(encoding="utf-8")


def test_an_existing_file_is_untouched_if_the_command_fails(call, tmp_path):
    target = tmp_path / "sheet.txt"
    target.write_text("old", encoding="utf-8")
    assert call(*ONE_STEP, "--beta1", "1", "--output", target)[0] == 2
    assert call("audit", tmp_path / "missing.md", "--output", target)[0] == 2
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.txt"]


def test_an_existing_file_is_untouched_if_it_cannot_be_replaced(call, tmp_path, monkeypatch):
    target = tmp_path / "sheet.txt"
    target.write_text("old", encoding="utf-8")

    def refused(_self, _target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    code, _, err = call(*ONE_STEP, "--output", target)
    assert code == 2
    assert one_line(err)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.txt"]


# Quiet, version, colours.


def test_quiet_prints_nothing_and_keeps_the_exit_code(call, document):
    assert call("audit", W_HALF, "--quiet") == (1, "", "")
    assert call("audit", document(RIGHT), "--quiet") == (0, "", "")
    assert call(*ONE_STEP, "--quiet") == (0, "", "")


def test_quiet_still_writes_the_file_asked_for(call, tmp_path):
    assert call("audit", W_HALF, "--quiet", "--output", tmp_path / "report") == (1, "", "")
    assert "First wrong" in (tmp_path / "report").read_text(encoding="utf-8")


def test_version_is_that_of_the_package(call):
    assert call("--version") == (0, f"adamref {version('adamref')}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["step", "--help"], ["audit", "-h"]])
def test_help_exits_0(call, arguments):
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: adamref")


def test_no_command_shows_the_help_and_exits_2(call):
    code, out, err = call()
    assert (code, out) == (2, "")
    assert err.startswith("Usage: adamref")


def test_nothing_is_coloured_where_there_is_no_terminal(call):
    assert "\x1b" not in call("audit", W_HALF)[1]


def test_no_color_gives_no_escape_codes():
    ran = subprocess_run("audit", W_HALF, NO_COLOR="1", TERM="xterm-256color")
    assert ran.returncode == 1
    assert b"\x1b" not in ran.stdout + ran.stderr


def test_a_width_asked_for_is_respected(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "72")
    _, out, _ = call("audit", W_HALF)
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 72


def test_a_reader_that_goes_away_is_no_traceback():
    with subprocess.Popen(
        [sys.executable, "-m", "adamref", *ONE_STEP, "--steps", "300"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        running.stdout.close()
        said = running.stderr.read()
    assert b"Traceback" not in said


# The worked step.


@pytest.mark.parametrize("steps", range(1, 6))
def test_step_shows_the_values_worked_by_hand(call, steps):
    code, out, err = call("step", *PROBLEM, "--steps", steps)
    assert (code, err) == (0, "")
    for t, value in enumerate(FIVE, 1):
        assert (value in out) == (t <= steps)


def test_step_shows_every_line_of_the_first_step(call):
    _, out, _ = call("step", *PROBLEM)
    for line in (
        "g₁ = 18·w₀ - 24",
        "= 18·0.5 - 24",
        "= -15",
        "m₁ = β₁·m₀ + (1 - β₁)·g₁",
        "= -1.5",
        "= 0.225",
        "= 225",
        "≈ 0.0999999999333",
        "≈ 0.599999999933",
    ):
        assert line in out


@pytest.mark.parametrize("format_", ["md", "html", "latex", "text"])
def test_every_format_of_step_holds_the_numbers(call, format_):
    code, out, err = call("step", *PROBLEM, "--steps", "5", "--format", format_)
    assert (code, err) == (0, "")
    for value in (*FIVE, "225", "15"):
        assert value in out


def test_step_html_is_self_contained(call):
    _, out, _ = call("step", *PROBLEM, "--format", "html")
    for outside in ("<script", "src=", "href=", "@import", "url("):
        assert outside not in out.lower()
    assert "<math" in out


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--steps", "5"),
        ("--dtype", "float32"),
        ("--dtype", "bfloat16", "--steps", "3"),
        ("--optimizer", "adamw", "--weight-decay", "0.01"),
        ("--optimizer", "nadam"),
        ("--digits", "40"),
    ],
    ids=lambda more: " ".join(more) or "plain",
)
def test_step_json_fits_its_schema(call, more):
    code, out, err = call("step", *PROBLEM, *more, "--format", "json")
    assert (code, err) == (0, "")
    jsonschema.validate(json.loads(out), schema("step.schema.json"))


@pytest.mark.parametrize("special", ["nan", "inf", "-inf"])
def test_step_json_of_a_gradient_that_is_no_number_fits_its_schema(call, special):
    code, out, _ = call("step", "--theta", "1", "--grad", special, "--format", "json")
    found = json.loads(out)
    assert code == 0
    jsonschema.validate(found, schema("step.schema.json"))
    gradient, *_ = found["steps"][0]["lines"]
    assert (gradient["name"], gradient["value"]) == ("g", special)


def test_a_nan_gradient_is_shown_as_nan_all_the_way(call):
    code, out, err = call("step", "--theta", "0.5", "--grad", "nan")
    assert (code, err) == (0, "")
    assert "g₁ = nan" in out
    assert out.rstrip().splitlines()[-3].split() == ["=", "nan"]


def test_lr_and_alpha_are_the_same(call):
    given = ("step", "--theta", "1", "--grad", "2", "--steps", "2")
    assert call(*given, "--lr", "0.25") == call(*given, "--alpha", "0.25")
    mixed = call(*given, "--lr", "0.25", "--alpha", "0.5")
    assert mixed == call(*given, "--alpha", "0.25", "--alpha", "0.5")


def test_a_negative_gradient_is_not_taken_for_an_option(call):
    for arguments in (("--grad", "-15"), ("--grad=-15",)):
        code, out, _ = call("step", "--theta", "0.5", *arguments, "--alpha", "0.1")
        assert code == 0
        assert "g₁ = -15" in out
        assert "0.599999999933" in out


def test_one_gradient_serves_all_steps(call):
    repeated = call("step", "--theta", "1", "--grad", "2", "--steps", "3")
    written = call("step", "--theta", "1", "--grad", "2", "--grad", "2", "--grad", "2")
    assert repeated == written


def test_a_schedule_takes_an_alpha_for_each_step(call):
    """With a constant gradient and epsilon 0, each step is exactly its alpha."""
    code, out, _ = call(
        "step", "--theta", "1", "--grad", "2", "--steps", "3", "--eps", "0",
        "--alpha", "0.5", "--alpha", "0.25", "--alpha", "0.125", "--format", "json",
    )  # fmt: skip
    steps = [{row["name"]: row for row in s["lines"]} for s in json.loads(out)["steps"]]
    assert code == 0
    assert [s["theta"]["value"] for s in steps] == ["0.5", "0.25", "0.125"]
    assert [s["delta"]["numbers"].split("·")[0] for s in steps] == ["-0.5", "-0.25", "-0.125"]


def test_a_state_and_a_t_continue_a_run(call):
    """The second of two steps is one step from the state that the first one left."""
    _, both, _ = call("step", "--theta", "1", "--grad", "2", "--grad", "3", "--format", "json")
    first, second = json.loads(both)["steps"]
    values = {row["name"]: row["value"] for row in first["lines"]}
    state = ("--theta", "1", "--m", values["m"], "--v", values["v"], "--t", "2")
    _, alone, _ = call("step", *state, "--grad", "3", "--format", "json")
    (again,) = json.loads(alone)["steps"]
    assert again["t"] == 2
    for name in ("m", "v", "m_hat", "v_hat"):
        (one,) = [row["value"] for row in second["lines"] if row["name"] == name]
        (other,) = [row["value"] for row in again["lines"] if row["name"] == name]
        assert one == other


def test_float32_is_shown_in_hexadecimal_too(call):
    code, out, _ = call(*ONE_STEP, "--dtype", "float32")
    assert code == 0
    assert "0x1.3333340000000p-1" in out
    assert "Rounded to float32" in out


def test_decimal_numbers_are_exact(call):
    """0.1 is one tenth, not the float beside it."""
    _, out, _ = call("step", "--theta", "0.1", "--grad", "0.1", "--digits", "40")
    assert "v₁ = β₂·v₀ + (1 - β₂)·g₁²" in out
    assert "= 0.00001\n" in out or "= 1e-5\n" in out


def test_digits_are_those_asked_for(call):
    """The real value, worked once more here to more digits."""
    import mpmath

    _, out, _ = call("step", *PROBLEM, "--digits", "30")
    with mpmath.workdps(60):
        right = mpmath.mpf("0.5") + mpmath.mpf("1.5") / (15 + mpmath.mpf("1e-8"))
        assert mpmath.nstr(right, 30, strip_zeros=False) in out


# Where the system gets in the way.

POSIX = pytest.mark.skipif(os.name != "posix", reason="for POSIX systems")


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are Unicode")
def test_a_file_name_that_is_not_utf8_can_be_reported_to_a_file(tmp_path):
    """Either the report is written, or there is one line; nothing is left beside it."""
    name = os.fsdecode(b"x\xff.md")
    (tmp_path / name).write_text(RIGHT, encoding="utf-8")
    ran = subprocess_run("audit", tmp_path / name, "--output", tmp_path / "report")
    assert b"Traceback" not in ran.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {name, "report"}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [ONE_STEP, ("audit", W_HALF)], ids=["step", "audit"])
def test_a_terminal_that_cannot_show_greek_is_no_traceback(arguments):
    ran = subprocess_run(*arguments, PYTHONIOENCODING="ascii")
    assert b"Traceback" not in ran.stderr


def test_a_file_name_too_long_for_the_system_is_one_line_and_exit_2(call, tmp_path):
    code, _, err = call("audit", tmp_path / ("a" * 5000))
    assert code == 2
    assert one_line(err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line_and_exit_2():
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "adamref", *ONE_STEP],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert ran.returncode == 2
    assert one_line(ran.stderr.decode())


@POSIX
def test_output_to_a_link_writes_the_file_behind_it(call, tmp_path):
    """Otherwise ``--output /dev/stdout`` replaces the device for whoever may."""
    (tmp_path / "real.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert call(*ONE_STEP, "--output", tmp_path / "link.txt")[0] == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert "0.599999999933" in (tmp_path / "real.txt").read_text(encoding="utf-8")


@POSIX
def test_output_to_a_named_pipe_does_not_replace_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        subprocess_run(*ONE_STEP, "--output", pipe)
    finally:
        os.close(reader)
    assert pipe.is_fifo()
