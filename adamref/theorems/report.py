"""What ``adamref prove`` finds, and the sentences about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, final

from adamref.logic.size import trusted_core
from adamref.render import Result
from adamref.theorems.library import theorem
from adamref.theorems.prove import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.theorems.prove import Outcome


@final
@dataclass(frozen=True)
class Proved(Result):
    """What all checkers say of some theorems, in the order asked for."""

    kind: ClassVar[str] = "prove"
    outcomes: tuple[Outcome, ...]

    def holds(self, *, complete: bool = False) -> bool:
        """Say whether every verdict is the recorded one; if asked, whether nothing was left out."""
        return all(one.as_recorded and not (complete and one.not_run) for one in self.outcomes)


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


def trusted() -> str:
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
    misses = theorem(outcome.id).near_misses
    for miss, passing in zip(misses, outcome.near_misses, strict=True):
        if passing:
            said.append(f"{outcome.id}: not refused by {', '.join(passing)}: {miss.says}")
    if outcome.verdict != outcome.recorded:
        said.append(f"{outcome.id}: recorded as {outcome.recorded}, now {outcome.verdict}")
    return said


def supposing(outcome: Outcome) -> list[str]:
    """Say what the theorems in Coq suppose besides, as an expectation's being linear."""
    _, _, given = outcome.checks["kernel"].says.partition("; supposes ")
    return [f"{outcome.id}: in Coq it is supposed that {given}"] if given else []
