"""The record of a theorem: everything that is said about it, once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from adamref.logic.proof import ProofStep
from adamref.logic.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sympy.logic.boolalg import Boolean

    from adamref.theorems.expectations import Mean
    from adamref.theorems.points import Point, Space
    from adamref.theorems.quantities import Run

__all__ = ["KernelTheorem", "NearMiss", "Statement", "Steps", "Theorem", "Verdict", "near_miss"]

Verdict: TypeAlias = Literal["PROVED", "UNKNOWN", "REFUTED"]
Steps: TypeAlias = ProofStep | tuple[ProofStep, ...]
Proof: TypeAlias = "Callable[[Statement], Steps]"
"""From a statement to the steps that show it, or the one step."""


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
class _Beside:
    """A proof, and what near-misses there are beside its theorem."""

    proof: Proof
    near_misses: tuple[Callable[[Statement], NearMiss], ...] = ()


def near_miss(
    claim: Boolean | Statement, says: str, counterexample: Point, space: Space | None = None
) -> Callable[[Proof | _Beside], _Beside]:
    """Say, above the proof of a theorem, what is nearly the same and false.

    Parameters
    ----------
    claim : Boolean or Statement
        A claim assumes what the theorem does.
    says, counterexample, space
        As in a `NearMiss`.
    """

    def beside(theorem: Statement) -> NearMiss:
        false = claim if isinstance(claim, Statement) else replace(theorem, claim=claim)
        return NearMiss(false, says, counterexample, space)

    def placed(below: Proof | _Beside) -> _Beside:
        known = below if isinstance(below, _Beside) else _Beside(below)
        return _Beside(known.proof, (beside, *known.near_misses))

    return placed


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


def in_coq(file: str, *names: str) -> tuple[KernelTheorem, ...]:
    """Return theorems of one file of the Coq development."""
    return tuple(KernelTheorem(file, name) for name in names)


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Theorem:
    """A theorem, its proof, its near-misses and where it comes from.

    It stands above the function that is its proof, as a decorator; so does each `near_miss`. Where
    several share a proof, or there is none, it is made with what it has.

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
    matters : str
        Why somebody should care, for people; empty where its chapter says it.
    letters : mapping of str to str
        What symbols and functions of its statement stand for, by name, where its words do not say.
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
    proof: Callable[[Statement], tuple[ProofStep, ...]] = field(default=lambda _: ())
    source: str
    space: Space
    matters: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    near_misses: tuple[NearMiss, ...] = ()
    over: str = "reals"
    verdict: Verdict = "PROVED"
    counterexample: Point | None = None
    kernel: tuple[KernelTheorem, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, proof: Proof | _Beside) -> Theorem:
        """Return the theorem with the proof that stands below it, and its near-misses."""
        below = proof if isinstance(proof, _Beside) else _Beside(proof)

        @wraps(below.proof)
        def steps(statement: Statement) -> tuple[ProofStep, ...]:
            found = below.proof(statement)
            return (found,) if isinstance(found, ProofStep) else found

        misses = tuple(miss(self.statement) for miss in below.near_misses)
        return replace(self, proof=steps, near_misses=(*self.near_misses, *misses))

    @property
    def heading(self) -> str:
        """Its title; that of a claim that is refuted says so."""
        return f"Refuted: {self.title}" if self.verdict == "REFUTED" else self.title

    @property
    def idea(self) -> str:
        """The idea of the proof, for people: the sentence that stands first in it."""
        says = self.proof.__doc__ or ""
        return " ".join(says.split())

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs whose fields the statement speaks of."""
        return self.space.runs

    @property
    def meant(self) -> tuple[Run | Mean, ...]:
        """The runs, and the expectations, that give the functions their meaning."""
        return (*self.space.runs, *self.space.means)
