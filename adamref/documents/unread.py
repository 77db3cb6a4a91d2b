"""Listing what looks like mathematics about a step and is not judged: never dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents.claims import Claim
from adamref.documents.dialects import moments
from adamref.documents.statements import left_names

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.roles import Meaning
    from adamref.documents.statements import Garbled, WrittenChain


def list_mistaken(case: Case, statement: WrittenChain) -> None:
    """List a number that its own sentence does not stand by."""
    lefts = left_names(statement.parts)
    meaning = case.notation.meaning(lefts[0]) if lefts else None
    if meaning is not None and meaning.kind == "field":
        because = "the sentence gives it as a mistake, or as what might have been"
        case.unread(statement.parts[-1], meaning, because, kind="value", code=statement.code)


def list_too_large(case: Case, statement: WrittenChain, meaning: Meaning, because: str) -> None:
    """List a value, a given or arithmetic that was not worked out, for what it takes."""
    parts = statement.parts
    if meaning.kind in ("field", "hyper") or len(parts) > len(left_names(parts)) + 1:
        kind = "arithmetic" if meaning.kind == "other" else "value"
        case.unread(parts[-1], meaning, because, kind=kind, code=statement.code)
    if meaning.kind == "field":
        case.clock.touched = True


def list_garbled(case: Case, event: Garbled) -> None:
    """List a region that does not parse, where it names what a step has."""
    about = [case.notation.meaning(n) for n in event.names]
    steps = any(m.kind == "field" and m.name.endswith("_hat") for m in about)
    states = (*moments(case.rule), "theta")
    timed = any(m.kind == "field" and m.name in states and m.time for m in about)
    rates = any(m.kind == "hyper" and m.name.startswith("beta") for m in about)
    before = case.claims[-1] if case.claims else None
    if before is not None and (before.line, before.verdict) == (event.line, "unread"):
        return
    if not (event.whole_line or steps or timed or rates):
        return
    made = Claim(
        event.line,
        1,
        event.quote or case.quote(event.line),
        "code" if event.code else "formula",
        "unread",
        event.because,
        next((m.name for m in about if m.kind == "field"), None),
        optimizer=case.optimizer.name,
    )
    case.claims.append(made)
