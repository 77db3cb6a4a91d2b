"""The ``adamref`` command, run in this process or in one of its own, and what it is given."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from adamref.cli import main

W_HALF = Path(__file__).parents[2] / "examples" / "audit" / "w-half.md"
"""The document that the project grew from: something in it is wrong."""
USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
RIGHT = USUAL + "m_1 = 0.1*15 = 1.5\nv_1 = 0.001*225 = 0.225\n"
WRONG = USUAL + "m_1 = 0.1*15 = 1.6\n"
ONE_STEP = ("step", "--theta", "0.5", "--grad", "-15", "--alpha", "0.1")


class Called(NamedTuple):
    """How a command ended, and what it wrote to standard output and error."""

    code: int
    out: str
    err: str


def called(*arguments: object, cwd: Path | None = None) -> Called:
    """Run the command; an exception other than its own exit comes through."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["adamref", *map(str, arguments)]
    code: int | str | None = 0
    with (
        mock.patch.object(sys, "argv", argv),
        contextlib.chdir(cwd or "."),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int), code
    return Called(code, out.getvalue(), err.getvalue())


def spawned(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "adamref", *map(str, arguments)],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def is_one_line(err: str) -> bool:
    """Say whether this is how the command says what is wrong."""
    return err.endswith("\n") and err.count("\n") == 1 and err.startswith("adamref: ")


def schema(name: str) -> dict:
    """Return a JSON Schema that ships with the package."""
    return json.loads(files("adamref").joinpath("schemas", f"{name}.schema.json").read_text())
