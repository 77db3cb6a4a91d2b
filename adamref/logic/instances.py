"""One theorem as another: expressions put in for its symbols, functions for its functions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sympy import And, Dummy, Expr, Lambda, Symbol, expand
from sympy.core.function import AppliedUndef, UndefinedFunction

from adamref.logic.defined import must_have_a_value
from adamref.logic.refusal import Captured, Refused
from adamref.logic.relations import bound_in, expression, substituted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.logic.context import Context


def same_meaning(one: Any, other: Any) -> bool:
    """Compare two expressions or functions of one argument."""
    if isinstance(one, Lambda | UndefinedFunction) or isinstance(other, UndefinedFunction):
        probe = Dummy("k", integer=True)
        one, other = one(probe), other(probe)
    return bool(expand(one - other) == 0)


def may_be_put_in(
    key: Any, value: Any, known: Context, besides: frozenset[Expr] = frozenset()
) -> None:
    """Check that a theorem about any such symbol, or function, is one about what is put in.

    Divisors besides are those by which the theorem still divides when it is put in: they may be 0,
    as the theorem then says nothing.
    """
    if isinstance(key, UndefinedFunction):
        if isinstance(value, UndefinedFunction):
            return
        if not (isinstance(value, Lambda) and len(value.variables) == 1):
            raise Refused(f"{value} is no function of one argument")
        value = value(Dummy("k", integer=True))
    elif not isinstance(key, Symbol):
        raise Refused(f"{key} is no symbol")
    elif key.is_integer and not expression(value).is_integer:
        raise Refused(f"{key} is a whole number, and {value} may be none")
    value = expression(value)
    known.defined(value, besides)
    must_have_a_value(value, known, besides)


def instance_of(relation: Any, at: Mapping[Any, Any]) -> Any:
    """Put expressions in for symbols of a relation, and Lambdas in for functions."""
    return _instance(relation, tuple(at.items()))


@lru_cache(maxsize=4096)
def _instance(relation: Any, at: tuple[tuple[Any, Any], ...]) -> Any:
    # A proof is made and checked several times, each time with the same large expressions.
    if isinstance(relation, And):
        return And(*(_instance(part, at) for part in relation.args), evaluate=False)
    relation = substituted(relation, {k: v for k, v in at if not isinstance(k, UndefinedFunction)})
    for function, meaning in at:
        if isinstance(function, UndefinedFunction):
            _not_captured(relation, function, meaning)
            left, right = (side.replace(function, meaning) for side in relation.args)
            relation = relation.func(left, right, evaluate=False)
    return relation


def _not_captured(relation: Any, function: Any, meaning: Any) -> None:
    """Check that a Lambda put in for a function, and what it is applied to, are not captured."""
    if not isinstance(meaning, Lambda):
        return
    own = bound_in(meaning.expr)
    for value in relation.atoms(AppliedUndef):
        if value.func == function and value.free_symbols & own:
            raise Captured(f"{value} stands where {meaning} binds one of its symbols")
    if relation.has(function) and meaning.free_symbols & bound_in(relation):
        raise Captured(f"a symbol of {meaning} is bound where it is put in")
