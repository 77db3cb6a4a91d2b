"""A first moment that is kept with the other sign, and added: two lines that go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.documents.claims import Claim

_KEPT, _ADDED = "m-gradient-subtracted", "update-added"


def reconciled(claims: Sequence[Claim]) -> list[Claim]:
    """Take two signs that make up for each other for a habit, where all lines of a text have them.

    Each alone is a mistake: theta climbs.
    """
    moments = _of(claims, "m")
    steps = _of(claims, "theta")
    signed = moments and all(_has(c, _KEPT) for c in moments)
    if not (signed and steps and all(_has(c, _ADDED) for c in steps)):
        return list(claims)
    because = "m is kept with the other sign, and the step is added: the two go together"
    return [
        replace(c, verdict="dialect", because=because, claimed=None, expected=None, causes=())
        if c in (*moments, *steps)
        else c
        for c in claims
    ]


def _of(claims: Sequence[Claim], field: str) -> list[Claim]:
    kinds, read = ("formula", "code"), ("holds", "wrong", "dialect")
    return [c for c in claims if c.kind in kinds and c.field == field and c.verdict in read]


def _has(claim: Claim, fault: str) -> bool:
    return any(cause.id == fault for cause in claim.causes)
