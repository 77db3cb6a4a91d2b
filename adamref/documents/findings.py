"""What an audit finds: what the reports are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, final

from adamref.render import Result

if TYPE_CHECKING:
    from adamref.documents.case import Given
    from adamref.documents.claims import Claim
    from adamref.documents.prose.pointers import Pointer
    from adamref.documents.repair import Repair
    from adamref.documents.source import Source
    from adamref.documents.world import World


@final
@dataclass(frozen=True)
class SheetRow:
    """One line of the corrected sheet.

    Attributes
    ----------
    left, symbols : str
        The line in Unicode text.
    latex : str
        The line in LaTeX.
    document : str
        What the document says; empty if it says nothing.
    verdict : str
        The verdict on that.
    right : str
        The right value, to twelve digits.
    """

    left: str
    symbols: str
    latex: str
    document: str
    verdict: str
    right: str


@final
@dataclass(frozen=True, repr=False)
class Audit(Result):
    """What was found in one document.

    Attributes
    ----------
    path : str
    verdict : {"holds", "wrong", "partly-read", "nothing-read"}
        Partly read is a document in which nothing wrong was found, and not every claim was read.
    given : mapping of str to Given
        Hyperparameters and starting values, as printed, each with its line.
    repairs : tuple of Repair
    claims : tuple of Claim
        In the order of the document.
    first_wrong : int or None
        Index of the first claim that is wrong.
    pointers : tuple of Pointer
        Sentences that say what theorems settle; they are no verdicts, and change none.
    worlds : mapping of str to World
        What is known of each optimizer that the document works, by its name.
    source : Source or None
        The document as it was read.
    sheet : tuple of SheetRow or None
        The document's own problem worked right, where that has been done already.
    """

    kind: ClassVar[str] = "audit"
    path: str
    verdict: str
    given: dict[str, Given]
    repairs: tuple[Repair, ...]
    claims: tuple[Claim, ...]
    first_wrong: int | None
    pointers: tuple[Pointer, ...] = ()
    worlds: Mapping[str, World] = field(default_factory=dict)
    source: Source | None = None
    sheet: tuple[SheetRow, ...] | None = None

    @property
    def documents(self) -> tuple[Audit, ...]:
        """The one document, as `Audits` has many."""
        return (self,)

    def __repr__(self) -> str:
        counts = Counter(claim.verdict for claim in self.claims)
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        return f"<Audit {self.path}: {self.verdict}; {said or 'no claims'}>"


@final
@dataclass(frozen=True)
class Audits(Result):
    """What was found in several documents, in the order given."""

    kind: ClassVar[str] = "audit"
    documents: tuple[Audit, ...]
