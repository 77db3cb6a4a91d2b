"""A step that is right with what is done before it: as it is pinned, declared by words, or told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, final

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
    from adamref.oracle.explain.asked import Asked, Reading
    from adamref.oracle.explain.judged import Judgement
    from adamref.oracle.judge.behaviours import DeclaredBehaviour, Form
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.identification import Fitters
    from adamref.oracle.observe.table import Table

Works: TypeAlias = "list[tuple[Fitters, Sequence[Dialect]]]"
"""In what a step may be worked, each with the dialects that come into question."""

Judged: TypeAlias = "tuple[Table, Judgement]"


def behaving(
    asked: Asked,
    readings: Sequence[Reading],
    works: Callable[[Reading], Works],
    accounted: Callable[[Sequence[tuple[Reading, Works]]], Judged | None],
) -> Judged | None:
    """Return the judgement where a step is right with what is declared to be done before it.

    Where nothing is pinned: what its words speak of, or what is taken for a dialect untold.

    Parameters
    ----------
    asked : Asked
    readings : sequence of Reading
        What theta may be.
    works : callable
        Returns in what a step may be worked.
    accounted : callable
        Returns the judgement of the dialect that accounts for what was seen, if one does.
    """
    kinds = (*subsets(asked.perhaps), *((x,) for x in told()))
    for declared in (asked.declared,) if asked.declared else kinds:
        found = [
            (rounded_right(seen, judgement.found.fit, judgement.found.machine), seen, judgement)
            for reading in readings
            for seen, judgement in _Forms(asked, works, accounted).of(reading, declared)
        ]
        if found:
            share, seen, judgement = max(found, key=lambda x: x[0])
            alike = [x.behaviours for its, _, x in found if its >= share - AS_GOOD]
            judgement.alike = tuple(alike)
            return seen, judgement
    return None


@final
@dataclass(frozen=True)
class _Forms:
    """The forms of what is declared with which a step is right."""

    asked: Asked
    works: Callable[[Reading], Works]
    accounted: Callable[[Sequence[tuple[Reading, Works]]], Judged | None]

    def of(self, reading: Reading, declared: Sequence[DeclaredBehaviour]) -> Iterator[Judged]:
        """Yield a judgement for each, with the first number that is right."""
        right: set[tuple[Form, ...]] = set()
        for behaviours, seen in done(declared, reading.seen):
            forms = tuple(x.form for x in behaviours)
            if forms in right or not (self.asked.declared or is_exercised(reading.seen, seen)):
                continue
            its = replace(reading, seen=seen)
            works = self.works(its)
            if seen is not reading.seen and not any(near(x.table, x.machine, y) for x, y in works):
                continue
            found = self.accounted([(its, works)])
            if found is not None and self._is_shown(reading, declared):
                right.add(forms)
                found[1].behaviours = behaviours
                yield found

    def _is_shown(self, reading: Reading, declared: Sequence[DeclaredBehaviour]) -> bool:
        """Say whether a decay that is left out in places, untold, is seen to be there elsewhere."""
        if self.asked.declared or not is_told_of(declared):
            return True
        bare = replace(reading, seen=undecayed(reading.seen))
        return self.accounted([(bare, self.works(bare))]) is None
