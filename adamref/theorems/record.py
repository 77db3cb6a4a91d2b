"""The record of a theorem: everything that is said about it, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from adamref.logic.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.logic.proof import Step
    from adamref.theorems.points import Point, Space
    from adamref.theorems.quantities import Run

__all__ = ["KernelTheorem", "NearMiss", "Statement", "Theorem", "Verdict"]

Verdict: TypeAlias = Literal["PROVED", "UNKNOWN", "REFUTED"]


@final
@dataclass(frozen=True)
class NearMiss:
    """A statement beside the theorem that is false.

    Attributes
    ----------
    statement : Statement
        One assumption dropped, or one constant moved.
    says : str
        What was changed, and what follows, for people.
    counterexample : Point
        Where it fails.
    space : Space, optional
        Where a search looks for another counterexample; default: where the theorem's does.
    """

    statement: Statement
    says: str
    counterexample: Point
    space: Space | None = None


@final
@dataclass(frozen=True)
class KernelTheorem:
    """A theorem of the Coq development, and the one that refutes the near-miss.

    Attributes
    ----------
    file : str
        Such as ``"ClosedForms"``.
    name : str
        Such as ``"m_closed_form"``.
    """

    file: str
    name: str


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Theorem:
    """A theorem, its proof, its near-misses and where it comes from.

    Attributes
    ----------
    id : str
        Never changes.
    title : str
    says : str
        The statement in words, one or two sentences.
    statement : Statement
    proof : callable
        From a statement to the steps that show it; a near-miss is given to it too. Default: none,
        as for a claim that is refuted.
    source : str
        Paper and section, or the document that claims it.
    near_misses : tuple of NearMiss
    space : Space
        Where a search looks for a counterexample.
    over : str
        ``"reals"``, or the float format it speaks of.
    verdict : {"PROVED", "REFUTED", "UNKNOWN"}
        As recorded.
    counterexample : Point, optional
        Where a refuted claim fails.
    kernel : tuple of KernelTheorem
        Its theorems in Coq, those about its near-misses too.
    not_applicable : mapping of str to str
        For a checker that cannot apply, why.
    """

    id: str
    title: str
    says: str
    statement: Statement
    proof: Callable[[Statement], tuple[Step, ...]] = field(default=lambda _: ())
    source: str
    space: Space
    near_misses: tuple[NearMiss, ...] = ()
    over: str = "reals"
    verdict: Verdict = "PROVED"
    counterexample: Point | None = None
    kernel: tuple[KernelTheorem, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs whose fields the statement speaks of."""
        return self.space.runs if self.space else ()
