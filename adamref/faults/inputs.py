"""What goes into a rule's lines: columns of numbers, which a fault may exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from adamref.numbers.arrays import Array, Indices, distinct, one_minus_power, power

Key: TypeAlias = Any
Drive: TypeAlias = "Callable[[Inputs, Rows], Inputs | None]"
"""Returns other inputs, or None where a fault has no place."""

ROUNDINGS = 4.0
"""How often a column that is worked in the format is rounded, at most."""


class Shaped(Protocol):
    """An input of a table, as far as a fault may ask."""

    @property
    def thetas(self) -> Sequence[Array]:
        """A parameter a tensor."""


class Rows(Protocol):
    """Rows of elements at steps, by column (`adamref.oracle.observe.table.Table`)."""

    @property
    def trials(self) -> Sequence[Shaped]:
        """The inputs, by number."""

    @property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """What each row is, and what was fed in."""

    @property
    def got(self) -> Mapping[str, Array]:
        """Theta and the states after each row."""

    @property
    def lanes(self) -> Sequence[Indices]:
        """Rows of lanes of the same length: an index array of shape (steps, lanes) each."""

    def __len__(self) -> int:
        """How many rows."""


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
    roundings : mapping of str to array
        For columns that are themselves worked in the format: the sizes of what was rounded.
    slack : mapping of str to array
        For hyperparameters, and nothing else: how far the float64 number may be from the exact one.
    unsure : mapping of str to array
        For columns that were not seen: how far what was solved for may be from what was fed in.
    """

    columns: Mapping[str, Any]
    keys: Mapping[str, Key] = field(default_factory=dict)
    correct: Callable[..., Array] | None = None
    roundings: Mapping[str, Array] = field(default_factory=dict)
    slack: Mapping[str, Array] = field(default_factory=dict)
    unsure: Mapping[str, Array] = field(default_factory=dict)

    def changed(
        self,
        by: str,
        columns: Mapping[str, Any],
        roundings: Mapping[str, Array] | None = None,
    ) -> Inputs:
        """Return other inputs; ``by`` names what changed them."""
        keys = {**self.keys, **{n: (by, self.keys.get(n)) for n in columns}}
        lost = {**self.roundings, **(roundings or {})}
        return replace(self, columns={**self.columns, **columns}, keys=keys, roundings=lost)

    def corrected(self, by: str, correct: Callable[..., Array]) -> Inputs:
        """Return inputs whose powers of the decay rates are worked in another way."""
        keys = {**self.keys, "correct": (by, self.keys.get("correct"))}
        return replace(self, correct=correct, keys=keys)


def feeding(by: str, name: str, change: Callable[[Array, Rows], Array]) -> Drive:
    """Return the drive that puts other numbers into a column, where they are others."""

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        if name not in inputs.columns:
            return None
        before = inputs.columns[name]
        made = change(before, table)
        same = np.array_equal(made, before, equal_nan=True)
        return None if same else inputs.changed(by, {name: made})

    return drive


def passing_over(by: str, out: Callable[[Inputs, Rows], NDArray[np.bool_]]) -> Drive:
    """Return the drive that does not update some of the rows that are updated."""

    def drive(inputs: Inputs, table: Rows) -> Inputs | None:
        taken = inputs.columns["taken"].astype(bool)
        left = out(inputs, table) & taken
        return inputs.changed(by, {"taken": taken & ~left}) if left.any() else None

    return drive


def groups(table: Rows, *names: str) -> Indices:
    """Return, for each row, the number of the group that it is in by some columns."""
    keys = np.stack([table.columns[name] for name in names], axis=1)
    return distinct(keys)[1]


def raised(_rate: str, base: Array, complement: Array, exponent: Array, from_one: bool) -> Array:
    """Return a power, or 1 minus it."""
    if from_one:
        return one_minus_power(complement, exponent)
    return power(base, complement, exponent)
