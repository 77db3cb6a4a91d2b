"""Gradients that a document gives rounded, and carries on as they were before.

It has no formula for them, so what they were is solved for: a number within their rounding that
gives what is printed of the moments made of them.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from adamref.documents.candidates import Candidate
from adamref.documents.dialects import moments
from adamref.documents.spans import point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.documents.case import Case
    from adamref.documents.habits import Shown
    from adamref.documents.world import Key

_LAST = ("theta", "delta")
"""What most of the gradient's size is lost in."""

Interval = tuple[float, float]


def unrounded(case: Case) -> dict[Key, Fraction]:
    """Return what the gradients of the first wrong step were before they were rounded.

    Parameters
    ----------
    case : Case
        As it is judged by the gradients that are printed.
    """
    found: dict[Key, Fraction] = {}
    for key, number in case.gradients.items() if case.missed else ():
        judged = (*case.shown, *case.missed)
        made = [
            x for x in judged if x.about[1:] == key[1:] and x.about[0] not in ("theta", "delta")
        ]
        wrong = [x for x in made if not x.fits_at(x.number.unit)]
        if not wrong or number.value == 0 or key in case.behind:
            continue
        ends = number.span.low, number.span.high
        # What no gradient within the rounding leads to is wrong in any case.
        allowed = {x.about[0]: list(_sources(case, key, ends, x)) for x in made}
        best = _most_common(list(filter(None, allowed.values())))
        own = [each for name, each in allowed.items() if each and name in moments(case.rule)]
        if best is not None and all(any(a <= best <= b for a, b in each) for each in own):
            found[key] = best
    # What later steps are worked from is not known before.
    first = min((t for _, _, t in found), default=0)
    return {key: value for key, value in found.items() if key[2] == first}


def _sources(
    case: Case, key: Key, ends: tuple[Fraction, Fraction], shown: Shown
) -> Iterator[Interval]:
    """Yield the gradients, between two ends, that lead to a number: a stretch a way to work it."""
    low, high = ends
    places = (low, (low + high) / 2, high)
    wanted = shown.number.span
    # For what is beyond the numbers of float64, or too near to another, none is found.
    with suppress(OverflowError, ZeroDivisionError):
        columns = [_values(case, key, x, shown.about) for x in places]
        xs = [float(x) for x in places]
        for ys in zip(*columns, strict=False):
            first, last = sorted(_at(xs, ys, float(y)) for y in (wanted.low, wanted.high))
            if last >= xs[0] and first <= xs[2]:
                yield max(first, xs[0]), min(last, xs[2])


def _values(case: Case, key: Key, gradient: Fraction, about: Key) -> list[float]:
    """Return what a field may be, for a gradient, if nothing of its step were printed."""
    with ExitStack() as assumed:
        for name in case.rule.fields:
            value = [Candidate(point(gradient))] if name == key[0] else None
            assumed.enter_context(case.world.assuming((name, *key[1:]), value))
        made = case.world.candidates(*about)
    return [float(one.span.middle) for one in made if not one.tainted]


def _at(xs: Sequence[float], ys: Sequence[float], y: float) -> float:
    """Return where a curve through three points, nearly straight, has a height: secants of it."""
    slope = (ys[2] - ys[0]) / (xs[2] - xs[0])
    if slope == 0:
        return xs[0] if y < ys[0] else xs[2]
    bend = (ys[2] - 2 * ys[1] + ys[0]) / (xs[2] - xs[0]) ** 2 * 2
    x = xs[1] + (y - ys[1]) / slope
    for _ in range(8):
        x = xs[1] + (y - ys[1]) / (slope + bend * (x - xs[1]))
    return x


def _most_common(allowed: Sequence[Sequence[Interval]]) -> Fraction | None:
    """Return a simple number in a stretch that most of the sets share."""
    ends = sorted({end for each in allowed for interval in each for end in interval})
    best, most = None, 0
    for low, high in pairwise(ends):
        middle = (low + high) / 2
        count = sum(any(a <= middle <= b for a, b in each) for each in allowed)
        if count > most:
            best, most = (low, high), count
    return None if best is None else _simplest(Fraction(best[0]), Fraction(best[1]))


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the least denominator between two others of one sign."""
    if high < 0:
        return -_simplest(-high, -low)
    middle = (low + high) / 2
    limit = 1
    while not low <= middle.limit_denominator(limit) <= high:
        limit *= 2
    return middle.limit_denominator(limit)
