"""What an author may have worked with: values, and what is made of every choice of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias, final

from adamref.expressions.effort import spend

if TYPE_CHECKING:
    from adamref.documents.spans import Span

_MOST_COMBINATIONS = 64
_MOST_CANDIDATES = 8


@final
@dataclass(frozen=True)
class Candidate:
    """A value an author may have worked with.

    Attributes
    ----------
    span : Span
        A point, or the tight enclosure of an irrational number.
    tainted : bool
        Whether it rests on a wrong number.
    carried : frozenset of str
        The fields of which a printed number went into it.
    kept : frozenset of str
        The fields of which the unrounded value went into it, though a number is printed.
    """

    span: Span
    tainted: bool = False
    carried: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


_Choice: TypeAlias = tuple[int, tuple[Candidate, ...], frozenset[str], frozenset[str]]
"""How strange a choice is, the choice, and the fields that it carries on and keeps."""


def combined(
    choices: Sequence[Sequence[Candidate]], work: Callable[[tuple[Span, ...]], Span | None]
) -> list[Candidate]:
    """Work something from every choice of its inputs, the least strange choices first.

    Those of one habit come before mixtures, so that a bound on their number drops no truth and no
    author who always does the same.
    """
    spend(math.prod(map(len, choices)))
    if all(len(options) == 1 for options in choices):
        return _only(tuple(options[0] for options in choices), work)
    sound: list[_Choice] = []
    tainted_ones: list[_Choice] = []
    none: frozenset[str] = frozenset()
    for combination in itertools.product(*choices):
        carried = none.union(*[c.carried for c in combination])
        kept = none.union(*[c.kept for c in combination])
        tainted = any(c.tainted for c in combination)
        one = (_strangeness(carried, kept), combination, carried, kept)
        (tainted_ones if tainted else sound).append(one)
    found = []
    for some, tainted in ((sound, False), (tainted_ones, True)):
        some.sort(key=itemgetter(0))
        for _, combination, carried, kept in some[:_MOST_COMBINATIONS]:
            span = work(tuple([c.span for c in combination]))
            if span is not None:
                found.append(Candidate(span, tainted, carried, kept))
    return distinct(found)


def _strangeness(carried: frozenset[str], kept: frozenset[str]) -> int:
    """Say how far an author is from one habit: to carry printed numbers on, or never to."""
    return 2 * len(carried & kept) + min(len(carried), len(kept))


def _only(
    inputs: tuple[Candidate, ...], work: Callable[[tuple[Span, ...]], Span | None]
) -> list[Candidate]:
    """Work something from the only choice of its inputs."""
    span = work(tuple(c.span for c in inputs))
    if span is None:
        return []
    carried = frozenset().union(*(c.carried for c in inputs))
    kept = frozenset().union(*(c.kept for c in inputs))
    return [Candidate(span, any(c.tainted for c in inputs), carried, kept)]


def distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Keep different values, the untainted ones first, and not too many."""
    kept: dict[tuple[int, int, bool], Candidate] = {}
    for one in sorted(found, key=lambda c: c.tainted):
        known = one.span.nearly  # the hash of a fraction takes an inverse
        key = known.numerator, known.denominator
        if not (one.tainted and (*key, False) in kept):
            kept.setdefault((*key, one.tainted), one)
    sound = [c for c in kept.values() if not c.tainted][:_MOST_CANDIDATES]
    return sound + [c for c in kept.values() if c.tainted][:_MOST_CANDIDATES]
