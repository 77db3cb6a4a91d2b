"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def block(begins):
    """Return the block of the README that begins with some words."""
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[1::2]
    (found,) = (x.strip() for x in blocks if x.strip().startswith(begins))
    return found


def test_the_python_session_is_real():
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 9
    assert result.failed == 0


def test_the_audit_that_is_quoted_is_real():
    run = subprocess.run(
        [sys.executable, "-m", "adamref", "audit", "examples/audit/w-half.md"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == ""
    quoted = block("First wrong: line 37")
    assert quoted in run.stdout


@pytest.mark.slow
def test_the_check_that_is_quoted_is_real():
    run = subprocess.run(
        [sys.executable, "-m", "adamref", "check", "wrong:step"],
        cwd=ROOT / "examples" / "check",
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (1, "")
    quoted = block("wrong:step: deviates")
    assert run.stdout.startswith(quoted)
