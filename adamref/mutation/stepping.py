"""One step of a rule with a fault or none, on the tensors of an implementation that runs.

A fault of the driver asks for what was before: how often a tensor was updated, its last gradient,
whether a state was loaded. That is remembered of each implementation, and stands in the rows that a
fault is given: a row for each element now, and for each tensor one row for each step before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from adamref import rules
from adamref.conventions import held
from adamref.faults.inputs import Inputs
from adamref.mutation.remembered import StepMemory, TakenStep, TensorBefore
from adamref.numbers import formats
from adamref.numbers.arrays import Array, Indices, nearest
from adamref.oracle.judge.simulation import powers_of
from adamref.oracle.judge.working import Plain, evaluated
from adamref.rules.instructions import BASE, COMPLEMENT
from adamref.rules.program import program_of
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.observe.sessions.session import Held


@final
@dataclass(frozen=True)
class Stepped:
    """A tensor after a step: theta and all states of the rule, in float64, and t."""

    theta: Array
    states: Mapping[str, Array]
    t: int


class _Shape(NamedTuple):
    thetas: tuple[Array, ...]


@final
@dataclass(frozen=True)
class StepRows:
    """The rows of a step, as faults of the driver are given them."""

    trials: tuple[_Shape, ...]
    columns: Mapping[str, NDArray[Any]]
    got: Mapping[str, Array]
    lanes: tuple[Indices, ...]

    def __len__(self) -> int:
        return len(self.columns["g"])


@lru_cache(maxsize=512)
def _numbers(hyper: tuple[tuple[str, float], ...], convention: str, dtype: str) -> dict[str, float]:
    """Return what an implementation holds for its hyperparameters, by all names a line asks for."""
    exact = {n: Fraction(x) for n, x in hyper if np.isfinite(x)}
    found = {n: float(x) for n, x in held(exact, convention, formats.get(dtype)).items()}
    for name in [n for n in found if n.startswith("beta") and "." not in n]:
        found.setdefault(name + COMPLEMENT, 1 - found[name])
        found.setdefault(name + BASE, found[name])
        found[name + ".one-minus-base"] = 1 - found[name + BASE]
    return found


def stepped(
    memory: StepMemory,
    tensors: Sequence[TensorBefore],
    hypothesis: Hypothesis,
    seen: Sequence[Held],
    right: Hypothesis | None = None,
    *,
    own_rounding: bool = False,
) -> tuple[list[Stepped | None], bool]:
    """Take a step with a dialect, and its faults, and remember it.

    Parameters
    ----------
    memory : StepMemory
    tensors : sequence of TensorBefore
        All that the implementation has, those without a gradient too.
    hypothesis : Hypothesis
    seen : sequence of Held
        What the implementation itself made of each.
    right : Hypothesis, optional
        The same dialect without a fault, to be held against.
    own_rounding : bool
        Whether what the fault changes is added to what the implementation itself made, so that
        what it does not change stays as it is, to the bit.

    Returns
    -------
    list of Stepped or None, bool
        None for a tensor that stays as it is; and whether anything is another number of the dtype
        than it would be without the faults.
    """
    memory.begun(tensors)
    dialect = hypothesis.dialect
    names = ["theta", *(n for n in dialect.rule.states if n != "theta")]
    # An edit of the lines asks for nothing of the steps before.
    rows = _Rows(memory, drives=any(x.drive is not None for x in hypothesis.faults))
    known = [memory.was_loaded(i, one) for i, one in enumerate(tensors)]
    memory.calls = 0 if any(known) else memory.calls
    calls = memory.calls
    for i, (one, loaded) in enumerate(zip(tensors, known, strict=True)):
        if one.t is not None and (loaded or not memory.moments[i]):
            memory.counts[i] = memory.bases[i] = one.t
        rows.add(i, one, loaded, dialect, calls)
        calls += one.g is not None
    table, inputs = rows.laid_out(tensors, [x.theta for x in seen])
    usual = inputs
    with np.errstate(all="ignore"):
        for fault in hypothesis.faults:
            if fault.drive is not None:
                inputs = fault.drive(inputs, table) or inputs
        groups = table.columns["group"]
        made = worked(hypothesis.lines, inputs.columns, groups, inputs, hypothesis)
        other = made if right is None else worked(right.lines, usual.columns, groups, usual)
    differs = False
    found: list[Stepped | None] = []
    for i, one in enumerate(tensors):
        at = rows.now[i]
        taken = np.asarray(inputs.columns["taken"])[at].astype(bool)
        memory.passed(i, one, rows.moments[i], np.asarray(inputs.columns["t"])[at], taken)
        if not taken.any() and one.g is None:
            found.append(None)
            continue
        before = {n: one.theta.ravel() if n == "theta" else rows.before(n)[at] for n in names}
        mine = {n: np.where(taken, made[n][at], before[n]) for n in names}
        # What has no gradient stays as it is where it is right.
        rest = before if one.g is None else {n: other[n][at] for n in names}
        if right is not None:
            fmt = formats.get(one.dtype)
            pairs = [(nearest(x, fmt), nearest(rest[n], fmt)) for n, x in mine.items()]
            differs |= not all(np.array_equal(x, y, equal_nan=True) for x, y in pairs)
        if own_rounding and right is not None:
            own = {"theta": seen[i].theta, **seen[i].states}
            mine |= {n: _added(x.ravel(), mine[n], rest[n]) for n, x in own.items() if n in mine}
        shaped = {n: x.reshape(one.theta.shape) for n, x in mine.items()}
        theta = shaped.pop("theta")
        memory.hidden[i] = {n: x for n, x in shaped.items() if n not in one.states}
        found.append(Stepped(theta, shaped, memory.counts[i]))
    return found, differs


def _added(own: Array, made: Array, right: Array) -> Array:
    """Return what an implementation made, with what a fault changes of the right numbers."""
    with np.errstate(all="ignore"):
        same = (made == right) | (np.isnan(made) & np.isnan(right))
        moved = own + (made - right)
    return np.where(same, own, np.where(np.isfinite(moved), moved, made))


class _Rows:
    """Rows that are being laid out."""

    def __init__(self, memory: StepMemory, *, drives: bool) -> None:
        self._memory, self._drives = memory, drives
        self._parts: list[dict[str, Any]] = []
        self._count = 0
        self.now: list[Indices] = []
        self.moments: list[TakenStep] = []
        self._lanes: list[Indices] = []
        self._columns: dict[str, Array] = {}

    def before(self, name: str) -> Array:
        return self._columns[name + PREVIOUS]

    def add(self, i: int, one: TensorBefore, loaded: bool, dialect: Dialect, calls: int) -> None:
        memory, rule = self._memory, dialect.rule
        past, size = memory.moments[i] if self._drives else [], one.theta.size
        hyper = {"alpha" if n == "lr" else n: x for n, x in one.hyper.items()}
        known = tuple(sorted((n, x) for n, x in hyper.items() if n in rule.defaults))
        numbers = _numbers(known, dialect.hyper, dialect.held)
        moment = TakenStep(
            one.g is not None,
            one.g is None or bool(np.isfinite(one.g).all()),
            hyper["alpha"],
            loaded,
            memory.counts[i] + (one.g is not None),
        )
        self.moments.append(moment)
        all_ = [*past, moment]
        whole = len(past) + size
        at = np.concatenate([np.arange(len(past)), np.full(size, len(past))])

        def by_step(name: str) -> NDArray[Any]:
            found: NDArray[Any] = np.array([getattr(x, name) for x in all_])[at]
            return found

        def elements(now: Any, before: float = 0.0) -> Array:
            every = np.broadcast_to(np.ravel(now), (size,))
            made: Array = np.concatenate([np.full(len(past), before), every])
            return made

        g = np.zeros_like(one.theta) if one.g is None else one.g
        odd = np.array([0.0 if x.is_finite else np.nan for x in past])
        with np.errstate(all="ignore"):
            total = g if loaded else memory.total[i] + g
        part = {
            "trial": np.zeros(whole, dtype=int),
            "tensor": np.full(whole, i),
            "element": elements(np.arange(size)).astype(int),
            "step": at + 1,
            "group": self._count + at,
            "t": by_step("t"),
            "calls": np.full(whole, calls + 1 + memory.bases[i]),
            "taken": by_step("taken"),
            "reloaded": by_step("reloaded"),
            "alpha": by_step("alpha") if past else np.full(whole, hyper["alpha"]),
            "alpha_first": np.full(whole, memory.firsts[i]),
            "g": np.concatenate([odd, np.ravel(g)]),
            "g_last": elements(0.0 if loaded else memory.last[i]),
            "g_total_so_far": elements(total),
            "size": np.full(whole, float(size)),
            "theta_prev": elements(one.theta),
            "theta_first": elements(one.theta),
        }
        part |= {n: np.full(whole, x) for n, x in numbers.items() if n != "alpha"}
        begun = {**_optional(dialect.optimizer), **hyper, "theta": one.theta}
        for name in (n for n in rule.states if n != "theta"):
            value = one.states.get(name, memory.hidden[i].get(name))
            if value is None:
                value = rule.line(name).begun(begun)
            part[name + PREVIOUS] = elements(value)
        self._parts.append(part)
        rows = np.arange(self._count, self._count + whole)
        self.now.append(rows[len(past) :])
        lanes = np.empty((len(past) + 1, size), dtype=np.intp)
        lanes[:-1] = rows[: len(past), None]
        lanes[-1] = rows[len(past) :]
        self._lanes.append(lanes)
        self._count += whole

    def laid_out(
        self, tensors: Sequence[TensorBefore], seen: Sequence[Array]
    ) -> tuple[StepRows, Inputs]:
        """Return the rows, and what goes into the lines."""
        columns = {n: np.concatenate([x[n] for x in self._parts]) for n in self._parts[0]}
        got = np.zeros(self._count)
        for at, x in zip(self.now, seen, strict=True):
            got[at] = np.ravel(x)
        fed = {n: x for n, x in columns.items() if "_first" not in n and n != "group"}
        fed["t"] = columns["t"].astype(np.float64)
        if {"alpha", "weight_decay"} <= fed.keys():
            taken = fed["alpha"] * fed["weight_decay"]
            fed |= {"taken_by_decay": taken, "kept_by_decay": 1 - taken}
        self._columns = fed
        shapes = _Shape(tuple(x.theta for x in tensors))
        table = StepRows((shapes,), columns, {"theta": got}, tuple(self._lanes))
        return table, Inputs(fed)


@lru_cache(maxsize=64)
def _optional(optimizer: str) -> dict[str, float]:
    one = rules.optimizer(optimizer)
    return {name: float(one.hypers[name].neutral) for name in one.optional}


def worked(
    lines: Mapping[str, Expr],
    known: Mapping[str, Any],
    groups: Indices,
    inputs: Inputs | None = None,
    hypothesis: Hypothesis | None = None,
) -> dict[str, Array]:
    """Work lines in float64 from what is known by name: numbers, t, g and the states before.

    Parameters
    ----------
    lines : mapping of str to sympy.Expr
    known : mapping of str to array
        Columns of the same length, or numbers.
    groups : array of int
        The number of the tensor of each row.
    inputs : Inputs, optional
        Whose powers are taken.
    hypothesis : Hypothesis, optional
        Of which some lines are stored in a narrower format.
    """
    columns: dict[str, Any] = dict(known)
    given = Inputs(columns) if inputs is None else replace(inputs, columns=columns)
    found: dict[str, Array] = {}
    work = Plain()
    for name, expr in lines.items():
        program = program_of(expr)
        powers = {p: powers_of(p, given, work) for p in program.powers}
        made = evaluated(program, {n: columns[n] for n in program.inputs}, powers, work, groups)
        narrow = None if hypothesis is None else hypothesis.rounded.get(name)
        found[name] = columns[name] = made if narrow is None else nearest(made, narrow)
    return found
