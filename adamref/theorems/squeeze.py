"""The limit of what lies between two expressions with the same limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Eq, Expr, Ge, Gt, Le, Limit, Lt, oo

from adamref.theorems.context import Refused
from adamref.theorems.inference import all_large, in_the_end, limit_at_infinity
from adamref.theorems.proof import Inference, Used

if TYPE_CHECKING:
    from sympy import Symbol
    from sympy.logic.boolalg import Boolean

    from adamref.theorems.check import Scope
    from adamref.theorems.facts import Fact


@final
@dataclass(frozen=True)
class Squeezed(Inference):
    """``lim f = L`` because f lies between two expressions whose limit is L.

    Attributes
    ----------
    over : Symbol
        The index, which goes to infinity.
    below, above : str
        The steps that show ``f >= l`` and ``f <= h`` for all large indices.
    given : tuple of used
        What the limits of l and h rest on.
    """

    over: Symbol
    below: str
    above: str
    given: tuple[Used, ...] = ()

    @property
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
        """Both bounds, and what their limits rest on."""
        return (self.below, self.above, *self.given)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = L``."""
        if not (isinstance(claim, Eq) and isinstance(claim.args[0], Limit)):
            raise Refused(f"{claim} is not about a limit")
        function, variable, point = claim.args[0].args[:3]
        if variable != self.over or point is not oo:
            raise Refused(f"the limit is not for {self.over} to infinity")
        if self.over in scope.fixed:
            raise Refused(f"what is assumed is about one {self.over}, not about all large ones")
        context = scope.context(self.given)
        all_large(scope, context, self.names, self.over)
        for name, kinds, others in (
            (self.below, Ge | Gt, Le | Lt),
            (self.above, Le | Lt, Ge | Gt),
        ):
            fact = scope.fact(name)
            self._holds_in_the_end(name, fact, scope)
            left, right = fact.relation.args
            if isinstance(fact.relation, kinds) and left == function:
                bound: Expr = right
            elif isinstance(fact.relation, others) and right == function:
                bound = left
            else:
                raise Refused(f"{name} shows {fact.relation}, no bound of {function} on that side")
            made = context.within((self.over,)).put_in(bound)
            limit = limit_at_infinity(made, self.over, context)
            if not context.same(limit, claim.args[1]):
                raise Refused(f"the limit of {bound} is {limit}")

    def _holds_in_the_end(self, name: str, fact: Fact, scope: Scope) -> None:
        """Check that a bound is shown for all large indices."""
        for condition in fact.conditions:
            if condition.has(self.over):
                if not in_the_end(condition, self.over):
                    raise Refused(f"{name} does not hold for all large {self.over}")
            elif not scope.holds(condition):
                raise Refused(f"{condition} >= 0 is not known here, which {name} needs")
