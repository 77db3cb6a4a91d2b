"""Which probes separate a fault from a right implementation, and from other faults.

The steps of a probe are taken from the states that a right implementation has there: once as the
rule has them and once with a fault, both in the arithmetic of `adamref.oracle.explain.bounding`.
That gives each value with a bound on what any order of operations, and any way to form ``1 -
beta**t`` in the format, may add to it. Two hypotheses are *apart* where these intervals do not
meet: no rounding can hide the difference, whatever the machine. A probe *separates* a fault if some
visible value is apart from the right one. Where nothing is known of a value (something may overflow
on the way) it tells nothing.

That is less than a check sees: it also sees where a wrong step leads, and it holds a value against
the bound of one order, not of all. So a fault that is separated here is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np
from sympy import lambdify

from adamref.bounds import Arithmetic, Bounded
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.explain.bounding import FREEDOM, Bounding
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.numbers import Numbers
from adamref.oracle.judge.orders import Machine
from adamref.oracle.judge.simulation import Simulator, inputs_of
from adamref.oracle.judge.working import Work
from adamref.oracle.observe.running import run_one
from adamref.oracle.observe.sessions.session import ABILITIES, Abilities, Held, Session
from adamref.oracle.observe.table import table
from adamref.oracle.observe.trials import trials
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from sympy import Expr

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.observe.sessions.session import Start
    from adamref.rules.rule import Rule

_STRIDE = 16
"""One in so many values is looked at first: these tell most pairs apart."""


@final
class Right(Session):
    """A rule's lines in float64, theta and the states rounded to the dtype after each step."""

    def __init__(self, rule: Rule) -> None:
        self._lines = [(line.name, *_compiled(line.expr)) for line in rule.lines]
        self._names = [name for name in rule.states if name != "theta"]

    def start(self, start: Start) -> Abilities:
        """Start over."""
        self._dtype, self._hyper = start.dtype, dict(start.hyper)
        self._held = [
            Held(x, {name: np.zeros_like(x) for name in self._names}, 0) for x in start.thetas
        ]
        able = frozenset(ABILITIES) - {"defaults"}
        return Abilities(able, frozenset(start.hyper) - {"eps_root"})

    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
        self._held = [Held(x.theta, {n: x.states[n] for n in self._names}, x.t) for x in tensors]

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
        known: dict[str, Any] = {**self._hyper, "alpha": alpha, "g": g, "t": float(t)}
        known |= {name + PREVIOUS: x for name, x in held.states.items()}
        known["theta" + PREVIOUS] = held.theta
        for name, symbols, work in self._lines:
            known[name] = work(*(known[x] for x in symbols))
        states = {name: self._rounded(known[name]) for name in self._names}
        return Held(self._rounded(known["theta"]), states, t)

    def _rounded(self, x: Any) -> Array:
        return np.asarray(x).astype(self._dtype).astype(np.float64)


def _compiled(expr: Expr) -> tuple[tuple[str, ...], Callable[..., Any]]:
    symbols = sorted(expr.free_symbols, key=str)
    return tuple(map(str, symbols)), lambdify(symbols, expr, "numpy")


@final
class _Certain(Work):
    """Like `Bounding`, but what is stored in a narrower format is known exactly where it can be.

    Both ends of an interval are rounded: where they meet, so does everything between. (`Bounding`
    allows for half a unit of the narrower format instead, which may hide the rounding itself.)
    """

    def __init__(self, machine: Machine) -> None:
        self._of = Bounding(machine)

    def column(self, values: Array, rounded: Array | None = None) -> Bounded:
        """Take a column."""
        return self._of.column(values, rounded)

    def hyper(self, values: Array) -> Bounded:
        """Take a column of hyperparameters."""
        return self._of.hyper(values)

    def corrected(self, values: Array, power: Array, exponent: Array) -> Bounded:
        """Take a power, or 1 minus it."""
        return self._of.corrected(values, power, exponent)

    def do(self, method: str, *operands: Any) -> Bounded:
        """Do an operation, rounded."""
        return self._of.do(method, *operands)

    def rounded(self, x: Bounded, fmt: Format) -> Bounded:
        """Round to a narrower format."""
        with np.errstate(all="ignore"):
            off = x.slack + FREEDOM * x.error
            low, high = nearest(x.value - off, fmt), nearest(x.value + off, fmt)
            known = np.isfinite(low) & np.isfinite(high)
            middle = np.where(known, low + (high - low) / 2, x.value)
            # FREEDOM has been taken here, and will be once more: it does no harm.
            return Bounded(middle, x.slack * 0, np.where(known, (high - low) / 2, off))

    def take(self, x: Bounded, rows: Any) -> Bounded:
        """Return some rows."""
        return self._of.take(x, rows)

    def where(self, which: Array, x: Bounded, y: Bounded) -> Bounded:
        """Choose row by row."""
        return self._of.where(which, x, y)

    def joined(self, parts: list[tuple[Any, Any]], count: int) -> Bounded:
        """Put rows together."""
        return self._of.joined(parts, count)


@final
@dataclass(frozen=True)
class Made:
    """What a hypothesis makes of the probes: every visible value with its bound, field by field."""

    value: Array
    bound: Array

    def apart(self, other: Made) -> NDArray[np.bool_]:
        """Say where no rounding brings the two together.

        >>> import numpy as np
        >>> x = Made(np.array([1.0, 1.0, np.nan]), np.array([0.25, np.inf, 0.0]))
        >>> x.apart(Made(np.array([2.0, 2.0, 1.0]), np.array([0.5, 0.0, 0.0])))
        array([ True, False,  True])
        """
        return _apart(self.value, self.bound, other.value, other.bound)


def _apart(x: Array, off: Array, y: Array, its: Array) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        near = (np.abs(x - y) <= off + its) | (x == y) | (np.isnan(x) & np.isnan(y))
    return np.asarray(~(near | np.isinf(off) | np.isinf(its)))


@final
class Setting:
    """An optimizer in a dtype: its probes, and what each hypothesis makes of them.

    Parameters
    ----------
    optimizer, dtype : str
    pins : mapping of str to str
        Axes of the dialect that is right.
    """

    def __init__(self, optimizer: str, dtype: str, pins: Mapping[str, str]) -> None:
        self.name = " ".join([f"{optimizer} in {dtype}", *(f"({x})" for x in pins.values())])
        fmt = formats.get(dtype)
        self.dtype, self._fmt = dtype, fmt
        possible = dialects(optimizer, {}, [("literal", dtype)])
        self.usual = dialects(optimizer, pins, [("literal", dtype)])[0]
        # eps-root is the paper's form where eps_root is 0; where it is not, it cannot be set here.
        self.dialects = [x for x in possible if x != self.usual and x.form != "eps-root"]
        session = Right(self.usual.rule)
        records = [run_one(session, x, dtype, optimizer) for x in trials(dtype, optimizer)]
        whole = table(records, dtype)
        self._table = whole.rows(np.flatnonzero(whole.columns["judged"]))
        self._simulator = Simulator(
            self._table, _Certain(Machine(fmt, fmt, dict.fromkeys(("m", "v", "v_max"), fmt)))
        )
        self._inputs = inputs_of(self._table, Numbers(self._table, "literal", fmt))
        self._fields = [n for n in ("m", "v", "v_max") if n in self._table.visible] + ["theta"]

    @cached_property
    def faults(self) -> dict[str, Made]:
        """What each fault makes of it, by id; those that no probe separates are left out."""
        ones = singles(self.usual, self.dtype, limits=True)
        found = {one.ids[0]: self.made(one) for one in ones}
        right = self.made(correct(self.usual))
        self._separating = {name: self._trials(x.apart(right)) for name, x in found.items()}
        return {name: x for name, x in found.items() if self._separating[name]}

    def separating(self, id_: str, kind: str) -> list[str]:
        """Return the names of the core or edge probes that separate a fault from what is right."""
        return [
            self._table.trials[i].name
            for i in self._separating[id_]
            if self._table.trials[i].kind == kind
        ]

    def alike(self, id_: str) -> list[str]:
        """Return what no probe tells from a fault: other faults, and dialects by their axes."""
        mine = self.faults[id_]
        names, every, value, bound = self._stacked
        few = slice(None, None, _STRIDE)
        told = _apart(value, bound, mine.value[few], mine.bound[few]).any(axis=1)
        near = [i for i in np.flatnonzero(~told) if names[i] != id_]
        return [names[i] for i in near if not every[i].apart(mine).any()]

    @cached_property
    def _stacked(self) -> tuple[list[str], list[Made], Array, Array]:
        known = dict(self.faults)
        for dialect in self.dialects:
            known[_axes(dialect, self.usual)] = self.made(correct(dialect))
        every = list(known.values())
        value = np.stack([x.value[::_STRIDE] for x in every])
        return list(known), every, value, np.stack([x.bound[::_STRIDE] for x in every])

    def made(self, hypothesis: Hypothesis) -> Made:
        """Return what a hypothesis makes of the probes."""
        with np.errstate(all="ignore"):
            model = hypothesis.model(self._inputs, self._table)
            found = self._simulator.run(model, tuple(self._fields))
            stored = [Arithmetic(self._fmt).stored(found[name]) for name in self._fields]
            bounds = [x.slack + FREEDOM * x.error for x in stored]
        return Made(np.concatenate([x.value for x in stored]), np.concatenate(bounds))

    def _trials(self, apart: NDArray[np.bool_]) -> list[int]:
        rows = apart.reshape(len(self._fields), -1).any(axis=0)
        return [int(i) for i in np.unique(self._table.columns["trial"][rows])]


def _axes(dialect: Dialect, usual: Dialect) -> str:
    axes = ("form", "bias_correction", "weight_decay", "amsgrad")
    values = {axis: getattr(dialect, axis) for axis in axes}
    return ", ".join(f"{x}={y}" for x, y in values.items() if y != getattr(usual, x))
