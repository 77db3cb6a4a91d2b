"""The inferences: the whole of what a proof may be made of.

Each ends in a rational identity that the normal form decides, in signs that can be read off, or in
a principle that is stated here (induction, comparison term by term, continuity at 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import (
    Abs,
    And,
    Dummy,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Limit,
    Lt,
    Ne,
    Poly,
    Pow,
    Rational,
    Sum,
    Symbol,
    expand,
    nan,
    oo,
    zoo,
)
from sympy.core.function import AppliedUndef

from adamref.theorems.context import Refused, is_strict, slack
from adamref.theorems.facts import Fact, substituted
from adamref.theorems.normal import Undecided
from adamref.theorems.proof import Inference, Step, Used
from adamref.theorems.vocabulary import le

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.theorems.check import Scope
    from adamref.theorems.context import Context


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
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
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


@final
@dataclass(frozen=True)
class FromBoth(Inference):
    """``|x| <= y`` because ``x <= y`` and ``-x <= y``."""

    above: str
    below: str

    @property
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
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
class Parts(Inference):
    """A conjunction, because each part was shown."""

    steps: tuple[str, ...]

    @property
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
        """The steps."""
        return self.steps

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a conjunction."""
        scope.context(self.uses)
        shown = {scope.fact(name).relation for name in self.steps}
        parts = set(claim.args) if isinstance(claim, And) else {claim}
        if missing := parts - shown:
            raise Refused(f"{missing.pop()} was not shown")
        if extra := shown - parts:
            raise Refused(f"{extra.pop()} is not part of the claim")


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
    base, step : tuple of Step
        Proofs of the claim at the start, and at t > start; in the latter the claim at t - 1 may be
        used as ``"induction hypothesis"``.
    """

    over: Symbol
    start: int
    base: tuple[Step, ...]
    step: tuple[Step, ...]
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check a claim for every index from the start on."""
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


@final
@dataclass(frozen=True)
class TermByTerm(Inference):
    """A sum is at most another one because each of its terms is."""

    name: str

    @property
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
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


@final
@dataclass(frozen=True)
class Vanishing(Inference):
    """A limit for t to infinity: powers of what is below 1 vanish, and the rest is continuous.

    The expression must be made, by sums, products, divisions and roots, of parts free of t and of
    powers b^t with 0 <= b < 1, which may be multiplied by powers of t.
    """

    over: Symbol
    uses: tuple[Used, ...] = ()

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = L``."""
        if not (isinstance(claim, Eq) and isinstance(claim.args[0], Limit)):
            raise Refused(f"{claim} is not about a limit")
        function, variable, point = claim.args[0].args[:3]
        if variable != self.over or point is not oo:
            raise Refused(f"the limit is not for {self.over} to infinity")
        if self.uses and self.over in scope.fixed:
            raise Refused(f"what is used is known for one {self.over} only")
        context = scope.context(self.uses).free_of(self.over)
        all_large(scope, context, self.names, self.over)
        function = context.within((self.over,)).put_in(function)
        at_infinity = limit_at_infinity(function, self.over, context)
        if not context.same(at_infinity, claim.args[1]):
            raise Refused(f"the limit is {at_infinity}")


def all_large(scope: Scope, context: Context, names: Sequence[str], over: Symbol) -> None:
    """Check that what is known in a step is known for all large values of an index."""
    for condition in context.conditions:
        if condition.has(over) and not in_the_end(condition, over):
            raise Refused(f"{condition} >= 0 does not hold for all large {over}")
    for name in names:
        scope.vary(over, name)


def in_the_end(condition: Expr, over: Symbol) -> bool:
    """Say whether a condition, ``c t + d >= 0`` with c > 0, holds for all large t."""
    slope = expand(condition).coeff(over)
    rest = expand(condition - slope * over)
    return bool(slope.is_Integer and slope > 0 and not rest.has(over))


def limit_at_infinity(function: Expr, over: Symbol, context: Context) -> Expr:
    """Put 0 in for every vanishing power."""
    gone: dict[Expr, Expr] = {}
    for power in function.atoms(Pow):
        base, exponent = power.base, expand(power.exp)
        if not exponent.has(over):
            continue
        slope = exponent.coeff(over)
        if base.has(over) or expand(exponent - slope * over).has(over):
            raise Refused(f"{power} is no power of a constant with a linear exponent")
        if base.is_Rational and base > 1 and slope.is_negative:
            base, slope = 1 / base, -slope  # SymPy writes (1/2)^n as 2^-n
        if not (slope.is_Integer and slope > 0 and exponent.is_integer):
            raise Refused(f"{power} is not known to vanish")
        if not (context.nonnegative(base) and context.positive(1 - base)):
            raise Refused(f"{base} is not known to lie in [0, 1)")
        gone[power] = Integer(0)
    with_marks = {power: Symbol(f"vanishing{k}") for k, power in enumerate(gone)}
    marked = function.xreplace(with_marks)
    if any(value.has(over) for value in marked.atoms(AppliedUndef, Sum)):
        raise Refused(f"a field or a sum still speaks of {over}")
    if marked.has(over):
        top, *_ = (marked.together().as_numer_denom()[0],)
        bottom = marked.together().as_numer_denom()[1]
        if bottom.has(over):
            raise Refused(f"{over} stands below")
        for powers, _ in Poly(top, over, *with_marks.values()).terms():
            if powers[0] and not any(powers[1:]):
                raise Refused(f"{over} stands without a vanishing power")
    vanishing = dict.fromkeys((*with_marks.values(), over), Integer(0))
    for power in marked.atoms(Pow):
        below = power.base if power.exp.is_negative else Integer(1)
        if below.has(*vanishing) and not context.nonzero(below.xreplace(vanishing)):
            raise Refused(f"{below} is divided by, and may vanish")
    result = marked.xreplace(vanishing)
    if result.has(zoo, nan, oo):
        raise Refused("something vanishes that is divided by")
    atoms = context.atoms()
    try:
        atoms.of(result)
    except Undecided as undecided:
        raise Refused(str(undecided)) from None
    return result


@final
@dataclass(frozen=True)
class Unbounded(Inference):
    """A limit is infinite because the expression is at least c t + d with c > 0."""

    name: str
    over: Symbol

    @property
    def uses(self) -> tuple[Used, ...]:  # type: ignore[override]
        """The step with the bound."""
        return (self.name,)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = oo``."""
        if not (isinstance(claim, Eq) and isinstance(claim.args[0], Limit) and claim.args[1] is oo):
            raise Refused(f"{claim} does not say that a limit is infinite")
        function, variable, point = claim.args[0].args[:3]
        used = scope.fact(self.name)
        fact: Relational = used.relation
        for condition in used.conditions:
            if condition.has(self.over) and not in_the_end(condition, self.over):
                raise Refused(f"{self.name} does not hold for all large {self.over}")
        if variable != self.over or point is not oo or self.over in scope.fixed:
            raise Refused(f"the limit is not for {self.over} to infinity")
        more, less = fact.args if not isinstance(fact, Le | Lt) else reversed(fact.args)
        if isinstance(fact, Eq) or more != function:
            raise Refused(f"{self.name} is no lower bound of {function}")
        line = Poly(expand(less), self.over)
        context = scope.context(self.uses)
        all_large(scope, context, self.names, self.over)
        slope = less.diff(self.over)  # the same as the leading coefficient, but not multiplied out
        if line.degree() != 1 or not (context.positive(line.LC()) or context.positive(slope)):
            raise Refused(f"{less} does not grow without bound")
