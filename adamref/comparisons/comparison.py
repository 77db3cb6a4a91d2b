"""What a comparison finds out: plain data, which the writers write down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, final

from adamref.render import Result

if TYPE_CHECKING:
    from adamref.oracle.report.findings import Report

Kind: TypeAlias = Literal["check", "baseline"]


@final
@dataclass(frozen=True)
class Compared:
    """One of the two.

    Attributes
    ----------
    target : str
    kind : {"check", "baseline"}
    verdict : {"conforms", "deviates", "error"}
    optimizer, dtype : str
    dialect : mapping
        As a report has it.
    accuracy : mapping
        As a baseline has it.
    likely : str
        The faults that it looks like; empty where it conforms, or nothing explains it.
    report : Report or None
        None for a baseline.
    """

    target: str
    kind: Kind
    verdict: str
    optimizer: str
    dtype: str
    dialect: Mapping[str, Any]
    accuracy: Mapping[str, Any]
    likely: str = ""
    report: Report | None = None


@final
@dataclass(frozen=True)
class AxisApart:
    """An axis on which the two are not the same.

    Attributes
    ----------
    axis, says : str
        Its name, and what people call it.
    a, b : str
        The values.
    is_real : bool
        Whether it makes another function of the inputs, and not only other roundings.
    """

    axis: str
    says: str
    a: str
    b: str
    is_real: bool


@final
@dataclass(frozen=True)
class Apart:
    """By how much the two differ in theta on some inputs.

    Attributes
    ----------
    first_step : int
        The first step at which any element differs.
    largest : float
        The greatest difference at any step; units of theta.
    at_step : int
        Where that is.
    ulps : float
        The greatest difference in units in the last place of theta there.
    """

    first_step: int
    largest: float
    at_step: int
    ulps: float


@final
@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """What a comparison of two implementations found.

    Attributes
    ----------
    a, b : Compared
    inputs : str
        On which they were run beside each other.
    axes : tuple of AxisApart
        Where their dialects differ.
    exact : Apart or None
        By how much the rules differ over the reals; None where they do not, or are not told.
    observed : Apart or None
        By how much the implementations differ; None where they gave the same, or were not run.
    was_run : bool
        Whether both were run beside each other: a baseline is not.
    allowed : float or None
        By how much two right ones of these dialects may differ, for one element at one step: where
        they first differ by more, or else where they differ most for what is allowed at the step of
        the greatest difference. None where that is not known.
    allowed_at : int or None
        That step.
    beyond : float or None
        By how much that element differs, where that is more than is allowed; None where no element
        does at any step.
    says : tuple of str
        The findings, a sentence each, the first one first.
    """

    kind: ClassVar[str] = "compare"

    a: Compared
    b: Compared
    inputs: str
    axes: tuple[AxisApart, ...]
    exact: Apart | None
    observed: Apart | None
    was_run: bool
    allowed: float | None
    allowed_at: int | None
    beyond: float | None
    says: tuple[str, ...] = field(default_factory=tuple)

    @property
    def same_dialect(self) -> bool:
        """Whether both are the same function of their inputs, but for roundings."""
        same = self.a.optimizer == self.b.optimizer
        return same and not any(axis.is_real for axis in self.axes)

    @property
    def exit_code(self) -> int:
        """0 both conform and have the same dialect, 3 one could not be judged, else 1."""
        verdicts = {self.a.verdict, self.b.verdict}
        if "error" in verdicts:
            return 3
        return 0 if verdicts == {"conforms"} and self.same_dialect else 1

    def __repr__(self) -> str:
        return f"<Comparison of {self.a.target} and {self.b.target}: {self.says[0]}>"
