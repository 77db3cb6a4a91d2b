"""Which passages of a document stand by themselves: examples of their own, other optimizers.

What is given holds from where it stands to the end, unless a passage begins an example of its own;
and a passage is about the optimizer of its chapter, unless its first words name another. Neither is
certain, so both are tried where the document comes out wrong as its headings part it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from adamref.documents.regions import Anew, Marker, ProblemLine
from adamref.documents.spans import printed
from adamref.documents.statements import Event, WrittenChain, left_names
from adamref.documents.subjects import PASSAGE, Heading, Subject, optimizers_named
from adamref.expressions.nodes import names

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.claims import Claim
    from adamref.documents.source import Source

_ABOVE = 3
"""Lines above a table that may say what it is about."""


@final
@dataclass(frozen=True)
class Cut:
    """A passage that may stand by itself: from which event to which.

    Attributes
    ----------
    start, end : int
    about : Subject or None
        The optimizer that it is about, if that is another than its chapter's.
    level : int
        Of the heading that it stands below, if it is all of a section.
    anew : bool
        Whether it is an example of its own.
    alone : bool
        Whether what the section beside it gives holds no more.
    said : bool
        Whether its first words name the optimizer.
    lines : tuple of int
        Its first line and its last.
    """

    start: int
    end: int
    about: Subject | None
    level: int
    anew: bool = False
    alone: bool = False
    said: bool = False
    lines: tuple[int, int] = (0, 0)


def inserted(events: Sequence[Event], cut: Cut) -> list[Event]:
    """Return the events of a document with what begins and ends a passage."""
    inner = list(events[cut.start : cut.end])
    line = _line_of(events[cut.start])
    if cut.anew:
        inner.insert(0, Anew(line, cut.level, cut.alone))
    if cut.about is not None:
        inner.insert(0, Heading(line, cut.about, cut.level, defines=True))
        inner.append(Heading(line, None, cut.level))
    return [*events[: cut.start], *inner, *events[cut.end :]]


def does_better(found: Sequence[Case], before: Sequence[Case], cut: Cut) -> bool:
    """Say whether a way to part a document does its author better justice than another.

    It makes right what was wrong; or takes it for what begins an example. Where a passage works
    again what the document has right elsewhere, by another name, it is enough that it is on
    another optimizer by its own words.
    """
    fewer = sum(c.wrong for c in found) < sum(c.wrong for c in before)
    more = sum(c.right for c in found) - sum(c.right for c in before)
    begins = cut.anew and sum(c.read for c in found) >= sum(c.read for c in before)
    return fewer and (more > 0 or (more == 0 and (begins or _is_known(before, cut))))


def _is_known(cases: Sequence[Case], cut: Cut) -> bool:
    """Say whether all that is wrong in a passage has its right value elsewhere."""
    claims = [claim for case in cases for claim in case.claims if claim.kind == "value"]
    inside = [c for c in claims if c.is_wrong and cut.lines[0] <= c.line <= cut.lines[1]]
    right = {(c.field, c.parameter, c.t) for c in claims if c.verdict == "holds"}
    return cut.said and all((c.field, c.parameter, c.t) in right for c in inside)


def cuts(
    events: Sequence[Event],
    cases: Sequence[Case],
    source: Source,
    subject: Subject,
    tried: Collection[Cut],
) -> Iterator[Cut]:
    """List the passages around what is wrong that may stand by themselves, likely ones first."""
    for case in cases:
        for claim in case.claims:
            if claim.is_wrong and (at := _event_of(events, claim)) is not None:
                for cut in _around(events, at, case, source, subject):
                    if cut not in tried:
                        yield cut


def _around(
    events: Sequence[Event],
    at: int,
    case: Case,
    source: Source,
    subject: Subject,
) -> Iterator[Cut]:
    first, last = _paragraph(events, at)
    head, end = _section(events, at)
    heading = events[head] if head >= 0 else None
    level = heading.level if isinstance(heading, Heading) else PASSAGE
    spoken = _spoken(events, first, at, heading, source)
    named = _opening(source, _line_of(events[first]), heading)
    if any(one.name == case.optimizer.name for about in named for one in about.optimizers):
        spoken = []  # it is about what it says
    elif subject not in spoken:
        spoken.append(subject)
    for about in spoken:
        if any(one.name == case.optimizer.name for one in about.optimizers):
            continue
        extents = [(first, last, PASSAGE), (head + 1, end, level), (first, end, PASSAGE)]
        for start, stop, at_level in extents if head >= 0 else extents[::2]:
            lines = _line_of(events[start]), _last_line(events[stop - 1])
            if about in _opening(source, lines[0], heading):
                yield Cut(start, stop, about, at_level, said=True, lines=lines)
    for start in dict.fromkeys((first, head + 1)):
        if start > 0 and _begins(events[start:end], at - start, case, _line_of(events[start])):
            for alone in (False, True) if start == head + 1 else (False,):
                yield Cut(start, end, None, level, anew=True, alone=alone)


def _spoken(
    events: Sequence[Event], first: int, at: int, heading: Event | None, source: Source
) -> list[Subject]:
    """Return the optimizers that a passage names before a place, the nearest first."""
    end, start = _line_of(events[at]), _line_of(events[first])
    lines = list(source.lines[start - 1 : end])
    above = [x for x in source.lines[max(start - 2 * _ABOVE, 0) : start - 1] if x.strip()]
    found = [s for text in (*above[-_ABOVE:], *lines) for _, s in optimizers_named(text)]
    if isinstance(heading, Heading):
        found = [*(s for _, s in optimizers_named(source.lines[heading.line - 1])), *found]
    return list(dict.fromkeys(reversed(found)))


def _begins(passage: Sequence[Event], until: int, case: Case, line: int) -> bool:
    """Say whether a passage gives what an example begins with, after another was worked."""
    if not any(c.kind == "value" and c.line < line for c in case.claims):
        return False
    return any(_is_beginning(event, case) for event in passage[: until + 1])


def _is_beginning(event: Event, case: Case) -> bool:
    if isinstance(event, Marker):
        return event.t in (0, 1)
    if not isinstance(event, WrittenChain) or not (lefts := left_names(event.parts)):
        return False
    meaning, last = case.notation.meaning(lefts[0]), event.parts[-1].node
    bare = len(event.parts) == 1 + len(lefts) and printed(last) is not None
    if meaning.kind == "hyper" or (meaning.name == "theta" and meaning.time in ("", "0")):
        return bare
    law = meaning.name == "g" and any(case.track(name) is not None for name in names(last))
    return law or event.time in (0, 1) or meaning.time in ("0", "1")


def _event_of(events: Sequence[Event], claim: Claim) -> int | None:
    for i, event in enumerate(events):
        if isinstance(event, WrittenChain) and any(
            (part.line, part.column) == (claim.line, claim.column)
            for variant in event.variants
            for part in variant.parts
        ):
            return i
    return None


def _paragraph(events: Sequence[Event], at: int) -> tuple[int, int]:
    """Return where the paragraph, or the table, of an event begins and ends."""
    here = events[at]
    assert isinstance(here, WrittenChain)

    def inside(event: Event) -> bool:
        if isinstance(event, WrittenChain):
            return event.paragraph == here.paragraph
        return not isinstance(event, Heading | ProblemLine | Anew)

    first, last = at, at + 1
    while first > 0 and inside(events[first - 1]):
        first -= 1
    while last < len(events) and inside(events[last]):
        last += 1
    return first, last


def _section(events: Sequence[Event], at: int) -> tuple[int, int]:
    """Return the heading that an event stands below, and where what that heads ends."""
    for head in range(at, -1, -1):
        heading = events[head]
        if isinstance(heading, Heading) and not heading.is_row:
            for end in range(at + 1, len(events)):
                event = events[end]
                if isinstance(event, Heading) and event.level <= heading.level:
                    return head, end
            return head, len(events)
    return -1, len(events)


def _line_of(event: Event) -> int:
    if isinstance(event, WrittenChain):
        return event.first_line
    return event.line


def _last_line(event: Event) -> int:
    return event.last_line if isinstance(event, WrittenChain) else event.line


def _opening(source: Source, line: int, heading: Event | None) -> list[Subject]:
    """Return the optimizers that the heading or the first words of a passage name."""
    text = [source.lines[line - 1][:_FIRST_WORDS]]
    if isinstance(heading, Heading):
        text.append(source.lines[heading.line - 1][:_FIRST_WORDS])
    return [subject for x in text for _, subject in optimizers_named(x)]


_FIRST_WORDS = 60
