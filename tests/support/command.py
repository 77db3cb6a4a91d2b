"""The ``adamref`` command, run in this process."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from adamref.cli import main

if TYPE_CHECKING:
    from pathlib import Path


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


def schema(name: str) -> dict:
    """Return a JSON Schema that ships with the package."""
    return json.loads(files("adamref").joinpath("schemas", f"{name}.schema.json").read_text())
