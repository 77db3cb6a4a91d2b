"""Facts: relations that a step of a proof may use, each with the steps t it holds for.

A fact is made by a definition (a line of a rule, the last term of a sum), by a hypothesis of the
theorem, by an earlier step, or by another theorem. Its free indices are universally quantified.

A proof can bring the facts of definitions only. What it hands in is not looked at: the definition
that it names makes it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, final

from sympy import Abs, Expr, Integer, Max, Pow, Sum, Symbol

from adamref.logic.refusal import Captured, Refused
from adamref.logic.relations import bound_in, eq, expression, ge, substituted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sympy.core.relational import Relational

_P = ParamSpec("_P")


class Recurrence(Protocol):
    """What gives functions of the step their meaning, as a rule that is run on gradients does.

    A proof may use its equations as definitions, so that it is part of what is trusted: its fields
    must be defined by what was there before them.
    """

    @property
    def mark(self) -> str:
        """What tells its fields apart from those of another one; no two in a proof share it."""

    @property
    def fields(self) -> set[Any]:
        """The functions that it defines."""

    @property
    def speaks_of(self) -> frozenset[Any]:
        """The symbols and functions that mean something in it, and nothing else in another."""

    @property
    def meanings(self) -> dict[Any, Any]:
        """What it has in the place of symbols and functions of one of which it is a case."""

    @property
    def lacking(self) -> str:
        """What its lines speak of before it is there; empty where they do not."""

    def begins(self, function: Any) -> int:
        """Return the first step at which one of its fields has a value."""

    def __hash__(self) -> int:
        """Return the same for two that are equal."""

    def resting(self, function: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the functions on which one rests: of its own step, and of those before.

        Each is in the order of the lines, itself too. Of an expectation they are those of which it
        is one.
        """

    def said(self, function: Any, at: Expr) -> Expr:
        """Return what the line of a function on which one rests says at a step."""

    def begun(self, function: Any) -> Expr | None:
        """Return the value of such a function before the first step; None where none is given."""

    def is_same_as(self, other: Recurrence) -> bool:
        """Whether the two are one."""

    def is_case_of(self, other: Recurrence) -> bool:
        """Whether what holds of the other one holds of this, with its own meanings put in."""


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
    run : Recurrence, optional
        The run whose line it is. One proof speaks of one run under one mark.
    given : tuple of Relational
        What must be known as well: a line that chooses is an equation in one of its cases.
    made : partial, optional
        The definition that makes it, with what it was given.
    """

    relation: Relational
    conditions: tuple[Expr, ...]
    says: str
    run: Recurrence | None = None
    given: tuple[Relational, ...] = ()
    made: partial[Fact] | None = field(default=None, compare=False, repr=False)

    def at(self, values: Mapping[Symbol, Any]) -> Fact:
        """Return the fact with expressions put in for its indices."""
        made = {symbol: expression(value) for symbol, value in values.items()}
        return replace(
            self,
            relation=substituted(self.relation, made),
            conditions=tuple(c.subs(made, simultaneous=True) for c in self.conditions),
            given=tuple(substituted(relation, made) for relation in self.given),
            made=None,
        )


def definition(make: Callable[_P, Fact]) -> Callable[_P, Fact]:
    """Note in a fact which definition made it, and of what."""

    @wraps(make)
    def made(*args: _P.args, **kwargs: _P.kwargs) -> Fact:
        return replace(make(*args, **kwargs), made=partial(make, *args, **kwargs))

    return made


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


@definition
def last_term(whole: Sum) -> Fact:
    """Split the last term off a sum; it must not be empty."""
    index, low, high = _limits(whole)
    rest = Sum(whole.function, (index, low, high - 1))
    last = _term(whole, high)
    return Fact(eq(whole, rest + last), (high - low,), "the last term of the sum split off")


@definition
def first_term(whole: Sum) -> Fact:
    """Split the first term off a sum; it must not be empty."""
    index, low, high = _limits(whole)
    rest = Sum(whole.function, (index, low + 1, high))
    first = _term(whole, low)
    return Fact(eq(whole, rest + first), (high - low,), "the first term of the sum split off")


def _limits(whole: Sum) -> tuple[Symbol, Expr, Expr]:
    """Return the index of a sum and its limits: with another index these may depend on that."""
    if len(whole.limits) != 1:
        raise Captured(f"{whole} has more than one index")
    index, low, high = whole.limits[0]
    return index, low, high


def _term(whole: Sum, at: Expr) -> Expr:
    """Return the term of a sum at an index."""
    if captured := bound_in(whole.function) & at.free_symbols:
        raise Captured(f"{captured.pop()} is bound by a sum inside {whole}")
    return whole.function.subs(whole.limits[0][0], at)


@definition
def empty(whole: Sum) -> Fact:
    """Say that a sum whose upper limit is one below its lower limit is 0."""
    _, low, high = _limits(whole)
    at_most, at_least = low - 1 - high, high - low + 1
    return Fact(eq(whole, Integer(0)), (at_most, at_least), "a sum without terms is 0")


@definition
def power_of_zero(exponent: Any) -> Fact:
    """Say that a power of 0 with an exponent of at least 1 is 0."""
    power = Pow(Integer(0), expression(exponent), evaluate=False)
    return Fact(eq(power, Integer(0)), (expression(exponent) - 1,), "a power of 0 is 0")


@definition
def at_least(whole: Expr, part: Expr) -> Fact:
    """Say that a maximum is at least an argument of it, or that ``|x|`` is at least x or -x."""
    inside = whole.args[0] if isinstance(whole, Abs) else None
    parts = whole.args if inside is None else (inside, -inside)
    if not isinstance(whole, Max | Abs) or part not in parts:
        raise Refused(f"{part} is none of the arguments of {whole}")
    kind = "maximum" if inside is None else "absolute value"
    return Fact(ge(whole, part), (), f"what a {kind} is")
