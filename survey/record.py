"""What is kept of a survey: a small JSON file an implementation, the same from run to run."""

from __future__ import annotations

import json
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey.rows import HERE

if TYPE_CHECKING:
    from survey.rows import Row

RESULTS = HERE / "results"
SCHEMA = "adamref.survey/1"
DIGITS = 3
"""Of a measured error: more of them would change with a library's last bit."""

_BASELINE = re.compile(r"the baseline \S+")
_FIRST = ("t", "tensor", "index", "field", "got", "want", "bound")
_MEMORY = re.compile(r"0x[0-9a-f]{8,}|/(?:tmp|home|work)/\S+")


def begun(row: Row) -> dict[str, Any]:
    """Return the record of an implementation of which nothing is known yet."""
    return {
        "schema": SCHEMA,
        "name": row.name,
        "title": row.title,
        "package": row.environment.package,
        "version": row.environment.version,
        "optimizer": row.optimizer,
        "target": row.target,
        # An infinity is written, as in JSON it is not.
        "args": json.loads(json.dumps(dict(row.args)), parse_constant=str),
        "declared": row.declared(),
        "date": datetime.now(UTC).date().isoformat(),
        "platform": f"{platform.system()} {platform.machine()}",
        "because": "",
        "environment": {},
        "dtypes": {},
        "compared": None,
    }


def of_report(report: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of the report of a check."""
    accuracy = report["accuracy"]
    found = report["findings"]
    differ = [x for x in report["probes"] if x["verdict"] in {"differs", "error"}]
    off = [_probe(x) for x in differ]
    by = {
        k: [_finding(x) for x in found if x["severity"] == k]
        for k in ("limit", "deviation", "error", "note")
    }
    return {
        "verdict": report["verdict"],
        "dialect": report["dialect"],
        "theta": _errors(accuracy["theta"]),
        "first_step": _errors(accuracy["first_step"]),
        "limits": by["limit"],
        "deviations": by["deviation"],
        "errors": by["error"],
        "notes": by["note"],
        "causes": [_cause(x) for x in report["diagnosis"]],
        "off": off,
        "snippet": next(
            (x["first_difference"]["snippet"] for x in differ if x["first_difference"]), ""
        ),
        "because": "",
    }


def not_checked(because: str) -> dict[str, Any]:
    """Return what is kept of a check that gave no report."""
    none: tuple[str, ...] = ("limits", "deviations", "errors", "notes", "causes", "off")
    empty: dict[str, Any] = {name: [] for name in none}
    return {
        "verdict": "error", "dialect": {}, "theta": None, "first_step": None, **empty,
        "because": plain(because), "snippet": "",
    }  # fmt: skip


def of_comparison(document: dict[str, Any] | None, fast: str, dtype: str) -> dict[str, Any]:
    """Return what is kept of a comparison with the right one of the family."""
    if document is None:
        return {"with": "", "dtype": dtype, "same_dialect": None, "says": [],
                "because": "adamref.fast has none of this family"}  # fmt: skip
    right = f"adamref.fast:{fast}"
    says = [plain(_BASELINE.sub(right, x)) for x in document["says"]]
    return {"with": right, "dtype": dtype, "same_dialect": document["same_dialect"], "says": says,
            "because": ""}  # fmt: skip


def plain(text: str) -> str:
    """Return a text without what is of one run: addresses, and folders of this machine.

    >>> plain("<f at 0x7f52aa10> in /tmp/x/y.py")
    '<f at …> in …'
    """
    return _MEMORY.sub("…", text)


def _errors(said: dict[str, Any] | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "max_ulp": _short(said["max_ulp"]),
        "correctly_rounded": _short(said["correctly_rounded"]),
        "max_over_bound": _short(said["max_over_bound"]),
    }


def _short(x: Any) -> Any:
    return float(f"{x:.{DIGITS}g}") if isinstance(x, float) else x


def _finding(one: dict[str, Any]) -> dict[str, Any]:
    return {"id": one["id"], "probe": one["probe"], "says": plain(one["says"])}


def _cause(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "says": one["says"], "faults": one["faults"], "line": one["line"], "where": one["where"],
        "formula": one["formula"], "confirmed": one["confirmed"],
    }  # fmt: skip


def _probe(one: dict[str, Any]) -> dict[str, Any]:
    first = one["first_difference"]
    kept = first and {name: first[name] for name in _FIRST}
    return {"name": one["name"], "class": one["class"], "first": kept}


def path_of(name: str, folder: Path = RESULTS) -> Path:
    """Return where a record stands."""
    return folder / f"{name}.json"


def read(name: str, folder: Path = RESULTS) -> dict[str, Any] | None:
    """Return the record of an implementation, or None."""
    path = path_of(name, folder)
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def read_all(folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Return every record of a folder, by name."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }


def written(record: dict[str, Any]) -> str:
    """Return a record as it stands in its file."""
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(record: dict[str, Any], folder: Path = RESULTS) -> None:
    """Write a record to its file, beside and then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(record["name"], folder)
    beside = path.with_suffix(".part")
    beside.write_text(written(record), "utf-8")
    beside.replace(path)
