"""An implementation checked, and compared with a right one, in its environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey.rows import GLUE

if TYPE_CHECKING:
    from survey.environments import Made
    from survey.rows import Row

_ANSWER = "300"
"""Seconds for an answer, and for all of them: generous, and never what decides."""
_ALL = 7200.0
_FEW = 3


class NotChecked(Exception):
    """A check that gave no report: why."""


def check(row: Row, where: Made, dtype: str) -> dict[str, Any]:
    """Check an implementation in a dtype, and return the report.

    Raises
    ------
    NotChecked
        If there is none: the target could not be loaded, or called.
    """
    # A target that crashes or hangs has a report, and its exit code is 3.
    words = [*_target(row, where), *_options(row, dtype), *_args(row), *row.options]
    return _asked(row, where, ["check", *words])


def compare(row: Row, where: Made, dtype: str, probes: Sequence[str]) -> dict[str, Any] | None:
    """Compare an implementation with the right one of its family, on a few probes.

    Returns None where its family has none.

    Raises
    ------
    NotChecked
        If there is no comparison.
    """
    if not row.fast or not probes:
        return None
    right = f"adamref.fast:{row.fast}"
    asked = [*_options(row, dtype), *(f"--probes={x}" for x in probes)]
    first = f"command:{_command(row, where)}" if row.is_command else row.target
    if not row.args:
        return _asked(row, where, ["compare", first, right, *asked])
    # Arguments of the one are none of the other, which is kept as a baseline first.
    kept = str(where.folder / "right.json")
    _asked(row, where, ["check", right, "--save", kept, *asked])
    return _asked(row, where, ["compare", first, kept, *asked, *_args(row)])


def few(report: dict[str, Any]) -> list[str]:
    """Return the probes of a report on which implementations are compared."""
    names = [x["name"] for x in report["probes"] if x["verdict"] != "not-applicable"]
    return [x for x in names if x.startswith(("generic-", "defaults-"))][:_FEW]


def _target(row: Row, where: Made) -> list[str]:
    return ["--command", _command(row, where)] if row.is_command else [row.target]


def _command(row: Row, where: Made) -> str:
    return row.target.format(folder=where.folder)


def _options(row: Row, dtype: str) -> list[str]:
    return ["--dtype", dtype, "--optimizer", row.optimizer, "--timeout", _ANSWER,
            "--format", "json"]  # fmt: skip


def _args(row: Row) -> list[str]:
    return [f"--arg={k}={json.dumps(v)}" for k, v in row.args.items()]


def _asked(row: Row, where: Made, words: list[str]) -> dict[str, Any]:
    command = [where.python, "-m", "adamref", *words]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command,
            cwd=_folder(where),
            env={**where.variables, **row.environ},
            capture_output=True,
            text=True,
            timeout=_ALL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotChecked(f"no report after {_ALL:.0f} s") from None
    if done.returncode not in {0, 1, 3} or not done.stdout.startswith("{"):
        said = done.stderr.strip().splitlines()
        raise NotChecked("\n".join(said[-3:]) or f"ended with {done.returncode}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _folder(where: Made) -> Path:
    return GLUE if where.folder.joinpath("bin").exists() else where.folder
