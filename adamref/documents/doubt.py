"""Claims on which two explanations of a document, about equally cheap, do not agree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.claims import Claim


def doubted(case: Case, rival: Case) -> Case:
    """Call those claims doubtful that are wrong in one explanation and right in the other."""
    others = {(claim.line, claim.column): claim for claim in rival.claims}
    case.claims = [_doubted(one, others.get((one.line, one.column))) for one in case.claims]
    return case


def _doubted(claim: Claim, other: Claim | None) -> Claim:
    if other is None or claim.is_wrong == other.is_wrong:
        return claim
    if "unread" in (claim.verdict, other.verdict):
        return claim
    because = f"{_said(claim)}; or {_said(other)}"
    return replace(claim, verdict="doubtful", because=because, links=(), causes=())


_IS = {
    "holds": "holds",
    "wrong": "is wrong",
    "follows": "follows from a wrong number",
    "dialect": "is another dialect",
}


def _said(claim: Claim) -> str:
    about = f"as {claim.field} at t = {claim.t} it" if claim.field else "it"
    return f"{about} {_IS.get(claim.verdict, claim.verdict)}: {claim.because}"
