"""What might be the matter: dialects with faults, as models that can be run on any table."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.numbers import formats
from adamref.oracle.catalogue import FAULTS
from adamref.oracle.catalogue.fault import Fault
from adamref.oracle.simulation import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sympy import Expr

    from adamref.numbers.formats import Format
    from adamref.oracle.dialects import Dialect
    from adamref.oracle.simulation import Inputs
    from adamref.oracle.table import Table


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
        return Model(self.lines, inputs, self.rounded)


def correct(dialect: Dialect) -> Hypothesis:
    """Return a dialect without a fault."""
    return Hypothesis(dialect, (), _lines(dialect))


def as_fault(dialect: Dialect, axes: Sequence[str]) -> Hypothesis:
    """Return a dialect that is told as a fault, because other values are pinned."""
    faults = tuple(
        Fault(
            f"dialect-{axis.replace('_', '-')}-{getattr(dialect, axis).replace('_', '-')}",
            f"its {axis.replace('_', ' ')} is {getattr(dialect, axis)}, where another is pinned",
            "a legitimate dialect, but not the one that was asked for",
            "Kingma & Ba 2015, Algorithm 1 and section 2",
        )
        for axis in axes
    )
    return Hypothesis(dialect, faults, _lines(dialect))


def singles(dialect: Dialect, dtype: str, *, limits: bool = False) -> list[Hypothesis]:
    """Return a dialect with each single fault for which it has a place."""
    found = []
    for fault in FAULTS:
        if fault.limit and not limits:
            continue
        if fault.dtypes and dtype not in fault.dtypes:
            continue
        lines = _edited(dialect, fault)
        if lines is not None:
            found.append(Hypothesis(dialect, (fault,), lines, _rounding(fault)))
    return found


def pairs(ones: Sequence[Hypothesis]) -> Iterator[Hypothesis]:
    """Yield two faults at once, where they do not touch the same line."""
    if not ones:
        return
    right = _lines(ones[0].dialect)
    changes = [
        {n: x for n, x in one.lines.items() if x is not right.get(n)}
        if one.lines.keys() == right.keys() else None
        for one in ones
    ]  # fmt: skip
    for (a, one), (b, other) in combinations(enumerate(ones), 2):
        mine, its = changes[a], changes[b]
        if mine is None or its is None:
            # A fault that adds a line goes with one that changes none.
            if (mine or {}) or (its or {}) or (mine is None and its is None):
                continue
            lines = one.lines if mine is None else other.lines
        elif mine.keys() & its.keys():
            continue
        else:
            lines = {**right, **mine, **its}
        yield Hypothesis(
            one.dialect, (*one.faults, *other.faults), lines, one.rounded | other.rounded
        )


@lru_cache(maxsize=256)
def _lines(dialect: Dialect) -> dict[str, Expr]:
    return {line.name: line.expr for line in dialect.rule.lines}


@lru_cache(maxsize=16384)
def _edited_of(dialect: Dialect, fault: Fault) -> tuple[tuple[str, Expr], ...] | None:
    assert fault.edit is not None
    rule = fault.edit(dialect.rule)
    return None if rule is None else tuple((line.name, line.expr) for line in rule.lines)


def _edited(dialect: Dialect, fault: Fault) -> dict[str, Expr] | None:
    right = _lines(dialect)
    if fault.edit is None:
        return right
    made = _edited_of(dialect, fault)
    if made is None:
        return None
    # The same object where nothing changed: that is how lines are told apart.
    return {n: right[n] if right.get(n) == x else x for n, x in made}


def _rounding(fault: Fault) -> dict[str, Format]:
    return {line: formats.get(dtype) for line, dtype in fault.rounds}
