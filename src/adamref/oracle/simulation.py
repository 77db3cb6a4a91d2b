"""What an implementation with some rule, fed in some way, would show: float64, all rows at once.

A model is a rule's lines and what goes into them. Lines and inputs are shared by most models, so
that each is worked once for a table and kept; a model that differs in one line costs that line and
what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np

from adamref.oracle.numbers import Numbers, one_minus_power, power
from adamref.rules.program import Program
from adamref.rules.stage import BASE
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sympy import Expr

    from adamref.numbers.formats import Format
    from adamref.oracle.session import Array
    from adamref.oracle.table import Table
    from adamref.rules.stage import Power

Key: TypeAlias = Any


@final
@dataclass(frozen=True)
class Inputs:
    """What goes into a rule's lines.

    Attributes
    ----------
    columns : mapping of str to array
        g, t, alpha, beta1, beta1.complement, theta_prev, m_prev, …; taken says which rows are
        updated at all.
    keys : mapping of str to object
        What tells a column from the same column of other inputs.
    correct : callable
        ``(name of the power's base, base, complement, exponent, from_one) -> array``.
    """

    columns: Mapping[str, Array]
    keys: Mapping[str, Key] = field(default_factory=dict)
    correct: Callable[..., Array] | None = None

    def changed(self, by: str, **columns: Array) -> Inputs:
        """Return other inputs; ``by`` names what changed them."""
        keys = {**self.keys, **{n: (by, self.keys.get(n)) for n in columns}}
        return replace(self, columns={**self.columns, **columns}, keys=keys)

    def corrected(self, by: str, correct: Callable[..., Array]) -> Inputs:
        """Return inputs whose powers of the decay rates are worked in another way."""
        keys = {**self.keys, "correct": (by, self.keys.get("correct"))}
        return replace(self, correct=correct, keys=keys)


def inputs_of(table: Table, numbers: Numbers) -> Inputs:
    """Return the inputs as they should be."""
    columns = dict(numbers.columns)
    for name in ("g", "taken"):
        columns[name] = table.columns[name]
    columns["t"] = table.columns["t"].astype(np.float64)
    for name, values in table.before.items():
        columns[name + PREVIOUS] = values
    for rate in ("beta1", "beta2"):
        columns[rate + ".one-minus-base"] = numbers.one_minus_base(rate)
    return Inputs(columns, {name: numbers.convention for name in numbers.columns})


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
    """

    lines: Mapping[str, Expr]
    inputs: Inputs
    rounded: Mapping[str, Format] = field(default_factory=dict)


@final
class Simulator:
    """Runs models on a table, and keeps what they share."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._known: dict[Key, Array] = {}

    def run(self, model: Model, wanted: tuple[str, ...]) -> dict[str, Array]:
        """Return the values of some lines, NaN where a model has none."""
        keys: dict[str, Key] = {}
        values: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for name, expr in model.lines.items():
                key = self._key(name, expr, model, keys)
                keys[name] = key
                found = self._known.get(key)
                if found is None:
                    found = self._known[key] = self._line(name, expr, model, values)
                values[name] = found
        return {name: values[name] for name in wanted if name in values}

    def _key(self, name: str, expr: Expr, model: Model, keys: Mapping[str, Key]) -> Key:
        program = _program(expr)
        changed = model.inputs.keys
        used: list[Key] = [changed.get("correct")] if program.powers else []
        for power_ in program.powers:
            base = str(power_.base).removesuffix(BASE)
            used += [(base, changed.get(base)), changed.get("t")]
        for symbol in program.inputs:
            bare = symbol.removesuffix(PREVIOUS)
            known = keys.get(bare) if bare != name else "self"
            if symbol.endswith(PREVIOUS):
                used.append((symbol, changed.get(symbol), known))
            else:
                used.append((symbol, keys.get(symbol), changed.get(symbol)))
        taken = changed.get("taken") if _is_kept(name) else None
        # A hash of an expression is known once it was asked for; equality is by the object.
        return name, id(expr), taken, model.rounded.get(name), tuple(used)

    def _line(self, name: str, expr: Expr, model: Model, values: Mapping[str, Array]) -> Array:
        program, columns = _program(expr), model.inputs.columns
        operands: dict[str, Array] = {}
        previous = name + PREVIOUS
        for symbol in program.inputs:
            bare = symbol.removesuffix(PREVIOUS)
            if symbol in values:
                operands[symbol] = values[symbol]
            elif symbol.endswith(PREVIOUS) and bare != name and self._is_hidden(bare):
                operands[symbol] = self._shifted(bare, columns[symbol], values)
            else:
                operands[symbol] = columns[symbol]
        powers = {p: _powers(p, model.inputs) for p in program.powers}
        narrow = model.rounded.get(name)
        taken = columns["taken"]
        if previous in operands and self._is_hidden(name):
            return self._along(name, program, operands, powers, taken, narrow)
        found = _rounded(_evaluated(program, operands, powers), narrow)
        if _is_kept(name):
            before = columns[previous]
            if self._is_hidden(name):
                return np.where(taken, found, self._filled(name, found, before, taken))
            return np.where(taken, found, before)
        return np.broadcast_to(found, taken.shape)

    def _is_hidden(self, name: str) -> bool:
        return name != "theta" and name not in self.table.visible

    def _shifted(self, name: str, before: Array, values: Mapping[str, Array]) -> Array:
        """Return what a hidden state was before each row."""
        found = before.copy()
        if name in values:
            for rows in self.table.lanes:
                found[rows[1:]] = values[name][rows[:-1]]
        return found

    def _filled(self, name: str, found: Array, before: Array, taken: Array) -> Array:
        """Carry a hidden state, which does not depend on its past, over steps without gradient."""
        kept = found.copy()
        for rows in self.table.lanes:
            held = before[rows[0]]
            for at in rows:
                held = np.where(taken[at], found[at], held)
                kept[at] = held
        return kept

    def _along(
        self,
        name: str,
        program: Program,
        operands: dict[str, Array],
        powers: dict[Power, Array],
        taken: Array,
        narrow: Format | None,
    ) -> Array:
        """Work a line that needs its own last value, step by step."""
        out = np.empty(len(taken))
        previous = name + PREVIOUS
        for rows in self.table.lanes:
            here = {n: x[rows] for n, x in operands.items()}
            raised = {p: x[rows] for p, x in powers.items()}
            active, before = taken[rows], operands[previous][rows[0]]
            for i, at in enumerate(rows):
                now = {n: x[i] for n, x in here.items()}
                now[previous] = before
                made = _evaluated(program, now, {p: x[i] for p, x in raised.items()})
                before = np.where(active[i], _rounded(made, narrow), before)
                out[at] = before
        return out


def _is_kept(name: str) -> bool:
    return name in ("theta", "m", "v", "v_max", "u")


@lru_cache(maxsize=4096)
def _program(expr: Expr) -> Program:
    return Program([("made", expr)])


def _powers(power_: Power, inputs: Inputs) -> Array:
    columns = inputs.columns
    exponent = _exponent(power_, columns)
    if isinstance(power_.base, str):
        rate = power_.base.removesuffix(BASE)
        base, complement = columns[power_.base], columns[rate + ".one-minus-base"]
    else:
        rate = str(power_.base)
        base = np.full(len(exponent), float(power_.base))
        complement = np.full(len(exponent), float(1 - power_.base))
    if inputs.correct is not None:
        return inputs.correct(rate, base, complement, exponent, power_.from_one)
    return raised(rate, base, complement, exponent, power_.from_one)


def raised(_rate: str, base: Array, complement: Array, exponent: Array, from_one: bool) -> Array:
    """Return a power, or 1 minus it."""
    if from_one:
        return one_minus_power(complement, exponent)
    return power(base, complement, exponent)


def _exponent(power_: Power, columns: Mapping[str, Array]) -> Array:
    program = _program(power_.exponent)
    return _evaluated(program, {name: columns[name] for name in program.inputs}, {})


_OPERATIONS: dict[str, Callable[..., Array]] = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "negate": np.negative,
    "root": np.sqrt,
    "magnitude": np.abs,
    "larger": np.maximum,
    "exponential": np.exp,
    "logarithm": np.log,
}


def _evaluated(
    program: Program, operands: Mapping[str, Array], powers: Mapping[Power, Array]
) -> Array:
    registers: dict[int, Any] = {at: operands[name] for name, at in program.inputs.items()}
    registers |= {at: float(x) for x, at in program.constants.items()}
    registers |= {at: powers[p] for p, at in program.powers.items()}
    for at, operation in program.operations:
        values = [registers[i] for i in operation.operands]
        if operation.exponent is not None:
            exponent = operation.exponent
            registers[at] = values[0] * values[0] if exponent == 2 else values[0] ** float(exponent)
        else:
            registers[at] = _OPERATIONS[operation.method](*values)
    return np.asarray(registers[program.outputs["made"]])


def _rounded(values: Array, fmt: Format | None) -> Array:
    return values if fmt is None else nearest(values, fmt)


def nearest(values: Array, fmt: Format) -> Array:
    """Round float64 numbers to a format, ties to even; subnormals and overflow as it has them."""
    if fmt.precision == 53:
        return values
    if fmt.dtype in ("float32", "float16"):
        with np.errstate(all="ignore"):
            return np.asarray(values).astype(fmt.dtype).astype(np.float64)
    significand, exponent = np.frexp(values)
    least = fmt.min_exponent - fmt.precision + 1
    unit = np.maximum(exponent - fmt.precision, least)
    whole = np.ldexp(np.round(np.ldexp(values, -unit)), unit)
    too_large = np.abs(whole) > float(fmt.largest)
    return np.where(too_large & np.isfinite(values), np.copysign(np.inf, values), whole)
