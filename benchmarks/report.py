"""What was measured, as tables of ratios and as JSON."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.inputs import HYPERS, SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Result, Row

LIBRARIES = (
    "adamref",
    "python-flint",
    "mpmath",
    "numpy",
    "sympy",
    "gmpy2",
    "torch",
    "numba",
    "scikit-learn",
)
_BUSY = 0.9
"""Below this share of a core, a note says that the machine was busy."""


def environment() -> dict[str, Any]:
    """Return the machine and the versions, as far as they bear on times."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
        "threads": 1,
    }


def _cpu() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2] for line in told.splitlines() if line.startswith("model name")]
    return " ".join(names[0].split()) if names else platform.processor() or "unknown"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def as_json(
    results: Sequence[Result], about: dict[str, Any], *, rounds: int, quick: bool
) -> dict[str, Any]:
    """Return everything; times in the measurement's unit, CPU and wall time in seconds."""
    return {
        "environment": about,
        "rounds": rounds,
        "quick": quick,
        "seed": SEED,
        "hyperparameters": HYPERS,
        "measurements": [_measurement(result) for result in results],
        "notes": notes(results),
    }


def _measurement(result: Result) -> dict[str, Any]:
    measurement = result.measurement
    return {
        "name": measurement.name,
        "title": measurement.title,
        "case": dict(measurement.case),
        "unit": measurement.unit,
        "contenders": [_contender(result, row) for row in result.rows],
    }


def _contender(result: Result, row: Row) -> dict[str, Any]:
    comparisons = result.measurement.comparisons
    return {
        "name": row.contender.name,
        "time": None if row.seconds is None else row.seconds * result.measurement.per_second,
        "ratios": {each.title: result.ratio(row, each) for each in comparisons},
        "missing": row.missing,
        "samples": row.samples,
    }


def notes(results: Sequence[Result]) -> list[str]:
    """Name what is missing and how to get it, and say if the machine was busy."""
    rows = [row for result in results for row in result.rows]
    said = [f"{row.contender.name}: {row.missing}" for row in rows if row.missing is not None]
    shares = [sample["cpu"] / sample["wall"] for row in rows for sample in row.samples]
    if shares and min(shares) < _BUSY:
        said.append(f"the machine was busy: a process had {min(shares):.0%} of a core")
    return list(dict.fromkeys(said))


def as_text(results: Sequence[Result], about: dict[str, Any], *, rounds: int, quick: bool) -> str:
    """Return the environment, a table in Markdown for each measurement, and the notes."""
    known = [f"{name} {x}" for name, x in about["libraries"].items() if x is not None]
    lines = [
        f"{about['date']}, {about['cpu']}, {about['system']}, {about['python']}",
        ", ".join(known),
        f"medians of {rounds} round{'s' * (rounds != 1)}"
        + (", sizes so small that the times mean nothing" if quick else ""),
    ]
    for result in results:
        clock = {"cpu": "CPU time", "wall": "wall time"}[result.measurement.clock]
        lines += ["", f"{result.measurement.name}: {result.measurement.title} ({clock})", ""]
        lines += _table(result)
    if said := notes(results):
        lines += ["", *said]
    return "\n".join(lines)


def _table(result: Result) -> list[str]:
    comparisons = result.measurement.comparisons
    peaks = any(_peak(row) is not None for row in result.rows)
    more = ["MB at most"] if peaks else []
    head = ["", result.measurement.unit, *(each.title for each in comparisons), *more]
    body = []
    for row in result.rows:
        seconds = row.seconds
        time = None if seconds is None else seconds * result.measurement.per_second
        ratios = [result.ratio(row, each) for each in comparisons]
        also = [_number(_peak(row))] if peaks else []
        body.append([row.contender.name, _number(time), *map(_number, ratios), *also])
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [_line(cells, widths) for cells in (head, rule, *body)]


def _peak(row: Row) -> float | None:
    """Return the most memory that a process of a contender had, in MB."""
    known = [sample["peak"] for sample in row.samples if sample.get("peak") is not None]
    return max(known) / 1e6 if known else None


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(padded)} |"


def _number(value: float | None) -> str:
    """Write three significant digits, and whole numbers whole; nothing for what is missing."""
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}"
