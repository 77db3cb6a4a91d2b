"""Checks of several implementations as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from adamref.oracle.report import summary
from adamref.output import printable
from adamref.writers.check_text import COLOURS
from adamref.writers.check_text import write as write_one
from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.oracle.report.several import Checks


def write(checks: Checks) -> RenderableType:
    """Lay checks out: a line for each, wrappers for what was not reached, and how many conform."""
    made = table(*summary.ROW, whole=("verdict", "optimizer"))
    for report in checks.reports:
        target, verdict, about, found = summary.row(report)
        coloured = Text(verdict, style=COLOURS[report.verdict])
        made.add_row(_name(target), coloured, Text(about), Text(found))
    for one in checks.unreached:
        lost = Text("not reached", style="bold red")
        made.add_row(_name(one.target), lost, Text(), Text(printable(one.because)))
    parts: list[RenderableType] = [made, Text(), Text(summary.of_several(checks))]
    for one in checks.unreached:
        if one.to_paste:
            title = Text(f"A wrapper for {printable(one.target)}:", style="bold")
            parts += [Text(), title, Text(printable(one.to_paste.rstrip("\n")), overflow="fold")]
    if any(report.verbose for report in checks.reports):
        for report in checks.reports:
            parts += [Text(), write_one(report)]
    return Group(*parts)


def _name(target: str) -> Text:
    return Text(printable(target), overflow="fold")
