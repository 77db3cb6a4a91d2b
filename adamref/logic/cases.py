"""Proofs by cases: a conjunction, a maximum that is one of its arguments, an index at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from sympy import And, Eq, Ge, Gt, Integer, Le, Limit, Lt, Max, Ne, Rational, Sum, Symbol

from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused
from adamref.logic.relations import instead, substituted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy.logic.boolalg import Boolean

    from adamref.logic.proof import Scope


@final
@dataclass(frozen=True)
class Parts(Inference):
    """A conjunction, because each part was shown."""

    steps: tuple[str, ...]

    @property
    def uses(self) -> tuple[Used, ...]:
        """The steps."""
        return self.steps

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a conjunction."""
        scope.context(self.uses)
        _show(self.steps, set(claim.args) if isinstance(claim, And) else {claim}, scope)


@final
@dataclass(frozen=True)
class PutIn(Inference):
    """A relation about x holds because it holds with y in place of x, where ``x = y``.

    Where ``x = max(a, b)``, it is enough that it holds with a in place of x, and with b.

    Attributes
    ----------
    equation : used
        What x is: a step, or a line of a rule.
    steps : tuple of str
        What was shown with y, or with each argument of the maximum, in place of x.
    """

    equation: Used
    steps: tuple[str, ...]

    @property
    def uses(self) -> tuple[Used, ...]:
        """The equation and the steps."""
        return (self.equation, *self.steps)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check one relation."""
        scope.context(self.uses)
        equation = scope.fact(self.equation).relation
        if not isinstance(equation, Eq):
            raise Refused(f"{equation} is not an equation")
        if isinstance(claim, And):
            raise Refused(f"{claim} is more than one relation")
        bound = {index for whole in claim.atoms(Sum) for index, *_ in whole.limits}
        bound |= {limit.args[1] for limit in claim.atoms(Limit)}
        if bound & equation.free_symbols:
            raise Refused(f"{claim} binds an index of {equation}")
        value, meaning = equation.args
        arguments = meaning.args if isinstance(meaning, Max) else (meaning,)
        _show(self.steps, {instead(claim, value, argument) for argument in arguments}, scope)


def _show(steps: Sequence[str], wanted: set[Boolean], scope: Scope) -> None:
    """Check that some steps show what is wanted, and nothing else."""
    shown = {scope.fact(name).relation for name in steps}
    if missing := wanted - shown:
        raise Refused(f"{missing.pop()} was not shown")
    if extra := shown - wanted:
        raise Refused(f"{extra.pop()} is not asked for")


@final
@dataclass(frozen=True)
class OneByOne(Inference):
    """A relation between numbers for every index: the first few are calculated.

    Attributes
    ----------
    over : Symbol
        The index.
    first, last : int
        What is calculated, in exact rationals.
    rest : str or None
        The step that shows the claim from ``last + 1`` on; None where the claim is not made there.
    """

    over: Symbol
    first: int
    last: int
    rest: str | None = None

    @property
    def uses(self) -> tuple[Used, ...]:
        """The step about large indices."""
        return () if self.rest is None else (self.rest,)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a relation in which nothing but the index is left open."""
        if not type(self.first) is type(self.last) is int:
            raise Refused(f"{self.first} and {self.last} are no whole numbers")
        if not scope.holds(self.over - self.first):
            raise Refused(f"the claim is not only about {self.over} >= {self.first}")
        if isinstance(claim, And):
            raise Refused(f"{claim} is more than one relation")
        self._large(claim, scope)
        for k in range(self.first, self.last + 1):
            instance = substituted(claim, {self.over: Integer(k)})
            scope.oblige(scope.context(()), instance)
            if not _decided(instance):
                raise Refused(f"{instance} is not true, or no relation between rational numbers")

    def _large(self, claim: Boolean, scope: Scope) -> None:
        if self.rest is None:
            if not scope.holds(self.last - self.over):
                raise Refused(f"nothing is said about {self.over} > {self.last}")
            return
        fact = scope.fact(self.rest)
        if fact.relation != claim:
            raise Refused(f"{self.rest} shows {fact.relation}, not {claim}")
        for condition in fact.conditions:
            if not scope.holds(condition, (self.over - self.last - 1,)):
                raise Refused(f"{condition} >= 0 does not hold for all {self.over} > {self.last}")


def _decided(relation: Any) -> bool:
    """Say whether a relation between rational numbers is true."""
    left, right = relation.args
    if not (isinstance(left, Rational) and isinstance(right, Rational)):
        return False
    true: dict[type, bool] = {
        Eq: left == right,
        Ne: left != right,
        Le: bool(left <= right),
        Lt: bool(left < right),
        Ge: bool(left >= right),
        Gt: bool(left > right),
    }
    return true[relation.func]
