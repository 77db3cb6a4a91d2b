"""The audit of a document: the best reading of it, judged."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from adamref.documents.case import Case
from adamref.documents.code.audit import code_claims
from adamref.documents.conclusions import concluded
from adamref.documents.consistency import barred, mixed, told
from adamref.documents.dialects import rates, readings
from adamref.documents.doubt import doubted
from adamref.documents.efforts import Efforts
from adamref.documents.habits import (
    Finer,
    Place,
    always_cut,
    cut_off,
    says_rounding,
    too_short,
)
from adamref.documents.judge import DocumentJudge
from adamref.documents.layout import lay_out
from adamref.documents.lengths import lengths
from adamref.documents.letters import averages_squares, moving
from adamref.documents.passages import Cut, cuts, does_better, inserted
from adamref.documents.problems import posed
from adamref.documents.prose.assertions import assertions
from adamref.documents.prose.constants import constants
from adamref.documents.prose.default_remarks import remarked
from adamref.documents.prose.default_tables import tabled
from adamref.documents.prose.memory import memory
from adamref.documents.prose.penalties import penalties
from adamref.documents.prose.pointers import pointers
from adamref.documents.prose.sentences import sentences
from adamref.documents.prose.sizes import sizes
from adamref.documents.prose.surroundings import counts_from_zero
from adamref.documents.roles import Notation, conventions, notation
from adamref.documents.source import Source, from_file, from_text
from adamref.documents.statements import Event, WrittenChain, statements
from adamref.documents.subjects import Heading, Subject, adam, average, called, subject_of
from adamref.documents.survey import (
    Treatment,
    chapters,
    corrects_average,
    gives_rates,
    has_recurrence,
    may_have_components,
    recurring,
    says_steps,
    worked_letters,
)
from adamref.documents.unrounded import unrounded
from adamref.errors import Unworkable
from adamref.expressions.effort import Effort, left, within
from adamref.expressions.nodes import names

if TYPE_CHECKING:
    from adamref.documents.case import Given
    from adamref.documents.findings import Audit
    from adamref.documents.world import Key
    from adamref.rules.optimizer import Optimizer


def audit(document: str | os.PathLike[str]) -> Audit:
    """Read a document and judge what it claims about an optimizer.

    Parameters
    ----------
    document : str or os.PathLike
        The text itself, or a path to a file.

    Raises
    ------
    Unreadable
        If there is nothing to read: no such file, a directory, empty, in a format or an encoding
        that is not read.
    """
    if isinstance(document, str):
        return audited(from_text(document))
    return audited(from_file(document))


def audited(source: Source) -> Audit:
    """Audit a document that has been read."""
    layout = lay_out(source)
    events = statements(layout, source)
    sections = [event for event in events if isinstance(event, Heading)]
    named = notation(events, adam().optimizers[0].rule)
    subject = subject_of(source.lines, sections, rates=gives_rates(events, named, all))
    if subject is None and corrects_average(events, notation(events, average().optimizers[0].rule)):
        subject = adam() if averages_squares(events) else average()
    if subject is not None and subject.optimizers != adam().optimizers:
        named = notation(events, subject.optimizers[0].rule)
    spoken_of = subject is not None and has_recurrence(events, named)
    judged: list[Case] = []
    if spoken_of or gives_rates(events, named, any) or (subject and not subject.is_part):
        subject = subject or adam()
        judged = _worked(source, events, subject, named)
    code, lines = code_claims(source, sections, subject)
    said = tuple(sentences(source))
    stated = [
        *constants(source, said, sections),
        *tabled(source),
        *remarked(source),
        *assertions(source, said),
        *sizes(source, said),
        *memory(source),
        *penalties(source),
        *lengths(source, events, named),
    ]
    found = concluded(source, layout.repairs, judged, [*code, *stated], lines)
    return replace(found, pointers=tuple(pointers(source, said)))


def _said(event: Event) -> object:
    """Return what tells a statement from others: one that is repeated says nothing new."""
    if not isinstance(event, WrittenChain):
        return event
    return tuple(part.node for part in event.parts)


def _worked(
    source: Source, events: Sequence[Event], subject: Subject, named: Notation
) -> list[Case]:
    """Judge a document part by part, in the parts that do its author most justice.

    Where it is wrong as it is parted by its headings, a passage may be an example of its own, or
    about the optimizer that its first words name.
    """
    different = len({_said(event) for event in events})
    efforts = Efforts.of(different, len(events) - different)
    best = _parts(source, events, subject, named, efforts)
    if not any(case.wrong for case in best):
        return best
    trying = Efforts.for_parts(efforts)
    found = best
    tried: set[Cut] = set()
    while (cut := next(cuts(events, found, source, subject, tried), None)) is not None:
        if trying.reading.is_spent:
            break
        tried.add(cut)
        other = inserted(events, cut)
        again = _parts(source, other, subject, named, trying)
        if does_better(again, found, cut):
            events, found, tried = other, again, set()
    if found is best:
        return best
    return _parts(source, events, subject, named, Efforts.of(different, len(events) - different))


def _parts(
    source: Source,
    events: Sequence[Event],
    subject: Subject,
    named: Notation,
    efforts: Efforts,
) -> list[Case]:
    """Judge each part of a document: its problems, and in these what is on one optimizer."""
    meant = source.says(_means_defaults)
    parts = [
        replace(part, before=(*one.before, *part.before))
        for one in posed(events, named, source)
        for part in chapters(one.events, one.about or subject, named)
    ]
    theirs = [recurring(chapter.events) for chapter in parts]
    return [
        _judged(source, chapter, set().union(*theirs) - own, efforts, defaults_meant=meant)
        for chapter, own in zip(parts, theirs, strict=True)
    ]


def _means_defaults(lines: Sequence[str]) -> bool:
    return re.search(r"\b(?:default|usual|standard)", "\n".join(lines), re.IGNORECASE) is not None


def _judged(
    source: Source,
    chapter: Treatment,
    others: Collection[str],
    efforts: Efforts,
    *,
    defaults_meant: bool,
) -> Case:
    """Judge a chapter by the optimizer that its name may mean whose numbers it has.

    Letters of other chapters are no moments of this one.
    """
    read = partial(_read, source, others=others, efforts=efforts, defaults_meant=defaults_meant)
    best: Case | None = None
    for one in chapter.subject.optimizers:
        for optimizer in readings(one):
            found = read(chapter, optimizer)
            if best is None or found.misfit < best.misfit:
                best = found
    assert best is not None
    relative = None if defaults_meant else _written_of(best)
    if relative is not None:
        found = read(replace(chapter, subject=relative), relative.optimizers[0])
        best = found if found.right > best.right else best
    return best


def _written_of(case: Case) -> Subject | None:
    """Return the relative whose lines a text on another optimizer writes, if it has no other.

    It names the other to say what comes next, or where the relative led; its rates it never gives.
    """
    formulas = [c for c in case.claims if c.kind == "formula" and c.verdict != "unread"]
    written = {c.optimizer for c in formulas if c.field != "theta"}
    if len(written) != 1 or any(c.optimizer == case.optimizer.name for c in formulas):
        return None
    given = any(rate in case.given for rate in rates(case.rule))
    return None if given else called(written.pop())


def _read(
    source: Source,
    chapter: Treatment,
    optimizer: Optimizer,
    *,
    others: Collection[str],
    efforts: Efforts,
    defaults_meant: bool,
) -> Case:
    events = chapter.events
    named = notation((*chapter.before, *events), optimizer.rule)
    others = {*others} - {*named.rule.states}  # an m is the m of every rule that has one
    named = replace(named, moments={x: m for x, m in named.moments.items() if x not in others})

    rounds = source.says(says_rounding)
    apart: Mapping[Place, str] = {}
    out: frozenset[str] = frozenset()
    truncates = False

    def once(
        how: Notation,
        given: Mapping[str, Given] | None,
        finer: Finer,
        *,
        causes: Effort | None = None,
        behind: Mapping[Key, Fraction] | None = None,
    ) -> Case:
        case = Case(
            source,
            how,
            optimizer,
            defaults_meant=defaults_meant,
            causes=causes,
            finer=finer,
            behind=behind or {},
            barred=out,
            truncates=truncates,
        )
        return DocumentJudge(case, chapter.subject).judge(chapter, given)

    def judged(how: Notation, given: Mapping[str, Given] | None) -> Case:
        """Judge it; then again, if numbers lost digits that the others of their kind have.

        Or if numbers come out right by gradients that were rounded for print alone.
        """
        nonlocal truncates
        found = once(how, given, {})
        if found.wrong and not truncates and always_cut(found.shown):
            truncates = True
            found = once(how, given, {})
        best = found
        for _ in range(_MOST_UNROUNDED):
            if not (more := _as_far(unrounded, found)):
                break
            found = once(how, given, {}, behind={**found.behind, **more})
        better = found.wrong + _UNROUNDED < best.wrong and found.values >= best.values
        found = found if better else best
        finer = _as_far(too_short, found.shown) or (cut_off(found.shown) if rounds else {})
        again = once(how, given, finer, behind=found.behind) if finer else found
        return again if again.values >= found.values else found

    with within(efforts.reading):
        best = judged(named, None)
        late = best.late_givens()
        if late:
            again = judged(named, late)  # unless nothing was left to be spent on it
            best = best if left() == 0 and again.values < best.values else again
        if not best.wrong and (apart := mixed(best)):
            out = barred(best, apart)
            best = judged(named, late)
    if not best.wrong:
        return best
    cost, rival = Fraction(best.wrong), None
    from_zero = source.says(counts_from_zero)
    for price, other in _other_readings(
        named, events, {*others, *moving(events)}, from_zero=from_zero
    ):
        if efforts.others.is_spent:
            break
        if price > cost:
            continue  # it cannot be cheaper, whatever comes out
        with within(efforts.others):
            found = judged(other, late)
        if found.beats(best) and price + found.wrong < cost:
            cost, best, rival = price + found.wrong, found, None
        elif found.beats(best) and price + found.wrong == cost:
            rival = found
    # Only now look for causes: it takes longer than all the rest.
    with within(Effort(best.took)):
        best = once(best.notation, late, best.finer, causes=efforts.causes, behind=best.behind)
    told(best, apart)
    return best if rival is None else doubted(best, rival)


_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


def _as_far(find: Callable[[_Given], Mapping[_Found, Any]], of: _Given) -> Mapping[_Found, Any]:
    """Find something as far as there is enough left to look for it."""
    try:
        return find(of)
    except Unworkable:
        return {}


_UNROUNDED = Fraction(3, 2)
"""What it costs in mistakes that gradients were rounded for print, and are carried on unrounded."""

_MOST_UNROUNDED = 10
"""For how many steps that is found out, one after the other."""


_UNUSUAL, _STRANGE, _AGAINST_WORDS = Fraction(1, 2), Fraction(1), Fraction(3)
"""What a reading costs in mistakes: it is unusual, it takes letters for others, it takes a number
that the document says for another."""


def _other_readings(
    named: Notation, events: Sequence[Event], gone: Collection[str], *, from_zero: bool
) -> Iterator[tuple[Fraction, Notation]]:
    """Try other meanings of letters, indices and headings, each with what it costs.

    Letters that are ``gone`` are no moments in any; those of fields that are worked are in all.
    """
    if from_zero:
        yield _UNUSUAL, replace(named, zero_based=True)
    if "v_max" in named.rule.fields and not named.maxima:
        yield _UNUSUAL, replace(named, maxima=frozenset(named.moments))
    words = _AGAINST_WORDS if says_steps(events, named) else _UNUSUAL
    yield words, replace(named, markers=False)
    worked = worked_letters(events) & named.moments.keys()
    for convention in conventions(named.rule):
        letters = {x: field for x, field in convention.items() if x not in gone}
        if _written(letters, events) <= named.moments.items():
            continue
        if worked <= letters.keys():
            yield _STRANGE, replace(named, moments=letters)
            yield _STRANGE + words, replace(named, moments=letters, markers=False)
    if may_have_components(events, named):
        yield _UNUSUAL, replace(named, components=True)
        yield _UNUSUAL + words, replace(named, components=True, markers=False)
    yield words, replace(named, zero_based=True)
    yield _UNUSUAL, replace(named, restarts=True)


def _written(letters: Mapping[str, str], events: Sequence[Event]) -> frozenset[tuple[str, str]]:
    """Return what those of some letters mean that the document writes anywhere."""
    chains = [event for event in events if isinstance(event, WrittenChain)]
    used = {name.base for chain in chains for part in chain.parts for name in names(part.node)}
    return frozenset((x, field) for x, field in letters.items() if x in used)
