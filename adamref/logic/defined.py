"""Whether a claim is defined wherever it is made: no division by 0, and every root real."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sympy import (
    Abs,
    Add,
    Expr,
    Gt,
    Integer,
    Le,
    Limit,
    Lt,
    Mul,
    Pow,
    Sum,
    expand,
    log,
)

from adamref.logic.context import Context
from adamref.logic.functions import FUNCTIONS
from adamref.logic.refusal import Refused
from adamref.logic.relations import excess, parts_of
from adamref.logic.rewriting import any_term, span_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy.logic.boolalg import Boolean

    from adamref.logic.context import Context

NOWHERE: Mapping[Any, int] = MappingProxyType({})


def must_be_defined(claim: Boolean, known: Context, begins: Mapping[Any, int] = NOWHERE) -> None:
    """Check that both sides of every relation of a claim have a value.

    Functions that begin at a step have none before it.

    Raises
    ------
    Refused
        If that is not known of a part of it.
    """
    for relation in parts_of(claim):
        for side in relation.args:
            _defined(side, known, begins=begins)


def must_have_a_value(expr: Expr, known: Context, besides: frozenset[Expr] = frozenset()) -> None:
    """Check that an expression has a real value, whatever SymPy makes of it later.

    Divisors besides are those of which it need not be known that they are not 0.

    Raises
    ------
    Refused
        If that is not known of a part of it.
    """
    _defined(expr, known, besides)


def _defined(
    expr: Expr,
    known: Context,
    besides: frozenset[Expr] = frozenset(),
    begins: Mapping[Any, int] = NOWHERE,
) -> None:
    if isinstance(expr, Limit):
        # It is what is claimed to be there; only what it is of must be, in the end.
        in_the_end = known.free_of(expr.args[1]).within((expr.args[1] - 1,))
        _defined(expr.args[0], in_the_end, begins=begins)
        return
    if isinstance(expr, Sum):
        if not known.holds(span_of(expr) + 1):
            # The conventions for such a sum differ.
            raise Refused(f"{expr} may end more than one below its start")
        term, within = any_term(expr)
        _defined(term, known.within(within), besides, begins)
        return
    for part in expr.args:
        _defined(part, known, besides, begins)
    if (first := begins.get(expr.func)) is not None and not known.holds(expr.args[0] - first):
        raise Refused(f"{expr} is a field before step {first}, or may be")
    if (function := FUNCTIONS.get(type(expr))) is not None:
        for kind, needed in function.needs(expr):
            if not (KINDS[kind](needed, known) or (kind == "nonzero" and needed in besides)):
                raise Refused(f"{expr} is defined where {needed} is {kind}, which is not known")


def _power(power: Expr, known: Context) -> bool:
    return known.holds(power.exp) or _nonzero(power.base, known)


def is_positive(expr: Expr, known: Context) -> bool:
    """Say whether an expression is known to be > 0 wherever it is defined."""
    if known.positive(expr) or _complement(expr, known):
        return True
    if isinstance(expr, Mul):
        return all(is_positive(part, known) for part in expr.args) or _geometric(expr, known)
    if isinstance(expr, Pow):
        return is_positive(expr.base, known)
    if isinstance(expr, Sum) and known.holds(span_of(expr)):
        term, within = any_term(expr)
        return is_positive(term, known.within(within))
    return False


def is_nonnegative(expr: Expr, known: Context) -> bool:
    """Say whether an expression is known to be >= 0 wherever it is defined."""
    if known.known_nonnegative(expr) or is_positive(expr, known):
        return True
    return isinstance(expr, Add | Mul) and all(is_nonnegative(part, known) for part in expr.args)


def _nonzero(expr: Expr, known: Context) -> bool:
    if known.known_nonzero(expr) or is_positive(expr, known):
        return True
    if isinstance(expr, Mul):
        return all(_nonzero(part, known) for part in expr.args)
    if isinstance(expr, Pow):
        return _nonzero(expr.base, known)
    inside = expr.args[0] if expr.args else expr
    if isinstance(expr, log):
        return is_positive(1 - inside, known) or is_positive(inside - 1, known)
    return _nonzero(inside, known) if isinstance(expr, Abs) else _near(expr, known)


def _complement(expr: Expr, known: Context) -> bool:
    """Say whether an expression is ``c (1 - b^n)`` with c > 0, 0 <= b < 1 and n >= 1."""
    if not (isinstance(expr, Add) and len(expr.args) == 2):
        return False
    number, rest = expr.as_coeff_Add()
    times, power = rest.as_coeff_Mul()
    if not (number > 0 and number + times == 0):
        return False
    base, exponent = power.as_base_exp()
    if exponent.could_extract_minus_sign():  # SymPy writes (1/2)^n as 2^-n
        small, exponent = known.positive(base - 1), -exponent
    else:
        small = known.nonnegative(base) and _below_one(base, known)
    return small and bool(exponent.is_integer) and known.holds(exponent - 1)


def _below_one(base: Expr, known: Context) -> bool:
    """Say whether an expression is below 1, or at most another one that is."""
    if known.positive(1 - base):
        return True
    between = (excess(relation) for relation in known.relations if relation.has(base))
    return any(d is not None and known.positive(expand(1 - base - d)) for d in between)


def _geometric(expr: Expr, known: Context) -> bool:
    """Say whether an expression is ``(1 - b^n)/(1 - b)`` with b >= 0 not 1 and n >= 1."""
    for below in expr.args:
        if isinstance(below, Pow) and below.exp == -1:
            base = 1 - below.base
            for above in expr.args:
                power = 1 - above
                fits = isinstance(power, Pow) and expand(power.base - base) == 0
                if fits and set(expr.args) == {above, below} and known.holds(power.exp - 1):
                    return known.nonnegative(power.base) and _nonzero(below.base, known)
    return False


def _near(expr: Expr, known: Context) -> bool:
    """Say whether an expression is nearer to another one than that is to 0."""
    near = [r.args for r in known.known if isinstance(r, Le) and isinstance(r.args[0], Abs)]
    far = [
        r.args if isinstance(r, Gt) else r.args[::-1] for r in known.known if isinstance(r, Gt | Lt)
    ]
    for distance, limit in near:
        for other in (expr - distance.args[0], expr + distance.args[0]):
            rest = (Abs(expand(other)) - limit, Integer(0))
            if any(expand(one - two - rest[0]) == 0 for one, two in far):
                return True
    return False


KINDS = {
    "positive": is_positive,
    "nonnegative": is_nonnegative,
    "nonzero": _nonzero,
    "power": _power,
}
"""How it is known what a function needs, by the words of `functions.Needs`."""
