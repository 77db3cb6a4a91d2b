"""What is known at a step of a proof, and what follows from it by looking."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, final

from sympy import (
    Abs,
    Add,
    Eq,
    Expr,
    Ge,
    Gt,
    Le,
    Limit,
    Lt,
    Max,
    Min,
    Mul,
    Ne,
    Pow,
    Sum,
    Symbol,
    expand,
    sqrt,
)

from adamref.logic.integers import follows, integers_of
from adamref.logic.normal import Atoms, Undecided
from adamref.logic.refusal import Refused
from adamref.logic.relations import excess, is_strict, parts_of
from adamref.logic.rewriting import (
    ROOT,
    any_term,
    expanded,
    marked,
    replaced,
    span_of,
    unit,
)
from adamref.logic.wellformed import objection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sympy.core.relational import Relational

    from adamref.logic.facts import Fact


@final
class Context:
    """Relations that hold, for certain indices.

    Parameters
    ----------
    relations : sequence of Relational
        The domain of the theorem, and what else holds without conditions.
    conditions : sequence of Expr
        Integer expressions that are >= 0 here.
    facts : sequence of Fact
        To be used; the equations among them are rewritten from left to right, in this order.

    Attributes
    ----------
    divisors, radicands : set of Expr
        What has been shown not to be 0, or to be >= 0, as something is divided by it or it stands
        below a root.

    Raises
    ------
    Refused
        If the condition of a fact, or what it is given by, is not known to hold.
    """

    def __init__(
        self,
        relations: Sequence[Relational],
        conditions: Sequence[Expr] = (),
        facts: Sequence[Fact] = (),
    ) -> None:
        self.relations = tuple(relations)
        self.conditions = tuple(conditions)
        whole = (c for c in conditions if c.is_integer)
        self._integers = [*map(expanded, whole), *chain(*map(integers_of, relations))]
        self._held: dict[tuple[Expr, tuple[Expr, ...]], bool] = {}
        self._defined: set[Expr] = set()
        self.divisors: set[Expr] = set()
        self.radicands: set[Expr] = set()
        for fact in facts:
            for condition in fact.conditions:
                if not self.holds(condition):
                    raise Refused(f"{condition} >= 0 is not known here, which {fact.says} needs")
        self.facts = tuple(facts)
        self.known: tuple[Relational, ...] = (
            *self.relations,
            *(part for f in facts for part in parts_of(f.relation)),
        )
        if guarded := [fact for fact in facts if fact.given]:
            # Nothing is given by what holds only where it is.
            plain = Context(relations, conditions, [fact for fact in facts if not fact.given])
            for fact in guarded:
                for relation in fact.given:
                    if not plain.states(relation):
                        raise Refused(f"{relation} is not known here, which {fact.says} needs")

    @property
    def equations(self) -> list[tuple[Expr, Expr]]:
        """The equations among the facts, in order."""
        parts = [part for f in self.facts for part in parts_of(f.relation)]
        return [part.args for part in parts if isinstance(part, Eq)]

    def within(self, conditions: Iterable[Expr]) -> Context:
        """Return the context with more conditions on indices."""
        return Context(self.relations, (*self.conditions, *conditions), self.facts)

    def free_of(self, index: Symbol) -> Context:
        """Return the context without what the domain says about one value of an index."""
        kept = [relation for relation in self.relations if not relation.has(index)]
        return Context(kept, self.conditions, self.facts)

    # Integers.

    def holds(self, expr: Expr, ranges: tuple[Expr, ...] = ()) -> bool:
        """Say whether an integer expression is >= 0: a condition, or two, and a constant above."""
        wanted = expanded(expr)
        if wanted.is_Integer:
            return bool(wanted >= 0)
        key = (wanted, ranges)
        if key not in self._held:
            self._held[key] = follows(wanted, [*self._integers, *map(expanded, ranges)])
        return self._held[key]

    # Reals.

    def states(self, relation: Relational) -> bool:
        """Say whether an inequality or inequation is known to hold."""
        if isinstance(relation, Ne):
            return self.nonzero(relation.args[0] - relation.args[1])
        difference = excess(relation)
        if difference is None:
            return False
        return (self.positive if is_strict(relation) else self.nonnegative)(difference)

    def nonzero(self, expr: Expr) -> bool:
        """Say whether an expression is known not to be 0."""
        if expr.is_Rational:
            return bool(expr != 0)
        if isinstance(expr, Mul):
            return all(self.nonzero(a) for a in expr.args)
        if isinstance(expr, Pow):
            return self.nonzero(expr.base)
        if isinstance(expr, Abs):
            return self.nonzero(expr.args[0])
        if self.positive(expr) or self.positive(-expr) or self._stated(Abs(expr), strict=True):
            return True
        if expr.is_integer and (self.holds(expr - 1) or self.holds(-expr - 1)):
            return True
        return any(
            isinstance(r, Ne) and expand(r.args[0] - r.args[1] - expr) == 0 for r in self.known
        )

    def positive(self, expr: Expr, ranges: tuple[Expr, ...] = ()) -> bool:
        """Say whether an expression is known to be > 0."""
        return self._signed(expr, ranges, strict=True)

    def nonnegative(self, expr: Expr, ranges: tuple[Expr, ...] = ()) -> bool:
        """Say whether an expression is known to be >= 0."""
        return self._signed(expr, ranges, strict=False)

    def _signed(self, expr: Expr, ranges: tuple[Expr, ...], *, strict: bool) -> bool:
        if expr.is_Rational:
            return bool(expr > 0 if strict else expr >= 0)
        if self._stated(expr, strict=strict):
            return True
        if expr.is_integer and self.holds(expr - 1 if strict else expr, ranges):
            return True
        if isinstance(expr, Add):
            return self._sum_signed(expr, ranges, strict=strict)
        if isinstance(expr, Mul):
            return all(self._signed(a, ranges, strict=strict) for a in expr.args)
        if isinstance(expr, Pow):
            return self._power_signed(expr, ranges, strict=strict)
        if isinstance(expr, Abs):
            return not strict or self.nonzero(expr.args[0])
        if isinstance(expr, Max):
            return any(self._signed(a, ranges, strict=strict) for a in expr.args)
        if isinstance(expr, Min):
            return all(self._signed(a, ranges, strict=strict) for a in expr.args)
        if isinstance(expr, Sum):
            if len(expr.limits) != 1 or (strict and not self.holds(span_of(expr), ranges)):
                return False
            term, within = any_term(expr)
            return self._signed(term, (*ranges, *within), strict=strict)
        return False

    def _sum_signed(self, expr: Add, ranges: tuple[Expr, ...], *, strict: bool) -> bool:
        if not all(self._signed(a, ranges, strict=False) for a in expr.args):
            return False
        return not strict or any(self._signed(a, ranges, strict=True) for a in expr.args)

    def _power_signed(self, expr: Pow, ranges: tuple[Expr, ...], *, strict: bool) -> bool:
        base, exponent = expr.base, expr.exp
        if exponent.is_Rational and exponent.q == 2:
            # A root is >= 0 wherever it is real; it is 0 only where its radicand is.
            return not strict or self._signed(base, ranges, strict=True)
        if exponent.is_even and not strict:
            return True
        if exponent.is_even and self.nonzero(base):
            return True
        return self._signed(base, ranges, strict=strict)

    def _stated(self, expr: Expr, *, strict: bool) -> bool:
        known = self._signs.get(unit(expr))
        return known is not None and (known or not strict)

    @cached_property
    def _signs(self) -> dict[Expr, bool]:
        """What is known to be >= 0, but for a factor > 0, and whether it is known to be > 0."""
        found: dict[Expr, bool] = {}
        for relation in self.known:
            if (difference := excess(relation)) is not None:
                stated = unit(difference)
                found[stated] = found.get(stated, False) or is_strict(relation)
        return found

    # Identities.

    def rewritten(self, expr: Expr) -> Expr:
        """Put the right-hand sides of the equations in, each once, in order."""
        for left, right in self.equations:
            expr = replaced(expr, left, right)
        return expr

    def same(self, one: Expr, other: Expr) -> bool:
        """Say whether two expressions are decided equal, and every division in them allowed.

        Raises
        ------
        Refused
            If something is divided by what may be 0, or the normal form has no answer.
        """
        left, right = self.put_in(one), self.put_in(other)
        atoms = self.atoms()
        atoms.prepare([left, right])
        try:
            rest = atoms.reduced(atoms.of(left) - atoms.of(right))
        except Undecided as undecided:
            raise Refused(str(undecided)) from None
        self._allowed(atoms)
        return bool(rest == 0)

    def _allowed(self, atoms: Atoms) -> None:
        """Check that nothing is divided by 0, and no negative number is taken for a square."""
        for divisor in dict.fromkeys(atoms.divisors):
            self._divided_by(divisor)
        for atom in atoms.squared:
            meaning = atoms.restored(atoms.relations[atom][1])
            if isinstance(atoms.meaning[atom], Pow) and not self.nonnegative(meaning):
                raise Refused(f"{meaning} stands below a root, and is not known to be >= 0")

    def put_in(self, expr: Expr) -> Expr:
        """Put the equations in, as `rewritten` does, and check that all of it is defined.

        SymPy cancels x/x and squares a root on its own, so that what it cannot show any more is
        looked at in the expression and in the equations.

        Raises
        ------
        Refused
            If something is divided by what may be 0, or a root of what may be < 0 is squared.
        """
        self.defined(expr)
        for left, right in self.equations:
            self.defined(left)
            self.defined(right)
        rooted = marked(expr)
        for left, right in self.equations:
            rooted = replaced(rooted, marked(left), marked(right))
        for power in rooted.atoms(Pow):
            if isinstance(power.base, ROOT) and abs(power.exp) != 1:
                (radicand,) = power.base.args
                self._below_root(radicand.replace(ROOT, sqrt))
        return self.rewritten(expr)

    def defined(self, expr: Expr, besides: frozenset[Expr] = frozenset()) -> None:
        """Check that an expression is made as a theorem may be, and divides by nothing that is 0.

        Parameters
        ----------
        expr : Expr
        besides : frozenset of Expr
            Divisors of which it need not be known.

        Raises
        ------
        Refused
            If it is not, or is not known not to.
        """
        if expr in self._defined:
            return
        if (wrong := objection(expr)) is not None:
            raise Refused(wrong)
        self._divisions(expr, besides)
        if not besides:
            self._defined.add(expr)

    def roots(self, expr: Expr) -> None:
        """Check that all square roots in an expression are real.

        Raises
        ------
        Refused
            If one is not known to be.
        """
        for power in expr.atoms(Pow):
            if power.exp.is_Rational and power.exp.q == 2:
                self._below_root(power.base)

    def _divisions(self, expr: Expr, besides: frozenset[Expr]) -> None:
        if isinstance(expr, Sum):
            term, within = any_term(expr)
            self.within(within).defined(term, besides)
            return
        if isinstance(expr, Limit):
            return
        if isinstance(expr, Pow):
            base, exponent = expr.args
            if exponent.is_negative and base not in besides:
                self._divided_by(base)
            may_divide = exponent.is_integer and not exponent.is_Integer
            if may_divide and not (self.holds(exponent) or self.known_nonzero(base)):
                raise Refused(f"{base} may be 0, and stands with the exponent {exponent}")
        for part in expr.args:
            self._divisions(part, besides)

    def _divided_by(self, divisor: Expr) -> None:
        if not self.known_nonzero(divisor):
            raise Refused(f"{divisor} is divided by, and not known to differ from 0")
        self.divisors.add(divisor)

    def known_nonzero(self, divisor: Expr) -> bool:
        """Say whether an expression is known not to be 0, the equations put in too."""
        rewritten = self.rewritten(divisor)
        known = self.nonzero(divisor) or self.nonzero(rewritten)
        return known or self._nonzero_after_all(rewritten) or self._exceeds(divisor)

    def _exceeds(self, divisor: Expr) -> bool:
        """Say whether the absolute value of an expression is known to be above what is >= 0."""
        for relation in self.known:
            if isinstance(relation, Gt | Lt) and relation.has(divisor):
                left, right = relation.args
                above = left - right if isinstance(relation, Gt) else right - left
                rest = expand(Abs(divisor) - above)
                if self.nonnegative(rest) or self._above(rest):
                    return True
        return False

    def known_nonnegative(self, expr: Expr) -> bool:
        """Say whether an expression is known to be >= 0, the equations put in too."""
        known = self.nonnegative(expr) or self.nonnegative(self.rewritten(expr))
        return known or self._above(expr)

    def _below_root(self, radicand: Expr) -> None:
        if not self.known_nonnegative(radicand):
            raise Refused(f"{radicand} stands below a root, and is not known to be >= 0")
        self.radicands.add(radicand)

    def _above(self, expr: Expr) -> bool:
        """Say whether a multiple of an expression is known to be at least what is >= 0."""
        for relation in self.known:
            if not isinstance(relation, Ge | Gt | Le | Lt):
                continue
            more, less = relation.args if isinstance(relation, Ge | Gt) else relation.args[::-1]
            parts = list(Mul.make_args(more))
            if expr in parts and self.nonnegative(less):
                parts.remove(expr)
                if all(self.positive(part) for part in parts):
                    return True
        return False

    def _nonzero_after_all(self, divisor: Expr) -> bool:
        """Say whether a divisor has the normal form of something that is known not to be 0."""
        known = [r.args[0] - r.args[1] for r in self.known if isinstance(r, Gt | Lt | Ne)]
        for expr in known:
            atoms = self.atoms()
            atoms.prepare([divisor, expr])
            try:
                one, other = atoms.of(divisor), atoms.of(expr)
                if 0 in (atoms.reduced(one - other), atoms.reduced(one + other)):
                    return True
            except Undecided:
                continue
        return False

    def atoms(self) -> Atoms:
        """Return a fresh set of atoms that knows what this context knows."""
        return Atoms(self.nonzero, self.nonnegative, self.holds)
