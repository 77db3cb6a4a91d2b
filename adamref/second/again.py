"""Every step that arithmetic decides, checked again: as polynomials, and at random points.

It is given the finished proof: for each such step its claim, the relations that it uses, and the
terms or factors that the proof writes down. It shares no code with the checker.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, And, Eq, Expr, Integer, Le, Limit, Lt, Sum, Symbol
from sympy.core.function import AppliedUndef

from adamref.second.fractions import TooLarge, is_zero
from adamref.second.values import Sample, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.logic.proof import Obligation

POINTS, ATTEMPTS = 6, 240


@final
@dataclass(frozen=True)
class Again:
    """What a second look at a step found.

    Attributes
    ----------
    wrong : str
        Where it fails; empty if it does not.
    as_polynomials : bool
        Whether what is to be equal came out as equal.
    points : int
        At how many points it was looked at.
    """

    wrong: str
    as_polynomials: bool
    points: int


def again(obligation: Obligation) -> Again:
    """Check a step again."""
    context = obligation.context
    uses = [part for fact in context.facts for part in _parts(fact.relation)]
    put_in = [relation.args for relation in uses if isinstance(relation, Eq)]
    zeros = [_put(expr, put_in[skipped:]) for expr, skipped in _zeros(obligation)]
    equal = bool(zeros) and all(map(_decided, zeros))
    signs = (*context.relations, *(one for one in uses if not isinstance(one, Eq)))
    known = [_put_relation(relation, put_in) for relation in signs]
    tied = list(_tied([one for one in uses if isinstance(one, Eq)], put_in))
    claims = [_put_relation(relation, put_in) for relation in _parts(obligation.claim)]
    identities = [Eq(zero, Integer(0), evaluate=False) for zero in zeros]
    said = (*known, *tied, *claims, *identities, *context.conditions)
    free = {symbol for one in said for symbol in one.free_symbols}
    count = 0
    for point in _points(free, context.conditions, f"{obligation.step}: {obligation.claim}"):
        try:
            if any(point.value(condition) < 0 for condition in context.conditions):
                continue
            if not all(point.holds(relation) is not False for relation in known):
                continue
            free_of_ties = all(point.holds(relation) is not False for relation in tied)
            if not (identities or free_of_ties):
                continue
            wanted = (*identities, *claims) if free_of_ties else identities
            failing = [claim for claim in wanted if point.holds(claim) is False]
        except Undefined:
            continue
        if failing:
            at = ", ".join(f"{s} = {x}" for s, x in point.symbols.items())
            return Again(f"{failing[0]} fails at {at or 'any point'}", equal, count)
        count += 1
        if count == POINTS:
            break
    return Again("", equal, count)


def _tied(equations: Sequence[Any], put_in: Sequence[tuple[Expr, Expr]]) -> Iterator[Any]:
    """Yield what is left of equations when those before them are put in.

    One whose left side is a value of its own, free otherwise, holds once it is put in itself.
    """
    for at, equation in enumerate(equations):
        made = _put_relation(equation, put_in[:at])
        left, right = made.args
        if not (isinstance(left, AppliedUndef | Symbol) and not right.has(left)):
            yield made


def _zeros(obligation: Obligation) -> Iterator[tuple[Expr, int]]:
    """Yield what the proof says to be 0, and how many equations are not to be put in for it."""
    claim, by = obligation.claim, obligation.by
    kind = type(by).__name__
    if isinstance(claim, And) or isinstance(claim.args[0], Limit):
        return
    left, right = claim.args
    if kind == "Identity":
        yield left - right, 0
    elif kind == "Combination":
        of: Any = getattr(by, "of", ())
        facts = obligation.context.facts[: len(of)]
        combined = sum(
            (
                factor * (fact.relation.args[0] - fact.relation.args[1])
                for (_, factor), fact in zip(of, facts, strict=True)
            ),
            Integer(0),
        )
        yield left - right - combined, len(of)
    elif kind in ("Certificate", "Squares"):
        terms: Any = getattr(by, "terms", ())
        less, more = (left, right) if isinstance(claim, Le | Lt) else (right, left)
        if kind == "Squares":
            less = less.args[0] if isinstance(less, Abs) else less
            less, more = less**2, more**2
        if terms:
            yield more - less - sum(terms, Integer(0)), 0
        elif isinstance(claim, Eq):
            yield more - less, 0


def _decided(zero: Expr) -> bool:
    try:
        return is_zero(zero)
    except TooLarge:
        return False


def _parts(relation: Any) -> Sequence[Any]:
    return relation.args if isinstance(relation, And) else (relation,)


def _put_relation(relation: Any, equations: Sequence[tuple[Expr, Expr]]) -> Any:
    return relation.func(*(_put(side, equations) for side in relation.args), evaluate=False)


def _put(expr: Expr, equations: Sequence[tuple[Expr, Expr]]) -> Expr:
    """Put the right-hand sides of equations in for the left-hand ones, one after the other."""
    for left, right in equations:
        expr = _replaced(expr, left, right, left.free_symbols | right.free_symbols)
    return expr


def _replaced(expr: Any, left: Expr, right: Expr, names: set[Any]) -> Any:
    if expr == left:
        return right
    if not expr.args or not expr.has(left):
        return expr
    bound = set(expr.bound_symbols) if isinstance(expr, Sum) else set()
    if bound & names or isinstance(expr, Limit):
        return expr
    return expr.func(*(_replaced(part, left, right, names) for part in expr.args))


def _points(symbols: set[Any], conditions: Sequence[Expr], seed: str) -> Iterator[Sample]:
    """Yield points of several kinds, the same each time."""
    drawn = random.Random(seed)  # noqa: S311 - no secret
    low = {s: _low(s, conditions) for s in symbols}
    ordered = sorted(symbols, key=str)
    for _ in range(ATTEMPTS):
        kinds = drawn.choice(_KINDS), drawn.choice(_KINDS)
        values = {
            s: Fraction(low[s] + drawn.choice((0, 0, 1, 1, 2, 3, 5)))
            if s.is_integer
            else _number(drawn, drawn.choice(kinds))
            for s in ordered
        }
        kind = drawn.choice(_KINDS)
        yield Sample(values, lambda kind=kind: _number(drawn, kind))  # type: ignore[misc]


_KINDS = ("rate", "rate", "positive", "positive", "any", "few")


def _number(drawn: random.Random, kind: str) -> Fraction:
    if kind == "rate":
        return Fraction(drawn.randint(1, 59), 60)
    if kind == "positive":
        return Fraction(drawn.randint(1, 400), drawn.choice((1, 7, 60)))
    if kind == "any":
        return Fraction(drawn.randint(-300, 300), drawn.choice((1, 7, 60)))
    return Fraction(drawn.choice((0, 0, 1, -1, 2)))


def _low(symbol: Symbol, conditions: Sequence[Expr]) -> int:
    """Return the greatest number below which the conditions do not let a whole number fall."""
    rests = [symbol - condition for condition in conditions if symbol.is_integer]
    return max((int(rest) for rest in rests if rest.is_Integer), default=0)
