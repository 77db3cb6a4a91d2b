"""What an audit finds in one document: what the reports are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.documents.case import Given
    from adamref.documents.claims import Claim
    from adamref.documents.repair import Repair
    from adamref.documents.world import World


@dataclass(frozen=True)
class Findings(ABC):
    """What was found in one document.

    Attributes
    ----------
    path : str
    verdict : {"holds", "wrong", "nothing-read"}
    given : mapping of str to Given
        Hyperparameters and starting values, as printed, each with its line.
    repairs : tuple of Repair
    claims : tuple of Claim
        In the order of the document.
    first_wrong : int or None
        Index of the first claim that is wrong.
    worlds : mapping of str to World
        What is known of each optimizer that the document works, by its name.
    """

    path: str
    verdict: str
    given: dict[str, Given]
    repairs: tuple[Repair, ...]
    claims: tuple[Claim, ...]
    first_wrong: int | None
    worlds: Mapping[str, World] = field(default_factory=dict)

    @abstractmethod
    def to_json(self) -> str:
        """Write the findings as JSON."""

    @abstractmethod
    def to_html(self) -> str:
        """Write the findings as a page."""

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for claim in self.claims:
            counts[claim.verdict] = counts.get(claim.verdict, 0) + 1
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        return f"<{type(self).__name__} {self.path}: {self.verdict}; {said or 'no claims'}>"
