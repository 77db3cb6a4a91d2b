"""Induction over an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import And, Integer, Symbol

from adamref.logic.facts import Fact
from adamref.logic.proof import Inference, ProofStep, Used
from adamref.logic.refusal import Refused
from adamref.logic.relations import substituted

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

    from adamref.logic.proof import Scope


@final
@dataclass(frozen=True)
class Induction(Inference):
    """The claim holds at the start, and at t if it holds at t - 1.

    Attributes
    ----------
    over : Symbol
        The index.
    start : int or Expr
        Its first value.
    base, step : tuple of ProofStep
        Proofs of the claim at the start, and at t > start; in the latter the claim at t - 1 may be
        used as ``"induction hypothesis"``.
    """

    over: Symbol
    start: int
    base: tuple[ProofStep, ...]
    step: tuple[ProofStep, ...]

    @property
    def uses(self) -> tuple[Used, ...]:
        """Nothing by itself: the steps inside say what they use."""
        return ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a claim for every index from the start on."""
        if type(self.start) is not int:
            raise Refused(f"{self.start} is no whole number to start at")
        if not scope.holds(self.over - self.start):
            raise Refused(f"the claim is not only about {self.over} >= {self.start}")
        if isinstance(claim, And):
            raise Refused("an induction is about one relation")
        if not isinstance(self.over, Symbol):
            raise Refused(f"{self.over} is no index")
        scope.may_induct(self.over)
        first = substituted(claim, {self.over: Integer(self.start)})
        scope.nested(first, self.base, {self.over: Integer(self.start)})
        before = substituted(claim, {self.over: self.over - 1})
        conditions = tuple(
            c.subs(self.over, self.over - 1) for c in (*scope.conditions, *scope.domain_conditions)
        )
        hypothesis = Fact(before, conditions, "the induction hypothesis")
        above = self.over - self.start - 1
        scope.nested(claim, self.step, {}, hypothesis=hypothesis, over=self.over, where=(above,))
