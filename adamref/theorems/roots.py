"""Roots of what grows without bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from sympy import Eq, Limit, oo

from adamref.theorems.context import Refused
from adamref.theorems.inference import all_large
from adamref.theorems.proof import Inference, Used

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

    from adamref.theorems.check import Scope


@final
@dataclass(frozen=True)
class RootUnbounded(Inference):
    """A limit is infinite because that of the square is, and what is squared is >= 0.

    Attributes
    ----------
    name : str
        The step that says that the limit of the square is infinite.
    more : tuple of used
        What the sign rests on.
    """

    name: str
    more: tuple[Used, ...] = ()

    @property
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
        """The step about the square, and what the sign rests on."""
        return (self.name, *self.more)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = oo``."""
        function, *where = _infinite(claim)
        square, *there = _infinite(scope.fact(self.name).relation)
        if where != there:
            raise Refused(f"{self.name} is about another limit")
        context = scope.context(self.more)
        over = where[1]
        if over in scope.fixed:
            raise Refused(f"what is known is about one {over}")
        all_large(scope, context, self.names, over)
        if not context.same(function**2, square):
            raise Refused(f"{square} is not the square of {function}")
        if not context.nonnegative(function):
            raise Refused(f"{function} is not known to be >= 0")


def _infinite(claim: Boolean) -> tuple[Any, ...]:
    """Return of what, and where, a claim says that the limit is infinite."""
    if not (isinstance(claim, Eq) and isinstance(claim.args[0], Limit) and claim.args[1] is oo):
        raise Refused(f"{claim} does not say that a limit is infinite")
    return tuple(claim.args[0].args[:3])
