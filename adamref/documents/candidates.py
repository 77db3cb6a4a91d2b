"""What an author may have worked with: values, and what is made of every choice of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import final

from adamref.documents.spans import Span, point
from adamref.expressions.effort import spend

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

    @property
    def strangeness(self) -> int:
        """How far its author is from one habit: to carry printed numbers on, or never to."""
        both = len(self.carried & self.kept)
        return 2 * both + min(len(self.carried), len(self.kept))


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
    mixed = []
    for combination in itertools.product(*choices):
        tainted = any(c.tainted for c in combination)
        carried = frozenset().union(*(c.carried for c in combination))
        kept = frozenset().union(*(c.kept for c in combination))
        mixed.append((combination, Candidate(_NOTHING, tainted, carried, kept)))
    mixed.sort(key=lambda one: (one[1].tainted, one[1].strangeness))
    sound = [one for one in mixed if not one[1].tainted][:_MOST_COMBINATIONS]
    tainted_ones = [one for one in mixed if one[1].tainted][:_MOST_COMBINATIONS]
    found = []
    for combination, about in (*sound, *tainted_ones):
        span = work(tuple(c.span for c in combination))
        if span is not None:
            found.append(replace(about, span=span))
    return distinct(found)


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


_NOTHING = point(0)


def distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Keep different values, the untainted ones first, and not too many."""
    kept: dict[tuple[Fraction, bool], Candidate] = {}
    for one in sorted(found, key=lambda c: c.tainted):
        known = one.span.nearly
        if not (one.tainted and (known, False) in kept):
            kept.setdefault((known, one.tainted), one)
    sound = [c for c in kept.values() if not c.tainted][:_MOST_CANDIDATES]
    return sound + [c for c in kept.values() if c.tainted][:_MOST_CANDIDATES]
