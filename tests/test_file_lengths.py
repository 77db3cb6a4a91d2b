"""A Python file is short enough to have one subject, which a reader finds by its name."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = ("adamref", "proofs", "tests", "benchmarks")
MOST = 400
"""Lines; which are 100 characters at most, as `make lint` sees to."""


def test_no_file_is_too_long():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for part in PARTS
        for path in (ROOT / part).rglob("*.py")
    }
    assert {part for part in PARTS if any(x.startswith(f"{part}/") for x in lengths)} == {*PARTS}
    assert {path: length for path, length in lengths.items() if length > MOST} == {}
