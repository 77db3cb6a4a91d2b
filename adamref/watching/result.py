"""What watching an optimizer found: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, final

if TYPE_CHECKING:
    from adamref.replay.result import Replay


@final
@dataclass(frozen=True)
class WatchFinding:
    """Something that was found, however often.

    Attributes
    ----------
    id : str
        A fault of the catalogue, or what `docs/howto/watch-a-run.md` lists.
    severity : {"note", "deviation"}
    says : str
        A sentence, of the first time.
    step : int
        The first step at which it was seen: the number of the call.
    times : int
    """

    id: str
    severity: Literal["note", "deviation"]
    says: str
    step: int
    times: int = 1

    def __str__(self) -> str:
        often = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.severity} at step {self.step}{often}: {self.says} [{self.id}]"


@final
@dataclass(frozen=True)
class WatchedStep:
    """A step that was judged.

    Attributes
    ----------
    number : int
        Of the call.
    elements : int
        How many were judged.
    worst : float
        The greatest error, as a share of its bound.
    findings : tuple of WatchFinding
    replay : Replay or None
        The judgement tensor by tensor; None where the step was right as the one before was.
    """

    number: int
    elements: int
    worst: float
    findings: tuple[WatchFinding, ...] = ()
    replay: Replay | None = None

    @property
    def deviations(self) -> tuple[WatchFinding, ...]:
        """The findings that are no notes."""
        return tuple(x for x in self.findings if x.severity == "deviation")

    def __str__(self) -> str:
        return "; ".join(x.says for x in self.deviations) or "holds"


@final
@dataclass(frozen=True)
class WatchReport:
    """What was found so far.

    Attributes
    ----------
    optimizer : str
        What was watched.
    steps, judged, elements : int
        How many steps were taken, how many of them judged, in how many elements of tensors.
    worst : float
        The greatest error, as a share of its bound: above 1 a step is wrong.
    findings : tuple of WatchFinding
        The deviations first.
    deviating : tuple of WatchedStep
        The first of the steps that deviate.
    """

    optimizer: str
    steps: int
    judged: int
    elements: int
    worst: float
    findings: tuple[WatchFinding, ...] = ()
    deviating: tuple[WatchedStep, ...] = ()

    @property
    def verdict(self) -> Literal["holds", "deviates", "not-judged"]:
        """Deviates if anything does, not-judged if no element was."""
        if any(x.severity == "deviation" for x in self.findings):
            return "deviates"
        return "holds" if self.elements else "not-judged"

    @property
    def holds(self) -> bool:
        """Whether every step that was judged may be a right one, and there was one."""
        return self.verdict == "holds"

    @property
    def headline(self) -> str:
        """A line."""
        said = f"{self.judged:,} of {self.steps:,} steps judged in {self.elements:,} elements"
        worst = f", the greatest error {self.worst:.2g} of its bound" if self.elements else ""
        return f"{self.optimizer}: {self.verdict}, {said}{worst}"

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"  {x}" for x in self.findings)])
