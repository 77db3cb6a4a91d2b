"""Facts: relations that a step of a proof may use, each with the steps t it holds for.

A fact is made by a definition (a line of a rule, the last term of a sum), by a hypothesis of the
theorem, by an earlier step, or by another theorem. Its free indices are universally quantified.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

from sympy import And, Integer, Limit, Sum

from adamref.theorems.vocabulary import eq, expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy import Expr, Symbol
    from sympy.core.relational import Relational

    from adamref.theorems.quantities import Run


@final
@dataclass(frozen=True)
class Fact:
    """A relation that holds wherever its conditions do.

    Attributes
    ----------
    relation : Relational
    conditions : tuple of Expr
        Integer expressions that must be >= 0.
    says : str
        Where it comes from, for people.
    run : Run, optional
        The run whose line it is. One proof speaks of one run under one mark.
    """

    relation: Relational
    conditions: tuple[Expr, ...]
    says: str
    run: Run | None = None

    def at(self, values: Mapping[Symbol, Any]) -> Fact:
        """Return the fact with expressions put in for its indices."""
        made = {symbol: expression(value) for symbol, value in values.items()}
        return replace(
            self,
            relation=substituted(self.relation, made),
            conditions=tuple(c.subs(made, simultaneous=True) for c in self.conditions),
        )


@final
@dataclass(frozen=True)
class Always:
    """A hypothesis for every value of an index: ``relation`` for index = low, low + 1, … high."""

    relation: Relational
    index: Symbol
    low: Expr
    high: Expr | None = None

    @property
    def fact(self) -> Fact:
        """The hypothesis as a fact, to be used at some index."""
        conditions = [self.index - self.low]
        if self.high is not None:
            conditions.append(self.high - self.index)
        return Fact(self.relation, tuple(conditions), "hypothesis")


class Captured(ValueError):
    """An expression may not be put in where one of its symbols is bound by a sum."""


def bound_in(expr: Any) -> set[Symbol]:
    """Return the symbols that sums and limits bind somewhere in an expression or a relation."""
    found = {index for whole in expr.atoms(Sum) for index, *_ in whole.limits}
    return found | {limit.args[1] for limit in expr.atoms(Limit)}


def substituted(relation: Any, values: Mapping[Symbol, Expr]) -> Any:
    """Put expressions in for symbols of a relation, which is not decided on the way."""
    if isinstance(relation, And):
        return And(*(substituted(part, values) for part in relation.args), evaluate=False)
    bound = bound_in(relation)
    if limited := {limit.args[1] for limit in relation.atoms(Limit)} & set(values):
        raise Captured(f"{limited.pop()} is bound by a limit")
    for value in values.values():
        if captured := bound & value.free_symbols:
            raise Captured(f"{value} put in for a symbol: {captured.pop()} is bound by a sum there")
    left, right = (side.subs(values, simultaneous=True) for side in relation.args)
    return relation.func(left, right, evaluate=False)


def last_term(whole: Sum) -> Fact:
    """Split the last term off a sum; it must not be empty."""
    index, low, high = whole.limits[0]
    rest = Sum(whole.function, (index, low, high - 1))
    last = _term(whole, high)
    return Fact(eq(whole, rest + last), (high - low,), "the last term of the sum split off")


def first_term(whole: Sum) -> Fact:
    """Split the first term off a sum; it must not be empty."""
    index, low, high = whole.limits[0]
    rest = Sum(whole.function, (index, low + 1, high))
    first = _term(whole, low)
    return Fact(eq(whole, rest + first), (high - low,), "the first term of the sum split off")


def _term(whole: Sum, at: Expr) -> Expr:
    """Return the term of a sum at an index."""
    if len(whole.limits) != 1:
        raise Captured(f"{whole} has more than one index")
    if captured := bound_in(whole.function) & at.free_symbols:
        raise Captured(f"{captured.pop()} is bound by a sum inside {whole}")
    return whole.function.subs(whole.limits[0][0], at)


def empty(whole: Sum) -> Fact:
    """Say that a sum whose upper limit is one below its lower limit is 0."""
    _, low, high = whole.limits[0]
    at_most, at_least = low - 1 - high, high - low + 1
    return Fact(eq(whole, Integer(0)), (at_most, at_least), "a sum without terms is 0")
