"""What is known where a formula is solved for: columns of values, by what they are written as."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sympy import Expr, Symbol

    from adamref.numbers.arrays import Array, Indices


@dataclass(frozen=True)
class Knowledge:
    """Columns of float64 values, one on each row.

    Parameters
    ----------
    values : mapping of str to float64 array
        Of the formula's symbols, and of all else that may stand in it.
    likely : mapping of sympy.Expr to float64 array
        Expressions of the symbols that are as likely as a symbol: t - 1, 1 - beta1.
    alone : mapping of sympy.Symbol to float64 array
        What may stand at a place by itself, and is put together with nothing.
    totals : mapping of sympy.Symbol to float64 array
        What is known of whole tensors, the likelier ones first.
    earlier : mapping of sympy.Symbol to float64 array
        What may stand by itself in a formula, and not in place of all of it.
    sizes : mapping of sympy.Expr to float64 array
        To what size something may be kept.
    """

    values: Mapping[str, Array]
    likely: Mapping[Expr, Array] = field(default_factory=dict)
    alone: Mapping[Symbol, Array] = field(default_factory=dict)
    totals: Mapping[Symbol, Array] = field(default_factory=dict)
    earlier: Mapping[Symbol, Array] = field(default_factory=dict)
    sizes: Mapping[Expr, Array] = field(default_factory=dict)

    @cached_property
    def every(self) -> dict[str, Array]:
        """All columns that a solution may name."""
        others = {**self.totals, **self.earlier, **self.alone}
        return {**self.values, **{x.name: y for x, y in others.items()}}

    def unknown(self, formula: Expr) -> NDArray[np.bool_]:
        """Say on which rows something that is no number of a whole tensor stands in a formula."""
        its = [y for x, y in self.totals.items() if x in formula.free_symbols]
        rows = len(next(iter(self.values.values())))
        return np.asarray(np.isnan([np.zeros(rows), *its]).any(axis=0))

    def at(self, rows: Indices) -> Knowledge:
        """Return what is known on some rows."""
        return Knowledge(
            {n: x[rows] for n, x in self.values.items()},
            {n: x[rows] for n, x in self.likely.items()},
            {n: x[rows] for n, x in self.alone.items()},
            {n: x[rows] for n, x in self.totals.items()},
            {n: x[rows] for n, x in self.earlier.items()},
            {n: x[rows] for n, x in self.sizes.items()},
        )
