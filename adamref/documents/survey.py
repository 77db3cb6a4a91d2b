"""What a document is about as a whole, before its statements are judged one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from adamref.documents.dialects import moments, rates
from adamref.documents.regions import Marker
from adamref.documents.statements import Event, WrittenChain, left_names
from adamref.documents.subjects import PASSAGE, Heading, Subject
from adamref.expressions.nodes import Binary, Name, Node, names, walk

if TYPE_CHECKING:
    from adamref.documents.roles import Meaning, Notation


def gives_rates(events: Sequence[Event], notation: Notation, how: Callable[..., bool]) -> bool:
    """Ask for evidence before a letter is taken for a moment: any, or all, of the decay rates.

    A rule without a rate has a step size.
    """
    given = {m.name for m in _meanings(events, notation) if m.kind == "hyper"}
    return how(name in given for name in rates(notation.rule) or ("alpha",))


def has_recurrence(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether something is made of what it was: ``v = 0.9 v + g**2``, ``v_t = … v_{t-1}``."""
    for event in events:
        if not isinstance(event, WrittenChain) or not (lefts := left_names(event.parts)):
            continue
        left = lefts[0]
        again = [n for part in event.parts[1:] for n in names(part.node) if n.base == left.base]
        state = notation.meaning(left).name.removesuffix("_hat")
        if again and state in moments(notation.rule):
            return True
    return False


def worked_letters(events: Sequence[Event]) -> set[str]:
    """Return the letters of what gets a value at a step: with an index, or a hat."""
    lefts = [
        name
        for event in events
        if isinstance(event, WrittenChain)
        for name in left_names(event.parts)
    ]
    return {name.base for name in lefts if name.hat or name.prime or name.index}


def recurring(events: Sequence[Event]) -> set[str]:
    """Return the letters that are made of what they were."""
    found = set()
    for event in events:
        if isinstance(event, WrittenChain) and (lefts := left_names(event.parts)):
            again = {n.base for part in event.parts[1:] for n in names(part.node)}
            found |= {lefts[0].base} & again
    return found


def corrects_average(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether an average is made of what it was, and its corrected value is spoken of.

    That wears a hat, or is divided by ``1 - beta^t``: no word is needed, in any language.
    """
    nodes = [p.node for e in events if isinstance(e, WrittenChain) for p in e.parts]
    every = [n for node in nodes for n in names(node)]
    corrected = any(name.hat and notation.meaning(name).kind == "field" for name in every)
    corrected |= any(_is_rest(n, notation) for node in nodes for n in walk(node))
    rated = any(notation.meaning(name).name in rates(notation.rule) for name in every)
    return corrected and rated and has_recurrence(events, notation)


def _is_rest(node: Node, notation: Notation) -> bool:
    """Say whether a node is ``1 - beta^t``: what the weights of an average add up to."""
    if not isinstance(node, Binary) or node.sign != "-" or not isinstance(node.right, Binary):
        return False
    base, count = node.right.left, node.right.right
    return (
        node.right.sign == "^"
        and isinstance(base, Name)
        and notation.meaning(base).name in rates(notation.rule)
        and isinstance(count, Name)
        and notation.meaning(count).kind == "time"
    )


def may_have_components(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether numbers in indices may count parameters: two of them start somewhere."""
    started = set()
    for event in events:
        if isinstance(event, WrittenChain) and (lefts := left_names(event.parts)):
            meaning = notation.meaning(lefts[0])
            if meaning.name == "theta" and len(event.parts) == 1 + len(lefts):
                started.add(meaning.time)
    return len({time for time in started if time.isdigit() and time != "0"}) >= 2


def starts_after(events: Sequence[Event], notation: Notation) -> int:
    """Find the step whose first state is given outright and is followed by that of the next step.

    0 if the document begins at the beginning: it has a gradient for that step, or works that state.
    """
    state = next(iter(moments(notation.rule)), "")
    given: set[int] = set()
    worked: set[int] = set()
    for event in events:
        if not isinstance(event, WrittenChain) or not (lefts := left_names(event.parts)):
            continue
        meaning = notation.meaning(lefts[0])
        time = meaning.time
        if meaning.name == "g" and event.time is not None and not time.isdigit():
            time = str(event.time)  # the gradient of a row
        if meaning.kind != "field" or not time.isdigit():
            continue
        bare = len(event.parts) == 1 + len(lefts)
        if meaning.name == state and bare:
            given.add(int(time))
        elif meaning.name in (state, "g"):
            worked.add(int(time))
    late = [t for t in given - worked if t + 1 in worked and not any(s <= t for s in worked)]
    return max(late, default=0)


def says_steps(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether a document counts its steps in words: "Step 1", "Step 2", "Epoch 2".

    A number so said is a step where a field gets a value under two of them. Stages of one step,
    numbered in the same words, each have a field of their own.
    """
    now, under = 0, set()
    for event in events:
        if isinstance(event, Marker):
            now = event.t
        elif isinstance(event, WrittenChain) and (lefts := left_names(event.parts)):
            meaning = notation.meaning(lefts[0])
            if meaning.kind == "field" and meaning.name != "theta":
                under.add((meaning.name, meaning.parameter, event.time or now))
    return any((name, track, t + 1) in under for name, track, t in under if t > 0)


def corrects_bias(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether a document speaks of corrected moments anywhere."""
    return any(m.kind == "field" and m.name.endswith("_hat") for m in _meanings(events, notation))


@final
@dataclass(frozen=True)
class Treatment:
    """What a document says of one optimizer, with what it says before it speaks of any.

    Attributes
    ----------
    subject : Subject
    before : tuple
        The events before those of any other optimizer than the document's own.
    events : tuple
    closed : tuple of (int, int, Subject)
        The sections on others that ended before it began: from which line to which, about what.
    elsewhere : tuple
        What other chapters say before they work anything: where they start, and their gradients.
    """

    subject: Subject
    before: tuple[Event, ...]
    events: tuple[Event, ...]
    closed: tuple[tuple[int, int, Subject], ...] = ()
    elsewhere: tuple[Event, ...] = ()

    @property
    def level(self) -> int:
        """The level of the heading that it begins with, if it begins with one."""
        first = self.events[0] if self.events else None
        return first.level if isinstance(first, Heading) else PASSAGE


def chapters(events: Sequence[Event], subject: Subject, notation: Notation) -> list[Treatment]:
    """Part a document by the optimizers that its headings name; its own subject comes first.

    A heading such as "momentum part" is about a part of the subject, unless the section works it to
    its end, updating the parameter, and another section works the subject, or several sections do
    so and nothing else does; a class is none.
    """
    spans = [
        (section.about, start, _end_of(section, start, events))
        for start, section in enumerate(events)
        if isinstance(section, Heading) and section.about is not None
    ]
    alone = {i for i, event in enumerate(events) if isinstance(event, Heading) and event.defines}
    updating = [
        (about, start, end)
        for about, start, end in spans
        if any(_updates_parameter(event, notation) for event in events[start:end])
    ]
    worked = any(about.meets(subject) for about, *_ in updating)
    inside = {i for _, start, end in updating for i in range(start, end)}
    several = len({about.name for about, *_ in updating}) > 1
    worked |= several and not any(
        m.name.endswith("_hat")
        for i, event in enumerate(events)
        if i not in inside and isinstance(event, WrittenChain)
        if not names(event.parts[-1].node)
        for m in map(notation.meaning, left_names(event.parts))
    )
    owner = [subject] * len(events)
    for about, start, end in spans:  # an inner section comes after the one around it
        mine = about.optimizers == subject.optimizers
        distinct = start in alone or not about.is_common
        if mine or distinct or (worked and (about, start, end) in updating):
            owner[start:end] = [subject if mine else about] * (end - start)
    first = next((i for i, one in enumerate(owner) if one is not subject), 0)
    others = {s.optimizers: s for s in owner if s is not subject}
    before = tuple(events[:first])

    def closed(other: Subject) -> tuple[tuple[int, int, Subject], ...]:
        begins = next(i for i, one in enumerate(owner) if one.optimizers == other.optimizers)
        return tuple(
            (_line(events[start]), _line(events[end]), about)
            for about, start, end in spans
            if end <= begins and not about.meets(other)
        )

    def settings(own: Subject, start: int) -> tuple[Event, ...]:
        """Return what passages of others say that stand before the last one of its own."""
        mine = [i for i, one in enumerate(owner) if one.optimizers == own.optimizers]
        made: list[Event] = []
        for about, begin, end in spans:
            theirs = begin >= start and about.optimizers != own.optimizers
            if theirs and end <= max(mine, default=0) and owner[begin].optimizers != own.optimizers:
                made += _setting(events[begin:end], notation)
        return tuple(made)

    return [
        Treatment(subject, (), _owned(events, owner, subject), (), settings(subject, 0)),
        *(
            Treatment(
                other, before, _owned(events, owner, other), closed(other), settings(other, first)
            )
            for other in others.values()
        ),
    ]


def _setting(passage: Sequence[Event], notation: Notation) -> list[Event]:
    """Return what a passage says of its start and its gradients before it works anything."""
    made: list[Event] = []
    for event in passage:
        if not isinstance(event, WrittenChain) or not (lefts := left_names(event.parts)):
            continue
        meaning = notation.meaning(lefts[0])
        if meaning.kind == "field" and meaning.name not in ("g", "theta"):
            if names(event.parts[-1].node):
                continue  # a formula works nothing
            break
        if meaning.name == "g" or (meaning.name == "theta" and meaning.time in ("", "0")):
            made.append(event)
    return made


def _line(event: Event) -> int:
    return event.line if isinstance(event, Heading) else 0


def _owned(
    events: Sequence[Event], owner: Sequence[Subject], subject: Subject
) -> tuple[Event, ...]:
    return tuple(
        event
        for event, one in zip(events, owner, strict=True)
        if one.optimizers == subject.optimizers
    )


def _meanings(events: Sequence[Event], notation: Notation) -> Iterator[Meaning]:
    for event in events:
        if isinstance(event, WrittenChain):
            for part in event.parts:
                yield from map(notation.meaning, names(part.node))


def _end_of(section: Heading, start: int, events: Sequence[Event]) -> int:
    for i, event in enumerate(events[start + 1 :], start + 1):
        if isinstance(event, Heading) and event.level <= section.level:
            return i
    return len(events)


def _updates_parameter(event: Event, notation: Notation) -> bool:
    if not isinstance(event, WrittenChain):
        return False
    lefts = left_names(event.parts)
    return bool(lefts) and notation.meaning(lefts[0]).name == "theta"
