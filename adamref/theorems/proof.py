"""Proofs: named steps, each with the sentence that says why and the inference that checks it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy import Expr, Symbol
    from sympy.logic.boolalg import Boolean

    from adamref.theorems.check import Scope
    from adamref.theorems.context import Context
    from adamref.theorems.facts import Fact
    from adamref.theorems.record import Theorem


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

    theorem: Theorem
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
    induction : str or None
        The name under which the induction hypothesis is among the facts.
    """

    step: str
    context: Context
    claim: Boolean
    hypothesis: Fact | None = None


class Inference(ABC):
    """How a claim is reached."""

    uses: tuple[Used, ...]

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
class Step:
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
