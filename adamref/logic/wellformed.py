"""What a theorem may be written in: real numbers, and nothing that SymPy knows more about.

A symbol that is positive by its own assumptions would be a hypothesis that no statement shows; an
infinity or a float is no real number; what binds a symbol in a way that is not known here could
capture another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import (
    And,
    Dummy,
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    Le,
    Limit,
    Lt,
    Ne,
    Rational,
    Sum,
    Symbol,
    oo,
)
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamref.logic.closed import RECORDS, must_be, must_be_data
from adamref.logic.functions import FUNCTIONS
from adamref.logic.refusal import Refused
from adamref.logic.relations import parts_of

if TYPE_CHECKING:
    from adamref.logic.statement import Statement

_RELATIONS = (Eq, Ge, Gt, Le, Lt, Ne)


_PLAIN = (Symbol("x", real=True).assumptions0, Symbol("x", integer=True).assumptions0)


def objection(said: Any) -> str | None:
    """Say what is wrong with a relation, or an expression, if anything is."""
    if type(said) is And:
        return next((found for part in said.args if (found := objection(part))), None)
    if type(said) in _RELATIONS:
        left, right = said.args
        if type(said) is Eq and type(left) is Limit:
            # A limit is claimed to be there, and is no number that something else is made of.
            return _of_limit(left) or (None if right is oo else _of_expression(right))
        return _of_expression(left) or _of_expression(right)
    if not isinstance(said, Expr):
        return f"{said} is no relation between real numbers"
    return _of_expression(said)


def _of_limit(limit: Limit) -> str | None:
    function, index, point = limit.args[:3]
    if point is not oo:
        return f"{limit} is not at infinity"
    return _of_expression(function) or _of_expression(index)


def _of_expression(expr: Expr) -> str | None:
    if isinstance(expr, Rational):
        own = type(expr).__module__ == Rational.__module__
        return None if own else f"{expr} is no rational number as they are known"
    if isinstance(expr, Symbol):
        if type(expr) not in (Symbol, Dummy):
            return f"{expr} is no plain symbol"
        if expr.assumptions0 in _PLAIN:
            return None
        return f"the symbol {expr} assumes more than that it is real or an integer"
    parts = expr.args
    if isinstance(expr, AppliedUndef):
        own = (type(expr.func), expr.func.__bases__) == (UndefinedFunction, (AppliedUndef,))
        if not own or expr.func != Function(expr.func.__name__, real=True):
            return f"the function {expr.func} assumes more than that its values are real"
    elif type(expr) is Sum:
        if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
            return f"{expr} has more than one index"
        index, low, high = expr.limits[0]
        if not (index.is_integer and low.is_integer and high.is_integer):
            return f"{expr} is not a sum over whole numbers"
        parts = (expr.function, index, low, high)
    elif type(expr) is Limit:
        return f"{expr} stands where it is not said to be something"
    elif type(expr) not in FUNCTIONS:
        return f"{expr} is not a real number of a kind that is known"
    return next((found for part in parts if (found := _of_expression(part))), None)


def must_be_plain(*said: Any) -> None:
    """Check that what is said is about real numbers, and nothing that SymPy knows more about.

    Raises
    ------
    Refused
        If something in it is not.
    """
    for one in said:
        if (wrong := objection(one)) is not None:
            raise Refused(wrong)


def must_be_plain_statement(statement: Statement) -> None:
    """Check that a statement is data, about real numbers, and its hypotheses about all of a range.

    Raises
    ------
    Refused
        If it is not.
    """
    must_be(statement, RECORDS, "a statement")
    must_be_data(statement)
    must_be_plain(statement.claim, *statement.domain)
    for relation in (*parts_of(statement.claim), *statement.domain):
        _must_stay(relation)
    for part in parts_of(statement.claim):
        _must_say_something(part)
    for name, supposed in statement.hypotheses.items():
        ends = [supposed.low] if supposed.high is None else [supposed.low, supposed.high]
        must_be_plain(supposed.relation, *ends)
        if any(end.has(supposed.index) for end in ends) or not supposed.index.is_integer:
            raise Refused(f"hypothesis {name!r} is not about every index of a range")


def _must_stay(relation: Any) -> None:
    """Check that SymPy makes nothing else of what is stated, which would be proved in its place."""
    for side in relation.args:
        if (made := _evaluated(side)) != side:
            raise Refused(f"SymPy makes {made} of {side}, which is another statement")


def _must_say_something(part: Any) -> None:
    left, right = part.args
    if left == right:
        raise Refused(f"{part} says nothing: both sides are the same as SymPy writes them")
    if left.is_Rational and right.is_Rational:
        raise Refused(f"{part} says nothing: there is no symbol in it")


def _evaluated(expr: Any) -> Any:
    """Return what SymPy makes of an expression by itself; sums and limits stand as they are."""
    if not expr.args or isinstance(expr, Sum | Limit | AppliedUndef):
        return expr
    return expr.func(*map(_evaluated, expr.args))


def functions_of(statement: Statement) -> set[Any]:
    """Return the functions of which a statement speaks."""
    supposed = [hypothesis.relation for hypothesis in statement.hypotheses.values()]
    said = (statement.claim, *statement.domain, *supposed)
    return {value.func for one in said for value in one.atoms(AppliedUndef)}
