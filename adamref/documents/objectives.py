"""Differentiating a loss that a document writes down."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sympy import Abs, Add, Expr, Mul, Pow, Rational, Symbol, diff, exp, log

from adamref.errors import AdamrefError
from adamref.expressions.nodes import Binary, Call, Name, Node, Number
from adamref.expressions.nodes import names as names_of
from adamref.expressions.symbolic import spelled, to_sympy

_FUNCTIONS = {exp: "exp", log: "log", Abs: "abs"}


def differentiated(tree: Node, by: Name) -> Node | None:
    """Return the derivative of an expression, as an expression in the author's names.

    None if the expression cannot be differentiated by the means at hand.
    """
    named = {spelled(name): name for name in names_of(tree)}
    try:
        symbols = {name: Symbol(name, real=True) for name in named}
        derivative = diff(to_sympy(tree, symbols), symbols[spelled(by)])
        return _tree(derivative, named)
    except (AdamrefError, KeyError):
        return None


def _tree(expr: Expr, named: Mapping[str, Name]) -> Node:
    if isinstance(expr, Symbol):
        return named[expr.name]
    if isinstance(expr, Rational):
        value = Fraction(expr.p, expr.q)
        return Number(value, Fraction(1), str(value))
    if isinstance(expr, Add | Mul):
        sign = "+" if isinstance(expr, Add) else "*"
        first, *rest = (_tree(a, named) for a in expr.args)
        for other in rest:
            first = Binary(sign, first, other)
        return first
    if isinstance(expr, Pow):
        return Binary("^", _tree(expr.base, named), _tree(expr.exp, named))
    return Call(_FUNCTIONS[expr.func], _tree(expr.args[0], named))
