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


_Marked: TypeAlias = tuple[Candidate, int, int]
"""A candidate with the fields that it carries on, and those that it keeps, as bits."""


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
    bits: dict[str, int] = {}
    marked = [[_marked(one, bits) for one in options] for options in choices]
    sound: list[tuple[int, tuple[_Marked, ...]]] = []
    tainted_ones: list[tuple[int, tuple[_Marked, ...]]] = []
    for combination in itertools.product(*marked):
        carried = kept = 0
        tainted = False
        for one, carries, keeps in combination:
            carried |= carries
            kept |= keeps
            tainted = tainted or one.tainted
        (tainted_ones if tainted else sound).append((_strangeness(carried, kept), combination))
    found = []
    none: frozenset[str] = frozenset()
    for some, tainted in ((sound, False), (tainted_ones, True)):
        some.sort(key=itemgetter(0))
        for _, combination in some[:_MOST_COMBINATIONS]:
            span = work(tuple([one.span for one, _, _ in combination]))
            if span is not None:
                carries_on = none.union(*[one.carried for one, _, _ in combination])
                keeps_back = none.union(*[one.kept for one, _, _ in combination])
                found.append(Candidate(span, tainted, carries_on, keeps_back))
    return distinct(found)


def _marked(one: Candidate, bits: dict[str, int]) -> _Marked:
    """Write the fields of a candidate as bits, of which each field has its own."""
    carries, keeps = (
        sum(bits.setdefault(name, 1 << len(bits)) for name in fields)
        for fields in (one.carried, one.kept)
    )
    return one, carries, keeps


def _strangeness(carried: int, kept: int) -> int:
    """Say how far an author is from one habit: to carry printed numbers on, or never to."""
    return 2 * (carried & kept).bit_count() + min(carried.bit_count(), kept.bit_count())


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
