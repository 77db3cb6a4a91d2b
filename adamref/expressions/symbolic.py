"""Turning an expression into SymPy's, node by node; no text is ever handed to SymPy."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sympy import Abs, Expr, Rational, Symbol, exp, log, sign, sqrt

from adamref.errors import CannotEvaluate, UnknownName
from adamref.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    names,
    walk,
)

MAX_EXPONENT = 1000
MAX_BITS = 100_000
_FUNCTIONS = {"sqrt": sqrt, "exp": exp, "log": log, "abs": Abs, "sign": sign}


def spelled(name: Name) -> str:
    """Return one plain spelling of a symbol, index included."""
    hat = "_hat" if name.hat else ""
    index = f"_{name.index}" if name.index else ""
    return name.base + hat + index + ("'" if name.prime else "")


def variables(node: Node) -> tuple[str, ...]:
    """List the symbols of an expression in order of first appearance."""
    return tuple(dict.fromkeys(spelled(name) for name in names(node)))


def to_sympy(node: Node, symbols: Mapping[str, Symbol]) -> Expr:
    """Build the SymPy expression of a tree.

    Raises
    ------
    CannotEvaluate
        If an exponent is not a number of at most 1000, or stands on an exponent, or there is a sum,
        a maximum or a choice.
    UnknownName
        If a symbol is not among those given.
    """
    for part in walk(node):
        if isinstance(part, Binary) and part.sign == "^":
            _check_exponent(part.right)
    return _built(node, symbols)


def _built(node: Node, symbols: Mapping[str, Symbol]) -> Expr:
    if isinstance(node, Number):
        return Rational(node.value.numerator, node.value.denominator)
    if isinstance(node, Name):
        name = spelled(node)
        if name not in symbols:
            raise UnknownName("variable", name, tuple(symbols))
        return symbols[name]
    if isinstance(node, Negative):
        return -_built(node.of, symbols)
    if isinstance(node, Sum | Largest | Choice) or (
        isinstance(node, Call) and node.function not in _FUNCTIONS
    ):
        raise CannotEvaluate("an expression", "it holds a sum, a maximum or a choice")
    if isinstance(node, Call):
        return _FUNCTIONS[node.function](_built(node.of, symbols))
    left, right = _built(node.left, symbols), _built(node.right, symbols)
    if node.sign == "+":
        return left + right
    if node.sign == "-":
        return left - right
    if node.sign == "/":
        if right == 0:
            raise CannotEvaluate("a quotient", "its divisor is 0")
        return left / right
    if node.sign != "^":
        return left * right
    factor = left.as_coeff_Mul()[0]  # what SymPy would multiply out
    if isinstance(factor, Rational) and isinstance(right, Rational):
        size = max(abs(factor.p), factor.q).bit_length()
        if factor not in (0, 1, -1) and size * abs(right) > MAX_BITS:
            raise CannotEvaluate("a power", f"it has more than {MAX_BITS} bits")
    return left**right


def _check_exponent(exponent: Node) -> None:
    """Refuse towers and giants before SymPy would multiply them out."""
    size = Fraction(1)
    for part in walk(exponent):
        if isinstance(part, Binary) and part.sign == "^":
            raise CannotEvaluate("a power", "its exponent is a power itself")
        if isinstance(part, Number):
            size *= max(Fraction(1), abs(part.value), Fraction(part.value.denominator))
    if size > MAX_EXPONENT:
        raise CannotEvaluate("a power", f"its exponent is beyond {MAX_EXPONENT}")
