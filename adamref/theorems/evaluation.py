"""The value of an expression at a point, in any carrier.

The fields of a run are not computed by a formula of the theorem but by the rule itself, through the
same program that every trace comes from.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

from sympy import (
    Abs,
    Add,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Limit,
    Lt,
    Max,
    Min,
    Mul,
    Ne,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    oo,
)
from sympy.core.function import AppliedUndef

from adamref.logic.relations import expression
from adamref.numbers.carrier import Carrier, Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.rational import Rational as Rationals
from adamref.rules.instructions import BASE
from adamref.rules.program import compiled
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adamref.logic.statement import Statement
    from adamref.theorems.points import Meaning, Point, Space
    from adamref.theorems.quantities import Run

FAR = (10**12, 10**13, 10**15)
"""Steps at which a limit is looked at: rates of 1 - 1e-8 have vanished to all digits there."""
NEAR_ENOUGH = Fraction(1, 10**20)
"""Relative to 1 and the limit: far below what a wrong constant makes, far above what is lost."""
_EXACT_BITS = 1 << 16
_ENCLOSING_BITS = 400


class NoValue(ValueError):
    """An expression has no value at a point: a division by zero, a root of a negative number."""


@final
class Evaluation:
    """The values of expressions at a point.

    Parameters
    ----------
    carrier : Carrier
        The arithmetic.
    space : Space
        What the functions of the statement mean.
    point : Point
    meanings : mapping of str to callable
        What the statement says that a function means, by its name.
    """

    def __init__(
        self,
        carrier: Carrier,
        space: Space,
        point: Point,
        meanings: Mapping[str, Meaning] = MappingProxyType({}),
    ) -> None:
        self._meanings = meanings
        self.carrier = carrier
        self.point = point
        self.space = space
        self._fields: dict[str, list[dict[str, Any]]] = {}
        self.elements: set[tuple[str, int]] = set()

    @property
    def reached(self) -> int:
        """The greatest index at which an element of a sequence was read; 0 if none was."""
        return max((at for _, at in self.elements), default=0)

    def value(self, expr: Expr, bound: Mapping[Symbol, int] | None = None) -> Any:
        """Return the value of an expression; indices that are bound have the values given.

        Raises
        ------
        NoValue
            If it has none, or the carrier cannot tell.
        """
        found = self._value(expr, dict(bound or {}))
        if isinstance(found, float | Unknown):
            raise NoValue(f"{expr} has no value at {self.point}")
        return found

    def whole(self, expr: Expr, bound: Mapping[Symbol, int] | None = None) -> int:
        """Return the value of an expression of indices."""
        known = bound or {}
        result = expr.subs(self._exact(expr.free_symbols - known.keys())).subs(known)
        if not result.is_Integer:
            raise NoValue(f"{expr} is not a whole number at {self.point}")
        return int(result)

    def element(self, name: str, at: int) -> Fraction:
        """Return an element of a sequence of the point; 0 beyond its end."""
        row = self.point.sequences[name]
        self.elements.add((name, at))
        return Fraction(row[at]) if 0 <= at < len(row) else Fraction(0)

    def field(self, run: Run, name: str, at: int) -> Any:
        """Return a field of a run at a step, worked by the rule."""
        if at < 0:
            raise NoValue(f"there is no step {at}")
        if at == 0:
            return self._initial(run, name)
        steps = self._fields.setdefault(run.mark, [])
        while len(steps) < at:
            steps.append(self._worked(run, len(steps) + 1, steps[-1] if steps else {}))
        return steps[at - 1][name]

    def worked(self, run: Run) -> tuple[Mapping[str, Any], ...]:
        """Return the steps of a run that were asked for, with the gradient of each."""
        steps = self._fields.get(run.mark, ())
        return tuple({**step, "g": self.value(run("g", t))} for t, step in enumerate(steps, 1))

    def _initial(self, run: Run, name: str) -> Any:
        begun = run.initial(name)
        # What a caller is to give, and no statement speaks of, may be anything.
        return self.carrier.lift(Fraction(0)) if begun is None else self.value(begun)

    def _worked(self, run: Run, t: int, before: Mapping[str, Any]) -> dict[str, Any]:
        carrier = self.carrier
        values = {}
        for name in run.rule.states:
            values[name + PREVIOUS] = before[name] if before else self._initial(run, name)
        values["g"] = self.value(run("g", t))
        # The element is alone in its tensor.
        exacts = {"t": Fraction(t), "size": Fraction(1)}
        for name in run.rule.defaults:
            meaning = run.hyper(name, Integer(t))
            if any(s.name not in self.point.values for s in meaning.free_symbols):
                # The statement does not speak of it, so that any value will do.
                meaning = Rational(1, 2)
            try:
                exacts[name] = exacts[name + BASE] = self._exactly(meaning)
            except NoValue:
                # Not rational, as a root in an epsilon: no input of a power is like that.
                values[name] = self.value(meaning)
        return compiled(run.rule).run(carrier, values, exacts)

    def _exactly(self, expr: Expr) -> Fraction:
        exact = Evaluation(Rationals(_EXACT_BITS), self.space, self.point, self._meanings)
        found = exact.value(expr)
        return Fraction(found)

    def _value(self, expr: Expr, bound: dict[Symbol, int]) -> Any:
        found = self._part(expr, bound)
        if isinstance(found, float):
            # What is divided by 0 has no value, and neither has what it is a part of.
            raise NoValue(f"{expr} has no value at {self.point}")
        return found

    def _part(self, expr: Expr, bound: dict[Symbol, int]) -> Any:
        carrier = self.carrier
        if expr in bound:
            return carrier.lift(Fraction(bound[expr]))
        if expr.is_Rational:
            return carrier.lift(Fraction(int(expr.p), int(expr.q)))
        if isinstance(expr, Symbol):
            return carrier.lift(Fraction(self.point.values[expr.name]))
        if isinstance(expr, Sum):
            index, low, high = expr.limits[0]
            first, last = (self.whole(end, bound) for end in (low, high))
            terms = (
                self._value(expr.function, {**bound, index: k}) for k in range(first, last + 1)
            )
            return reduce(carrier.add, terms, carrier.lift(Fraction(0)))
        if isinstance(expr, AppliedUndef):
            return self._function(expr, bound)
        if isinstance(expr, Limit):
            raise NoValue(f"{expr} is said to be something, and worked far out there")
        if isinstance(expr, Pow):
            return self._power(expr, bound)
        return self._operation(expr, [self._value(a, bound) for a in expr.args])

    def _exact(self, symbols: Iterable[Symbol]) -> dict[Symbol, Rational]:
        """Return the numbers of the point for some symbols."""
        return {s: expression(Fraction(self.point.values[s.name])) for s in symbols}

    def far_out(self, limit: Limit) -> list[Any]:
        """Return what a limit is of, at steps that lie far out.

        Raises
        ------
        NoValue
            If it has no value there, or takes as many operations as steps.
        """
        function, index, end = limit.args[:3]
        if end is not oo:
            raise NoValue(f"{limit} is not at infinity")
        if any(part.has(index) for part in function.atoms(AppliedUndef, Sum)):
            raise NoValue(f"{limit} is of what is worked step by step")
        return [self.value(function, {index: step}) for step in FAR]

    def _operation(self, expr: Expr, values: list[Any]) -> Any:
        carrier = self.carrier
        if isinstance(expr, Add):
            return reduce(carrier.add, values)
        if isinstance(expr, Mul):
            return reduce(carrier.multiply, values)
        if isinstance(expr, Max):
            return reduce(carrier.larger, values)
        if isinstance(expr, Min):
            return carrier.negate(reduce(carrier.larger, map(carrier.negate, values)))
        unary = {Abs: carrier.magnitude, exp: carrier.exponential, log: carrier.logarithm}
        if expr.func not in unary:
            raise NoValue(f"no carrier knows {expr.func.__name__}")
        return unary[expr.func](values[0])

    def _power(self, expr: Pow, bound: dict[Symbol, int]) -> Any:
        base = self._value(expr.base, bound)
        if expr.exp.is_Rational:
            return self.carrier.power(base, Fraction(int(expr.exp.p), int(expr.exp.q)))
        if expr.exp.is_integer:
            return self.carrier.power(base, Fraction(self.whole(expr.exp, bound)))
        exponent = self._value(expr.exp, bound)
        return self.carrier.exponential(
            self.carrier.multiply(exponent, self.carrier.logarithm(base))
        )

    def _function(self, expr: AppliedUndef, bound: dict[Symbol, int]) -> Any:
        name = expr.func.__name__
        at = self.whole(expr.args[0], bound)
        if name in self._meanings:
            return self._meanings[name](self, at)
        if name in self.space.functions:
            return self.space.functions[name](self, at)
        if name in self.point.sequences:
            return self.carrier.lift(self.element(name, at))
        for run in self.space.runs:
            plain = name.removesuffix(run.mark) if run.mark else name
            if name.endswith(run.mark) and plain in run.rule.fields:
                return self.field(run, plain, at)
        raise NoValue(f"{name} has no meaning here")


def assumed(statement: Statement, where: Evaluation) -> bool:
    """Say whether a point lies in the domain of a statement and satisfies its hypotheses.

    A hypothesis about every index is looked at for the indices that the point has values for, and
    for those that were asked for before.
    """
    if not all(holds(relation, where) for relation in statement.domain):
        return False
    longest = max((len(row) for row in where.point.sequences.values()), default=0)
    longest = max(longest, where.reached + 1)
    for supposed in statement.hypotheses.values():
        low = where.whole(supposed.low)
        high = longest - 1 if supposed.high is None else where.whole(supposed.high)
        bounds: Iterable[dict[Symbol, int]] = ({supposed.index: at} for at in range(low, high + 1))
        if not all(holds(supposed.relation, where, bound) for bound in bounds):
            return False
    return True


def holds(claim: Any, where: Evaluation, bound: Mapping[Symbol, int] | None = None) -> bool | None:
    """Say whether a relation holds at a point; None where the carrier cannot tell.

    Raises
    ------
    NoValue
        If one of its sides has no value.
    """
    if isinstance(claim, And):
        parts = [holds(part, where, bound) for part in claim.args]
        return None if None in parts and False not in parts else all(parts)
    if isinstance(claim.args[0], Limit):
        return _tends(claim, where)
    left, right = (where.value(side, bound) for side in claim.args)
    carrier = where.carrier
    sign = carrier.sign(carrier.add(left, carrier.negate(right)))
    if sign is None:
        return None
    return {Eq: sign == 0, Ne: sign != 0, Le: sign <= 0, Lt: sign < 0, Ge: sign >= 0, Gt: sign > 0}[
        claim.func
    ]


def _tends(claim: Eq, where: Evaluation) -> bool | None:
    """Say whether, far out, an expression is near its limit, or grows by more than 1 each time."""
    carrier = where.carrier
    found = where.far_out(claim.args[0])

    def minus(one: Any, other: Any) -> Any:
        return carrier.add(one, carrier.negate(other))

    if claim.args[1] is oo:
        one = carrier.lift(Fraction(1))
        signs = [carrier.sign(minus(minus(b, a), one)) for a, b in pairwise(found)]
        return None if None in signs else all(sign == 1 for sign in signs)
    limit = where.value(claim.args[1])
    size = carrier.add(carrier.lift(Fraction(1)), carrier.magnitude(limit))
    small = carrier.multiply(carrier.lift(NEAR_ENOUGH), size)
    signs = [carrier.sign(minus(carrier.magnitude(minus(x, limit)), small)) for x in found]
    return None if None in signs else any(sign != 1 for sign in signs)


def refuted_at(statement: Statement, space: Space, point: Point) -> bool:
    """Say whether a point satisfies the assumptions and not the claim, with certainty.

    It is worked in exact rationals; where there are roots, in enclosures. A limit is looked at far
    out, by no rule for limits.
    """
    carriers: tuple[Carrier, ...] = (Rationals(_EXACT_BITS), Enclosure(_ENCLOSING_BITS))
    for carrier in carriers:
        where = Evaluation(carrier, space, point, statement.meanings)
        try:
            if not assumed(statement, where):
                return False
            found = holds(statement.claim, where)
            if found is False and not assumed(statement, where):
                return False  # a hypothesis fails at an index that only the claim speaks of
        except NoValue:
            continue
        if found is not None:
            return not found
    return False
