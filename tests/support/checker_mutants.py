"""The proof checker with one of its checks taken out: some test has to fail.

A check is a place where the trusted core refuses: each ``raise`` of `Refused`, `Captured` or
`Undecided`. ``python tests/support/checker_mutants.py [FILE[:LINE] …]`` takes each out in a copy of
the package, runs the tests of the checker there, and prints those that nothing noticed.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
_REFUSALS = {"Refused", "Captured", "Undecided"}
_TESTS = (
    "tests/logic/test_soundness_false.py",
    "tests/logic",
    "tests/theorems/test_stalling.py",
    "tests/theorems/test_rounded.py",
)
_OPTIONS = ("-xq", "-p", "no:cacheprovider", "-m", "not long", "-c", str(ROOT / "pyproject.toml"))


@dataclass(frozen=True)
class CheckPlace:
    """Where a check stands: a file of the core, and the lines of its ``raise``."""

    path: Path
    first: int
    last: int
    indent: int

    def __str__(self) -> str:
        return f"{self.path.name}:{self.first}"


def places() -> list[CheckPlace]:
    """Return every check of the trusted core, file by file."""
    from adamref.logic.size import core_files

    stalling = ROOT / "adamref" / "theorems" / "stalling.py"
    files = [ROOT / "adamref" / "logic" / path.name for path in core_files()]
    return [place for path in (*files, stalling) for place in _in_file(path)]


def _in_file(path: Path) -> list[CheckPlace]:
    return [
        CheckPlace(path, node.lineno, int(node.end_lineno or node.lineno), node.col_offset)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func) in _REFUSALS
    ]


def without(place: CheckPlace) -> str:
    """Return the text of a file without a check."""
    lines = place.path.read_text("utf-8").splitlines()
    lines[place.first - 1 : place.last] = [" " * place.indent + "pass"]
    return "\n".join(lines) + "\n"


def noticed(place: CheckPlace) -> bool:
    """Say whether a test fails without a check."""
    with TemporaryDirectory() as made:
        package = Path(made) / "adamref"
        shutil.copytree(
            ROOT / "adamref", package, ignore=shutil.ignore_patterns("__pycache__", "data")
        )
        (package / "data").symlink_to(ROOT / "adamref" / "data")
        (package / "proofs").symlink_to(ROOT / "proofs")
        changed = package / place.path.relative_to(ROOT / "adamref")
        changed.write_text(without(place), "utf-8")
        tests = (str(ROOT / test) for test in _TESTS)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *_OPTIONS, *tests],
            cwd=made,  # Python looks there first: not where the package is whole
            env={**os.environ, "PYTHONPATH": made},
            capture_output=True,
            check=False,
        )
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"{place}: the tests ended with {ran.returncode}")
    return ran.returncode == 1


def main(wanted: list[str]) -> int:
    """Take checks out one by one, all or those that are named, and say which nothing noticed."""
    chosen = [p for p in places() if not wanted or {str(p), p.path.name} & set(wanted)]
    missed = []
    for place in chosen:
        if not noticed(place):
            missed.append(place)
            print(f"nothing notices that {place} is gone", flush=True)  # noqa: T201
    print(f"{len(chosen) - len(missed)} of {len(chosen)} checks are noticed")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
