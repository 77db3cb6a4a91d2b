"""What the normal form decides, and signs that can be read off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Abs, Eq, Expr, Ge, Gt, Integer, Le, Lt, Ne, Pow, Rational

from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused
from adamref.logic.relations import is_strict, slack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context
    from adamref.logic.proof import Scope


@final
@dataclass(frozen=True)
class Identity(Inference):
    """Both sides have the same normal form, once the equations used are put in."""

    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an equation."""
        if not isinstance(claim, Eq):
            raise Refused(f"{claim} is not an equation")
        context = scope.context(self.uses)
        scope.oblige(context, claim)
        if not context.same(*claim.args):
            raise Refused(f"the two sides of {claim} have different normal forms")


@final
@dataclass(frozen=True)
class Combination(Inference):
    """An equation that is a combination of others, each multiplied by an expression.

    Attributes
    ----------
    of : tuple of (used, Expr)
        Equations, and what each is multiplied by.
    then : tuple of used
        Equations to be put in, as `Identity` does.
    """

    of: tuple[tuple[Used, Expr], ...]
    then: tuple[Used, ...] = ()

    @property
    def uses(self) -> tuple[Used, ...]:
        """All equations."""
        return (*(used for used, _ in self.of), *self.then)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an equation."""
        if not isinstance(claim, Eq):
            raise Refused(f"{claim} is not an equation")
        known = scope.context(self.uses)
        scope.oblige(known, claim)
        combined: Expr = Integer(0)
        for used, factor in self.of:
            relation = scope.fact(used).relation
            if not isinstance(relation, Eq):
                raise Refused(f"{relation} is not an equation")
            for part in (factor, *relation.args):
                known.defined(part)  # SymPy may cancel what is divided by
            combined += factor * (relation.args[0] - relation.args[1])
        left, right = claim.args
        if not scope.context(self.then).same(left - right, combined):
            raise Refused(f"{claim} is not the combination given")


@final
@dataclass(frozen=True)
class Certificate(Inference):
    """What is to be >= 0 (or > 0) is written as a sum of terms whose signs can be read off.

    Without terms, the sign of the difference itself is read off.
    """

    terms: tuple[Expr, ...] = ()
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an inequality."""
        context = scope.context(self.uses)
        scope.oblige(context, claim)
        if isinstance(claim, Ne):
            difference = claim.args[0] - claim.args[1]
            if not context.nonzero(difference):
                raise Refused(f"{difference} is not known to differ from 0")
            return
        _signs(context, slack(claim), self.terms, strict=is_strict(claim))


@final
@dataclass(frozen=True)
class Squares(Inference):
    """Two numbers >= 0 compare as their squares do.

    For ``x = y`` both must be >= 0; for ``x <= y`` and ``|x| <= y`` it is enough that y is. The
    difference of the squares is certified by terms, as in `Certificate`.
    """

    terms: tuple[Expr, ...] = ()
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check an equation or an inequality."""
        if not isinstance(claim, Eq | Le | Lt | Ge | Gt):
            raise Refused(f"{claim} is no equation and no inequality")
        context = scope.context(self.uses)
        scope.oblige(context, claim)
        for side in claim.args:
            context.put_in(side)
        if isinstance(claim, Eq):
            one, other = claim.args
            context.roots(one)  # SymPy may square them
            context.roots(other)
            self._nonnegative(context, one)
            self._nonnegative(context, other)
            if not context.same(one**2, other**2):
                raise Refused(f"the squares of both sides of {claim} have different normal forms")
            return
        less, more = claim.args if isinstance(claim, Le | Lt) else reversed(claim.args)
        context.roots(less)
        # What stands below a single root is at least the other square, and so not negative.
        context.roots(more.base if isinstance(more, Pow) and more.exp == Rational(1, 2) else more)
        self._nonnegative(context, more)
        less = less.args[0] if isinstance(less, Abs) else less
        _signs(context, more**2 - less**2, self.terms, strict=is_strict(claim))

    @staticmethod
    def _nonnegative(context: Context, expr: Expr) -> None:
        if not (context.nonnegative(expr) or context.nonnegative(context.rewritten(expr))):
            raise Refused(f"{expr} is not known to be >= 0")


def _signs(context: Context, difference: Expr, terms: Sequence[Expr], *, strict: bool) -> None:
    """Check that a difference is the sum of some terms, and that these have their sign."""
    if terms and not context.same(difference, sum(terms, Integer(0))):
        raise Refused(f"{difference} is not the sum of the terms given")
    for term in terms:
        context.defined(term)  # SymPy may cancel what is divided by
    for term in terms or (difference,):
        if not context.nonnegative(term):
            raise Refused(f"{term} is not known to be >= 0")
    if strict and not any(context.positive(term) for term in terms or (difference,)):
        raise Refused(f"none of {', '.join(map(str, terms or (difference,)))} is known to be > 0")
