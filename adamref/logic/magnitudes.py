"""Bounds on absolute values: the triangle inequality, and theorems applied to earlier steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, Dummy, Expr, Ge, Gt, Integer, Le, Lt, Pow, Symbol, expand

from adamref.logic.facts import Fact
from adamref.logic.instances import instance_of, may_be_put_in
from adamref.logic.proof import Inference, Scope, Used
from adamref.logic.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context
    from adamref.logic.proof import Provable

_SIZE = Dummy("size", real=True)
"""Stands for one absolute value where only its bounds are compared."""


@final
@dataclass(frozen=True)
class Magnitudes(Inference):
    """``|x| <= y``, because x is a sum of products, and y the sum of what bounds them, and more.

    Each factor is bounded by what a used relation or the domain says, ``|factor| <= bound``, or by
    its own absolute value.

    Attributes
    ----------
    terms : tuple of tuple of Expr
        The products, factor by factor.
    more : tuple of Expr
        What y has besides; signs that can be read off.
    """

    terms: tuple[tuple[Expr, ...], ...]
    more: tuple[Expr, ...] = ()
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a bound on an absolute value."""
        context = scope.context(self.uses)
        whole = sum((prod(term, start=Integer(1)) for term in self.terms), Integer(0))
        if len(self.terms) == 1 and len(self.terms[0]) == 1 and _clearly(claim.args[0], whole):
            # One number, bounded before: what is left is to compare the bounds.
            scope.oblige(
                scope.context((), tuple(_named(scope.fact(u), whole) for u in self.uses)),
                claim.func(_SIZE, claim.args[1], evaluate=False),
            )
        else:
            scope.oblige(context, claim)
        if not isinstance(claim, Le):
            raise Refused(f"{claim} is no bound on an absolute value")
        size, bound = claim.args
        if not (_clearly(size, whole) or context.same(size, Abs(whole, evaluate=False))):
            raise Refused(f"{size} is not the absolute value of the sum of the terms given")
        products = (
            prod((_bound(factor, context) for factor in term), start=Integer(1))
            for term in self.terms
        )
        if not context.same(bound, sum((*products, *self.more), Integer(0))):
            raise Refused(f"{bound} is not the sum of the bounds of the terms given")
        for rest in self.more:
            if not context.nonnegative(rest):
                raise Refused(f"{rest} is not known to be >= 0")


def _bound(factor: Expr, context: Context) -> Expr:
    """Return what is known to be at least the absolute value of a factor."""
    own = Abs(factor)
    if own.is_Rational:
        return own
    if context.nonnegative(factor):
        own = factor
    for relation in context.known:
        if not isinstance(relation, Le | Lt | Ge | Gt):
            continue
        less, more = relation.args if isinstance(relation, Le | Lt) else reversed(relation.args)
        same = isinstance(less, Abs) and _up_to_sign(less.args[0], factor)
        if same or less == Abs(factor):
            return more
    return own


def _named(fact: Fact, number: Expr) -> Fact:
    """Give the size of a number a name in a fact that bounds it."""
    relation = fact.relation
    if not (isinstance(relation, Le | Lt) and _clearly(relation.args[0], number)):
        return fact
    return Fact(relation.func(_SIZE, relation.args[1], evaluate=False), fact.conditions, fact.says)


def _up_to_sign(one: Expr, other: Expr) -> bool:
    return 0 in (expand(one - other), expand(one + other))


def _clearly(size: Expr, number: Expr) -> bool:
    """Say whether a size is that of a number, as polynomials; nothing new is divided by in it."""
    if not (isinstance(size, Abs) and _divisors(size) <= _divisors(number)):
        return False
    return _up_to_sign(size.args[0], number)


def _divisors(expr: Expr) -> set[Expr]:
    return {power.base for power in expr.atoms(Pow) if not power.exp.is_nonnegative}


@final
@dataclass(frozen=True)
class Applied(Inference):
    """Another theorem, with expressions put in for its symbols.

    Unlike a theorem that is cited, its assumptions may be what earlier steps have shown. Both sides
    of the claim must have the normal forms of the theorem's.

    Attributes
    ----------
    theorem : Theorem
        It must be proved itself, and have no hypotheses about every index.
    at : mapping of Symbol to Expr
    """

    theorem: Provable
    at: Mapping[Symbol, Any]
    uses: tuple[Used, ...] = field(default=())

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a relation of the theorem's kind."""
        stated = self._stated(scope.context(self.uses), scope)
        if claim == stated:
            return  # what the theorem says, word for word: nothing is left to reckon
        if claim.func is not stated.func:
            raise Refused(f"{claim} is another kind of relation than {stated}")
        size = stated.args[0]
        if isinstance(size, Abs) and _clearly(claim.args[0], size.args[0]):
            # Both speak of one number: what is left is to compare the bounds.
            claim, stated = (
                relation.func(_SIZE, relation.args[1], evaluate=False)
                for relation in (claim, stated)
            )
        instance = scope.context((), (Fact(stated, (), f"theorem {self.theorem.id}"),))
        scope.oblige(instance, claim)
        for wanted, got in zip(claim.args, stated.args, strict=True):
            if wanted != got and not instance.same(wanted, got):
                raise Refused(f"{self.theorem.id} says {stated}, but {claim} is claimed")

    def _stated(self, context: Context, scope: Scope) -> Relational:
        """Return what the theorem says here, if its assumptions hold."""
        theorem = self.theorem
        for run in scope.shown(theorem, self.at).values():
            scope.meet(run)
            tied = [k for k, value in self.at.items() if k in run.speaks_of and value != k]
            if tied:
                raise Refused(f"{theorem.id} is about a run with one {tied[0]}, not about any")
        stated: Any = instance_of(theorem.statement.claim, self.at)
        divisors = frozenset(p.base for p in stated.atoms(Pow) if p.exp.is_negative)
        for key, value in self.at.items():
            may_be_put_in(key, value, context, divisors)
        for relation in theorem.statement.domain:
            wanted = instance_of(relation, self.at)
            if wanted in context.known:
                continue
            if not context.states(wanted):
                raise Refused(f"{theorem.id} needs {wanted}")
        return stated
