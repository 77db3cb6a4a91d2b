"""The order of the reals: equality and absolute values from both sides, maxima and minima."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Abs, Eq, Expr, Ge, Gt, Le, Lt, Max, Min, expand

from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused
from adamref.logic.relations import is_strict, le

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context
    from adamref.logic.proof import Scope


@final
@dataclass(frozen=True)
class FromBoth(Inference):
    """``|x| <= y`` because ``x <= y`` and ``-x <= y``."""

    above: str
    below: str

    @property
    def uses(self) -> tuple[Used, ...]:
        """Both steps."""
        return (self.above, self.below)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a bound on an absolute value."""
        if not (isinstance(claim, Le | Lt) and isinstance(claim.args[0], Abs)):
            raise Refused(f"{claim} is no bound on an absolute value")
        inside, bound = claim.args[0].args[0], claim.args[1]
        context = scope.context(self.uses)
        scope.oblige(context, claim)
        for name, value in ((self.above, inside), (self.below, -inside)):
            fact = scope.fact(name).relation
            if not (isinstance(fact, Le | Lt) and (isinstance(fact, Lt) or isinstance(claim, Le))):
                raise Refused(f"{name} is not an upper bound")
            if expand(fact.args[0] - value) != 0 or expand(fact.args[1] - bound) != 0:
                raise Refused(f"{name} says {fact}, but {le(value, bound)} is needed")


@final
@dataclass(frozen=True)
class FromBothSides(Inference):
    """``x = y`` because ``x <= y`` and ``x >= y``."""

    above: str
    below: str

    @property
    def uses(self) -> tuple[Used, ...]:
        """Both steps."""
        return (self.above, self.below)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an equation."""
        if not isinstance(claim, Eq):
            raise Refused(f"{claim} is not an equation")
        scope.oblige(scope.context(self.uses), claim)
        for name, kind in ((self.above, Le), (self.below, Ge)):
            relation = scope.fact(name).relation
            if not (isinstance(relation, kind) and relation.args == claim.args):
                raise Refused(f"{name} says {relation}, but {kind(*claim.args)} is needed")


@final
@dataclass(frozen=True)
class Extremes(Inference):
    """An inequality between maxima and minima holds because it holds between their arguments.

    ``max(a, b) <= z`` if both are, ``max(a, b) >= z`` if one is, and the other way round for a
    minimum. The equations used are put in first; between arguments the sign of the difference is
    read off.
    """

    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an inequality."""
        if not isinstance(claim, Le | Lt | Ge | Gt):
            raise Refused(f"{claim} is not an inequality")
        context = scope.context(self.uses)
        scope.oblige(context, claim)
        sides = claim.args if isinstance(claim, Ge | Gt) else tuple(reversed(claim.args))
        more, less = (context.put_in(side) for side in sides)
        if not _above(context, more, less, strict=is_strict(claim)):
            raise Refused(f"{more} is not known to be above {less}")


def _above(context: Context, more: Expr, less: Expr, *, strict: bool) -> bool:
    """Say whether ``more >= less``, or ``>``, follows from the arguments of maxima and minima."""
    if isinstance(more, Min):
        return all(_above(context, part, less, strict=strict) for part in more.args)
    if isinstance(less, Max):
        return all(_above(context, more, part, strict=strict) for part in less.args)
    parts = [(part, less) for part in more.args] if isinstance(more, Max) else []
    parts += [(more, part) for part in less.args] if isinstance(less, Min) else []
    if parts:
        return any(_above(context, one, other, strict=strict) for one, other in parts)
    known = context.positive if strict else context.nonnegative
    return known(more - less)
