"""The numbers that an implementation holds for its hyperparameters, row by row.

A convention (`adamref.conventions`) says which exact numbers these are; here they are float64
columns beside a table, each with how far float64 is from the exact number.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from adamref.conventions import held
from adamref.numbers.arrays import distinct
from adamref.rules.instructions import BASE, COMPLEMENT

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.exact import Extended
    from adamref.numbers.formats import Format
    from adamref.oracle.observe.table import Table

_UNIT = 2.0**-53


@final
class HeldNumbers:
    """Hyperparameters under a convention, for the rows of a table.

    Attributes
    ----------
    columns : dict of str to float64 array
        By the names that a rule's program asks for: beta1, beta1.complement, beta1.base, ….
    """

    def __init__(self, table: Table, convention: str, fmt: Format | None) -> None:
        self.convention, self.fmt = convention, fmt
        names = table.hypers
        self.rates = tuple(name for name in names if name.startswith("beta"))
        given = np.stack([table.columns[name] for name in names], axis=1)
        # By their bits: what is missing is NaN, which is not equal to itself.
        bits = np.ascontiguousarray(given).view(np.int64)
        firsts, self._which = distinct(bits)
        sets = given[firsts]
        self._exact = [
            held({n: Fraction(x) for n, x in zip(names, row, strict=True) if np.isfinite(x)},
                 convention, fmt)
            for row in sets.tolist()
        ]  # fmt: skip
        for numbers in self._exact:
            for rate in self.rates:
                if rate in numbers:
                    numbers.setdefault(rate + COMPLEMENT, 1 - numbers[rate])
                    numbers.setdefault(rate + BASE, numbers[rate])
        # What no row has is NaN: no dialect that asks for it accounts for anything.
        every = {*names, *(rate + part for rate in self.rates for part in (COMPLEMENT, BASE))}
        every |= {name for numbers in self._exact for name in numbers}
        self.columns = {name: self._column(name) for name in sorted(every)}
        self._gaps: dict[str, Array] = {}

    def exact(self, row: int) -> dict[str, Extended]:
        """Return the exact numbers of a row."""
        return self._exact[int(self._which[row])]

    def groups(self) -> NDArray[np.intp]:
        """Return, for each row, the number of its set of hyperparameters."""
        return self._which

    def slack(self, name: str) -> Array:
        """Return how far a column may be from the exact numbers."""
        return np.array([_off(x.get(name, Fraction(0))) for x in self._exact])[self._which]

    def gap(self, rate: str) -> Array:
        """Return by how much a rate and its complement miss 1."""
        if rate not in self._gaps:
            gaps = [
                abs(float(1 - x[rate] - x[rate + COMPLEMENT])) if rate in x else 0.0
                for x in self._exact
            ]
            self._gaps[rate] = np.array(gaps)[self._which]
        return self._gaps[rate]

    def one_minus_base(self, rate: str) -> Array:
        """Return ``1 - base``, rounded once."""
        found = [float(1 - x[rate + BASE]) if rate + BASE in x else np.nan for x in self._exact]
        return np.array(found)[self._which]

    def _column(self, name: str) -> Array:
        return np.array([float(x[name]) if name in x else np.nan for x in self._exact])[self._which]


def _off(number: Extended) -> float:
    """Return how far the nearest float64 may be from a number."""
    value = float(number)
    return 0.0 if Fraction(number) == Fraction(value) else abs(value) * _UNIT + 2.0**-1074
