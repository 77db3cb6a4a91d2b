"""Limits at infinity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from sympy import (
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Limit,
    Lt,
    Poly,
    PolynomialError,
    Pow,
    Sum,
    Symbol,
    expand,
    log,
    oo,
)
from sympy.core.function import AppliedUndef

from adamref.logic.conditions import in_the_end
from adamref.logic.functions import FUNCTIONS
from adamref.logic.normal import Undecided
from adamref.logic.proof import Inference, Used
from adamref.logic.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context
    from adamref.logic.facts import Fact
    from adamref.logic.proof import Scope


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
        function = _approaching(claim, self.over)
        if self.uses and self.over in scope.fixed:
            raise Refused(f"what is used is known for one {self.over} only")
        context = scope.context(self.uses).free_of(self.over)
        all_large(scope, context, self.names, self.over)
        function = context.within((self.over,)).put_in(function)
        at_infinity = limit_at_infinity(function, self.over, context)
        if not context.same(at_infinity, claim.args[1]):
            raise Refused(f"the limit is {at_infinity}")


def _approaching(claim: Boolean, over: Symbol) -> Expr:
    """Return that of which a claim says what its limit is, for an index to infinity."""
    if not (isinstance(claim, Eq) and isinstance(claim.args[0], Limit)):
        raise Refused(f"{claim} is not about a limit")
    function, variable, point = claim.args[0].args[:3]
    if variable != over or point is not oo:
        raise Refused(f"the limit is not for {over} to infinity")
    return function


def all_large(scope: Scope, context: Context, names: Sequence[str], over: Symbol) -> None:
    """Check that what is known in a step is known for all large values of an index."""
    for condition in context.conditions:
        if condition.has(over) and not in_the_end(condition, over):
            raise Refused(f"{condition} >= 0 does not hold for all large {over}")
    for name in names:
        scope.vary(over, name)


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
        top, bottom = marked.together().as_numer_denom()
        if bottom.has(over):
            raise Refused(f"{over} stands below")
        try:
            terms = Poly(top, over, *with_marks.values()).terms()
        except PolynomialError:
            raise Refused(f"{function} is no polynomial in {over} and vanishing powers") from None
        for powers, _ in terms:
            if powers[0] and not any(powers[1:]):
                raise Refused(f"{over} stands without a vanishing power")
    vanishing = dict.fromkeys((*with_marks.values(), over), Integer(0))
    _continuous(marked, set(vanishing))
    for power in marked.atoms(Pow):
        below = power.base if power.exp.is_negative else Integer(1)
        if below.has(*vanishing) and not context.nonzero(below.xreplace(vanishing)):
            raise Refused(f"{below} is divided by, and may vanish")
    result = marked.xreplace(vanishing)
    atoms = context.atoms()
    try:
        atoms.of(result)
    except Undecided as undecided:
        raise Refused(str(undecided)) from None
    return result


def _continuous(expr: Expr, moving: set[Symbol]) -> None:
    """Check that an expression is made of what moves by functions that are continuous."""
    if expr in moving or not expr.free_symbols & moving:
        return
    function = FUNCTIONS.get(type(expr))
    if not (isinstance(expr, Sum) or (function is not None and function.continuous)):
        raise Refused(f"{expr} is not known to be continuous")
    if isinstance(expr, Pow) and not expr.exp.is_Rational:
        raise Refused(f"{expr} is no power whose limit is known")
    if isinstance(expr, log):
        raise Refused(f"what {expr} tends to is not known to be above 0")
    for part in expr.args:
        if isinstance(part, Expr):
            _continuous(part, moving)


@final
@dataclass(frozen=True)
class Unbounded(Inference):
    """A limit is infinite because the expression is at least c t + d with c > 0."""

    name: str
    over: Symbol

    @property
    def uses(self) -> tuple[Used, ...]:
        """The step with the bound."""
        return (self.name,)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = oo``."""
        function, variable, point = _infinite(claim)
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
        try:
            line = Poly(expand(less), self.over)
        except PolynomialError:
            raise Refused(f"{less} is no polynomial in {self.over}") from None
        context = scope.context(self.uses)
        all_large(scope, context, self.names, self.over)
        slope = less.diff(self.over)  # the same as the leading coefficient, but not multiplied out
        if line.degree() != 1 or not (context.positive(line.LC()) or context.positive(slope)):
            raise Refused(f"{less} does not grow without bound")


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
    def uses(self) -> tuple[Used, ...]:
        """The step about the square, and what the sign rests on."""
        return (self.name, *self.more)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = oo``."""
        function, *where = _infinite(claim)
        square, *there = _infinite(scope.fact(self.name).relation)
        if where != there:
            raise Refused(f"{self.name} is about another limit")
        context, over = scope.context(self.more), where[0]
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
    def uses(self) -> tuple[Used, ...]:
        """Both bounds, and what their limits rest on."""
        return (self.below, self.above, *self.given)

    def check(self, claim: Boolean, scope: Scope) -> None:
        """Check ``lim f = L``."""
        function = _approaching(claim, self.over)
        if self.over in scope.fixed:
            raise Refused(f"what is assumed is about one {self.over}, not about all large ones")
        context = scope.context(self.given)
        all_large(scope, context, self.names, self.over)
        for name, kinds, others in ((self.below, Ge | Gt, Le | Lt), (self.above, Le | Lt, Ge | Gt)):
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
