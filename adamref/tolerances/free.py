"""A rule run freely: from a start over all its steps, and nothing of it is shown in between.

A check judges each step from the implementation's own state. A test that looks at the end has to
allow for what all steps lose: here states go on with the errors that they have by then.

A line is worked in every order of operations that is known for it (`adamref.rules.orders`). All are
the same real number, so that the greatest of their errors bounds each of them, and every mixture.
An average carries the error of its state on multiplied by the decay rate, however it is worked, and
adds what an update loses from any state within that error (theorems rounding-accumulated-m and
rounding-accumulated-v).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.bounds.arithmetic import OUTWARD
from adamref.errors import UnknownName
from adamref.numbers.formats import BINARY32
from adamref.oracle.judge.bounding import CORRECTIONS, Bounding
from adamref.oracle.judge.simulation import powers_of
from adamref.oracle.judge.working import Plain, Work, evaluated
from adamref.rules.instructions import COMPLEMENT
from adamref.rules.orders import AVERAGE_ORDERS, SHARED, average, averages
from adamref.rules.orders import steps as orders_of
from adamref.rules.program import program_of
from adamref.rules.symbols import PREVIOUS, Total

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.bounds import Bounded
    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Array, Indices
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.judge.numbers import HeldNumbers
    from adamref.oracle.observe.table import Table
    from adamref.rules.instructions import Power
    from adamref.rules.orders import Average
    from adamref.rules.rule import Rule

CORRECTION = "correction"
"""What an order of the corrections is called beside those of lines."""


_FOR_SMALL_RATES = "back"


@final
@dataclass(frozen=True)
class Ways:
    """In which orders of operations a rule may be carried out.

    Attributes
    ----------
    lines : mapping of str to tuple of sympy.Expr
        Each line as it stands, and in its other orders.
    allowed : mapping of str to tuple of sympy.Expr
        Those of them that are bounded.
    corrections : tuple of str
        How 1 - beta**t may be worked: in the format of a step, but in binary32 where that is
        narrower, unless one is pinned.
    pins_correction : bool
    """

    lines: Mapping[str, tuple[Expr, ...]]
    allowed: Mapping[str, tuple[Expr, ...]]
    corrections: tuple[str, ...] = CORRECTIONS
    pins_correction: bool = False


def ways(rule: Rule, hyper: Mapping[str, float], pinned: Mapping[str, str] | None = None) -> Ways:
    """Return the orders of a rule: all, or of some fields the one that is pinned.

    ``back``, in which an average is taken from what is put in, is PyTorch's for decay rates up to
    1/2, and of no known implementation beyond, where it cancels: there it has to be pinned.

    Parameters
    ----------
    rule : Rule
    hyper : mapping of str to float
        The decay rates among others.
    pinned : mapping of str to str
        The name of an order by that of an average (``m``, ``v``), of ``theta`` (all between the
        states and it) or ``correction``: as a check finds them.

    Raises
    ------
    UnknownName
        If there is no such field or order.
    """
    pinned = pinned or {}
    own = {line.name: line.expr for line in rule.lines}
    known = {"theta": tuple(orders_of(rule)) if "theta" in own else (), CORRECTION: CORRECTIONS}
    in_order = {order: averages(rule, order) for order in AVERAGE_ORDERS}
    known |= {n: tuple(o for o, x in in_order.items() if n in x) for n in in_order["beta"]}
    for name, order in pinned.items():
        if name not in known:
            raise UnknownName(f"field of {rule.name} with an order", name, tuple(known))
        if order not in known[name]:
            raise UnknownName(f"order of {name}", order, known[name])
    found = {name: [expr] for name, expr in own.items()}
    allowed: dict[str, list[Expr]] = {name: [] for name in own}
    for order, lines in in_order.items():
        for name, expr in lines.items():
            found[name].append(expr)
            one = average(name, own[name])
            assert one is not None, f"{name} is an average"
            usual = order != _FOR_SMALL_RATES or hyper.get(str(one.rate), 1.0) <= 0.5
            if pinned.get(name) == order or (name not in pinned and usual):
                allowed[name].append(expr)
    for order, lines in orders_of(rule).items() if "theta" in own else ():
        for name in own.keys() - in_order["beta"].keys():
            expr = lines.get(name, own[name])
            found[name].append(expr)
            if pinned.get("theta", order) == order:
                allowed[name].append(expr)
    return Ways(
        {name: tuple(dict.fromkeys(x)) for name, x in found.items()},
        {name: tuple(dict.fromkeys(x)) or (own[name],) for name, x in allowed.items()},
        (pinned[CORRECTION],) if CORRECTION in pinned else CORRECTIONS,
        CORRECTION in pinned,
    )


def bounded_run(
    table: Table, rule: Rule, numbers: HeldNumbers, machine: Machine, allowed: Ways, inputs: Inputs
) -> dict[str, Bounded]:
    """Bound every field of a free run after each row of a table, in a machine.

    Parameters
    ----------
    table : Table
        Of which the first rows of lanes say from where it starts.
    rule : Rule
    numbers : HeldNumbers
        What stands for the hyperparameters; the exact values are those of these numbers.
    machine : Machine
    allowed : Ways
    inputs : Inputs
        Of the table, with these numbers.

    Returns
    -------
    dict of str to Bounded
        By field, with an entry a row.
    """
    work = Bounding(machine)
    states = ("theta", *rule.states)
    narrow = {name: fmt for name in states if (fmt := machine.narrowed(name)) is not None}
    kept = {
        line.name: (one, numbers.gap(str(one.rate)))
        for line in rule.lines
        if (one := average(line.name, line.expr)) is not None and one.rate.is_Symbol
    }

    def raised(power: Power) -> Bounded:
        return raised_in(machine, allowed, power, inputs)

    return FreeRun(table, inputs, work, raised, allowed.allowed, narrow, kept).run()


def raised_in(machine: Machine, allowed: Ways, power: Power, inputs: Inputs) -> Bounded:
    """Bound a power, or 1 minus it, worked in any of the ways."""
    narrow = machine.compute.precision < BINARY32.precision and not allowed.pins_correction
    wide = replace(machine, compute=BINARY32) if narrow else machine
    ways_ = [powers_of(power, inputs, Bounding(wide, how)) for how in allowed.corrections]
    found = greatest(ways_)
    return machine.arithmetic.stored(found) if narrow else found


def plain_run(
    table: Table,
    lines: Mapping[str, Expr],
    inputs: Inputs,
    rounded: Mapping[str, Format],
    right: Inputs,
) -> dict[str, Array]:
    """Run lines freely in float64, faults and all, on inputs of which the right ones are known."""
    one = {name: (expr,) for name, expr in lines.items()}

    def raised(power: Power) -> Array:
        made: Array = powers_of(power, inputs, Plain())
        return made

    return FreeRun(table, inputs, Plain(), raised, one, rounded, right=right).run()


@final
@dataclass(frozen=True)
class FreeRun:
    """A free run on a table.

    Attributes
    ----------
    table : Table
    inputs : Inputs
    work : Work
    raised : callable
        Returns a power that stands in a line, on all rows.
    lines : mapping of str to sequence of sympy.Expr
        Each line in its orders.
    narrow : mapping of str to Format
        Lines whose value is stored in a narrower format.
    averages : mapping of str to (Average, array)
        Lines whose error is carried on as that of an average, and by how much their rate and its
        complement miss 1.
    right : Inputs, optional
        Those that are not changed by a fault: where a fault exchanges what a state was before, it
        is not what the run had.
    """

    table: Table
    inputs: Inputs
    work: Work
    raised: Callable[[Power], Any]
    lines: Mapping[str, Sequence[Expr]]
    narrow: Mapping[str, Format]
    averages: Mapping[str, tuple[Average, Array]] = field(default_factory=dict)
    right: Inputs | None = None

    def run(self) -> dict[str, Any]:
        """Return what each line is after each row."""
        every = [expr for orders in self.lines.values() for expr in orders]
        every += [one.line for one, _ in self.averages.values()]
        with np.errstate(all="ignore"):
            powers = {p: self.raised(p) for expr in every for p in program_of(expr).powers}
            parts: dict[str, list[tuple[Indices, Any]]] = {name: [] for name in self.lines}
            for rows in self.table.lanes:
                state: dict[str, Any] = {}
                for at in rows:
                    state = self._step(at, state, powers)
                    for name in self.lines:
                        parts[name].append((at, state[name]))
            count = len(self.table)
            return {name: self.work.joined(found, count) for name, found in parts.items()}

    def _step(self, at: Indices, before: Mapping[str, Any], powers: Any) -> dict[str, Any]:
        """Take a step; what is not taken stays."""
        work, columns = self.work, self.inputs.columns
        raised = {p: work.take(x, at) for p, x in powers.items()}
        taken = np.asarray(columns["taken"])[at].astype(bool)
        made: dict[str, Any] = {}
        known: dict[Any, Any] = {}
        given: dict[str, Any] = {}
        for name, orders in self.lines.items():
            for expr in (*orders, *(x.line for x, _ in self._average(name))):
                for symbol in program_of(expr).inputs:
                    if symbol not in given:
                        given[symbol] = self._operand(symbol, at, before, made)
            found = self._line(name, given, raised, at, known)
            if name in self.table.before:
                kept = self._operand(name + PREVIOUS, at, before, made)
                found = found if taken.all() else work.where(taken, found, kept)
            made[name] = given[name] = found
        return made

    def _average(self, name: str) -> list[tuple[Average, Array]]:
        return [self.averages[name]] if name in self.averages else []

    def _operand(
        self, symbol: str, at: Indices, before: Mapping[str, Any], made: Mapping[str, Any]
    ) -> Any:
        work, inputs = self.work, self.inputs
        if symbol in made:
            return made[symbol]
        column = inputs.columns.get(symbol)
        bare = symbol.removesuffix(PREVIOUS)
        if bare != symbol and bare in self.lines:
            if not before:
                given = np.zeros(len(at)) if column is None else np.asarray(column)[at]
                return work.column(given)
            was = before[bare]
            if self.right is None or inputs.keys.get(symbol) == self.right.keys.get(symbol):
                return was
            other = np.asarray(column)[at] != np.asarray(self.right.columns[symbol])[at]
            return np.where(other, np.asarray(column)[at], was)
        values = np.asarray(column)[at]
        if symbol in inputs.slack:
            return work.hyper(values, np.asarray(inputs.slack[symbol])[at])
        if symbol in SHARED:
            return work.shared(values)
        rounded = inputs.roundings.get(symbol)
        return work.column(values, None if rounded is None else rounded[at])

    def _line(
        self,
        name: str,
        operands: Mapping[str, Any],
        powers: Any,
        at: Indices,
        known: dict[Any, Any],
    ) -> Any:
        work, groups = self.work, at
        if any(expr.has(Total) for expr in self.lines[name]):
            groups = np.unique(self.table.groups[at], return_inverse=True)[1].reshape(-1)

        def worked(expr: Expr, given: Mapping[str, Any] = operands) -> Any:
            return evaluated(program_of(expr), given, powers, work, groups, known)

        orders, narrow = self.lines[name], self.narrow.get(name)
        if name in self.averages:
            one, gap = self.averages[name]
            found = update(one, gap[at], orders, operands, worked)
        else:
            each = [worked(expr) for expr in orders]
            found = greatest(each) if len(each) > 1 else each[0]
        return found if narrow is None else work.rounded(found, narrow)


def greatest(each: Sequence[Bounded]) -> Bounded:
    """Return a real number that may have been worked in several ways: the error is the greatest."""
    errors = [np.where(np.isnan(x.error), np.inf, x.error) for x in each]
    shape = np.broadcast_shapes(*(np.shape(x) for x in (*errors, each[0].value)))
    error = np.max([np.broadcast_to(x, shape) for x in errors], axis=0)
    return replace(each[0], error=error)


def update(
    one: Average, gap: Array, orders: Sequence[Expr], operands: Mapping[str, Any], worked: Any
) -> Bounded:
    """Bound an average after an update, worked in any of some orders."""
    own, rate = one.state.name, str(one.rate)
    before: Bounded = operands[own]
    exact = replace(before, error=np.zeros_like(before.error))
    # Any number within the error may be the one that is held: to the update it is an exact one.
    held = replace(exact, slack=before.slack + before.error)
    target = worked(one.line, {**operands, own: exact})
    put_in = worked(one.put_in).size
    lost = []
    for expr in orders:
        its = worked(expr, {**operands, own: held})
        apart = missed_by(expr, one, gap, held.size, put_in)
        lost.append(replace(target, error=its.error + apart))
    found = greatest(lost)
    carried = operands[rate].size * before.error * OUTWARD
    carried = np.where(before.error == 0, 0.0, carried)
    return replace(found, error=(found.error + carried) * OUTWARD)


def missed_by(expr: Expr, one: Average, gap: Any, state: Any, put_in: Any) -> Any:
    """Bound by what an average in an order is another number than in its own.

    An order that takes one coefficient for the complement of the other misses it by what the two,
    as they are held, miss 1: so much of the state, or of what is put in.
    """
    rate, used = str(one.rate), program_of(expr).inputs
    if rate not in used:
        return gap * state * OUTWARD
    if rate + COMPLEMENT not in used:
        return gap * put_in * OUTWARD
    return 0.0 * gap
