"""Formulas that differ in more than one place: carried out twice, or with another operation."""

from __future__ import annotations

from functools import partial
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

import numpy as np
from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Symbol,
    evaluate,
    preorder_traversal,
    sqrt,
)

from adamref.solving.inversion import Interval, put, rate_of, rounded, tilts, valued
from adamref.solving.solution import Solution
from adamref.solving.standing import ALONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.solving.inversion import Path

_DONE_TWICE = 0.8
"""What it costs that a line was carried out twice."""

_EACH = 1.2
"""What it costs that every correction is another."""

_HYPERS = ("eps", "eps_root", "alpha", "weight_decay")
"""With which a correction is put together."""

_OPERATION = 1.4
"""What it costs that an operation is another."""


def corrections(
    expr: Expr, made: Interval, narrow: Sequence[Format], values: Mapping[str, Array]
) -> Iterator[Solution]:
    """Yield what is done to every correction, or every power of a rate: an author has one way."""
    powers = [x for x in preorder_traversal(expr) if isinstance(x, Pow) and not x.exp.is_number]
    known, count = made.is_bounded, len(made.low)
    own = {x for x in preorder_traversal(expr) if _is_complement(x, powers)}
    for write in _done_to_each(values) if len(own) > 1 else ():
        with evaluate(False):
            formula = expr.xreplace({x: write(x) for x in own})
            old = 1 - Symbol("β", real=True) ** powers[0].exp
            new = write(old)
        if made.holds(valued(formula, values, count))[known].all():
            yield Solution((), old, new, formula, "expression", _EACH)
    for fmt in narrow if len(set(powers)) > 1 else ():
        with evaluate(False):
            formula = expr.xreplace({x: rounded(x, fmt) for x in powers})
            old = Symbol("β", real=True) ** powers[0].exp
        shown = [valued(formula, values, count, x) for x in tilts(formula)]
        if np.logical_or.reduce([made.holds(x) for x in shown])[known].all():
            yield Solution((), old, rounded(old, fmt), formula, "expression", ALONE)


def _is_complement(x: Expr, powers: Sequence[Expr]) -> bool:
    """Say whether an expression is 1 less a power of a rate."""
    return isinstance(x, Add) and 1 in x.args and any(-y in x.args for y in powers)


def _done_to_each(values: Mapping[str, Array]) -> Iterator[Callable[[Expr], Expr]]:
    """Yield what somebody does to a correction, with a number of the step or without one."""
    yield lambda _: Integer(1)
    yield sqrt
    yield lambda x: x**2
    yield lambda x: x**-1
    for a in (Symbol(n, real=True) for n in _HYPERS if n in values):
        yield partial(_plus, a)
        yield partial(_times, a)
        yield partial(_at_least, a)


def _plus(a: Expr, x: Expr) -> Expr:
    return x + a


def _times(a: Expr, x: Expr) -> Expr:
    return x * a


def _at_least(a: Expr, x: Expr) -> Expr:
    return Max(x, a, evaluate=False)


def twice(expr: Expr, own: Symbol) -> Expr:
    """Return what comes of a line that goes on from its own value, and is carried out twice."""
    with evaluate(False):
        return expr.xreplace({own: expr})


def done_twice(expr: Expr, made: Interval, values: Mapping[str, Array]) -> Iterator[Solution]:
    """Yield a line that was carried out twice: it rounds twice as well."""
    room = (made.high - made.low) / 2
    wide = Interval(made.low - room, made.high + room)
    # SymPy evaluates the conditions of cases whatever it is told, and that may have no end.
    for own in sorted(expr.free_symbols, key=str) if not expr.has(Piecewise) else ():
        if own.name.endswith("_prev"):
            formula = twice(expr, own)
            if wide.holds(valued(formula, values, len(made.low)))[made.is_bounded].all():
                yield Solution((), expr, formula, formula, "expression", _DONE_TWICE)


def operations(expr: Expr, made: Interval, values: Mapping[str, Array]) -> Iterator[Solution]:
    """Yield formulas in which a sum or a product of two is another operation on the same two."""
    known, count = made.is_bounded, len(made.low)
    # As above: nothing with cases is put together anew.
    for path, one in _inner(expr, ()) if not expr.has(Piecewise) else ():
        for other in others(one):
            formula = put(expr, path, other)
            if made.holds(valued(formula, values, count))[known].all():
                yield Solution(path, one, other, formula, "expression", _OPERATION)


def _inner(expr: Expr, path: Path) -> Iterator[tuple[Path, Expr]]:
    if rate_of(expr) is not None:
        return
    yield path, expr
    for i, x in enumerate(expr.args):
        yield from _inner(x, (*path, i))


def others(expr: Expr) -> Iterator[Expr]:
    """Yield other operations on the two operands of one, or of the last of several.

    What something is divided by is an operand. A power may have its own two exchanged.
    """
    if isinstance(expr, Abs):
        yield expr.args[0]
    if isinstance(expr, Pow) and expr.exp != -1:
        with evaluate(False):
            yield Pow(expr.exp, expr.base)
            yield expr.exp * expr.base
            if isinstance(expr.base, Add) and len(expr.base.args) == 2:
                a, b = expr.base.args
                yield a + Pow(b, expr.exp)
                yield b + Pow(a, expr.exp)
    if isinstance(expr, Mul):
        yield from _without_brackets(expr)
    if not isinstance(expr, Add | Mul) or len(expr.args) < 2:
        return
    for i in range(len(expr.args)) if len(expr.args) > 2 else (1,):
        with evaluate(False):
            rest = [x for j, x in enumerate(expr.args) if j != i]
            a = rest[0] if len(rest) == 1 else expr.func(*rest)
            b = expr.args[i]
            is_divided = isinstance(b, Pow) and b.exp == -1
            yield from _on_two(expr, a, b.base if is_divided else b, is_divided=is_divided)


def _without_brackets(expr: Expr) -> Iterator[Expr]:
    """Yield a product in which one term of a sum is left out of it, or out of part of it.

    Of what is divided by a sum, so that a/(b + c) becomes a/b + c; or multiplied.
    """
    factors = list(_factors(expr))
    for i, factor in enumerate(factors):
        is_divided = isinstance(factor, Pow) and factor.exp == -1
        inner = factor.base if is_divided else factor
        if not isinstance(inner, Add) or len(inner.args) != 2 or rate_of(inner) is not None:
            continue
        rest = [x for j, x in enumerate(factors) if j != i and x != -1]
        for (b, c), count in product(permutations(inner.args), range(1, len(rest) + 1)):
            for some in combinations(range(len(rest)), count):
                with evaluate(False):
                    part = b**-1 if is_divided else b
                    for j in some:
                        part = rest[j] * part
                    part = part + c
                    for j in set(range(len(rest))) - set(some):
                        part = rest[j] * part
                    yield -part if -1 in factors else part


def _factors(expr: Expr) -> Iterator[Expr]:
    """Yield what is multiplied, in brackets too."""
    if not isinstance(expr, Mul) or rate_of(expr) is not None:
        yield expr
        return
    for x in expr.args:
        yield from _factors(x)


def _on_two(expr: Expr, a: Expr, b: Expr, *, is_divided: bool) -> Iterator[Expr]:
    written: list[Callable[[], Expr]] = [
        lambda: Max(a, b, evaluate=False),
        lambda: Min(a, b, evaluate=False),
        lambda: sqrt(a**2 + b**2),
        lambda: a - b,
        lambda: b - a,
        lambda: (a + b) / 2,
    ]
    if isinstance(expr, Add):
        written += [lambda: a * b, lambda: a / b, lambda: b / a]
    else:
        written += [lambda: a + b, *([lambda: a * b] if is_divided else [lambda: a / b])]
    for write in written:
        yield write()
