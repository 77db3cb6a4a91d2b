"""What an audit finds: claims, each with its verdict, and the reasons for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Link:
    """One relation inside a chain, checked on its own."""

    line: int
    quote: str
    holds: bool


@final
@dataclass(frozen=True)
class Cause:
    """A mistake that may account for a wrong number.

    Attributes
    ----------
    id : str
        Of the fault catalogue, or of a slip of the pen.
    says : str
        What was done, in a sentence.
    reproduces : bool
        Whether this alone, done to the last right values, gives the claimed number to every printed
        digit. If not, the chain shows the mistake, but the number printed is yet another.
    """

    id: str
    says: str
    reproduces: bool


@final
@dataclass(frozen=True)
class Claim:
    """A statement of the document that can be right or wrong.

    Attributes
    ----------
    line, column : int
        Where the claimed number stands, 1-based.
    quote : str
        The line as it stands in the document.
    kind : {"arithmetic", "value", "formula", "code", "constant", "size", "statement"}
    field : str or None
        The field of the rule that it is about.
    t : int or None
        The step that it is about.
    claimed, expected : str or None
        Decimal numbers; for a formula, the formula.
    verdict : {"holds", "wrong", "follows", "dialect", "doubtful", "unread"}
        Doubtful is what two readings, about equally likely, do not agree on.
    links : tuple of Link
    causes : tuple of Cause
    unexplained : str or None
        The part of a wrong number that no cause accounts for.
    because : str
        The reason for the verdict.
    parameter : str
        Which parameter, where the document has several.
    from_author : str or None
        What the author's own earlier numbers lead to, where that differs from ``expected``.
    optimizer : str
        By whose rule it was judged.
    where : str
        How a reader finds it, where a line number does not say it: "cell 3, line 2".
    read : (int, int)
        Line and column in what was read, where the format has its own.
    """

    line: int
    column: int
    quote: str
    kind: str
    verdict: str
    because: str
    field: str | None = None
    t: int | None = None
    claimed: str | None = None
    expected: str | None = None
    links: tuple[Link, ...] = ()
    causes: tuple[Cause, ...] = ()
    unexplained: str | None = None
    parameter: str = ""
    from_author: str | None = None
    optimizer: str = "adam"
    where: str = ""
    read: tuple[int, int] = (0, 0)

    @property
    def is_wrong(self) -> bool:
        """Whether the claim is wrong, or holds but rests on an equation that does not."""
        return self.verdict == "wrong" or (
            self.verdict != "unread" and any(not link.holds for link in self.links)
        )

    def __repr__(self) -> str:
        about = f"{self.field}[t={self.t}]" if self.field else self.kind
        return f"<Claim line {self.line}: {about} = {self.claimed}: {self.verdict}>"
