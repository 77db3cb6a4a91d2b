"""A dialect, with faults in it or none, as a model that can be run on any table."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.oracle.judge.simulation import Model, solved_for_g

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.faults.fault import Fault
    from adamref.faults.inputs import Inputs
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.table import Table


@final
@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A dialect with some faults in it.

    Attributes
    ----------
    dialect : Dialect
    faults : tuple of Fault
        Those of the inputs are applied in this order.
    lines : dict of str to sympy.Expr
        The rule's lines, faults and all.
    rounded : dict of str to Format
        Lines that are stored in a narrower format.
    """

    dialect: Dialect
    faults: tuple[Fault, ...]
    lines: dict[str, Expr]
    rounded: dict[str, Format] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The faults' names."""
        return tuple(fault.id for fault in self.faults)

    def model(self, inputs: Inputs, table: Table) -> Model:
        """Return the model on a table; a fault that has no place there changes nothing."""
        with np.errstate(all="ignore"):
            for fault in self.faults:
                if fault.drive is not None:
                    inputs = fault.drive(inputs, table) or inputs
            if any(fault.drive is not None for fault in self.faults):
                inputs = solved_for_g(inputs, table)
        return Model(self.lines, inputs, self.rounded)


def correct(dialect: Dialect) -> Hypothesis:
    """Return a dialect without a fault."""
    return Hypothesis(dialect, (), lines_of(dialect))


@lru_cache(maxsize=256)
def lines_of(dialect: Dialect) -> dict[str, Expr]:
    """Return the lines of a dialect's rule, by name: the same objects each time."""
    return {line.name: line.expr for line in dialect.rule.lines}
