"""What is spent on one document, in operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from adamref.expressions.effort import Effort


@final
@dataclass(frozen=True)
class Efforts:
    """What is spent on one document, each on its own, so that nothing takes from what comes first.

    Attributes
    ----------
    reading : Effort
        To judge it as it is most likely meant: past it claims are unread.
    others : Effort
        To see whether other readings of it do its author better justice.
    causes : Effort
        To find what made its wrong numbers: past it they are wrong and nothing more.
    """

    reading: Effort
    others: Effort
    causes: Effort

    @classmethod
    def of(cls, statements: int, repeated: int = 0) -> Efforts:
        """Return what is spent on a document of so many different statements, and repeated ones."""
        many, more = min(statements, MANY), min(repeated, MANY)
        efforts = cls(*(Effort(page + each * many) for page, each in (READING, OTHERS, CAUSES)))
        efforts.reading.left += REPEATED * more
        return efforts

    @classmethod
    def for_parts(cls, own: Efforts) -> Efforts:
        """Return what is spent to see whether other parts of a document do its author justice.

        No other letters are tried then, and no causes looked for.
        """
        most = 2 * max(own.reading.left, READING[0])
        return cls(Effort(most), Effort(0), Effort(0))


REPEATED = 25
"""What is spent on a statement that stood there before, to the letter."""

READING, OTHERS, CAUSES, MANY = (30_000, 250), (16_000, 10), (8_000, 5), 1_000
"""What is spent on a page, and more for each of so many statements that are not the same.

No page of the corpora takes more than nine tenths of that. In a long one a plain statement takes
20 or 30 operations, and one on the hundredth step of a trajectory up to 200. It is read at least
twice if something in it is wrong. A thousand operations take about a fiftieth of a second.
"""
