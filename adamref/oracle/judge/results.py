"""What judging finds, as plain data: first differences, and how accurate a field is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class WorkedLine:
    """A line of the rule, worked at one element: for the first difference.

    Attributes
    ----------
    field : str
    symbols, latex : str
        The line in Unicode and in LaTeX.
    right : str
        The right number: the exact one, rounded once to the dtype, as the shortest decimal.
    theirs : str or None
        What the implementation has there; None where it does not show it.
    """

    field: str
    symbols: str
    latex: str
    right: str
    theirs: str | None


@final
@dataclass(frozen=True)
class FirstDifference:
    """The first value of a probe outside its bound.

    Numbers are shortest decimals that give the float back.

    Attributes
    ----------
    t : int
        The step that was taken.
    tensor, index : int
        Which tensor, and which of its elements (flat), from 0.
    field : str
        theta, m, v, v_max, u or t.
    got, want, bound : str
        The implementation's, the right value rounded once, and how far got may be from it.
    lines : tuple of WorkedLine
        The step worked line by line.
    snippet : str
        Python that reproduces the right value: to paste.
    """

    t: int
    tensor: int
    index: int
    field: str
    got: str
    want: str
    bound: str
    lines: tuple[WorkedLine, ...] = ()
    snippet: str = ""

    def __str__(self) -> str:
        where = f"{self.field}[t={self.t}, i={self.index}]"
        if self.tensor:
            where = f"{self.field}[t={self.t}, tensor={self.tensor}, i={self.index}]"
        return f"{where} = {self.got}, but should be {self.want} (bound {self.bound})"


@final
@dataclass(frozen=True)
class Accuracy:
    """The errors of a field over all core steps, each from the implementation's own state.

    Attributes
    ----------
    max_ulp, mean_ulp : float
        In ulps of the exact value: of theta the ulp of the larger of before and after, of m that
        of ``|beta1 m| + |(1 - beta1) g|`` (cancellation takes errors along), of v its own.
    correctly_rounded : float
        The share of values that are the exact number rounded once.
    max_over_bound : float
        The greatest error as a share of its bound: at most 1 where it conforms.
    count : int
        How many values.
    """

    max_ulp: float
    mean_ulp: float
    correctly_rounded: float
    max_over_bound: float
    count: int


@final
@dataclass(frozen=True)
class ErrorPoint:
    """An error for the plots: at step t, for a gradient g, in ulps and as a share of its bound."""

    field: str
    t: int
    g: float
    ulp: float
    over_bound: float
