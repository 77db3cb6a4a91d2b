"""Hypothesis profiles ("ci" draws the same examples every time, "long" many), and the command."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from adamref.cli import main

# A slow machine is not a fault of the code under test.
_UNTIMED = (HealthCheck.too_slow,)

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=100,
    print_blob=True,
    suppress_health_check=_UNTIMED,
)
settings.register_profile(
    "long",
    deadline=None,
    max_examples=2000,
    print_blob=True,
    suppress_health_check=_UNTIMED,
)
settings.load_profile("long" if os.environ.get("ADAMREF_HYPOTHESIS") == "long" else "ci")


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command in this process: (exit code, standard output, standard error)."""

    def called(*arguments):
        monkeypatch.setattr(sys, "argv", ["adamref", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return called
