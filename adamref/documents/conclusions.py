"""What the readings of a document come to: one audit, with every claim in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.amended import amended
from adamref.documents.consistency import conflicting
from adamref.documents.findings import Audit
from adamref.documents.lines.signs import reconciled

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.claims import Claim
    from adamref.documents.repair import Repair
    from adamref.documents.source import Source


def concluded(
    source: Source,
    repairs: Sequence[Repair],
    judged: Sequence[Case],
    others: Sequence[Claim],
    understood: frozenset[int],
) -> Audit:
    """Bring together what cases found, and the other claims; lines of code were understood."""
    claims = tuple(conflicting(claim, case) for case in judged for claim in case.claims)
    cases = {case.optimizer.name: case for case in reversed(judged)}
    others = [conflicting(claim, cases.get(claim.optimizer)) for claim in others]
    claims = tuple(
        c for c in claims if (c.kind, c.verdict) != ("code", "unread") or c.line not in understood
    )
    claims = tuple(amended(reconciled((*claims, *others)), source))
    if len(judged) > 1 or others:
        claims = tuple(sorted(claims, key=lambda claim: claim.line))
    wrong = next((i for i, claim in enumerate(claims) if claim.is_wrong), None)
    verdicts = {claim.verdict for claim in claims}
    if wrong is not None:
        verdict = "wrong"
    elif not verdicts - {"unread"}:
        verdict = "nothing-read"
    else:
        verdict = "partly-read" if verdicts & {"unread", "doubtful"} else "holds"
    mended = [repair for case in judged for repair in case.repairs]
    mended = sorted(dict.fromkeys([*repairs, *mended]), key=lambda r: r.line)
    given = {
        name: replace(one, line=source.place(one.line)[0], where=source.where(one.line))
        for case in reversed(judged)
        for name, one in case.given.items()
    }
    claims = tuple(_placed(source, claim) for claim in claims)
    mended = [replace(repair, line=source.place(repair.line)[0]) for repair in mended]
    by_name = Counter(case.optimizer.name for case in judged)
    worlds = {c.optimizer.name: c.world for c in judged if by_name[c.optimizer.name] == 1}
    return Audit(source.path, verdict, given, tuple(mended), claims, wrong, (), worlds, source)


def _placed(source: Source, claim: Claim) -> Claim:
    """Say of a claim where it stands in the file."""
    line, column = source.place(claim.line, claim.column)
    links = tuple(replace(link, line=source.place(link.line)[0]) for link in claim.links)
    where, read = source.where(claim.line), (claim.line, claim.column)
    return replace(claim, line=line, column=column, links=links, where=where, read=read)
