"""A step that is right with what is done before it: as it is pinned, declared by words, or told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np

from adamref.numbers import formats
from adamref.oracle.judge.behaviours import (
    done,
    is_exercised,
    is_told_of,
    subsets,
    told,
    undecayed,
)
from adamref.oracle.judge.identification import AS_GOOD, near, rounded_right

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.explain.asked import Asked, Reading
    from adamref.oracle.judge.behaviours import Behaviour, DeclaredBehaviour, Form
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.identification import Fitters, Identified
    from adamref.oracle.observe.table import Table

Works: TypeAlias = "list[tuple[Fitters, Sequence[Dialect]]]"
"""In what a step may be worked, each with the dialects that come into question."""


@final
@dataclass(frozen=True)
class Accounted:
    """What accounts for everything that was seen.

    Attributes
    ----------
    reading : Reading
    found : Identified
        The dialect.
    behaviours : tuple of Behaviour
        What is done before it.
    alike : tuple of tuple of Behaviour
        What comes as near.
    """

    reading: Reading
    found: Identified
    behaviours: tuple[Behaviour, ...] = ()
    alike: tuple[tuple[Behaviour, ...], ...] = ()


def behaving(
    asked: Asked,
    readings: Sequence[Reading],
    works: Callable[[Reading], Works],
    accounted: Callable[[Sequence[tuple[Reading, Works]]], Accounted | None],
) -> Accounted | None:
    """Return what accounts for a step that is right with what is declared to be done before it.

    Where nothing is pinned: what its words speak of, or what is taken for a dialect untold.

    Parameters
    ----------
    asked : Asked
    readings : sequence of Reading
        What theta may be.
    works : callable
        Returns in what a step may be worked.
    accounted : callable
        Returns the dialect that accounts for what was seen, if one does.
    """
    kinds = (*subsets(asked.perhaps), *((x,) for x in told()))
    for declared in (asked.declared,) if asked.declared else kinds:
        found = [
            (rounded_right(one.reading.seen, one.found.fit, one.found.machine), one)
            for reading in readings
            for one in _Forms(asked, works, accounted).of(reading, declared)
        ]
        if found:
            share, best = max(found, key=lambda x: x[0])
            alike = tuple(x.behaviours for its, x in found if its >= share - AS_GOOD)
            return replace(best, alike=alike)
    return None


@final
@dataclass(frozen=True)
class _Forms:
    """The forms of what is declared with which a step is right."""

    asked: Asked
    works: Callable[[Reading], Works]
    accounted: Callable[[Sequence[tuple[Reading, Works]]], Accounted | None]

    def of(self, reading: Reading, declared: Sequence[DeclaredBehaviour]) -> Iterator[Accounted]:
        """Yield what accounts for it with each, with the first number that is right."""
        right: set[tuple[Form, ...]] = set()
        for behaviours, seen in done(declared, reading.seen):
            forms = tuple(x.form for x in behaviours)
            if forms in right or not (self.asked.declared or is_exercised(reading.seen, seen)):
                continue
            its = replace(
                reading, seen=_in_range(reading.seen, seen, formats.get(self.asked.dtype))
            )
            works = self.works(its)
            if seen is not reading.seen and not any(near(x.table, x.machine, y) for x, y in works):
                continue
            found = self.accounted([(its, works)])
            if found is not None and self._is_shown(reading, declared):
                right.add(forms)
                yield replace(found, behaviours=behaviours)

    def _is_shown(self, reading: Reading, declared: Sequence[DeclaredBehaviour]) -> bool:
        """Say whether a decay that is left out in places, untold, is seen to be there elsewhere."""
        if self.asked.declared or not is_told_of(declared):
            return True
        bare = replace(reading, seen=undecayed(reading.seen))
        return self.accounted([(bare, self.works(bare))]) is None


def _in_range(before: Table, after: Table, fmt: Format) -> Table:
    """Return a table whose core is without the lanes that left the range in which it lies.

    The squares of a core probe's gradients are normal numbers, also times 1 - beta2; those of what
    is clipped or divided need not be, and may be flushed to zero as on an edge probe.
    """
    g, was = after.columns["g"], before.columns["g"]
    least = _SHARE * 2.0 ** (fmt.min_exponent / 2)
    with np.errstate(invalid="ignore"):
        small = (g != was) & (g != 0) & (np.abs(g) < least)
    if not small.any():
        return after
    lanes = np.unique(after.columns["lane"][small])
    core = after.columns["core"] & ~np.isin(after.columns["lane"], lanes)
    return replace(after, columns={**after.columns, "core": core})


_SHARE = 2.0**5
"""Of the root of the least normal number: the square of that is 2**10, for 1 - beta2 = 0.001."""
