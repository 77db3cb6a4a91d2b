"""An inequality between functions of one real number, from their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Add, And, Eq, Expr, Mul, Ne, Pow, Rational, Symbol, diff, log

from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused
from adamref.logic.relations import is_strict, slack

if TYPE_CHECKING:
    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context
    from adamref.logic.proof import Scope


@final
@dataclass(frozen=True)
class Slope(Inference):
    """``d(x) > 0`` for x below an end: d is 0 at the end, and its derivative is below 0 before it.

    (Above the end, the derivative must be above 0.) The difference d of the two sides must be made
    of x and rational numbers by sums, products, whole powers and logarithms, and be defined from x
    to the end; then the mean value theorem applies to it.

    Attributes
    ----------
    over : Symbol
        The number x, which the domain of the theorem ties to nothing but rational numbers.
    end : Rational
    slope : str
        The step that shows the sign of the derivative, for every x of the domain.
    """

    over: Symbol
    end: Rational
    slope: str

    @property
    def uses(self) -> tuple[Used, ...]:
        """The step about the derivative."""
        return (self.slope,)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an inequality between two functions of one number."""
        if isinstance(claim, And):
            raise Refused(f"{claim} is more than one relation")
        if scope.supposes:
            raise Refused(f"what is known may be about one {self.over} only")
        if self.over.is_integer:
            raise Refused(f"{self.over} takes no values between whole numbers")
        # What is known of every number from x to the end: the domain, and nothing else.
        domain = scope.context(())
        self._interval(scope.relations)
        below = domain.positive(self.end - self.over)
        if not (below or domain.positive(self.over - self.end)):
            raise Refused(f"{self.over} is not known to lie on one side of {self.end}")
        difference = slack(claim)
        if difference.free_symbols != {self.over}:
            raise Refused(f"{claim} is not about {self.over} alone")
        self._defined(difference, domain)
        if difference.subs(self.over, self.end) != 0:
            raise Refused(f"the two sides of {claim} differ at {self.over} = {self.end}")
        sign = self._sign(scope)
        if not domain.same(diff(difference, self.over), -sign if below else sign):
            raise Refused(f"{self.slope} is not about the derivative of {difference}")

    def _sign(self, scope: Scope) -> Expr:
        """Return what the step about the derivative says to be > 0."""
        relation: Relational = scope.fact(self.slope).relation
        scope.context(self.uses)
        if isinstance(relation, Eq | Ne) or not is_strict(relation):
            raise Refused(f"{self.slope} is no strict inequality")
        return slack(relation)

    def _interval(self, relations: tuple[Relational, ...]) -> None:
        """Check that with x every number between x and the end lies in the domain."""
        for relation in relations:
            if not relation.has(self.over):
                continue
            if isinstance(relation, Eq | Ne):
                raise Refused(f"{relation} does not describe an interval")
            # A linear relation describes an interval, which the end bounds or lies in.
            difference = slack(relation)
            at_end = difference.subs(self.over, self.end)
            linear = diff(difference, self.over).is_Rational
            if not (linear and at_end.is_Rational and at_end >= 0):
                raise Refused(f"{relation} is not known to hold up to {self.end}")

    def _defined(self, expr: Expr, domain: Context) -> None:
        """Check that a function is defined, and so smooth, from x to the end, both included."""
        if expr.is_Rational or expr == self.over:
            return
        if isinstance(expr, Add | Mul):
            for part in expr.args:
                self._defined(part, domain)
            return
        inside = expr.args[0] if expr.args else expr
        at_end = inside.subs(self.over, self.end)
        if isinstance(expr, log):
            fits = domain.positive(inside) and at_end.is_Rational and at_end > 0
        elif isinstance(expr, Pow) and expr.exp.is_Integer:
            fits = bool(expr.exp > 0) or (
                domain.nonzero(inside) and at_end.is_Rational and at_end != 0
            )
        else:
            raise Refused(f"{expr} is not made of {self.over} in a way that is known")
        if not fits:
            raise Refused(f"{expr} is not known to be defined up to {self.end}")
        self._defined(inside, domain)
