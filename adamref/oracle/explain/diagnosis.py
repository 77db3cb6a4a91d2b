"""The smallest set of faults that explains what was observed.

In stages, each only if the one before explains nothing: single faults in every dialect and
convention; pairs of faults in the dialects that came nearest. Each hypothesis is run on small
tables first, with a coarse measure that no true explanation fails, and is dropped at the first row
that it cannot account for; what is left is measured on all rows, with derived bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from adamref.faults.precision import APPROXIMATE
from adamref.numbers.arrays import Array, ulp
from adamref.numbers.formats import Format
from adamref.oracle.explain.confirming import confirmed
from adamref.oracle.explain.hypotheses import Failed, pairs, singles
from adamref.oracle.judge.bounding import FREEDOM, Bounding
from adamref.oracle.judge.coarse import Small, inputs_under, small_tables
from adamref.oracle.judge.fit import over_bound, shown_of
from adamref.oracle.judge.hypothesis import Hypothesis, correct, lines_of
from adamref.oracle.judge.simulation import Model, Simulator

if TYPE_CHECKING:
    from adamref.faults.inputs import Inputs
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.identification import Fitters
    from adamref.oracle.observe.table import Table

_Made = TypeVar("_Made")
Axes: TypeAlias = tuple[tuple[str, str], ...]

_MOST_PAIRED = 3
"""In how many dialects pairs are tried: those whose single faults came nearest."""

_LEADING = 12
"""So many of those that come nearest alone are one of a pair."""

_NEAR = 2.0**-8
"""Where a bound says nothing, a hypothesis must come as near as this share of what is there."""

_SAME = 2.0**-45
"""By what share of itself a value may be off that float64 worked in another order."""

_CLEARLY = 0.8
"""An explanation's mean error is at most this share of that of the best dialect without a fault."""

_MOST_ALIKE = 24
"""Where more hypotheses are as good, none of them explains anything."""

_FAR, _ALIKE = 1e6, 0.005
"""Errors in ulps: no error counts for more; mean errors that differ by less are alike."""

_FEWEST_BITS, _CLEAR, _ENOUGH = 7, 2.0**10, 20
"""For approximate steps: bits at least, step over theta's rounding at least, rows at least."""


@final
@dataclass(frozen=True)
class BestHypothesis:
    """A hypothesis that accounts for every row.

    Attributes
    ----------
    hypothesis : Hypothesis
    equivalent : tuple of Hypothesis
        Others with as few faults that account for every row too.
    confirmed : bool
        Whether certified arithmetic gives what was observed.
    """

    hypothesis: Hypothesis
    equivalent: tuple[Hypothesis, ...] = ()
    confirmed: bool = False


@final
class Diagnosis:
    """Looks for the faults behind a table.

    Parameters
    ----------
    table : Table
        Core rows of every trial that answered.
    differs : sequence of int
        The trials, by number, that some dialect does not account for.
    dialects : sequence of Dialect
        Those that are allowed, the usual ones first, in every convention.
    fitters : Fitters
        Of this table, in the arithmetic under suspicion.
    wrong : mapping of tuple to frozenset of str, optional
        The visible fields that are wrong, each taken for itself, by the axes of a dialect: what
        explains a step is about all of them.

    Attributes
    ----------
    tried : int
        How many hypotheses were run.
    failed : dict of str to Exception
        Faults that could not be run: each costs its hypotheses, not the diagnosis.
    """

    def __init__(
        self,
        table: Table,
        differs: Sequence[int],
        dialects: Sequence[Dialect],
        fitters: Fitters,
        wrong: Mapping[Axes, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        self._table, self._dialects, self._fitters = table, dialects, fitters
        self._wrong, self._shown = wrong, shown_of(table, fitters.machine)
        self._machine = machine = fitters.machine
        self._right: dict[Dialect, frozenset[str]] = {}
        self._smalls = [Small(x, machine) for x in small_tables(table, differs)]
        self._bounding = Simulator(table, Bounding(machine))
        self._plain = Simulator(table)
        self._inputs: dict[tuple[str, str], Inputs] = {}
        self.tried = 0
        self.failed: Failed = {}

    def single(self, first: Sequence[Dialect]) -> BestHypothesis | None:
        """Return the best fault that explains all, or None.

        Parameters
        ----------
        first : sequence of Dialect
            In which it is looked for before it is in the others.
        """
        likely = [x for d, ones in self._ones.items() if d in first for x in ones]
        found = self._best(likely)
        if found is not None:
            return found
        return self._best(x for d, ones in self._ones.items() if d not in first for x in ones)

    def pair(self) -> BestHypothesis | None:
        """Return the best two at once, or a step that is only right to some bits, or None."""
        ones = {
            dialect: [x for x in hypotheses if not self.failed.keys() & set(x.ids)]
            for dialect, hypotheses in self._ones.items()
        }
        nearest = self._nearest(ones)
        found = self._best(x for d in nearest for x in pairs(self._telling(d, ones[d]), _LEADING))
        return found or self._approximate()

    @cached_property
    def _ones(self) -> dict[Dialect, list[Hypothesis]]:
        dtype = self._machine.theta.dtype
        return {d: singles(d, dtype, failed=self.failed) for d in self._dialects}

    def accounts(self, hypothesis: Hypothesis) -> float | None:
        """Return how near a hypothesis comes to every row; None if it misses one."""
        return self._guarded(hypothesis, self._closeness, None)

    def _guarded(
        self, hypothesis: Hypothesis, work: Callable[[Hypothesis], _Made], otherwise: _Made
    ) -> _Made:
        """Run a hypothesis; where its faults cannot be run, take that down."""
        try:
            return work(hypothesis)
        except Exception as error:
            if not hypothesis.faults:
                raise
            self.failed.setdefault(" + ".join(hypothesis.ids), error)
            return otherwise

    def _model(self, hypothesis: Hypothesis) -> Model:
        table = self._table
        return hypothesis.model(inputs_under(self._inputs, table, hypothesis.dialect), table)

    def _closeness(self, hypothesis: Hypothesis) -> float | None:
        table = self._table
        model = self._model(hypothesis)
        judged = table.columns["judged"]
        shares = []
        settled = self._settled(hypothesis)
        exact = frozenset(x for x in settled if self._machine.narrowed(x) is None)
        for name, made in self._bounding.steps(replace(model, shown=exact)):
            if name != "theta" and name not in table.visible:
                continue
            if name in settled:
                continue
            fmt = self._machine.of(name)
            stored = self._bounding.work.rounded(made, fmt)
            got = table.got[name]
            with np.errstate(all="ignore"):
                bound = FREEDOM * stored.error + stored.slack
                # Where nothing is known, a hypothesis has to come near all the same: but a quotient
                # whose denominator may be 0 may be anything, an infinity too.
                coarse = _NEAR * (np.abs(made.value) + np.abs(table.before[name]))
                bound = np.where(np.isinf(bound) & np.isfinite(got), coarse, bound)
            lost = ~np.isfinite(made.value) & np.isfinite(got)
            lost |= self._left_as_right(hypothesis, name, made.value)
            if ((over_bound(got, made.value, bound) > 1) | lost)[judged].any():
                return None
            with np.errstate(all="ignore"):
                size = np.maximum(np.abs(got), np.abs(table.before[name]))
                off = np.abs(got - made.value) / ulp(size, self._machine.unit(name))
            off = np.where(np.isfinite(off), np.minimum(off, _FAR), 0.0)
            shares.append(off[judged])
        return float(np.mean(np.concatenate(shares))) if shares else 0.0

    def _left_as_right(self, hypothesis: Hypothesis, name: str, made: Array) -> NDArray[np.bool_]:
        """Say which wrong states are what they would be without a fault: it is not about them.

        Of what is stored in fewer digits it is not known which it is, and theta may hide a change.
        """
        if hypothesis.rounded or not hypothesis.faults or name == "theta":
            return np.zeros(len(made), dtype=bool)
        fit = self._fitters.fitted(hypothesis.dialect).fit
        with np.errstate(all="ignore"):
            same = np.abs(made - fit.value[name]) <= _SAME * np.abs(made)
            # Where nothing is known of a value it counts as wrong, and may be right.
            off = np.abs(self._table.got[name] - fit.value[name]) > fit.bound[name]
        return np.asarray(same & off & (fit.over[name] > 1))

    def _settled(self, hypothesis: Hypothesis) -> set[str]:
        """Return the visible states that a hypothesis leaves alone, and that are right.

        They are held to the order of operations that they were worked in, which a fault elsewhere
        does not change.
        """
        if any(fault.drive is not None for fault in hypothesis.faults) or hypothesis.rounded:
            return set()
        right, found = lines_of(hypothesis.dialect), set()
        if hypothesis.dialect not in self._right:
            over = self._fitters.fitted(hypothesis.dialect).fit.over
            rows = self._table.columns["judged"]
            good = (n for n, x in over.items() if n != "theta" and not (x[rows] > 1).any())
            self._right[hypothesis.dialect] = frozenset(good)
        for name, line in hypothesis.lines.items():
            if line is not right.get(name):
                break
            found |= {name} & self._right[hypothesis.dialect]
        return found

    def is_confirmed(self, hypothesis: Hypothesis) -> bool:
        """Say whether exact arithmetic gives what was observed, on rows of every kind."""
        return self._guarded(hypothesis, self._confirmed, False)

    def _confirmed(self, hypothesis: Hypothesis) -> bool:
        table = self._table
        model = self._model(hypothesis)
        shown = {"theta", *table.visible}
        bounds = {
            name: self._bounding.work.rounded(made, self._machine.of(name))
            for name, made in self._bounding.steps(model)
            if name in shown
        }
        return confirmed(hypothesis, table, model.inputs, bounds, self._machine)

    def _approximate(self) -> BestHypothesis | None:
        """Try steps that are right to some bits: off everywhere, to either side, never by much."""
        for dialect in self._dialects:
            right = correct(dialect)
            if "delta" not in dialect.rule.fields or not self._scatters(right):
                continue
            for bits in range(self._machine.compute.precision - 2, _FEWEST_BITS - 1, -1):
                few = Format(f"{bits} bits", self._machine.compute.dtype, bits, 1023)
                hypothesis = replace(right, faults=(APPROXIMATE,), rounded={"delta": few})
                self.tried += 1
                if self.accounts(hypothesis) is not None:
                    return BestHypothesis(hypothesis)
        return None

    def _scatters(self, right: Hypothesis) -> bool:
        """Say whether the errors of the steps are small, of one size and of either sign."""
        table = self._table
        model = self._model(right)
        values = self._plain.run(model, ("theta", "delta"))
        delta = values["delta"]
        rows = table.columns["judged"] & np.isfinite(delta) & (delta != 0)
        unit = float(self._machine.theta.unit_roundoff)
        with np.errstate(all="ignore"):
            rows &= np.abs(delta) > _CLEAR * unit * np.abs(table.before["theta"])
            off = ((table.got["theta"] - values["theta"]) / delta)[rows]
        if off.size < _ENOUGH:
            return False
        sizes, positive = np.abs(off), float(np.mean(off > 0))
        most = float(sizes.max())
        small = most < 2.0**-_FEWEST_BITS and np.median(sizes) > most / 20
        return bool(small and 0.1 < positive < 0.9 and _differs_within(table, rows, off))

    def _best(self, hypotheses: Iterable[Hypothesis]) -> BestHypothesis | None:
        found: list[tuple[float, int, Hypothesis]] = []
        for hypothesis in self._passing(hypotheses):
            closeness = self.accounts(hypothesis)
            if closeness is not None and closeness < self._without_faults:
                found.append((closeness, len(found), hypothesis))
        if not found:
            return None
        # Explanations that differ by rounding alone are equally good: the usual one is first.
        least = min(closeness for closeness, _, _ in found)
        near = [x for x in found if x[0] <= 1.02 * least + _ALIKE]
        best = min(near, key=lambda x: (x[2].dialect.unusual, x[1]))
        seen = {frozenset(best[2].ids)}
        others = []
        for _, _, hypothesis in sorted(found, key=lambda x: x[:2]):
            if frozenset(hypothesis.ids) not in seen:
                seen.add(frozenset(hypothesis.ids))
                others.append(hypothesis)
        if len(others) > _MOST_ALIKE:
            return None
        return BestHypothesis(best[2], tuple(others), self.is_confirmed(best[2]))

    @cached_property
    def _without_faults(self) -> float:
        """Below what an explanation must come: clearly nearer than any dialect without a fault."""
        found = [math.inf]
        for dialect in self._dialects:
            right = correct(dialect)
            if all(small.accounts(right) for small in self._smalls):
                closeness = self.accounts(right)
                found += [] if closeness is None else [_CLEARLY * closeness]
        return min(found)

    def _passing(self, hypotheses: Iterable[Hypothesis]) -> Iterator[Hypothesis]:
        for hypothesis in hypotheses:
            if not self._guarded(hypothesis, self._is_about, False):
                continue
            self.tried += 1
            if self._guarded(hypothesis, self._passes, False):
                yield hypothesis

    def _is_about(self, hypothesis: Hypothesis) -> bool:
        """Say whether a hypothesis is about every line that is wrong."""
        wrong = self._wrong.get(hypothesis.dialect.axes, frozenset())
        touched: frozenset[str] = frozenset()
        for small in self._smalls:
            if wrong <= touched:
                return True
            touched |= small.touched_by(hypothesis, self._shown)
        if touched and any(fault.drive is not None for fault in hypothesis.faults):
            # What is fed in may be another for one line here, and for another line elsewhere.
            touched |= self._whole.touched_by(hypothesis, self._shown)
        return wrong <= touched

    @cached_property
    def _whole(self) -> Small:
        return Small(self._table, self._machine)

    def _passes(self, hypothesis: Hypothesis) -> bool:
        return all(small.accounts(hypothesis) for small in self._smalls)

    def _nearest(self, ones: Mapping[Dialect, Sequence[Hypothesis]]) -> list[Dialect]:
        """Return the dialects that come nearest with a single fault, in one convention each."""
        found: dict[Dialect, Dialect] = {}
        for dialect in sorted(ones, key=lambda d: self._distance(d, ones[d])):
            found.setdefault(replace(dialect, hyper="", held=""), dialect)
        return list(found.values())[:_MOST_PAIRED]

    def _telling(self, dialect: Dialect, ones: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Return the faults that may be one of a pair.

        One that changes nothing on the small tables leaves the other alone, which explained
        nothing; and one that spoils a state which is right there needs another that mends it.
        Those that leave least to the other come first.
        """
        right, whole = correct(dialect), self._smalls[1]

        def tells(one: Hypothesis) -> bool:
            changed = any(small.is_changed_by(one, right) for small in self._smalls)
            return changed and not any(small.is_spoilt_by(one, right) for small in self._smalls)

        telling_ = [one for one in ones if self._guarded(one, tells, False)]
        return sorted(telling_, key=whole.distance)

    def _distance(self, dialect: Dialect, ones: Sequence[Hypothesis]) -> tuple[int, int]:
        """Return how many values of the generic trial the best single fault misses."""
        # The beginning alone tells less: the generic trial itself comes second.
        whole = self._smalls[1]
        least = whole.misses(correct(dialect))
        return min([least, *(self._guarded(x, whole.misses, least) for x in ones)]), dialect.unusual


def _differs_within(table: Table, rows: NDArray[np.bool_], off: Array) -> bool:
    """Say whether errors of one step differ from element to element as they do over all."""
    group = table.groups[rows]
    means = np.bincount(group, weights=off) / np.maximum(np.bincount(group), 1)
    return bool(np.std(off - means[group]) > np.std(off) / 2)
