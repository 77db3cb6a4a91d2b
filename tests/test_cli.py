"""The command as a whole: how it is called, what it says of itself, and how it ends."""

from __future__ import annotations

import gc
import subprocess
import sys
from importlib.metadata import version

import pytest

from adamref import cli
from command import ONE_STEP, RIGHT, W_HALF, is_one_line, spawned


def test_the_module_is_the_same_command():
    ran = spawned("audit", W_HALF)
    assert ran.returncode == 1
    assert "First wrong: line 37" in ran.stdout.decode()
    assert ran.stderr == b""


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
    assert is_one_line(err)
    assert named in err


def test_wrong_usage_has_no_traceback_in_a_process_of_its_own():
    ran = spawned("step", "--theta", "1", "--objective", "9^9^9^9")
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert is_one_line(ran.stderr.decode())


# Quiet, version, colours.


def test_quiet_prints_nothing_and_keeps_the_exit_code(call, tmp_path):
    (tmp_path / "right.md").write_text(RIGHT, encoding="utf-8")
    assert call("audit", W_HALF, "--quiet") == (1, "", "")
    assert call("audit", tmp_path / "right.md", "--quiet") == (0, "", "")
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
    ran = spawned("audit", W_HALF, NO_COLOR="1", TERM="xterm-256color")
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


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [ONE_STEP, ("audit", W_HALF)], ids=["step", "audit"])
def test_a_terminal_that_cannot_show_greek_is_no_traceback(arguments):
    ran = spawned(*arguments, PYTHONIOENCODING="ascii")
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize(("command", "code"), [(("golden",), 2), (("check", "x:y"), 3)])
def test_a_mistake_of_ours_ends_in_a_line_that_asks_for_a_report(monkeypatch, call, command, code):
    def broken(*_, **__):
        raise ZeroDivisionError("of\nno use \x1b[2J")

    monkeypatch.setattr(cli.adamref, "main", broken)
    found, out, err = call(*command)
    assert (found, out) == (code, "")
    assert err.startswith("adamref: a mistake of adamref's own, please report it")
    assert "ZeroDivisionError" in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


def test_a_command_looks_for_garbage_seldom(monkeypatch):
    seen = []
    before = gc.get_threshold()
    monkeypatch.setattr(cli.adamref, "main", lambda **_: seen.append(gc.get_threshold()))
    try:
        cli.main()
    finally:
        gc.set_threshold(*before)
    assert seen[0][0] > 100 * 700
