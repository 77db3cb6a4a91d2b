"""The audit of a document: the best reading of it, judged."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.findings import Audit
from adamref.documents.formulas import DIALECTS
from adamref.documents.judge import Judge
from adamref.documents.layout import lay_out
from adamref.documents.phrases import speaks_of_adam
from adamref.documents.roles import CONVENTIONS, Notation, notation
from adamref.documents.source import Source, from_file, from_text
from adamref.documents.statements import statements
from adamref.documents.survey import is_about_adam, may_have_components

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from adamref.documents.case import Case
    from adamref.documents.claims import Claim
    from adamref.documents.repair import Repair
    from adamref.documents.statements import Event
    from adamref.documents.world import World


def audit(document: str | os.PathLike[str]) -> Audit:
    """Read a document and judge what it claims about Adam.

    Parameters
    ----------
    document : str or os.PathLike
        The text itself, or a path to a file.

    Raises
    ------
    Unreadable
        If there is nothing to read: no such file, a directory, binary, empty, not UTF-8.
    """
    if isinstance(document, str):
        return audited(from_text(document))
    return audited(from_file(document))


def audited(source: Source) -> Audit:
    """Audit a document that has been read."""
    layout = lay_out(source)
    events = statements(layout, source)
    text = "\n".join(source.lines)
    named = notation(events)
    if not (speaks_of_adam(text) or is_about_adam(events, named)):
        return Audit(source.path, "nothing-read", {}, tuple(layout.repairs), (), None)
    meant = re.search(r"\b(?:default|usual|standard)", text, re.IGNORECASE) is not None
    judged = {"defaults_meant": meant, "explains": False}
    best = Judge(source, named, **judged).judge(events)
    late = best.late_givens()
    if late:
        best = Judge(source, named, **judged).judge(events, late)
    if best.wrong:
        for other in _other_readings(named, events):
            found = Judge(source, other, **judged).judge(events, late)
            if found.beats(best):
                best = found
        # Only now look for causes: it takes longer than all the rest.
        best = Judge(source, best.notation, defaults_meant=meant).judge(events, late)
    return _concluded(source, layout.repairs, best)


def _other_readings(named: Notation, events: Sequence[Event]) -> Iterator[Notation]:
    """Try other meanings of letters, indices and headings: the author has the benefit of doubt."""
    yield replace(named, markers=False)
    for moments in CONVENTIONS:
        if moments != named.moments:
            yield replace(named, moments=moments)
            yield replace(named, moments=moments, markers=False)
    if may_have_components(events, named):
        yield replace(named, components=True)
        yield replace(named, components=True, markers=False)
    yield replace(named, zero_based=True)
    yield replace(named, restarts=True)


def _concluded(source: Source, repairs: Sequence[Repair], judged: Case) -> Audit:
    claims = tuple(_with_conflicts(judged))
    wrong = next((i for i, claim in enumerate(claims) if claim.is_wrong), None)
    if wrong is not None:
        verdict = "wrong"
    elif any(claim.verdict != "unread" for claim in claims):
        verdict = "holds"
    else:
        verdict = "nothing-read"
    mended = sorted(dict.fromkeys([*repairs, *judged.repairs]), key=lambda r: r.line)
    return Audit(source.path, verdict, judged.given, tuple(mended), claims, wrong, judged.world)


def _with_conflicts(judged: Case) -> Iterator[Claim]:
    """Say of each formula that stands in another dialect what the two make of the same numbers."""
    for claim in judged.claims:
        if (claim.kind, claim.verdict, claim.field) != ("formula", "dialect", "theta"):
            yield claim
            continue
        others = {d: line for d, line in judged.forms.items() if d != claim.expected}
        if not others:
            yield claim
            continue
        dialect, line = next(iter(others.items()))
        because = f"{claim.because}, but line {line} has the form {dialect}"
        here, there = _updates(judged.world, str(claim.expected), dialect)
        if here and there:
            because += f": the first step gives {here} here and {there} there"
        yield replace(claim, because=because)


def _updates(world: World, one: str, other: str) -> tuple[str | None, str | None]:
    made = []
    for dialect in (one, other):
        # The truth in that dialect: from the givens alone, not from what the author printed.
        span = world.anew(DIALECTS[dialect]).truth("theta", "", world.first)
        made.append(None if span is None else span.text(12))
    return made[0], made[1]
