"""The runs that a proof speaks of: one under each mark, and none that rest on each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from sympy.core.function import AppliedUndef

from adamref.logic.closed import MEANINGS, must_be
from adamref.logic.lines import RunLines, Shown
from adamref.logic.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sympy import Symbol

    from adamref.logic.facts import Recurrence
    from adamref.logic.statement import Statement


@final
@dataclass
class Runs:
    """What has been met, by mark.

    Attributes
    ----------
    bound : mapping of str to Recurrence
        Those that the theorem gives to its functions.
    worked : set of str
        The names of functions that mean something else in the statement.
    met : dict of str to Recurrence
    """

    bound: Mapping[str, Recurrence] = field(default_factory=dict)
    worked: frozenset[str] = frozenset()
    met: dict[str, Recurrence] = field(default_factory=dict)

    @classmethod
    def of(cls, runs: Sequence[Recurrence], worked: frozenset[str]) -> Runs:
        """Return the runs of a theorem, of which none is met yet.

        Raises
        ------
        Refused
            If one function has two meanings.
        """
        bound: dict[str, Recurrence] = {}
        for run in runs:
            must_be(run, MEANINGS, "a meaning")
            if bound.setdefault(run.mark, run) is not run and not bound[run.mark].is_same_as(run):
                raise Refused(f"two different runs are marked {run.mark!r}")
        made = cls(bound, worked)
        made.keep_apart(bound)
        return made

    @property
    def begins(self) -> Mapping[Any, int]:
        """The first step at which each field has a value."""
        runs = (*self.bound.values(), *self.met.values())
        return {function: run.begins(function) for run in runs for function in run.fields}

    def keep_apart(self, runs: Mapping[str, Recurrence]) -> None:
        """Check that no function is a field of two runs, or of one and something else."""
        seen: dict[Any, str] = {}
        for mark, run in runs.items():
            for function in run.fields:
                if seen.setdefault(function, mark) != mark:
                    raise Refused(f"two runs have a field {function}")
                if function.__name__ in self.worked:
                    raise Refused(f"{function} is a field of a run and something else")

    def meet(self, run: Recurrence) -> None:
        """Note a run that a proof speaks of: its mark stands for no other.

        Two runs with one mark would share the names of their fields, and contradict each other.

        Raises
        ------
        Refused
            If it does, or has lines that speak of what comes after them.
        """
        must_be(run, MEANINGS, "a meaning")
        new = run.mark not in self.met
        known = self.met.setdefault(run.mark, self.bound.get(run.mark, run))
        if known is not run and not known.is_same_as(run):
            raise Refused(f"two different runs are marked {run.mark!r}")
        if new:
            if lacking := run.lacking:
                raise Refused(f"the run marked {run.mark!r}: {lacking}")
            self.keep_apart(self.met)
            if circle := _circle(self.met):
                marks = ", ".join(map(repr, circle))
                raise Refused(f"the runs marked {marks} rest on each other")

    def must_be_there(self, statement: Statement, shown: Shown = ()) -> None:
        """Check that the lines of all fields of a statement are defined, by what the proof shows.

        Raises
        ------
        Refused
            If that is not known.
        """
        fields = {function: run for run in self.bound.values() for function in run.fields}
        supposed = tuple(statement.hypotheses.values())
        said = (statement.claim, *statement.domain, *(one.relation for one in supposed))
        for value in sorted({v for one in said for v in one.atoms(AppliedUndef)}, key=str):
            run = fields.get(value.func)
            if run is None or (value.args[0].is_Integer and value.args[0] < 1):
                continue
            lines = RunLines(run, tuple(statement.domain), supposed, shown)
            if lacks := lines.lacking(value):
                raise Refused(lacks)

    def must_be_bound(self, functions: set[Any]) -> None:
        """Check that what a proof takes for a field the theorem says to be one.

        Raises
        ------
        Refused
            If a function of the statement is a field in the proof alone.
        """
        for mark, run in self.met.items():
            if mark not in self.bound and (shared := run.fields & functions):
                raise Refused(f"{shared.pop()} is a field of a run that the theorem does not name")

    def must_be_fixed(self, varied: set[Symbol]) -> None:
        """Check that no run speaks of an index that was given another value.

        A run with a rate 1/t for one t is one run; what is shown for it is not shown for other t.
        """
        for run in self.met.values():
            if tied := varied & run.speaks_of:
                raise Refused(f"the run marked {run.mark!r} is about one {tied.pop()}")


def _circle(runs: Mapping[str, Recurrence]) -> list[str]:
    """Return the marks of runs of which none is defined by what was there before the others."""
    rest = dict(runs)
    while True:
        spoken = {
            a: {b for b in rest if b != a and runs[a].speaks_of & runs[b].fields} for a in rest
        }
        if not (first := [mark for mark in rest if not spoken[mark]]):
            return list(rest)
        for mark in first:
            del rest[mark]
