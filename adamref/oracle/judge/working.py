"""In what a simulation is worked: columns of numbers, plain or with bounds on their errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.numbers.arrays import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format


class Work(ABC):
    """An arithmetic of columns."""

    @abstractmethod
    def column(self, values: Array, rounded: Array | None = None) -> Any:
        """Take a column of numbers: exact ones, or with the sizes of what was rounded."""

    @abstractmethod
    def hyper(self, values: Array) -> Any:
        """Take a column of hyperparameters."""

    @abstractmethod
    def corrected(self, values: Array, power: Array, exponent: Array) -> Any:
        """Take a power, or 1 minus it; the power itself and its exponent come along."""

    @abstractmethod
    def do(self, method: str, *operands: Any) -> Any:
        """Do an operation of a program."""

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


@final
class Plain(Work):
    """Float64, without a bound."""

    def column(self, values: Array, rounded: Array | None = None) -> Array:
        """Take a column as it is."""
        del rounded
        return values

    def hyper(self, values: Array) -> Array:
        """Take a column as it is."""
        return values

    def corrected(self, values: Array, power: Array, exponent: Array) -> Array:
        """Take it as it is."""
        del power, exponent
        return values

    def do(self, method: str, *operands: Any) -> Array:
        """Do it in NumPy."""
        return _OPERATIONS[method](*operands)

    def rounded(self, x: Array, fmt: Format) -> Array:
        """Round to nearest."""
        return nearest(x, fmt)

    def take(self, x: Array, rows: Any) -> Array:
        """Index."""
        return np.asarray(x[rows])

    def where(self, which: Array, x: Array, y: Array) -> Array:
        """Choose."""
        return np.where(which, x, y)

    def joined(self, parts: list[tuple[Any, Array]], count: int) -> Array:
        """Fill a column."""
        out = np.empty(count)
        for rows, values in parts:
            out[rows] = values
        return out


_OPERATIONS: dict[str, Callable[..., Array]] = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "negate": np.negative,
    "root": np.sqrt,
    "magnitude": np.abs,
    "larger": np.maximum,
}
