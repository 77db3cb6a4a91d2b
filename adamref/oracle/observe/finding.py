"""Something worth saying about an implementation, whoever found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adamref.oracle.observe.sessions.session import Severity

Outcome: TypeAlias = Literal["holds", "differs", "limit", "not-applicable", "error"]

NOT_REPEATABLE = "not-repeatable"
"""Of a run that gave other bits the second time."""

TOO_SLOW = "too-slow"
"""Of a probe that was not judged: it would have taken too long, or did late in a run."""

LEADING = (NOT_REPEATABLE, "wrong-dtype", "wrong-shape")
"""Findings that stand above any number: what is not even a number of the dtype, or no two alike."""


@final
@dataclass(frozen=True)
class Finding:
    """Something worth saying.

    Attributes
    ----------
    id : str
        A name that never changes.
    probe : str or None
        Where it was seen; None: everywhere, or nowhere in particular.
    severity : {"note", "limit", "deviation", "error"}
    says : str
        A sentence.
    """

    id: str
    probe: str | None
    severity: Severity
    says: str


def without_chance(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out that two runs gave other bits: where chance rounds they should."""
    return [x for x in findings if x.id != NOT_REPEATABLE]
