"""The survey run: what is missing, environment by environment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey import checking, environments, record

if TYPE_CHECKING:
    from survey.environments import Made
    from survey.rows import Row


def say(text: str) -> None:
    """Say how far it is, on standard error."""
    print(text, file=sys.stderr, flush=True)


def survey(
    rows: Sequence[Row],
    *,
    fresh: bool = False,
    dtypes: Sequence[str] = (),
    results: Path = record.RESULTS,
    tell: Callable[[str], None] = say,
) -> list[str]:
    """Survey implementations, and keep what is found of each as soon as it is.

    Parameters
    ----------
    rows : sequence of Row
        Those of an environment together.
    fresh : bool
        Whether what is there is done again.
    dtypes : sequence of str
        Only in these; in all that are declared if empty.
    results : Path
        The folder of the records.
    tell : callable
        Is told how far it is.

    Returns
    -------
    list of str
        The names of those that were done now.
    """
    left = {row.name: _missing(row, results, dtypes, fresh=fresh) for row in rows}
    todo = [row for row in rows if left[row.name]]
    tell(f"{len(todo)} of {len(rows)} implementations to survey")
    done: list[str] = []
    for where, group in groupby(todo, lambda row: row.environment):
        mine = list(group)
        tell(f"{where.name}: {where.package} {where.version}")
        begun = time.monotonic()
        try:
            with environments.made(where) as stands:
                tell(f"  made in {time.monotonic() - begun:.0f} s")
                for row in mine:
                    number = f"{len(done) + 1}/{len(todo)}"
                    _one(
                        row, stands, left[row.name], results, lambda x, n=number: tell(f"  {n} {x}")
                    )
                    done.append(row.name)
        except environments.NotMade as error:
            for row in mine:
                tell(f"  {row.name}: not made: {error}")
                record.write({**record.begun(row), "because": record.plain(str(error))}, results)
                done.append(row.name)
    return done


def _missing(row: Row, results: Path, dtypes: Sequence[str], *, fresh: bool) -> list[str]:
    asked = [x for x in row.dtypes if not dtypes or x in dtypes]
    known = record.read(row.name, results)
    if fresh or not _holds_still(row, known):
        return asked
    assert known is not None
    return [x for x in asked if x not in known["dtypes"]]


def _holds_still(row: Row, known: dict[str, Any] | None) -> bool:
    return known is not None and (known["declared"], known["because"]) == (row.declared(), "")


def _one(
    row: Row, where: Made, dtypes: list[str], results: Path, tell: Callable[[str], None]
) -> None:
    known = record.read(row.name, results)
    goes_on = _holds_still(row, known) and known is not None
    mine = {**record.begun(row), **({"dtypes": known["dtypes"]} if goes_on and known else {})}
    mine["compared"] = known["compared"] if goes_on and known else None
    for dtype in dtypes:
        begun = time.monotonic()
        try:
            report = checking.check(row, where, dtype)
            mine["dtypes"][dtype] = record.of_report(report)
            mine["environment"] = report["environment"]
            if mine["compared"] is None and report["verdict"] != "error":
                mine["compared"] = _compared(row, where, dtype, checking.few(report))
        except checking.NotChecked as error:
            mine["dtypes"][dtype] = record.not_checked(str(error))
        verdict = mine["dtypes"][dtype]["verdict"]
        tell(f"{row.name} {dtype}: {verdict} ({time.monotonic() - begun:.0f} s)")
        record.write(mine, results)


def _compared(row: Row, where: Made, dtype: str, probes: Sequence[str]) -> dict[str, Any]:
    try:
        document = checking.compare(row, where, dtype, probes)
    except checking.NotChecked as error:
        return {"with": f"adamref.fast:{row.fast}", "dtype": dtype, "same_dialect": None,
                "says": [], "because": record.plain(str(error))}  # fmt: skip
    return record.of_comparison(document, row.fast, dtype)
