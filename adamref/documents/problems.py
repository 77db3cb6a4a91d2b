"""Problems that a document poses side by side: sheets with answers at their end, test cases.

A label joins an answer with the question that has the same. Settings of one problem do not hold for
another; what stands outside of all holds for all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.dialects import rates
from adamref.documents.formats.format import PROBLEM
from adamref.documents.regions import ProblemLine
from adamref.documents.spans import printed
from adamref.documents.statements import WrittenChain, left_names
from adamref.documents.subjects import announced

if TYPE_CHECKING:
    from adamref.documents.roles import Notation
    from adamref.documents.source import Source
    from adamref.documents.statements import Event
    from adamref.documents.subjects import Subject

_LONGEST = 2_000
_SET_OFF = r"(?:[#>*_\s-]|\\(?:sub)*section\*?\{|\\(?:textbf|paragraph|item)\*?\s*[{\[])*"
_ANSWERS = re.compile(
    rf"^{_SET_OFF}(?:\d+[.)]?\s+)?(?:(?:model|sample|worked|short|full)\s+)?"
    r"(?:answers?|solutions?|answer key|key|l(?:ö|oe)sungen|antworten|corrigés?|soluciones"
    r"|respuestas)(?:\s+(?:to|for|of)\b.{0,40}|\s+key)?[\s:.*_}\]-]*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"^(?P<off>{_SET_OFF})(?:(?P<asks>exercise|problem|question|task|example|case|aufgabe"
    r"|übung|beispiel|ejercicio|exercice|q)|(?P<answers>answer|solution|lösung|antwort|a)"
    r"(?:\s+(?:to|for|of))?(?:\s+(?:exercise|problem|question|task))?)?[ .~#]{0,3}"
    r"(?P<number>\d{1,2}(?:\.\d{1,2})?)?\s?(?P<part>\([a-h]\)|(?<=\d)[a-h](?![^\W\d_])|[a-h]\))?"
    r"(?P<end>[.:)]|\*\*|__|[}\]]|\s|$)",
    re.IGNORECASE,
)


@final
@dataclass(frozen=True)
class Posed:
    """One problem: what it is about, if it says so, what holds for it, and what it says itself."""

    about: Subject | None
    before: tuple[Event, ...]
    events: tuple[Event, ...]


def labels(source: Source) -> Mapping[int, str]:
    """Return for lines that begin a problem its label; the empty one where none goes on.

    In a text those count that stand above a question and above its answer, or that are called an
    example, an exercise or a case.
    """
    found = {n: f"#{n}" for n, kind in enumerate(source.kinds, 1) if kind == PROBLEM}
    return found or (_of_sheet(source.lines) if source.says(_may_pose) else {})


def _may_pose(lines: Sequence[str]) -> bool:
    return sum(1 for line in lines if len(line) <= _LONGEST and _label(line, "")) > 1


def _label(line: str, number: str) -> tuple[str, bool, bool] | None:
    """Return the label that a line begins with, whether it answers, and whether words say so."""
    match = _LABEL.match(line[:120])
    if match is None or not (match["number"] or (match["part"] and not match["asks"])):
        return None
    worded = bool(match["asks"] or match["answers"])
    marked = "*" in match["off"] or "\\" in match["off"] or "." in (match["number"] or "")
    if not worded and not marked and match["end"] not in (".", ")", ":") and not match["part"]:
        return None
    part = (match["part"] or "").strip("()").lower()
    return (match["number"] or number) + part, bool(match["answers"]), worded


def _of_sheet(lines: Sequence[str]) -> dict[int, str]:
    heads = [n for n, line in enumerate(lines, 1) if _ANSWERS.match(line[:120])]
    answers = heads[0] if len(heads) == 1 else 0  # several stand each below its own question
    found: dict[int, tuple[str, bool, bool]] = {}
    number = ""
    for n, line in enumerate(lines, 1):
        if n == answers:
            number = ""
        said = _label(line, number) if len(line) <= _LONGEST else None
        if said is not None:
            number = said[0].rstrip("abcdefgh")
            found[n] = said[0], said[1] or 0 < answers < n, said[2]
    asked = {label for label, answer, _ in found.values() if not answer}
    answered = {label for label, answer, _ in found.values() if answer}
    joined = asked & answered
    chosen = {n: label for n, (label, _, worded) in found.items() if label in joined or worded}
    return {answers: "", **chosen} if answers and joined else chosen


def posed(events: Sequence[Event], named: Notation, source: Source) -> list[Posed]:
    """Part a document into its problems, where each needs settings of its own.

    Returns
    -------
    list of Posed
        What stands outside of all first; the whole document, where it poses no such problems.
    """
    common, own = _groups(events)
    forced = bool(own) and next(iter(own)).startswith("#")
    begun = Counter(event.label for event in events if isinstance(event, ProblemLine))
    joined = forced or any(label and count > 1 for label, count in begun.items())
    tops: dict[str, list[Event]] = {}
    for label, its in own.items():
        tops.setdefault(label if forced else label.rstrip("abcdefgh"), []).extend(its)
    if not (forced or _disagree(tops.values(), named)):
        return [Posed(None, (), tuple(events))]
    if not joined and not all(_is_whole([*common, *its], named) for its in tops.values()):
        return [Posed(None, (), tuple(events))]
    made = [Posed(None, (), tuple(common))]
    for top, its in tops.items():
        parts = {x: own[x] for x in own if not forced and x[:-1] == top and x[-1].isalpha()}
        apart = parts if _disagree(parts.values(), named) else {}
        head = own.get(top, []) if apart else its
        about = _about(head, source)
        made.append(Posed(about, tuple(common), tuple(head)))
        made += [
            Posed(_about(x, source) or about, (*common, *head), tuple(x)) for x in apart.values()
        ]
    return made


def _groups(events: Sequence[Event]) -> tuple[list[Event], dict[str, list[Event]]]:
    common: list[Event] = []
    own: dict[str, list[Event]] = {}
    here = common
    for event in events:
        if isinstance(event, ProblemLine):
            here = own.setdefault(event.label, []) if event.label else common
        here.append(event)
    return common, own


def _about(events: Sequence[Event], source: Source) -> Subject | None:
    lines = [e.line for e in events if isinstance(e, ProblemLine)]
    return announced(source.lines[lines[0] - 1]) if lines else None


def _settings(events: Sequence[Event], named: Notation) -> Iterator[tuple[str, Fraction]]:
    """List what is given as a bare number: hyperparameters, where it starts, first gradients."""
    seen = set()
    for event in events:
        if not isinstance(event, WrittenChain) or not (lefts := left_names(event.parts)):
            continue
        meaning, number = named.meaning(lefts[0]), printed(event.parts[-1].node)
        bare = number is not None and len(event.parts) == 1 + len(lefts)
        starts = meaning.name == "theta" and meaning.time in ("", "0")
        key = meaning.name + meaning.parameter
        if number is not None and bare and key not in seen and (meaning.kind == "hyper" or starts):
            seen.add(key)
            yield key, number.value


def _disagree(groups: Iterable[Sequence[Event]], named: Notation) -> bool:
    """Say whether two of several problems give different values to one setting."""
    given: dict[str, Fraction] = {}
    for events in groups:
        for key, value in _settings(events, named):
            if given.setdefault(key, value) != value:
                return True
    return False


def _is_whole(events: Sequence[Event], named: Notation) -> bool:
    """Say whether a problem that works fields has where it starts and all that it needs."""
    works = any(
        isinstance(e, WrittenChain)
        and any(named.meaning(n).kind == "field" for n in left_names(e.parts))
        and printed(e.parts[-1].node) is not None
        for e in events
    )
    given = {key for key, _ in _settings(events, named)}
    needed = {"alpha", *rates(named.rule)}
    return not works or ("theta" in {k[:5] for k in given} and not needed.isdisjoint(given))
