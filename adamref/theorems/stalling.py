"""Where a stored state moves: inferences that work a step in the float format itself.

The statement says which stored state its function means; the inferences work that one, and the
search reads it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from sympy import Eq, Expr, Function, Gt, Integer, Lt, Rational, Symbol

from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused
from adamref.theorems.stored import Stored, all_down, all_fixed, all_up

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

    from adamref.logic.proof import Scope
    from adamref.theorems.points import Values

_CHECKS = {Gt: all_up, Eq: all_fixed, Lt: all_down}


@final
@dataclass(frozen=True)
class NextPlace:
    """The function from a place in a format to the one to which a step leads."""

    stored: Stored

    def __call__(self, where: Values, at: int) -> Any:
        """Work it, for the search."""
        return where.carrier.lift(Fraction(self.stored.next_place(at)))


@final
@dataclass(frozen=True)
class StoredState:
    """The function from a step to the value of a stored state that was at a start before."""

    stored: Stored
    start: Fraction

    def __call__(self, where: Values, at: int) -> Any:
        """Work it, for the search."""
        return where.carrier.lift(self.at(at))

    def at(self, step: int) -> Fraction:
        """Return the value at a step."""
        path = self.stored.path(float(self.start))
        return Fraction(next(value for at, value in enumerate(path) if at == step))


@final
@dataclass(frozen=True)
class AtEveryPlace(Inference):
    """Where a step leads from every place in a range, worked in the format.

    The claim is ``next(n) = n``, ``next(n) > n`` or ``next(n) < n``, for a place, or for an index
    whose range is part of the domain.

    Attributes
    ----------
    stored : Stored
    function : str
        The name of ``next``.
    """

    stored: Stored
    function: str
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a claim about one index; what is used beside has to be known all the same."""
        scope.context(self.uses)
        decide = _CHECKS.get(type(claim))
        if decide is None or claim.args[0] != Function(self.function, real=True)(claim.args[1]):
            raise Refused(f"{claim} does not compare a place with the next one")
        if scope.meaning(self.function) != NextPlace(self.stored):
            raise Refused(f"{self.function} means something else in the statement")
        first, last = _range(claim.args[1], scope)
        if not 0 <= first <= last <= self.stored.last:
            raise Refused(
                f"the places from {first} to {last} are not all of {self.stored.fmt.name}"
            )
        if not decide(self.stored, first, last):
            raise Refused(f"{claim} does not hold for all places from {first} to {last}")


def _range(place: Expr, scope: Scope) -> tuple[int, int]:
    """Return the range of an index, as the domain gives it."""
    if place.is_Integer:
        return int(place), int(place)
    if not isinstance(place, Symbol):
        raise Refused(f"{place} is no index")
    conditions = (*scope.conditions, *scope.domain_conditions)
    lower = [int(place - c) for c in conditions if (place - c).is_Integer]
    upper = [int(place + c) for c in conditions if (place + c).is_Integer]
    if not (lower and upper):
        raise Refused(f"{place} has no range")
    return max(lower), min(upper)


@final
@dataclass(frozen=True)
class InTheFormat(Inference):
    """The value of a stored state at a step: worked from its start, or from the step before.

    The claim is ``s(T) = c`` for a number T, or ``s(t) = c`` for an index t; for the latter an
    equation ``s(t - 1) = c'`` must be used.
    """

    stored: Stored
    start: Fraction
    function: str
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an equation; what is used beside has to be known all the same."""
        scope.context(self.uses)
        if not (isinstance(claim, Eq) and isinstance(claim.args[1], Rational)):
            raise Refused(f"{claim} does not say what a stored number is")
        state, wanted = Function(self.function, real=True), _fraction(claim.args[1])
        if claim.args[0].func != state:
            raise Refused(f"{claim} is not about {self.function}")
        if scope.meaning(self.function) != self._meaning:
            raise Refused(f"{self.function} means something else in the statement")
        (at,) = claim.args[0].args
        got = self._at(int(at)) if isinstance(at, Integer) else self._next(at, state, scope)
        if got != wanted:
            raise Refused(f"{self.function} is {got} there, not {wanted}")

    @property
    def _meaning(self) -> StoredState:
        return StoredState(self.stored, self.start)

    def _at(self, step: int) -> Fraction:
        if step < 0:
            raise Refused(f"there is no step {step}")
        return self._meaning.at(step)

    def _next(self, at: Expr, state: Any, scope: Scope) -> Fraction:
        if not scope.holds(at - 1):
            raise Refused(f"{at} may be the start")
        for used in self.uses:
            before = scope.context((used,)).facts[0].relation
            if isinstance(before, Eq) and before.args[0] == state(at - 1):
                value = _fraction(before.args[1])
                if not self.stored.fmt.contains(float(value)):
                    raise Refused(f"{value} is not a {self.stored.fmt.name} number")
                return Fraction(self.stored.after(float(value)))
        raise Refused(f"nothing is said about {state(at - 1)}")


def _fraction(value: Expr) -> Fraction:
    if not isinstance(value, Rational):
        raise Refused(f"{value} is no number")
    return Fraction(int(value.p), int(value.q))
