"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
    quoted = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[7].strip()
    assert quoted.startswith("First wrong: line 37")
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
    quoted = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[5].strip()
    assert quoted.startswith("wrong:step: deviates")
    assert run.stdout.startswith(quoted)
