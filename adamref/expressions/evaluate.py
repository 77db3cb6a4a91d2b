"""Carrying out an expression in any carrier."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from adamref.errors import CannotEvaluate, Unworkable
from adamref.expressions.effort import size, spend
from adamref.expressions.nodes import (
    Binary,
    Call,
    CaseCondition,
    Choice,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    Sum,
)
from adamref.numbers.carrier import Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.rational import Rational

if TYPE_CHECKING:
    from adamref.numbers.carrier import Carrier

MAX_EXPONENT = 10**6
_EXACT = Rational(bits=1 << 12)
_ABOUT = Enclosure(64)
_MEANT = {">": (1,), "≥": (0, 1), "<": (-1,), "≤": (-1, 0)}
_METHODS = {
    "sqrt": "root",
    "exp": "exponential",
    "log": "logarithm",
    "abs": "magnitude",
    "sign": "signum",
}


def evaluate(
    node: Node,
    carrier: Carrier,
    leaf: Callable[[Number | Name], Any],
    *,
    loose: bool = False,
) -> Any:
    """Carry out an expression.

    Parameters
    ----------
    node : Node
        What to carry out.
    carrier : Carrier
        In which arithmetic.
    leaf : callable
        Gives the carrier's value of a number or a name; raises `CannotEvaluate` for a name
        without one.
    loose : bool
        Read two habits of handwriting the other way: ``-15^2`` as the square of -15, and
        ``1/2w`` as one over 2w.

    Raises
    ------
    CannotEvaluate
        If a name has no value, an exponent is not a rational number, there is a sum, or it cannot
        be told which of several cases it is.
    Unworkable
        If an exponent is beyond 1,000,000, or nothing is left to be spent (`adamref.expressions
        .effort`).
    """

    def at(here: Node) -> Any:
        value = worked(here)
        spend(size(value))
        return value

    def worked(here: Node) -> Any:
        if isinstance(here, Number | Name):
            return leaf(here)
        if isinstance(here, Negative):
            return negative(here)
        if isinstance(here, Call) and here.function == "total":
            raise CannotEvaluate("a sum", "what it is over is not said")
        if isinstance(here, Call):
            return getattr(carrier, _METHODS[here.function])(at(here.of))
        if isinstance(here, Sum):
            raise CannotEvaluate("a sum", "its index has no value")
        if isinstance(here, Largest):
            return carrier.larger(at(here.left), at(here.right))
        if isinstance(here, Choice):
            return at(next((x for x, said in here.cases if holds(said)), here.otherwise))
        if here.sign == "^":
            return carrier.power(at(here.left), exponent_of(here.right))
        if loose and here.sign == "juxtaposed" and _is_open_quotient(here.left):
            divided: Any = here.left
            return carrier.divide(
                at(divided.left), carrier.multiply(at(divided.right), at(here.right))
            )
        left, right = at(here.left), at(here.right)
        if here.sign == "+":
            return carrier.add(left, right)
        if here.sign == "-":
            return carrier.add(left, carrier.negate(right))
        if here.sign == "/":
            return carrier.divide(left, right)
        return carrier.multiply(left, right)

    def negative(here: Negative) -> Any:
        inner = here.of
        if loose and isinstance(inner, Binary) and inner.sign == "^" and not inner.grouped:
            base = carrier.negate(at(inner.left))
            return carrier.power(base, exponent_of(inner.right))
        return carrier.negate(at(inner))

    def holds(said: CaseCondition) -> bool:
        apart = carrier.add(at(said.left), carrier.negate(at(said.right)))
        known = not isinstance(apart, float | Unknown)
        sign = carrier.sign(apart) if known else None
        if sign is None:
            raise CannotEvaluate("a choice", "which of its cases it is cannot be told")
        return sign in _MEANT[said.sign]

    def exponent_of(here: Node) -> Fraction:
        exactly = _exact_leaf(leaf, carrier)
        value = evaluate(here, _EXACT, exactly)
        if not isinstance(value, Fraction):
            # It is irrational, or beyond what is written out: an enclosure of it tells which.
            about = evaluate(here, _ABOUT, lambda one: _ABOUT.lift(exactly(one)))
            low, high = (0, 0) if isinstance(about, float | Unknown) else _ABOUT.ends(about)
            if low > MAX_EXPONENT or high < -MAX_EXPONENT:
                raise Unworkable
            raise CannotEvaluate("a power", "its exponent is not a rational number")
        if abs(value) > MAX_EXPONENT or value.denominator > MAX_EXPONENT:
            raise Unworkable
        return value

    return at(node)


def _exact_leaf(
    leaf: Callable[[Number | Name], Any], carrier: Carrier
) -> Callable[[Number | Name], Any]:
    """Give exact values in an exponent: numbers as printed, names where the carrier has them so."""

    def exactly(node: Number | Name) -> Any:
        if isinstance(node, Number):
            return node.value
        value = leaf(node)
        if isinstance(value, Fraction):
            return value
        ends = getattr(carrier, "ends", None)
        if ends is not None and not isinstance(value, float):
            low, high = ends(value)
            if low == high:
                return low
        raise CannotEvaluate(node.text, "it stands in an exponent and is not known exactly")

    return exactly


def _is_open_quotient(node: Node) -> bool:
    return isinstance(node, Binary) and node.sign == "/" and not node.grouped
