"""Which optimizer a document, or a section of it, is about: what its headings and its text name.

A name is one of the family's, or one of an optimizer that exists and has no rule here: what is
named and unknown is told as unread, and never judged as Adam.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, groupby
from typing import final

from adamref.rules.family import family
from adamref.rules.optimizer import Optimizer
from adamref.rules.rule import Rule

ROW = 9
"""The level of what heads a row of a table: it ends no section."""

PASSAGE = 10
"""The level of what heads a passage of a section: it ends no other."""

UNRULED = (
    *("AdaBound", "AdaDelta", "Adafactor", "AdaMod", "AggMo", "AMSBound", "LARS", "MADGRAD"),
    *("Muon", "NAG", "Nesterov", "NovoGrad", "Padam", "Prodigy", "QHAdam", "Rprop"),
    *("Schedule-free SGD", "Shampoo", "signSGD", "SOAP", "Sophia", "Yogi"),
)
"""Optimizers that exist, and that the family has no rule for."""

_WORDS = frozenset("adopt lamb lion muon nag prodigy shampoo soap sophia yogi".split())
"""Names that are words or persons: spelled as in the table, and called an optimizer."""

_BEFORE = re.compile(
    r"(?:\b(?:unlike|instead of|rather than|than|(?:compared|contrast) (?:to|with)|differs? from"
    r"|as (?:in|with|for)|like|similar to|versus|vs\.?|not|no|plain|ordinary|combin\w+"
    r"|generali[sz]\w+|extend\w*|replac\w+|(?:variant|version|extension|form) of|from|cf\.?|see)"
    r"\s+(?:\w+\s+){0,2}|\([^()]*)$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"['’]?s?\s+(?:\w+\s+)?(?:would|differs?|instead)\b", re.IGNORECASE)
_CALLED_SO = re.compile(r"\s+(?:optimi[sz]er|step|update|algorithm|method|rule)\b", re.IGNORECASE)


@final
@dataclass(frozen=True)
class Subject:
    """What a text calls an optimizer.

    Attributes
    ----------
    name : str
        As the table of names spells it.
    optimizers : tuple of Optimizer
        Those that it may mean; one without lines where there is no rule for it.
    """

    name: str
    optimizers: tuple[Optimizer, ...]

    @property
    def known(self) -> bool:
        """Whether there is a rule for it."""
        return bool(self.optimizers[0].rule.lines)

    @property
    def is_part(self) -> bool:
        """Whether a text on Adam may use the word for a part of Adam: its first moment."""
        return self.is_common and "m" in self.optimizers[0].rule.states

    @property
    def is_common(self) -> bool:
        """Whether a text on Adam may name it as a part of Adam, or as what Adam came from.

        It keeps nothing that Adam does not, and has fewer hyperparameters.
        """
        own, whole = self.optimizers[0].rule, family()["adam"].rule
        return {*own.states} <= {*whole.states} and {*own.defaults} < {*whole.defaults}

    def meets(self, other: Subject) -> bool:
        """Say whether two names may mean one optimizer, or two that share their axes."""
        makers = {one.make for one in other.optimizers}
        return any(one in other.optimizers or one.make in makers for one in self.optimizers)


@final
@dataclass(frozen=True)
class Heading:
    """A heading, and the optimizer that it names, if it names one.

    A section ends at the next heading of its level or a higher one (a smaller number). What a
    program defines heads the remarks on it (``defines``), and is no part of another; nor is a row
    of a table, whose head ends no section of the text.
    """

    line: int
    about: Subject | None
    level: int
    defines: bool = False

    @property
    def is_row(self) -> bool:
        """Whether it heads a row of a table, or what stands behind the last."""
        return self.level == ROW


@final
@dataclass(frozen=True)
class _Mention:
    subject: Subject
    passing: bool


@cache
def _table() -> dict[str, Subject]:
    """Return every subject by its name in lower case, letters and digits only."""
    meant: dict[str, list[Optimizer]] = {}
    spelled: dict[str, str] = {}
    for one in family().values():
        for name in (re.split(r"[,:(]", one.title)[0].strip(), one.name, *one.spoken):
            spelled.setdefault(_plain(name), name)
            meant.setdefault(_plain(name), []).append(one)
    usual = family()["adam"].rule.defaults
    for name in UNRULED:
        if _plain(name) not in meant:
            spelled[_plain(name)] = name
            meant[_plain(name)] = [Optimizer.of(Rule(_plain(name), name, (), "", usual))]
    return {p: Subject(spelled[p], tuple(dict.fromkeys(found))) for p, found in meant.items()}


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


@cache
def _names() -> re.Pattern[str]:
    """Match any name, blanks and hyphens in it or not; the longest first."""
    loose: list[str] = []
    exact: list[str] = []
    inside: list[str] = []
    for subject in sorted(_table().values(), key=lambda s: -len(s.name)):
        if unicodedata.category(subject.name[0]) == "Lo":  # of a script that parts no words
            inside.append(re.escape(subject.name))
            continue
        spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", subject.name)
        pattern = r"[-_ ]?".join(map(re.escape, re.split(r"[-_ ]", spelled)))
        word = _plain(subject.name) in _WORDS
        (exact if word else loose).append(re.escape(subject.name) if word else pattern)
    # No name is tried where none begins: there are a hundred, and a line has many places.
    first = {c for one in (*loose, *exact, *inside) for c in (one[0].lower(), one[0].upper())}
    begins = re.escape("".join(sorted(first | {*_FOLDED})))
    words = rf"(?<!\w)(?:(?i:{'|'.join(loose)})|{'|'.join(exact) or '(?!)'})(?!\w)"
    whole = rf"(?:{words}|{'|'.join(inside) or '(?!)'})"
    return re.compile(rf"(?=[{begins}]){whole}")


_FOLDED = "ſKİı"
"""Letters beyond ASCII that are s, k and i where case is no matter."""


_MOST = 1000
"""Characters around a name that may be of its sentence."""


@lru_cache(maxsize=4096)  # of each line several are asked for, in every reading
def _mentions(text: str, *, heading: bool = False) -> tuple[_Mention, ...]:
    return tuple(_mentioned(text, heading=heading))


def _mentioned(text: str, *, heading: bool) -> Iterator[_Mention]:
    for match in _names().finditer(text):
        before = text[max(match.start() - _MOST, 0) : match.start()]
        after = text[match.end() : match.end() + _MOST]
        sentence = re.split(r"[.;!?]\s", before)[-1]
        passing = bool(_BEFORE.search(sentence) or _AFTER.match(after))
        word = _plain(match[0]) in _WORDS
        passing |= word and (after[:1] in ("'", "’") or not (heading or _CALLED_SO.match(after)))
        yield _Mention(_table()[_plain(match[0])], passing)


def announced(heading: str) -> Subject | None:
    """Return what a heading names: the first that is no part or ancestor of Adam before those.

    What it names in brackets counts if nothing stands outside of them: "Problem 2 (RMSprop)".
    """
    named = [m.subject for m in _mentions(heading, heading=True) if not m.passing]
    if not named:
        plain = heading.replace("(", ", ")
        named = [m.subject for m in _mentions(plain, heading=True) if not m.passing]
    return next((s for s in named if not s.is_common), named[0] if named else None)


def is_name(text: str, subject: Subject) -> bool:
    """Say whether a text is a name of an optimizer and nothing beside."""
    return _table().get(_plain(text)) == subject


def runs_named(names: Sequence[str]) -> list[tuple[Subject, slice]]:
    """Part what carries names of optimizers into what follows one another of each.

    Returns
    -------
    list of (Subject, slice)
        Nothing where one is no such name, all are of one, each has but one, or one comes back.
    """
    found: list[tuple[Subject, slice]] = []
    start = 0
    for name, its in groupby(names):
        about, end = called(name), start + sum(1 for _ in its)
        if about is None:
            return []
        found.append((about, slice(start, end)))
        start = end
    is_parted = 1 < len(found) < len(names)
    return found if is_parted and len({about for about, _ in found}) == len(found) else []


def adam() -> Subject:
    """Return what a text is about that names nothing else."""
    return _table()["adam"]


def average() -> Subject:
    """Return what a text is about that only corrects an average."""
    return _table()["ewacorrected"]


def subject_of(lines: Sequence[str], sections: Sequence[Heading], *, rates: bool) -> Subject | None:
    """Say what a document is about: its title, else what its text names first, else nothing.

    A part or an ancestor of Adam is what it is about only if Adam is neither named nor meant by
    both of its decay rates (``rates``).
    """
    first = sections[0] if sections else None
    if first is not None and first.about and all(s.level > first.level for s in sections[1:]):
        return first.about
    title = _title(lines)
    mentions: list[_Mention] = []
    for i in _naming(lines):
        here = _mentions(lines[i], heading=i == title)
        own = next((m.subject for m in here if not (m.passing or m.subject.is_common)), None)
        if own is not None:
            return own
        mentions += here
    named = [m.subject for m in mentions if not m.passing]
    if rates or any(m.subject.meets(adam()) for m in mentions):
        return adam()
    return named[0] if named else None


def _naming(lines: Sequence[str]) -> Iterator[int]:
    """Yield the places of the lines in which a name stands: all are gone through at once."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    found = (bisect_right(ends, match.start()) for match in _names().finditer("\n".join(lines)))
    yield from (place for place, _ in groupby(found))


def _title(lines: Sequence[str]) -> int | None:
    """Return the place of the first line, if it stands alone and is no sentence: a title."""
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or lines[first].rstrip()[-1] in ".,;:":
        return None
    return None if "".join(lines[first + 1 : first + 2]).strip() else first


def about_another(line: str, column: int, subject: Subject) -> Subject | None:
    """Return the other optimizer that a sentence is about, if it does not name its own.

    What was named before it in the line still holds.
    """
    end = re.search(r"[.;!?]\s", line[column:])
    named = [m.subject for m in _mentions(line[: column + end.start()] if end else line)]
    if any(one.meets(subject) for one in named):
        return None
    return next((one for one in named if not one.is_part), None)


def stranger(text: str, subject: Subject) -> Subject | None:
    """Return the optimizer that a text names, if it is no relative of a subject."""
    named = announced(text) if text else None
    return None if named is None or named.meets(subject) else named


def names_another(line: str, subject: Subject) -> bool:
    """Say whether a line speaks of another optimizer, and not in passing."""
    return any(not m.passing and not m.subject.meets(subject) for m in _mentions(line))


_FOR = re.compile(
    r"\b(?:for|in|of|with|pour|chez|für|bei|para|en|для)\s+(?:\w+\s+)?$", re.IGNORECASE
)


def optimizers_named(text: str) -> list[tuple[str, Subject]]:
    """Return the optimizers that a text names, each as it stands there."""
    return [(match[0], _table()[_plain(match[0])]) for match in _names().finditer(text)]


def given_for(text: str) -> Subject | None:
    """Return the optimizer that the next words of a sentence say a number is for, if they do."""
    sentence = re.split(r"[.;!?]\s", text)[0]
    match = _names().search(sentence)
    if match is None or not _FOR.search(sentence[: match.start()]):
        return None
    return _table().get(_plain(match[0]))


def named_last(lines: Sequence[str], subject: Subject) -> Subject | None:
    """Return the optimizer that some lines name last, if it is another and no ancestor of it."""
    named = [m.subject for line in lines for m in _mentions(line) if not m.passing]
    if not named or named[-1].meets(subject) or named[-1].is_common:
        return None
    return named[-1]


def ancestor_named(lines: Sequence[str], subject: Subject) -> Subject | None:
    """Return the part or ancestor of a subject that some lines name, if they do not name it too."""
    named = [m.subject for line in lines for m in _mentions(line)]
    if not named or any(one.meets(subject) or not one.is_common for one in named):
        return None
    return named[-1]


def called(name: str) -> Subject | None:
    """Return what a name alone stands for."""
    return _table().get(_plain(name))
