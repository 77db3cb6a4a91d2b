"""What an implementation with some rule, fed in some way, would show: all rows at once.

A model is a rule's lines and what goes into them. Lines and inputs are shared by most models, so
that each is worked once for a table and kept; a model that differs in one line costs that line and
what follows from it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np

from adamref.bounds import Bounded
from adamref.bounds.gradients import gradient
from adamref.faults.inputs import Inputs, raised
from adamref.numbers.arrays import Array, nearest_off, power
from adamref.oracle.judge.recurrence import Lines, as_the_line, recurrence
from adamref.oracle.judge.working import Plain, Work, evaluated
from adamref.rules.instructions import BASE, COMPLEMENT, Power
from adamref.rules.orders import SHARED, Average
from adamref.rules.program import Program, program_of
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.numbers.formats import Format
    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table

Key: TypeAlias = Any


def inputs_of(table: Table, numbers: HeldNumbers) -> Inputs:
    """Return the inputs as they should be."""
    columns = dict(numbers.columns)
    for name in ("g", "taken"):
        columns[name] = table.columns[name]
    columns["t"] = table.columns["t"].astype(np.float64)
    for name, values in table.before.items():
        columns[name + PREVIOUS] = values
    for rate in numbers.rates:
        columns[rate + ".one-minus-base"] = numbers.one_minus_base(rate)
    columns["size"] = table.sizes
    if {"alpha", "weight_decay"} <= columns.keys():
        taken = columns["alpha"] * columns["weight_decay"]
        columns |= {"taken_by_decay": taken, "kept_by_decay": 1 - taken}
    slack = {name: numbers.slack(name) for name in numbers.columns}
    keys = dict.fromkeys(numbers.columns, numbers.convention)
    rounded = table.columns.get("g_rounded")
    made = Inputs(columns, keys, roundings={} if rounded is None else {"g": rounded}, slack=slack)
    return solved_for_g(made, table)


def solved_for_g(inputs: Inputs, table: Table) -> Inputs:
    """Return inputs with the gradient that they make of m, where it was not seen."""
    unseen, columns = table.unseen, inputs.columns
    names = ("m" + PREVIOUS, "beta1", "beta1" + COMPLEMENT)
    if unseen is None or not columns.keys() >= set(names):
        return inputs

    def held(name: str) -> Bounded:
        value, slack = columns[name], inputs.slack.get(name, np.zeros(1))
        return Bounded(value, np.broadcast_to(slack, value.shape), np.zeros_like(value))

    found = gradient(
        columns["m" + PREVIOUS],
        table.got["m"],
        b=held("beta1"),
        w=held("beta1" + COMPLEMENT),
        fmt=unseen.compute,
        stored=unseen.stored,
    )
    key = tuple(inputs.keys.get(name) for name in names)
    return replace(
        inputs,
        columns={**columns, "g": found.value},
        keys={**inputs.keys, "g": (inputs.keys.get("g"), key)},
        unsure={**inputs.unsure, "g": found.slack},
    )


@final
@dataclass(frozen=True)
class Model:
    """A rule as it is carried out.

    Attributes
    ----------
    lines : mapping of str to sympy.Expr
        In order.
    rounded : mapping of str to Format
        Lines whose value is stored in a narrower format.
    inputs : Inputs
    averages : mapping of str to (Average, array)
        Lines that average their own past, whatever the order in which they stand here, and by how
        much their rate and its complement miss 1: bounded as a recurrence where they are hidden.
    shown : frozenset of str
        Visible fields that the lines after them take as they were observed.
    """

    lines: Mapping[str, Expr]
    inputs: Inputs
    rounded: Mapping[str, Format] = field(default_factory=dict)
    averages: Mapping[str, tuple[Average, Array]] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()


_KEPT, _BYTES, _LEAST_KEPT = 2**26, 24, 64
"""Bytes of lines that a simulator keeps, of a number with its slack and error, and lines at least:
many dialects on many rows would take gigabytes."""


@final
class Simulator:
    """Runs models on a table, and keeps what they share."""

    def __init__(self, table: Table, work: Work | None = None) -> None:
        self.table = table
        self.work = work or Plain()
        self._known: dict[Key, Any] = {}
        self._most = max(_LEAST_KEPT, _KEPT // (_BYTES * max(len(table), 1)))
        self._powers: dict[Key, Any] = {}

    def run(self, model: Model, wanted: tuple[str, ...]) -> dict[str, Any]:
        """Return the values of some lines: those that the model has."""
        return {name: x for name, x in self.steps(model) if name in wanted}

    def steps(self, model: Model) -> Iterator[tuple[str, Any]]:
        """Yield the lines of a model with their values, one by one."""
        keys: dict[str, Key] = {}
        values: dict[str, Any] = {}
        for name, expr in model.lines.items():
            key = keys[name] = self._key(name, expr, model, keys)
            found = self._known.pop(key, None)
            if found is None:
                with np.errstate(all="ignore"):
                    found = self._line(name, expr, model, values)
            # What was asked for last stands last, and what was not for long is forgotten.
            self._known[key] = values[name] = found
            if len(self._known) > self._most:
                del self._known[next(iter(self._known))]
            yield name, found
            if name in model.shown:
                keys[name] = name, "shown"
                got, narrow = self.table.got[name], model.rounded.get(name)
                off = None if narrow is None else nearest_off(got, narrow)
                work = self.work
                values[name] = work.column(got) if off is None else work.unsure(got, off)

    def keys(self, model: Model) -> dict[str, Key]:
        """Return what tells each line from the same line of another model, without working any."""
        known: dict[str, Key] = {}
        found: dict[str, Key] = {}
        for name, expr in model.lines.items():
            known[name] = found[name] = self._key(name, expr, model, known)
            if name in model.shown:
                known[name] = name, "shown"
        return found

    def _key(self, name: str, expr: Expr, model: Model, keys: Mapping[str, Key]) -> Key:
        changed = model.inputs.keys
        bases, symbols = _needs(expr)
        used: list[Key] = [changed.get("correct"), changed.get("t")] if bases else []
        used += [(base, changed.get(base)) for base in bases]
        for symbol, bare, is_previous in symbols:
            if is_previous:
                known = keys.get(bare) if bare != name else "self"
                used.append((symbol, changed.get(symbol), known))
            else:
                used.append((symbol, keys.get(symbol), changed.get(symbol)))
        taken = changed.get("taken") if name in self.table.before else None
        # An expression that is alive has an id of its own; the catalogue keeps them all.
        return name, id(expr), taken, model.rounded.get(name), tuple(used)

    def _line(self, name: str, expr: Expr, model: Model, values: Mapping[str, Any]) -> Any:
        program, columns, work = program_of(expr), model.inputs.columns, self.work
        average = model.averages.get(name)
        target = program if average is None else program_of(average[0].line)
        programs = [program] if target is program else [program, target]
        operands = {
            symbol: self._operand(symbol, name, model, values)
            for one in programs
            for symbol in one.inputs
        }
        powers = {p: self._power(p, model.inputs) for one in programs for p in one.powers}
        lines, narrow = Lines(self.table, work, powers), model.rounded.get(name)
        taken, previous = columns["taken"], name + PREVIOUS
        # A state that is a copy of this line, made after it, had this line's value a step before.
        own = {previous, *_copies(name, model, self.table.before)} & operands.keys()
        if own and self._is_hidden(name):
            start = work.column(columns[previous])
            if average is not None:
                return recurrence(lines, program, average, operands, taken, narrow)
            return self._along(program, (own, start), (operands, powers), taken, narrow)
        found = lines.evaluated(program, operands)
        if average is not None and target is not program:
            found = as_the_line(found, lines.evaluated(target, operands), average[1])
        found = _rounded(found, narrow, work)
        if name not in self.table.before:
            return found
        before = work.column(columns[previous])
        if self._is_hidden(name):
            before = self._carried(found, before, taken)
        return work.where(taken, found, before)

    def _power(self, power: Power, inputs: Inputs) -> Any:
        """Return a power, which many lines and models have in common."""
        base = power.base if isinstance(power.base, str) else ""
        rate = base.removesuffix(BASE)
        names = (base, rate, rate + ".one-minus-base", "correct", *power.symbols)
        key = power, tuple(inputs.keys.get(name) for name in names)
        found = self._powers.get(key)
        if found is None:
            found = self._powers[key] = powers_of(power, inputs, self.work)
        return found

    def _operand(self, symbol: str, line: str, model: Model, values: Mapping[str, Any]) -> Any:
        inputs, work = model.inputs, self.work
        columns, bare = inputs.columns, symbol.removesuffix(PREVIOUS)
        if symbol in values:
            return values[symbol]
        if symbol == "theta" + PREVIOUS and bare != line:
            return work.near(columns[symbol], self.table.unshown[0])
        if symbol.endswith(PREVIOUS) and bare != line and self._is_hidden(bare):
            known = self._foreseen(bare, model, values)
            return self._shifted(bare, columns[symbol], known)
        if symbol in inputs.unsure:
            return work.unsure(columns[symbol], inputs.unsure[symbol])
        if symbol in inputs.slack:
            return work.hyper(columns[symbol], inputs.slack[symbol])
        if symbol in SHARED:
            return work.shared(columns[symbol])
        return work.column(columns[symbol], inputs.roundings.get(symbol))

    def _foreseen(self, name: str, model: Model, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add a hidden state to what is known, where it keeps what is fed in.

        A line before its own asks for what it was.
        """
        expr = model.lines.get(name)
        if name in values or expr is None or {x.name for x in expr.free_symbols} != {"g"}:
            return values
        return {**values, name: self._line(name, expr, model, {})}

    def _is_hidden(self, name: str) -> bool:
        if name == "theta":
            return self.table.carried is not None
        return name not in self.table.visible

    def _shifted(self, name: str, before: Array, values: Mapping[str, Any]) -> Any:
        """Return what a hidden state was before each row."""
        work = self.work
        start = work.column(before)
        if name not in values:
            return start
        parts = []
        for rows in self.table.lanes:
            parts.append((rows[0], work.take(start, rows[0])))
            if len(rows) > 1:
                parts.append((rows[1:], work.take(values[name], rows[:-1])))
        return work.joined(parts, len(before))

    def _carried(self, found: Any, before: Any, taken: Array) -> Any:
        """Carry a hidden state, which does not depend on its past, over steps without gradient."""
        work, parts = self.work, []
        for rows in self.table.lanes:
            held = work.take(before, rows[0])
            for at in rows:
                held = work.where(taken[at], work.take(found, at), held)
                parts.append((at, held))
        return work.joined(parts, len(taken))

    def _along(
        self,
        program: Program,
        own: tuple[set[str], Any],
        known: tuple[dict[str, Any], dict[Power, Any]],
        taken: Array,
        narrow: Format | None,
    ) -> Any:
        """Work a line that needs its own last value, under some names, step by step."""
        work, parts = self.work, []
        (names, start), (operands, powers) = own, known
        for rows in self.table.lanes:
            here = {n: work.take(x, rows) for n, x in operands.items()}
            raised_ = {p: work.take(x, rows) for p, x in powers.items()}
            active, before = taken[rows], work.take(start, rows[0])
            for i, at in enumerate(rows):
                now = {n: work.take(x, i) for n, x in here.items()}
                now |= dict.fromkeys(names, before)
                powers_now = {p: work.take(x, i) for p, x in raised_.items()}
                made = evaluated(program, now, powers_now, work, self.table.groups[at])
                before = work.where(active[i], _rounded(made, narrow, work), before)
                parts.append((at, before))
        return work.joined(parts, len(taken))


def _copies(name: str, model: Model, kept: Container[str]) -> set[str]:
    """Return, as previous values, the later states that are copies of a line."""
    return {
        other + PREVIOUS
        for other, expr in model.lines.items()
        if other != name and other in kept and _copied(expr) == name
    }


@lru_cache(maxsize=4096)
def _copied(expr: Expr) -> str:
    """Return the name of what an expression merely repeats; empty if it does more."""
    if len(expr.free_symbols) != 1:
        return ""
    (symbol,) = expr.free_symbols
    return str(symbol) if expr.doit() == symbol else ""


@lru_cache(maxsize=4096)
def _needs(expr: Expr) -> tuple[tuple[str, ...], tuple[tuple[str, str, bool], ...]]:
    """Return the bases of a line's powers, and its symbols: whole, bare, and if previous."""
    program = program_of(expr)
    bases = tuple(str(x.base).removesuffix(BASE) for x in program.powers)
    return bases, tuple((x, x.removesuffix(PREVIOUS), x.endswith(PREVIOUS)) for x in program.inputs)


def powers_of(power_: Power, inputs: Inputs, work: Work) -> Any:
    """Work a power of a line, or 1 minus it, on all rows."""
    columns = inputs.columns
    program = program_of(power_.exponent)
    exponent = evaluated(
        program, {n: columns[n] for n in program.inputs}, {}, Plain(), np.zeros(0, dtype=np.intp)
    )
    if isinstance(power_.base, str):
        rate = power_.base.removesuffix(BASE)
        base, complement = columns[power_.base], columns[rate + ".one-minus-base"]
    else:
        rate = str(power_.base)
        base = np.full(np.shape(exponent), float(power_.base))
        complement = np.full(np.shape(exponent), float(1 - power_.base))
    correct = inputs.correct or raised
    values = correct(rate, base, complement, exponent, power_.from_one)
    raised_to = power(base, complement, exponent)
    return work.corrected(values, raised_to, exponent, base, from_one=power_.from_one)


def _rounded(x: Any, fmt: Format | None, work: Work) -> Any:
    return x if fmt is None else work.rounded(x, fmt)
