"""Sums compared term by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Abs, Dummy, Eq, Ge, Le, Sum

from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

    from adamref.logic.proof import Scope


@final
@dataclass(frozen=True)
class TermByTerm(Inference):
    """A sum is at most another one because each of its terms is."""

    name: str

    @property
    def uses(self) -> tuple[Used, ...]:
        """The step about the terms."""
        return (self.name,)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an inequality or equation between two sums over the same range."""
        left, right = claim.args
        if not (isinstance(left, Sum) and isinstance(right, Sum) and left.limits == right.limits):
            raise Refused("two sums over the same range are wanted")
        fact = scope.fact(self.name)
        if fact.relation.func is not claim.func or not isinstance(claim, Eq | Le | Ge):
            raise Refused(f"{self.name} is another kind of relation")
        index, low, high = left.limits[0]
        if fact.relation.args != (left.function, right.function):
            raise Refused(f"{self.name} is about {fact.relation}, not about the terms of the sums")
        if index in scope.fixed:
            raise Refused(f"{self.name} speaks of one {index}, not of all")
        scope.vary(index, self.name)
        any_ = Dummy(index.name, integer=True)  # of which only the range is known
        for condition in fact.conditions:
            if not scope.holds(condition.subs(index, any_), (any_ - low, high - any_)):
                raise Refused(f"{condition} >= 0 does not hold for all terms")


@final
@dataclass(frozen=True)
class Triangle(Inference):
    """The absolute value of a sum is at most the sum of the absolute values."""

    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``|Σ f| <= Σ |f|``."""
        del scope
        left, right = claim.args
        fits = (
            isinstance(claim, Le)
            and isinstance(left, Abs)
            and isinstance(left.args[0], Sum)
            and isinstance(right, Sum)
            and left.args[0].limits == right.limits
            and right.function in (Abs(left.args[0].function), Abs(-left.args[0].function))
        )
        if not fits:
            raise Refused(f"{claim} is not of the form |Σ f| <= Σ |f|")
