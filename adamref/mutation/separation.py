"""Which probes separate a fault from a right implementation, and from other faults.

The steps of a probe are taken from the states that a right implementation has there: once as the
rule has them and once with a fault, both in the arithmetic of `adamref.oracle.judge.bounding`.
That gives each value with a bound on what any order of operations, and any way to form
``1 - beta**t`` in the format, may add to it. Two hypotheses are *apart* where these intervals do
not meet: no rounding can hide the difference, whatever the machine. A probe *separates* a fault if
some visible value is apart from the right one. Where nothing is known of a value (something may
overflow on the way) it tells nothing.

That is less than a check sees: it also sees where a wrong step leads, and it holds a value against
the bound of one order, not of all. So a fault that is separated here is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.bounds import Arithmetic
from adamref.mutation.right import Right
from adamref.numbers import formats
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.judge.bounding import FREEDOM, Bounding
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.machine import Machine
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import Simulator, inputs_of
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.table import table_of
from adamref.oracle.observe.trials import trials

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.hypothesis import Hypothesis

_STRIDE = 16
"""One in so many values is looked at first: these tell most pairs apart."""


@final
@dataclass(frozen=True)
class ProbesMade:
    """What a hypothesis makes of the probes: every visible value with its bound, field by field."""

    value: Array
    bound: Array

    def apart(self, other: ProbesMade) -> NDArray[np.bool_]:
        """Say where no rounding brings the two together.

        >>> import numpy as np
        >>> x = ProbesMade(np.array([1.0, 1.0, np.nan]), np.array([0.25, np.inf, 0.0]))
        >>> x.apart(ProbesMade(np.array([2.0, 2.0, 1.0]), np.array([0.5, 0.0, 0.0])))
        array([ True, False,  True])
        """
        return _apart(self.value, self.bound, other.value, other.bound)


def _apart(x: Array, off: Array, y: Array, its: Array) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        near = (np.abs(x - y) <= off + its) | (x == y) | (np.isnan(x) & np.isnan(y))
    return np.asarray(~(near | np.isinf(off) | np.isinf(its)))


@final
class ProbeSetting:
    """An optimizer in a dtype: its probes, and what each hypothesis makes of them.

    Parameters
    ----------
    optimizer, dtype : str
    pins : mapping of str to str
        Axes of the dialect that is right.
    asked : collection of str, optional
        The ids of the faults that are asked about; all if not given.

    Attributes
    ----------
    placed : frozenset of str
        Once `faults` has been asked for: those that change any number of the probes at all.
    """

    def __init__(
        self,
        optimizer: str,
        dtype: str,
        pins: Mapping[str, str],
        asked: Collection[str] | None = None,
    ) -> None:
        self._asked = asked
        self.name = " ".join([f"{optimizer} in {dtype}", *(f"({x})" for x in pins.values())])
        fmt = formats.get(dtype)
        self.dtype, self._fmt = dtype, fmt
        possible = dialects(optimizer, {}, [("literal", dtype)])
        self.usual = dialects(optimizer, pins, [("literal", dtype)])[0]
        # eps-root is the paper's form where eps_root is 0; where it is not, it cannot be set here.
        self.dialects = [x for x in possible if x != self.usual and x.on("form") != "eps-root"]
        session = Right(self.usual.rule)
        # What is judged apart looks for what no fault of the catalogue does.
        some = [x for x in trials(dtype, optimizer) if not x.apart]
        records = [run_one(session, x, dtype, optimizer) for x in some]
        whole = table_of(records, dtype, optimizer)
        self._table = whole.rows(np.flatnonzero(whole.columns["judged"]))
        self._simulator = Simulator(self._table, Bounding(Machine(fmt, fmt, {}), surely=True))
        self._inputs = inputs_of(self._table, HeldNumbers(self._table, "literal", fmt))
        self._fields = [n for n in ("m", "v", "v_max") if n in self._table.visible] + ["theta"]

    @cached_property
    def faults(self) -> dict[str, ProbesMade]:
        """What each fault makes of it, by id; those that no probe separates are left out."""
        ones = singles(self.usual, self.dtype, limits=True)
        found = {
            one.ids[0]: self.made(one)
            for one in ones
            if self._asked is None or one.ids[0] in self._asked
        }
        right = self.made(correct(self.usual))
        self.placed = frozenset(
            n for n, x in found.items() if not np.array_equal(x.value, right.value, equal_nan=True)
        )
        self._separating = {name: self._trials(x.apart(right)) for name, x in found.items()}
        return {name: x for name, x in found.items() if self._separating[name]}

    def separating(self, id_: str, kind: str) -> list[str]:
        """Return the names of the core or edge probes that separate a fault from what is right."""
        return [
            self._table.trials[i].name
            for i in self._separating[id_]
            if self._table.trials[i].kind == kind
        ]

    def needs(self, id_: str) -> frozenset[str]:
        """Return what every probe asks for that separates a fault, of a session's abilities."""
        all_ = [set(self._table.trials[i].needs) for i in self._separating[id_]]
        return frozenset(set.intersection(*all_)) if all_ else frozenset()

    def alike(self, id_: str) -> list[str]:
        """Return what no probe tells from a fault: other faults, and dialects by their axes."""
        mine = self.faults[id_]
        names, every, value, bound = self._stacked
        few = slice(None, None, _STRIDE)
        told = _apart(value, bound, mine.value[few], mine.bound[few]).any(axis=1)
        near = [i for i in np.flatnonzero(~told) if names[i] != id_]
        return [names[i] for i in near if not every[i].apart(mine).any()]

    def dialects_alike(self, id_: str) -> list[str]:
        """Return the dialects, by their axes, that no probe tells from a fault."""
        mine = self.faults[id_]
        return [name for name, x in self._others.items() if not x.apart(mine).any()]

    @cached_property
    def _others(self) -> dict[str, ProbesMade]:
        return {_axes(x, self.usual): self.made(correct(x)) for x in self.dialects}

    @cached_property
    def _stacked(self) -> tuple[list[str], list[ProbesMade], Array, Array]:
        known = {**self.faults, **self._others}
        every = list(known.values())
        value = np.stack([x.value[::_STRIDE] for x in every])
        return list(known), every, value, np.stack([x.bound[::_STRIDE] for x in every])

    def made(self, hypothesis: Hypothesis) -> ProbesMade:
        """Return what a hypothesis makes of the probes."""
        with np.errstate(all="ignore"):
            model = hypothesis.model(self._inputs, self._table)
            found = self._simulator.run(model, tuple(self._fields))
            stored = [Arithmetic(self._fmt).stored(found[name]) for name in self._fields]
            bounds = [x.slack + FREEDOM * x.error for x in stored]
        return ProbesMade(np.concatenate([x.value for x in stored]), np.concatenate(bounds))

    def _trials(self, apart: NDArray[np.bool_]) -> list[int]:
        rows = apart.reshape(len(self._fields), -1).any(axis=0)
        return [int(i) for i in np.unique(self._table.columns["trial"][rows])]


def _axes(dialect: Dialect, usual: Dialect) -> str:
    its = dict(usual.axes)
    return ", ".join(f"{x}={y}" for x, y in dialect.axes if y != its[x])
