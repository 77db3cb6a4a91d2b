"""Where the command writes, whatever stands there and whatever the system does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import ONE_STEP, RIGHT, W_HALF, is_one_line, spawned


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
    assert is_one_line(err)
    assert "cannot be written" in err
    assert list(tmp_path.iterdir()) == []


def test_an_audit_that_cannot_be_written_exits_2_even_if_something_is_wrong(call, tmp_path):
    code, _, err = call("audit", W_HALF, "--output", tmp_path / "missing" / "report")
    assert code == 2
    assert is_one_line(err)


def test_a_failed_rename_leaves_nothing_beside_the_target(call, tmp_path):
    (tmp_path / "taken").mkdir()
    code, _, err = call(*ONE_STEP, "--output", tmp_path / "taken")
    assert code == 2
    assert is_one_line(err)
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
    assert is_one_line(err)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.txt"]


# Where the system gets in the way.

POSIX = pytest.mark.skipif(os.name != "posix", reason="for POSIX systems")


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are Unicode")
def test_a_file_name_that_is_not_utf8_can_be_reported_to_a_file(tmp_path):
    """Either the report is written, or there is one line; nothing is left beside it."""
    name = os.fsdecode(b"x\xff.md")
    (tmp_path / name).write_text(RIGHT, encoding="utf-8")
    ran = spawned("audit", tmp_path / name, "--output", tmp_path / "report")
    assert b"Traceback" not in ran.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {name, "report"}


def test_a_file_name_too_long_for_the_system_is_one_line_and_exit_2(call, tmp_path):
    code, _, err = call("audit", tmp_path / ("a" * 5000))
    assert code == 2
    assert is_one_line(err)


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
    assert is_one_line(ran.stderr.decode())


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
        spawned(*ONE_STEP, "--output", pipe)
    finally:
        os.close(reader)
    assert pipe.is_fifo()
