"""What the checkers say of theorems, as text: a line a theorem."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from adamref.theorems.library import theorem
from adamref.theorems.prove import A_CASE, CHECKERS, Check
from adamref.theorems.report import Proved, summary, supposing, trouble, trusted
from adamref.writers.tables import table

_COLOURS = {"PROVED": "green", "REFUTED": "cyan", "UNKNOWN": "bold red"}
_MARKS = {"passed": "yes", "failed": "NO", "not run": "?", "does not apply": "-"}
_HEADINGS = ("algebra", "z3", "search", "Coq")


def write(proved: Proved) -> RenderableType:
    """Lay the outcomes out, a line each, and below what did not go as recorded."""
    outcomes = proved.outcomes
    made = table("theorem", "title", "verdict", *_HEADINGS, "s", numeric=("s",), elastic="title")
    # On a narrow terminal only the title is cut short.
    longest = max((len(outcome.id) for outcome in outcomes), default=0)
    widths = (longest, None, len("verdict"), *(max(3, len(one)) for one in _HEADINGS), 4)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for outcome in outcomes:
        checks = (_mark(outcome.checks[name]) for name in CHECKERS)
        made.add_row(
            outcome.id,
            theorem(outcome.id).title,
            Text(outcome.verdict, style=_COLOURS[outcome.verdict]),
            *checks,
            f"{outcome.seconds:.1f}",
        )
    parts: list[RenderableType] = [made, Text(), Text(summary(outcomes)), Text(trusted())]
    troubles = [line for outcome in outcomes for line in trouble(outcome)]
    supposed = [line for outcome in outcomes for line in supposing(outcome)]
    if supposed:
        parts += [Text(), *(Text(line) for line in supposed)]
    if troubles:
        parts += [Text(), *(Text(line) for line in troubles)]
    return Group(*parts)


def _mark(check: Check) -> str:
    return "case" if check.says.startswith(A_CASE) else _MARKS[check.status]
