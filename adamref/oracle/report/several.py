"""Checks of several implementations: plain data, which the reports write down."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, final

from adamref.render import Result

if TYPE_CHECKING:
    from adamref.oracle.report.findings import Report


@final
@dataclass(frozen=True)
class Unreached:
    """An implementation that could not be called.

    Attributes
    ----------
    target : str
    because : str
        A sentence.
    to_paste : str
        A wrapper with which it could, if there is one.
    """

    target: str
    because: str
    to_paste: str = ""


@final
@dataclass(frozen=True, repr=False)
class Checks(Result):
    """What checks of several implementations found, in the order in which they were given.

    Attributes
    ----------
    reports : tuple of Report
    unreached : tuple of Unreached
    seconds : float
        How long all took.
    """

    kind: ClassVar[str] = "checks"
    reports: tuple[Report, ...]
    unreached: tuple[Unreached, ...] = ()
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """3 if any could not be judged, else 1 if any deviates, 2 if one was not reached, or 0."""
        codes = {report.exit_code for report in self.reports} | ({2} if self.unreached else set())
        return next((code for code in (3, 1, 2) if code in codes), 0)

    def __repr__(self) -> str:
        counts = Counter(report.verdict for report in self.reports)
        said = [f"{count} {verdict}" for verdict, count in counts.items()]
        said += [f"{len(self.unreached)} not reached"] if self.unreached else []
        return f"<Checks: {', '.join(said) or 'none'}>"
