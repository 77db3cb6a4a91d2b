"""A coarse look at whether a model comes near what was observed: for speed, never for a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from adamref.numbers import formats
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import Simulator, inputs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.judge.simulation import Key
    from adamref.oracle.observe.table import Table

_COARSE = 64.0
"""By how many units a value may miss in a coarse look; orders of operations differ by a few."""

_LOST = 1000.0, 2.0**-13
"""And the step itself: corrections in the format lose a hundred units, at most that share."""


_FARTHEST = 1e9
"""Nothing is farther, or nearer than one over that."""


@final
class Small:
    """A table with what is needed to run hypotheses on it, coarsely."""

    def __init__(self, table: Table, machine: Machine) -> None:
        self.table = table
        self._machine = machine
        self._simulator = Simulator(table)
        self._inputs: dict[tuple[str, str], Inputs] = {}
        self._right_keys: dict[Dialect, dict[str, Key]] = {}
        self._unit = max(
            float(x.unit_roundoff) for x in (machine.compute, *machine.states.values())
        )
        shown = table.carried or machine.theta
        self._theta_unit = max(self._unit, float(shown.unit_roundoff))
        self._tiny = (
            max(float(x.smallest) for x in (machine.theta, *machine.states.values())) * _COARSE
        )
        self._judged = table.columns["judged"]
        self._terms: dict[str, Array] = {}

    def accounts(self, hypothesis: Hypothesis) -> bool:
        """Say whether a hypothesis comes near every visible value."""
        return self.misses(hypothesis, at_once=True) == 0

    def misses(self, hypothesis: Hypothesis, *, at_once: bool = False) -> int:
        """Count the values that a hypothesis does not come near; at_once: stop at the first."""
        found = 0
        model = hypothesis.model(self.inputs(hypothesis.dialect), self.table)
        for name, values in self._simulator.steps(model):
            if name == "theta" or name in self.table.visible:
                found += int((self._far(name, values) & self._judged).sum())
                if found and at_once:
                    return found
        return found

    def touched_by(self, one: Hypothesis, shown: frozenset[str]) -> frozenset[str]:
        """Return the visible fields that a fault is about; what follows a shown one is not."""
        right = self._right_keys.get(one.dialect)
        if right is None:
            right = self._right_keys[one.dialect] = self._keys(correct(one.dialect), shown)
        made = self._keys(one, shown)
        visible = {"theta", *self.table.visible} & made.keys()
        return frozenset(n for n in visible if made[n] != right.get(n))

    def _keys(self, one: Hypothesis, shown: frozenset[str]) -> dict[str, Key]:
        model = one.model(self.inputs(one.dialect), self.table)
        return self._simulator.keys(replace(model, shown=shown))

    def distance(self, one: Hypothesis) -> float:
        """Return how far the visible values are, in digits of how much they changed, on average."""
        made, found = self._shown(one), []
        for name, values in made.items():
            got, before = self.table.got[name], self.table.before[name]
            with np.errstate(all="ignore"):
                off = np.abs(values - got) / (np.abs(got - before) + self._tiny)
                digits = np.log10(np.maximum(np.nan_to_num(off, nan=_FARTHEST), 1 / _FARTHEST))
            found.append(np.minimum(digits, np.log10(_FARTHEST))[self._judged])
        return float(np.mean(np.concatenate(found)))

    def is_changed_by(self, one: Hypothesis, right: Hypothesis) -> bool:
        """Say whether a fault changes any visible value."""
        made, its = (self._shown(x) for x in (one, right))
        return any(
            not np.array_equal(made[n][self._judged], its[n][self._judged], equal_nan=True)
            for n in its
        )

    def is_spoilt_by(self, one: Hypothesis, right: Hypothesis) -> bool:
        """Say whether a state that is right without a fault is wrong with it."""
        made, its = (self._shown(x) for x in (one, right))
        return any(
            bool((self._far(n, made[n]) & ~self._far(n, its[n]) & self._judged).any())
            for n in its
            if n != "theta"
        )

    def _shown(self, hypothesis: Hypothesis) -> dict[str, Array]:
        model = hypothesis.model(self.inputs(hypothesis.dialect), self.table)
        return self._simulator.run(model, ("theta", *self.table.visible))

    def inputs(self, dialect: Dialect) -> Inputs:
        """Return the right inputs under a dialect's convention."""
        return inputs_under(self._inputs, self.table, dialect)

    def _far(self, name: str, values: Array) -> NDArray[np.bool_]:
        got, before = self.table.got[name], self.table.before[name]
        with np.errstate(all="ignore"):
            size = np.abs(values) + np.abs(got)
            if name == "theta":
                lost = max(_COARSE * self._unit, min(_LOST[0] * self._unit, _LOST[1]))
                allowed = 4 * self._theta_unit * (np.abs(before) + size)
                allowed = allowed + lost * (np.abs(values - before) + np.abs(got - before))
            else:
                allowed = _COARSE * self._unit * (size + self._terms_of(name))
            near = np.isfinite(values) & (np.abs(values - got) <= allowed + self._tiny)
            same = (values == got) | (np.isnan(values) & np.isnan(got))
        return np.asarray(~(near | same))

    def _terms_of(self, name: str) -> Array:
        """Return the size of what a state is summed of; every hypothesis is held against it."""
        if name not in self._terms:
            g = np.abs(np.nan_to_num(self.table.columns["g"], posinf=np.inf))
            before = np.abs(np.nan_to_num(self.table.before[name]))
            self._terms[name] = before + (g if name == "m" else g * g)
        return self._terms[name]


def inputs_under(known: dict[tuple[str, str], Inputs], table: Table, dialect: Dialect) -> Inputs:
    """Return the right inputs under a dialect's convention; they are kept."""
    if dialect.numbers not in known:
        numbers = HeldNumbers(table, dialect.hyper, formats.get(dialect.held))
        known[dialect.numbers] = inputs_of(table, numbers)
    return known[dialect.numbers]


_BEGINNING = 2
"""How many steps the very first look has."""


def small_tables(table: Table, differs: Sequence[int]) -> list[Table]:
    """Return tables of single trials: a generic one, then the smallest that differ.

    The first is only the beginning of a generic one: most hypotheses end there.
    """
    sizes = np.bincount(table.columns["trial"], minlength=len(table.trials))
    generic = [i for i, x in enumerate(table.trials) if x.name.startswith("generic-") and sizes[i]]
    short = sorted((i for i in differs if sizes[i]), key=lambda i: int(sizes[i]))
    wrong = [i for i in generic if i in differs]
    chosen = list(dict.fromkeys([*generic[:1], *wrong[:1], *short[:4]]))
    tables = [table.only(table.columns["trial"] == i) for i in chosen]
    return [*(_beginning(x) for x in tables[:1]), *tables]


def _beginning(table: Table) -> Table:
    return table.rows(np.flatnonzero(table.columns["step"] <= _BEGINNING))
