"""What a document is about as a whole, before its statements are judged one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.documents.regions import Section
from adamref.documents.statements import Statement, left_names
from adamref.expressions.nodes import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.documents.roles import Meaning, Notation
    from adamref.documents.statements import Event


def is_about_adam(events: Sequence[Event], notation: Notation) -> bool:
    """Ask for evidence before a letter m is taken for a moment: one of the decay rates."""
    rates = {
        meaning.name
        for meaning in _meanings(events, notation)
        if meaning.kind == "hyper" and meaning.name.startswith("beta")
    }
    return bool(rates)


def may_have_components(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether numbers in indices may count parameters: two of them start somewhere."""
    started = set()
    for event in events:
        if isinstance(event, Statement) and (lefts := left_names(event.parts)):
            meaning = notation.meaning(lefts[0])
            if meaning.name == "theta" and len(event.parts) == 1 + len(lefts):
                started.add(meaning.time)
    return len({time for time in started if time.isdigit() and time != "0"}) >= 2


def starts_after(events: Sequence[Event], notation: Notation) -> int:
    """Find the step whose m is given outright and is followed by the m of the next step.

    0 if the document begins at the beginning: it has a gradient for that step, or works its m.
    """
    given: set[int] = set()
    worked: set[int] = set()
    for event in events:
        if not isinstance(event, Statement) or not (lefts := left_names(event.parts)):
            continue
        meaning = notation.meaning(lefts[0])
        if meaning.kind != "field" or not meaning.time.isdigit():
            continue
        bare = len(event.parts) == 1 + len(lefts)
        if meaning.name == "m" and bare:
            given.add(int(meaning.time))
        elif meaning.name in ("m", "g"):
            worked.add(int(meaning.time))
    late = [t for t in given - worked if t + 1 in worked and not any(s <= t for s in worked)]
    return max(late, default=0)


def corrects_bias(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether a document speaks of corrected moments anywhere."""
    return any(m.name in ("m_hat", "v_hat") for m in _meanings(events, notation))


def other_sections(events: Sequence[Event], notation: Notation) -> list[tuple[int, int]]:
    """Find the sections that work another optimizer to its end, updating the parameter.

    Only where another section works Adam; elsewhere a heading such as "momentum part" is about a
    part of Adam.

    Returns
    -------
    list of (int, int)
        Where each begins and ends among the events.
    """
    found = []
    adam = False
    for start, section in enumerate(events):
        if not isinstance(section, Section) or section.other is None:
            continue
        end = _end_of(section, start, events)
        updates = any(_updates_parameter(event, notation) for event in events[start:end])
        if section.other and updates:
            found.append((start, end))
        adam = adam or (not section.other and updates)
    return found if adam else []


def _meanings(events: Sequence[Event], notation: Notation) -> Iterator[Meaning]:
    for event in events:
        if isinstance(event, Statement):
            for part in event.parts:
                yield from map(notation.meaning, names(part.node))


def _end_of(section: Section, start: int, events: Sequence[Event]) -> int:
    for i, event in enumerate(events[start + 1 :], start + 1):
        if isinstance(event, Section) and event.level <= section.level:
            return i
    return len(events)


def _updates_parameter(event: Event, notation: Notation) -> bool:
    if not isinstance(event, Statement):
        return False
    lefts = left_names(event.parts)
    return bool(lefts) and notation.meaning(lefts[0]).name == "theta"
