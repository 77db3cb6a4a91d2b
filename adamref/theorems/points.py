"""Points: values for everything that a statement leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hypothesis.strategies import SearchStrategy
    from sympy import Expr, Symbol

    from adamref.numbers.carrier import Carrier
    from adamref.theorems.expectations import Mean
    from adamref.theorems.quantities import Run


Number: TypeAlias = Fraction | int | str
"""An exact number of a point; a string is a decimal or a fraction."""


@final
@dataclass(frozen=True)
class Point:
    """Values for what a statement leaves open.

    Attributes
    ----------
    values : mapping of str to Fraction
        By symbol name; indices are whole numbers, a string is a decimal or a fraction.
    sequences : mapping of str to tuple of Fraction
        By function name, the values at 0, 1, 2, …; ``g`` is the gradients, of which no run
        reads the one at 0.
    """

    values: Mapping[str, Number]
    sequences: Mapping[str, tuple[Number, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, **given: Number | tuple[Number, ...]) -> Point:
        """Return the point with some values by name; a tuple is a sequence."""
        values = {name: value for name, value in given.items() if not isinstance(value, tuple)}
        rows = {name: value for name, value in given.items() if isinstance(value, tuple)}
        return cls(values, rows)

    def __repr__(self) -> str:
        said = [f"{name} = {value}" for name, value in self.values.items()]
        said += [f"{name} = ({', '.join(map(str, row))})" for name, row in self.sequences.items()]
        return ", ".join(said)


class Values(Protocol):
    """The values of expressions at a point, in some arithmetic."""

    @property
    def carrier(self) -> Carrier:
        """The arithmetic."""

    @property
    def point(self) -> Point:
        """The point."""

    def value(self, expr: Expr, bound: Mapping[Symbol, int] | None = None) -> Any:
        """Return the value of an expression; indices that are bound have the values given."""

    def field(self, run: Run, name: str, at: int) -> Any:
        """Return a field of a run at a step, worked by the rule."""


Meaning: TypeAlias = "Callable[[Values, int], Any]"
"""What a function of a statement means: from the values at a point and its argument to a value."""


@final
@dataclass(frozen=True)
class Space:
    """Where to look for counterexamples.

    Attributes
    ----------
    points : callable
        Returns a Hypothesis strategy of points; called when it is needed, as Hypothesis is an
        extra.
    runs : tuple of Run
        The runs whose fields the statement speaks of.
    functions : mapping of str to callable
        Other functions of the statement, each from (values, argument) to a carrier's value.
    means : tuple of Mean
        The expectations that the statement speaks of, whose equations z3 is given.
    """

    points: Callable[[], SearchStrategy[Point]]
    runs: tuple[Run, ...] = ()
    functions: Mapping[str, Meaning] = field(default_factory=dict)
    means: tuple[Mean, ...] = ()
