"""In what a simulation is worked: columns of numbers, plain or with bounds on their errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.numbers.arrays import Array, Indices, nearest
from adamref.numbers.operations import REDUCTIONS

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.rules.instructions import Power
    from adamref.rules.program import Program


class Work(ABC):
    """An arithmetic of columns."""

    operations: Mapping[str, Callable[..., Any]]
    """Those of a rule's program (`adamref.numbers.operations`) but power and total, by name."""

    refused: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def column(self, values: Array, rounded: Array | None = None) -> Any:
        """Take a column of numbers: exact ones, or with the sizes of what was rounded."""

    @abstractmethod
    def near(self, values: Array, off: Array) -> Any:
        """Take a column of numbers that are shown rounded, off by that much at most."""

    @abstractmethod
    def unsure(self, values: Array, off: Array) -> Any:
        """Take a column of numbers that were not seen: each was one within that much of these."""

    @abstractmethod
    def hyper(self, values: Array, slack: Array | None = None) -> Any:
        """Take a column of hyperparameters, each known but for a slack."""

    @abstractmethod
    def shared(self, values: Array) -> Any:
        """Take what is worked in float64 by a few operations and then rounded once."""

    @abstractmethod
    def corrected(
        self, values: Array, power: Array, exponent: Array, base: Array, *, from_one: bool
    ) -> Any:
        """Take a power, or 1 minus it; the power itself, its exponent and its base come along."""

    @abstractmethod
    def do(self, method: str, *operands: Any) -> Any:
        """Do an operation of a program."""

    @abstractmethod
    def total(self, x: Any, groups: Indices) -> Any:
        """Add up the rows of each group: each row gets its group's sum."""

    @abstractmethod
    def rounded(self, x: Any, fmt: Format) -> Any:
        """Round to a format."""

    @abstractmethod
    def take(self, x: Any, rows: Any) -> Any:
        """Return some rows."""

    @abstractmethod
    def where(self, which: Array, x: Any, y: Any) -> Any:
        """Choose row by row."""

    @abstractmethod
    def joined(self, parts: list[tuple[Any, Any]], count: int) -> Any:
        """Put rows together: (their numbers, their values)."""

    def power(self, x: Any, exponent: Fraction) -> Any:
        """Raise to a constant rational exponent."""
        if exponent < 0:
            return self.do("divide", self.column(np.float64(1.0)), self.power(x, -exponent))  # type: ignore[arg-type]
        if exponent.denominator % 2 == 0:
            return self.power(self.do("root", x), exponent * 2)
        if exponent.denominator != 1:
            scaled = self.do("multiply", self.do("logarithm", x), self.column(float(exponent)))  # type: ignore[arg-type]
            return self.do("exponential", scaled)
        made = x
        for _ in range(int(exponent) - 1):
            made = self.do("multiply", made, x)
        return made


@final
class Plain(Work):
    """Float64, without a bound."""

    operations: Mapping[str, Callable[..., Any]] = {
        "add": np.add,
        "multiply": np.multiply,
        "divide": np.divide,
        "negate": np.negative,
        "root": np.sqrt,
        "magnitude": np.abs,
        "signum": np.sign,
        "larger": np.maximum,
        "smaller": np.minimum,
        "chosen": lambda a, x, y: np.asarray(np.where(a > 0, x, y)),
        "exponential": np.exp,
        "logarithm": np.log,
    }

    def column(self, values: Array, rounded: Array | None = None) -> Array:
        """Take a column as it is."""
        del rounded
        return values

    def near(self, values: Array, off: Array) -> Array:
        """Take a column as it is."""
        del off
        return values

    def unsure(self, values: Array, off: Array) -> Array:
        """Take a column as it is."""
        del off
        return values

    def hyper(self, values: Array, slack: Array | None = None) -> Array:
        """Take a column as it is."""
        del slack
        return values

    def shared(self, values: Array) -> Array:
        """Take a column as it is."""
        return values

    def corrected(
        self, values: Array, power: Array, exponent: Array, base: Array, *, from_one: bool
    ) -> Array:
        """Take it as it is."""
        del power, exponent, base, from_one
        return values

    def do(self, method: str, *operands: Any) -> Array:
        """Do it in NumPy."""
        return np.asarray(self.operations[method](*operands))

    def total(self, x: Array, groups: Indices) -> Array:
        """Add up in some order."""
        every = np.broadcast_to(x, groups.shape)
        return np.asarray(np.bincount(groups.ravel(), weights=every.ravel())[groups])

    def rounded(self, x: Array, fmt: Format) -> Array:
        """Round to nearest."""
        return nearest(x, fmt)

    def take(self, x: Array, rows: Any) -> Array:
        """Index; what is one for all stays so."""
        return np.asarray(x[rows] if np.ndim(x) else x)

    def where(self, which: Array, x: Array, y: Array) -> Array:
        """Choose."""
        return np.where(which, x, y)

    def joined(self, parts: list[tuple[Any, Array]], count: int) -> Array:
        """Fill a column."""
        out = np.empty(count)
        for rows, values in parts:
            out[rows] = values
        return out


def evaluated(
    program: Program,
    operands: Mapping[str, Any],
    powers: Mapping[Power, Any],
    work: Work,
    groups: Indices,
    known: dict[Any, Any] | None = None,
) -> Any:
    """Work a line's program from its operands and powers; groups are those of a total's rows.

    What was worked is kept in ``known``, where that is given, for programs on the same operands.
    """
    known = {} if known is None else known
    registers: dict[int, Any] = {at: operands[name] for name, at in program.inputs.items()}
    for x, at in program.constants.items():
        if x not in known:
            known[x] = work.column(np.float64(x))  # type: ignore[arg-type]
        registers[at] = known[x]
    registers |= {at: powers[p] for p, at in program.powers.items()}
    for at, operation in program.operations:
        values = [registers[i] for i in operation.operands]
        key = operation.method, operation.exponent, *map(id, values)
        if key in known:
            registers[at] = known[key][0]
            continue
        if operation.exponent is not None:
            registers[at] = work.power(values[0], operation.exponent)
        elif operation.method in REDUCTIONS:
            registers[at] = work.total(values[0], groups)
        else:
            registers[at] = work.do(operation.method, *values)
        # The operands are kept too: what is alive has an id of its own.
        known[key] = registers[at], values
    return registers[program.outputs["made"]]
