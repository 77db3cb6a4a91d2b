"""What the probes can tell: for each fault of the catalogue, those that separate it from right.

``python -m adamref.oracle.coverage`` writes ``docs/faults.md``; a test writes it again.

A probe's steps are taken from the states that a right implementation has there, once as the rule has
them and once with a fault, both in the arithmetic of `adamref.oracle.bounding`: a value and a bound
on what any order of operations, and any way to form ``1 - beta**t`` in the format, may add to it. A
probe *separates* a fault if the two intervals of some visible value do not meet: then no rounding can
hide it, whatever the machine. Two faults are *told apart* if their intervals do not meet on some
probe. Where nothing is known of a value (an overflow may happen on the way) it tells nothing.

That is less than a check sees: it also sees where a wrong step leads, and what a good implementation
does is nearer to the exact value than the bounds allow. A fault that is separated here is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

import numpy as np
from sympy import lambdify

from adamref.numbers import formats
from adamref.oracle.bounding import FREEDOM, Bounding
from adamref.oracle.dialects import Dialect, dialects
from adamref.oracle.hypotheses import correct, singles
from adamref.oracle.numbers import Numbers
from adamref.oracle.orders import Machine
from adamref.oracle.running import run_one
from adamref.oracle.session import ABILITIES, Abilities, Held, Session
from adamref.oracle.simulation import Simulator, inputs_of
from adamref.oracle.table import table
from adamref.oracle.trials import trials
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from adamref.oracle.hypotheses import Hypothesis
    from adamref.oracle.session import Array, Start

SETTINGS = (
    ("adam", "float32"),
    ("adam", "float64"),
    ("adamw", "float32"),
    ("adamw", "float64"),
    ("adam-l2", "float32"),
    ("amsgrad", "float32"),
)
"""A fault is shown in the first of these in which a probe separates it."""

_STRIDE = 7
"""Every so manieth value is looked at first: it tells most pairs apart."""


@final
class _Right(Session):
    """The rule's lines in float64, each state rounded to the dtype after a step."""

    def start(self, start: Start) -> Abilities:
        """Start over."""
        self._dtype, self._hyper = start.dtype, dict(start.hyper)
        self._rule = dialects(start.optimizer, {}, [("literal", start.dtype)])[0].rule
        self._lines = [(x.name, *_compiled(x.expr)) for x in self._rule.lines]
        names = [name for name in self._rule.states if name != "theta"]
        self._held = [Held(x, {name: np.zeros_like(x) for name in names}, 0) for x in start.thetas]
        return Abilities(frozenset(ABILITIES) - {"defaults"}, frozenset(start.hyper))

    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
        self._held = [
            Held(new.theta, {name: new.states[name] for name in old.states}, new.t)
            for new, old in zip(tensors, self._held, strict=True)
        ]

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""
        alpha = self._hyper["lr"] if lr is None else lr
        with np.errstate(all="ignore"):
            self._held = [
                held if g is None else self._stepped(held, g, alpha)
                for held, g in zip(self._held, grads, strict=True)
            ]
        return self._held

    def close(self) -> None:
        """Do nothing."""

    def _stepped(self, held: Held, g: Array, alpha: float) -> Held:
        t = (held.t or 0) + 1
        known = {**self._hyper, "alpha": alpha, "g": g, "t": float(t)}
        known |= {f"{name}{PREVIOUS}": x for name, x in held.states.items()}
        known[f"theta{PREVIOUS}"] = held.theta
        for name, symbols, work in self._lines:
            known[name] = work(*(known[x] for x in symbols))
        states = {name: self._rounded(known[name]) for name in held.states}
        return Held(self._rounded(known["theta"]), states, t)

    def _rounded(self, x: Array) -> Array:
        return np.asarray(x).astype(self._dtype).astype(np.float64)


def _compiled(expr: object) -> tuple[tuple[str, ...], Callable[..., Array]]:
    symbols = sorted(expr.free_symbols, key=str)  # type: ignore[attr-defined]
    return tuple(map(str, symbols)), lambdify(symbols, expr, "numpy")


@final
@dataclass(frozen=True)
class Made:
    """What a hypothesis makes of a table: every visible value with its bound, field after field."""

    value: Array
    bound: Array

    def apart(self, other: Made, at: slice = slice(None)) -> NDArray[np.bool_]:
        """Say where no rounding brings the two together."""
        x, y = self.value[at], other.value[at]
        with np.errstate(all="ignore"):
            bound = self.bound[at] + other.bound[at]
            near = (np.abs(x - y) <= bound) | (x == y) | (np.isnan(x) & np.isnan(y))
        return ~(near | np.isinf(bound))


@final
class Setting:
    """An optimizer in a dtype: its probes, and what each hypothesis makes of them."""

    def __init__(self, optimizer: str, dtype: str) -> None:
        self.optimizer, self.dtype = optimizer, dtype
        fmt = formats.get(dtype)
        records = [run_one(_Right(), x, dtype, optimizer) for x in trials(dtype, optimizer)]
        whole = table(records, dtype)
        self._table = whole.rows(np.flatnonzero(whole.columns["judged"]))
        machine = Machine(fmt, fmt, dict.fromkeys(("m", "v", "v_max"), fmt))
        self._machine = machine
        self._simulator = Simulator(self._table, Bounding(machine))
        self._inputs = inputs_of(self._table, Numbers(self._table, "literal", fmt))
        self._fields = [n for n in ("m", "v", "v_max") if n in self._table.visible] + ["theta"]

    @property
    def name(self) -> str:
        """As a reader calls it."""
        return f"{self.optimizer} in {self.dtype}"

    @cached_property
    def dialects(self) -> list[Dialect]:
        """The dialects, the usual one first; eps-root is one only where eps_root is set."""
        found = dialects(self.optimizer, {}, [("literal", self.dtype)])
        return [x for x in found if x.form != "eps-root"]

    @cached_property
    def right(self) -> Made:
        """What the usual dialect makes."""
        return self.made(correct(self.dialects[0]))

    @cached_property
    def faults(self) -> dict[str, Made]:
        """What each fault makes of it, by id; those that no probe separates are left out."""
        ones = singles(self.dialects[0], self.dtype, limits=True)
        found = {one.ids[0]: self.made(one) for one in ones}
        return {id_: x for id_, x in found.items() if x.apart(self.right).any()}

    @cached_property
    def others(self) -> dict[str, Made]:
        """What the other dialects make of it."""
        mine = self.dialects[0]
        return {_told(x, mine): self.made(correct(x)) for x in self.dialects[1:]}

    def made(self, hypothesis: Hypothesis) -> Made:
        """Return what a hypothesis makes of the table."""
        values: list[Array] = []
        bounds: list[Array] = []
        found = self._simulator.run(
            hypothesis.model(self._inputs, self._table), tuple(self._fields)
        )
        work = self._simulator.work
        for name in self._fields:
            stored = work.rounded(found[name], self._machine.of(name))
            values.append(found[name].value)
            bounds.append(FREEDOM * stored.error + stored.slack)
        return Made(np.concatenate(values), np.concatenate(bounds))

    def separating(self, id_: str) -> tuple[list[str], list[str]]:
        """Return the names of the core and of the edge probes that separate a fault from right."""
        apart = self.faults[id_].apart(self.right).reshape(len(self._fields), -1).any(axis=0)
        numbers = np.unique(self._table.columns["trial"][apart])
        chosen = [self._table.trials[i] for i in numbers]
        return [x.name for x in chosen if x.kind == "core"], [
            x.name for x in chosen if x.kind == "edge"
        ]

    def alike(self, id_: str) -> list[str]:
        """Return what no probe tells from a fault: other faults, and other dialects."""
        mine = self.faults[id_]
        return [
            name
            for name, its in (*self.faults.items(), *self.others.items())
            if name != id_
            and not mine.apart(its, slice(None, None, _STRIDE)).any()
            and not mine.apart(its).any()
        ]


def _told(dialect: Dialect, usual: Dialect) -> str:
    axes = ("form", "bias_correction", "weight_decay", "amsgrad")
    values = [(x, getattr(dialect, x)) for x in axes if getattr(dialect, x) != getattr(usual, x)]
    return "dialect " + ", ".join(f"{axis}={value}" for axis, value in values)


@final
@dataclass(frozen=True)
class Coverage:
    """What the probes can tell of a fault.

    Attributes
    ----------
    setting : str
        The optimizer and the dtype in which it is shown.
    core, edge : tuple of str
        The probes that separate it from a right implementation.
    alike : tuple of str
        Faults and dialects that no probe tells from it there.
    """

    setting: str
    core: tuple[str, ...]
    edge: tuple[str, ...]
    alike: tuple[str, ...]


def coverage() -> dict[str, Coverage]:
    """Return what can be told, by the fault's id; faults that nothing separates are left out."""
    return dict(_found())


def _found() -> Iterator[tuple[str, Coverage]]:
    seen: set[str] = set()
    for optimizer, dtype in SETTINGS:
        setting = Setting(optimizer, dtype)
        for id_ in setting.faults:
            if id_ not in seen:
                seen.add(id_)
                core, edge = setting.separating(id_)
                alike = tuple(setting.alike(id_))
                yield id_, Coverage(setting.name, tuple(core), tuple(edge), alike)


if __name__ == "__main__":
    from adamref.oracle.coverage_page import main

    main()
