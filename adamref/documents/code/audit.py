"""What is claimed by the code of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adamref.documents.code.blocks import Block, code_blocks
from adamref.documents.code.judging import judge_program
from adamref.documents.code.mistakes import at_odds, mistakes
from adamref.documents.code.statements import Assignment, ReadProgram, program
from adamref.documents.code.successive import joined
from adamref.documents.code.variables import roles_of
from adamref.documents.code.words import FIRST, SECOND
from adamref.documents.subjects import adam, announced
from adamref.expressions.nodes import names
from adamref.rules.family import called

if TYPE_CHECKING:
    from adamref.documents.claims import Claim
    from adamref.documents.source import Source
    from adamref.documents.subjects import Heading, Subject
    from adamref.rules.optimizer import Optimizer


def code_claims(
    source: Source, headings: Sequence[Heading], subject: Subject | None
) -> tuple[list[Claim], frozenset[int]]:
    """Judge all code of a document, each block by the optimizer that it is about.

    Returns
    -------
    list of Claim
    frozenset of int
        The lines that were read.
    """
    read = [(block, program(block)) for block in code_blocks(source)]
    for _, its in read:
        its.assignments = joined(its.assignments)
    every = [one for _, its in read for one in its.assignments]
    found: list[Claim] = []
    for about, group in _grouped(read, headings, subject, every):
        assignments = [one for its in group for one in its.assignments]
        best = _best(assignments, about, source)
        own = [claim for claim in best if claim.verdict != "unread" or claim.field]
        found += at_odds(own, assignments)
        found += mistakes(group, source, about[0])
    lines = {claim.line for claim in found if claim.verdict == "wrong" and not claim.expected}
    # What is wrong with how a line is written says more than what its formula is.
    kept = [c for c in found if not (c.line in lines and c.verdict in ("holds", "dialect"))]
    understood = frozenset(
        line for one in every if one.value is not None for line in (one.line, one.also)
    )
    return sorted(kept, key=lambda claim: claim.line), understood


def _best(
    assignments: Sequence[Assignment], about: tuple[Optimizer, ...], source: Source
) -> list[Claim]:
    """Judge a program by the optimizer that accounts for most of it."""
    judged = [
        (one, judge_program(assignments, one, source, explains=False))
        for one in about
        if one.rule.lines and not one.rule.reduces
    ]
    if not judged:
        return []

    def misfit(claims: Sequence[Claim]) -> tuple[int, int]:
        wrong = sum(claim.is_wrong for claim in claims)
        return wrong, -sum(claim.verdict in ("holds", "dialect") for claim in claims)

    one, best = min(judged, key=lambda x: misfit(x[1]))
    if any(claim.is_wrong for claim in best):
        return judge_program(assignments, one, source, explains=True)
    return best


def _grouped(
    read: Sequence[tuple[Block, ReadProgram]],
    headings: Sequence[Heading],
    subject: Subject | None,
    every: Sequence[Assignment],
) -> Iterator[tuple[tuple[Optimizer, ...], list[ReadProgram]]]:
    """Yield the programs that are about one optimizer together: a block may go on in the next."""
    groups: dict[tuple[Optimizer, ...], list[ReadProgram]] = {}
    for block, whole in read:
        for its in _by_name(whole):
            about = _about(block, its, headings, subject, every)
            if about:
                groups.setdefault(about, []).append(its)
    yield from groups.items()


def _by_name(whole: ReadProgram) -> list[ReadProgram]:
    """Part a program by the optimizers that its classes and functions are called by."""
    parts: dict[Optimizer | None, ReadProgram] = {}
    for one in whole.assignments:
        about = called(one.scope) if one.scope else None
        part = parts.setdefault(about, ReadProgram())
        part.assignments.append(one)
    if len(parts.keys() - {None}) < 2:
        return [whole]
    for part in parts.values():
        part.loops = [x for x in whole.loops if any(x in one.loops for one in part.assignments)]
    return list(parts.values())


def _about(
    block: Block,
    its: ReadProgram,
    headings: Sequence[Heading],
    subject: Subject | None,
    every: Sequence[Assignment],
) -> tuple[Optimizer, ...]:
    named = [called(scope) for scope in dict.fromkeys(x.scope for x in its.assignments) if scope]
    own = [one for one in named if one is not None]
    if own:
        return (own[0],)
    section = _announced(block) or _section(block, headings)
    if section is not None:
        return section.optimizers if section.known else ()
    if len({h.about.name for h in headings if h.about is not None}) > 1:
        # A comparison, and its heading says nothing that is known.
        return adam().optimizers if _has_both(its.assignments) else ()
    if subject is not None:
        return subject.optimizers if subject.known else ()
    return adam().optimizers if _has_both(every) else ()


_DEFINES = re.compile(r"\s*(?:\d+[.)]\s*)?(?:procedure|algorithm|function)\b", re.IGNORECASE)


def _announced(block: Block) -> Subject | None:
    """Return what the line before a block defines it as: ``procedure ADAM(x)``."""
    return announced(block.leads) if _DEFINES.match(block.leads) else None


def _section(block: Block, headings: Sequence[Heading]) -> Subject | None:
    """Return what the headings around a block say that it is about."""
    open_: list[Heading] = []
    for heading in headings:
        if heading.line < block.first:
            open_ = [*(h for h in open_ if h.level < heading.level), heading]
    return next((h.about for h in reversed(open_) if h.about is not None), None)


def _has_both(assignments: Sequence[Assignment]) -> bool:
    """Say whether a program keeps an average of gradients and one of their squares: Adam."""
    roles = roles_of(assignments)
    kept = {
        roles.get(one.target.base)
        for one in assignments
        if one.value is not None and one.target.base in {n.base for n in names(one.value)}
    }
    return {FIRST, SECOND} <= kept
