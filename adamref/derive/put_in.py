"""A side of a claim with its numbers put in: a sum written out, every letter its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sympy import Abs, Expr, Pow, Sum, Symbol
from sympy.core.function import AppliedUndef

from adamref.theorems.evaluation import NoValue
from adamref.typeset.notation import latex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.theorems.evaluation import Evaluation

_MOST = 3
"""Terms of a sum that are written out."""
_BRACKETED_ALONE = re.compile(r"\{\\left\(((?:(?!\\left|\\right).)*)\\right\)\}(?!\^)")
"""Brackets in a root, or in bars, which hold together what is in them."""
_AFTER_BRACKETS = re.compile(r"\\right\) (?=\d)")


def with_numbers(side: Expr, where: Evaluation, shown: Callable[[Any], str | None]) -> str | None:
    """Write an expression at a point with a number for every letter, and sums term by term.

    Parameters
    ----------
    side : Expr
    where : Evaluation
        The point.
    shown : callable
        How a value is written; None where it cannot be.

    Returns
    -------
    str or None
        LaTeX; None for a letter alone, a number, a sum that is too long, and what has no value.
    """
    if side.is_number or all(part.is_Atom for part in side.args) or _is_one_value(side):
        return None
    try:
        made = _written(side, where, shown, {}, whole=True)
        return _AFTER_BRACKETS.sub(r"\\right) \\cdot ", _BRACKETED_ALONE.sub(r"{\1}", made))
    except (NoValue, KeyError):
        return None


def _is_one_value(side: Expr) -> bool:
    """Say whether there is nothing to be worked: a value, or how large it is."""
    inside = side.args[0] if isinstance(side, Abs) else -side if side.is_Mul else side
    return isinstance(inside, AppliedUndef | Symbol)


def _written(
    expr: Expr,
    where: Evaluation,
    shown: Callable[[Any], str | None],
    bound: Mapping[Symbol, int],
    *,
    whole: bool = False,
) -> str:
    def number(part: Any) -> str | None:
        if isinstance(part, Sum):
            return _terms(part, where, shown, bound, whole=whole and part == expr)
        if isinstance(part, Pow) and not part.exp.is_number and part.exp.is_integer:
            exponent = where.whole(part.exp, bound)
            base = _written(part.base, where, shown, bound)
            if exponent == 0:
                return "1"
            if exponent == 1:
                return base
            return f"{base if part.base.is_Atom else bracketed(base)}^{{{exponent}}}"
        if isinstance(part, Symbol | AppliedUndef):
            return _value(part, where, shown, bound)
        return None

    return latex(expr, number)


def _value(
    part: Expr,
    where: Evaluation,
    shown: Callable[[Any], str | None],
    bound: Mapping[Symbol, int],
) -> str:
    written = shown(where.value(part, bound))
    if written is None:
        raise NoValue(f"{part} is not known well enough to be written")
    return bracketed(written) if written.startswith("-") or "frac" in written else written


def _terms(
    whole_sum: Sum,
    where: Evaluation,
    shown: Callable[[Any], str | None],
    bound: Mapping[Symbol, int],
    *,
    whole: bool,
) -> str:
    index, low, high = whole_sum.limits[0]
    first, last = (where.whole(end, bound) for end in (low, high))
    if not first <= last < first + _MOST:
        raise NoValue(f"{whole_sum} has too many terms")
    terms = [
        _written(whole_sum.function, where, shown, {**bound, index: k})
        for k in range(first, last + 1)
    ]
    written = " + ".join(terms)
    return written if whole or len(terms) == 1 else bracketed(written)


def bracketed(written: str) -> str:
    """Put brackets around a formula."""
    return rf"\left({written}\right)"
