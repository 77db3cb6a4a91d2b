"""Proofs: named steps, each with the sentence that says why and the inference that checks it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sympy import Expr, Symbol
    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context
    from adamref.logic.facts import Fact, Recurrence
    from adamref.logic.statement import Statement

HYPOTHESIS = "induction hypothesis"
"""The name under which the claim at t - 1 may be used in the step of an induction."""


class Provable(Protocol):
    """What is checked: a statement, and the proof that is to show it."""

    @property
    def id(self) -> str:
        """Its name, which never changes."""

    @property
    def statement(self) -> Statement:
        """What it says."""

    @property
    def proof(self) -> Callable[[Statement], tuple[ProofStep, ...]]:
        """From a statement to the steps that show it."""

    @property
    def meant(self) -> tuple[Recurrence, ...]:
        """What gives the functions of the statement their meaning."""


@final
@dataclass(frozen=True)
class Use:
    """An earlier step or a hypothesis, by name, at chosen values of its indices."""

    name: str
    at: Mapping[Symbol, object] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Cite:
    """Another theorem, with expressions put in for its symbols.

    Its domain must hold for them, by what is assumed and by the steps given; it must be proved
    itself.
    """

    theorem: Provable
    at: Mapping[Symbol, object] = field(default_factory=dict)
    given: tuple[str, ...] = ()


Used: TypeAlias = "str | Use | Cite | Fact"


@final
@dataclass(frozen=True)
class Obligation:
    """A relation that follows from others in the arithmetic of the reals: what a solver can check.

    Attributes
    ----------
    step : str
        The step it belongs to.
    context : Context
        What may be used.
    claim : Relational
    hypothesis : Fact or None
        The induction hypothesis, where there is one.
    by : Inference or None
        How the proof reaches it; what it uses are the facts of the context, in order.
    """

    step: str
    context: Context
    claim: Boolean
    hypothesis: Fact | None = None
    by: Inference | None = None


@final
@dataclass(frozen=True)
class Algebra:
    """The outcome of a check.

    Attributes
    ----------
    refusal : str or None
        Why the proof is not accepted: the first reason.
    obligations : tuple of Obligation
        What a solver can check besides, up to the step that was refused.
    structural : bool
        The refusal is no matter of arithmetic: the steps do not add up to the claim, or use what is
        not there. No solver can have another opinion.
    runs : mapping of str to Run
        The runs that the proof speaks of, by their marks.
    """

    refusal: str | None
    obligations: tuple[Obligation, ...]
    structural: bool = False
    runs: Mapping[str, Recurrence] = field(default_factory=dict)


class Scope(ABC):
    """What an inference may ask for, and what it must say, while a proof is checked.

    Attributes
    ----------
    conditions : tuple of Expr
        Integer expressions that are >= 0 in the current step, besides the theorem's domain.
    """

    conditions: tuple[Expr, ...]

    @property
    @abstractmethod
    def domain_conditions(self) -> tuple[Expr, ...]:
        """The conditions of the theorem on its indices."""

    @property
    @abstractmethod
    def relations(self) -> tuple[Relational, ...]:
        """The conditions of the theorem on its real symbols."""

    @property
    @abstractmethod
    def supposes(self) -> bool:
        """Whether anything is assumed by a hypothesis, of the theorem or of an induction."""

    @property
    @abstractmethod
    def fixed(self) -> set[Symbol]:
        """The symbols that stand for one value: something besides an index's range is assumed."""

    @abstractmethod
    def fact(self, used: Used) -> Fact:
        """Return what is used.

        Raises
        ------
        Refused
            If there is no such step or hypothesis, or it may not be used so.
        """

    @abstractmethod
    def meaning(self, function: str) -> object:
        """Return what a function of the statement means that is worked out; None for another."""

    @abstractmethod
    def context(self, uses: Sequence[Used], shown: Sequence[Fact] = ()) -> Context:
        """Return what is known in the current step, and by what an inference has shown itself."""

    @abstractmethod
    def holds(self, condition: Expr, ranges: tuple[Expr, ...] = ()) -> bool:
        """Say whether a condition on indices holds in the current step."""

    @abstractmethod
    def vary(self, index: Symbol, name: str, value: object = None) -> None:
        """Note that a step is used for other values of an index than the one it was shown for.

        Raises
        ------
        Refused
            If it was shown for one value only: it follows from the induction hypothesis.
        """

    @abstractmethod
    def may_induct(self, over: Symbol) -> None:
        """Check that what is assumed at t is assumed at t - 1 as well."""

    @abstractmethod
    def oblige(self, context: Context, claim: Boolean) -> None:
        """Note an obligation, for other checkers."""

    @abstractmethod
    def nested(
        self,
        claim: Boolean,
        steps: Sequence[ProofStep],
        values: Mapping[Symbol, Expr],
        *,
        hypothesis: Fact | None = None,
        over: Symbol | None = None,
        where: tuple[Expr, ...] = (),
    ) -> None:
        """Check a proof inside a proof."""

    @abstractmethod
    def shown(self, theorem: Provable, at: Mapping[Any, Any]) -> Mapping[str, Recurrence]:
        """Check another theorem, and return the runs that it speaks of, by their marks.

        What is put in for its symbols and functions is none that means one thing there.

        Raises
        ------
        Refused
            If it is not proved, rests on the one that is checked, or has hypotheses.
        """

    @abstractmethod
    def meet(self, run: Recurrence) -> None:
        """Note a run that a proof speaks of: its mark stands for no other.

        Two runs with one mark would share the names of their fields, and contradict each other.
        """


class Inference(ABC):
    """How a claim is reached."""

    @property
    @abstractmethod
    def uses(self) -> tuple[Used, ...]:
        """The steps, hypotheses, theorems and definitions that it rests on."""

    @abstractmethod
    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check the claim.

        Raises
        ------
        Refused
            If the claim does not follow.
        """

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the steps and hypotheses that are used."""
        return tuple(name for used in self.uses for name in _named(used))


def _named(used: Used) -> tuple[str, ...]:
    if isinstance(used, Cite):
        return used.given
    if isinstance(used, Use):
        return (used.name,)
    return (used,) if isinstance(used, str) else ()


@final
@dataclass(frozen=True)
class ProofStep:
    """A step of a proof.

    Attributes
    ----------
    name : str
        Other steps use it by this name.
    claim : Relational
        Its free indices are universally quantified, where the conditions hold.
    because : str
        Why, for people: a sentence.
    by : Inference
    where : tuple of Expr
        Integer expressions that must be >= 0 for the claim, besides the theorem's domain.
    """

    name: str
    claim: Boolean
    because: str
    by: Inference
    where: tuple[Expr, ...] = ()
