"""What ``adamref prove`` says: a line a theorem, or JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adamref.logic.size import trusted_core
from adamref.theorems.library import chosen
from adamref.theorems.prove import CHECKERS, NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from adamref.theorems.prove import Outcome
    from adamref.theorems.record import Theorem

_COLOURS = {"PROVED": "green", "REFUTED": "cyan", "UNKNOWN": "bold red"}
_MARKS = {"passed": "yes", "failed": "NO", "not run": "?", "does not apply": "-"}
_HEADINGS = ("algebra", "z3", "search", "Coq")


def as_text(outcomes: Sequence[Outcome]) -> RenderableType:
    """Lay the outcomes out, a line each, and below what did not go as recorded."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    # On a narrow terminal only the title is cut short.
    longest = max((len(outcome.id) for outcome in outcomes), default=0)
    table.add_column("theorem", no_wrap=True, width=longest)
    table.add_column("title", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("verdict", no_wrap=True, width=len("verdict"))
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=True, width=max(3, len(heading)))
    table.add_column("s", justify="right", no_wrap=True, width=4)
    for outcome in outcomes:
        checks = (_MARKS[outcome.checks[name].status] for name in CHECKERS)
        table.add_row(
            outcome.id,
            _theorem_of(outcome).title,
            Text(outcome.verdict, style=_COLOURS[outcome.verdict]),
            *checks,
            f"{outcome.seconds:.1f}",
        )
    parts: list[RenderableType] = [table, Text(), Text(summary(outcomes)), Text(_trusted())]
    troubles = [line for outcome in outcomes for line in trouble(outcome)]
    if troubles:
        parts += [Text(), *(Text(line) for line in troubles)]
    return Group(*parts)


def summary(outcomes: Sequence[Outcome]) -> str:
    """Say in one sentence how it went."""
    counted = {
        verdict: sum(outcome.verdict == verdict for outcome in outcomes)
        for verdict in ("PROVED", "REFUTED", "UNKNOWN")
    }
    said = ", ".join(f"{count} {verdict}" for verdict, count in counted.items() if count)
    refused = sum(outcome.refused for outcome in outcomes)
    total = sum(len(outcome.near_misses) for outcome in outcomes)
    plural = "s" if len(outcomes) != 1 else ""
    return f"{len(outcomes)} theorem{plural}: {said}; {refused} of {total} near-misses refused."


def _trusted() -> str:
    """Say how much code a false theorem would have to slip through."""
    core = trusted_core()
    return f"Trusted core, which decides every step: {core.lines} lines in {core.files} files."


def trouble(outcome: Outcome) -> list[str]:
    """Say what is not as it should be with a theorem: failed checks, and what is not installed."""
    said = [
        f"{outcome.id}: {name} {check.status}: {check.says}"
        for name, check in outcome.checks.items()
        if check.status in ("failed", "not run") and check.says != NOT_ASKED
    ]
    misses = _theorem_of(outcome).near_misses
    for miss, passing in zip(misses, outcome.near_misses, strict=True):
        if passing:
            said.append(f"{outcome.id}: not refused by {', '.join(passing)}: {miss.says}")
    if outcome.verdict != outcome.recorded:
        said.append(f"{outcome.id}: recorded as {outcome.recorded}, now {outcome.verdict}")
    return said


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the JSON document ``adamref.prove/1``; the schema ships with the package."""
    return {
        "schema": "adamref.prove/1",
        "trusted_core": asdict(trusted_core()),
        "theorems": [_theorem(outcome) for outcome in outcomes],
    }


def _theorem_of(outcome: Outcome) -> Theorem:
    (theorem,) = chosen([outcome.id])
    return theorem


def _theorem(outcome: Outcome) -> dict[str, Any]:
    theorem = _theorem_of(outcome)
    return {
        "id": outcome.id,
        "title": theorem.title,
        "verdict": outcome.verdict,
        "recorded": outcome.recorded,
        "over": theorem.over,
        "checks": {name: outcome.checks[name].status for name in CHECKERS},
        "says": {name: outcome.checks[name].says for name in CHECKERS},
        "near_misses": len(outcome.near_misses),
        "refused": outcome.refused,
        "source": theorem.source,
        "seconds": round(outcome.seconds, 3),
    }
