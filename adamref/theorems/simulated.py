"""Roundings as they happen, in exact arithmetic: points at which the search looks at a bound.

Half of the points are real: numbers of a format, every operation rounded to nearest by
`adamref.numbers.formats`, and the errors of the statement computed from the results. The others
take the errors from the ends of their intervals, where the standard model allows more than a
format does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.bounds.operations import (
    Operand,
    Operation,
    carry_out,
    operands,
    over_the_reals,
    variables,
)
from adamref.numbers.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, Format
from adamref.theorems.operations import absolute, held, off, relative, rounding_errors, symbol
from adamref.theorems.spaces import Point, Space, st

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hypothesis.strategies import DrawFn
    from sympy import Expr

    from adamref.bounds.operations import Value


TOYS = (Format("toy3", "toy3", 3, 7), Format("toy5", "toy5", 5, 7))
"""Formats so coarse that every kind of rounding is met soon."""

SIMULATED = (BINARY16, BFLOAT16, BINARY32, BINARY64, *TOYS)
_HALF = Fraction(1, 2)
_ROOT_BITS = 300


class Overflows(ValueError):
    """An operation has no finite result in a format."""


def rounded(fmt: Format, value: Fraction) -> Fraction:
    """Round to nearest, ties to even.

    Raises
    ------
    Overflows
        If the result is not finite.
    """
    found = fmt.round(value)
    if math.isinf(found):
        raise Overflows
    return Fraction(found)


def square_root(value: Fraction) -> Fraction:
    """Return a root, to 300 bits where it is irrational: on no side of a boundary it is not on.

    What is added below the last bit keeps a root that is not representable off every midpoint.
    """
    if value < 0:
        raise Overflows
    shift = 2 * max(0, _ROOT_BITS + value.denominator.bit_length() - value.numerator.bit_length())
    scaled = (value.numerator << shift) // value.denominator
    found = math.isqrt(scaled)
    exact = found * found == scaled and scaled * value.denominator == value.numerator << shift
    return Fraction(2 * found + (0 if exact else 1), 2 << (shift // 2))


def real_result(operation: Operation, values: Sequence[Fraction]) -> Fraction:
    """Return the result of an operation before it is rounded.

    Raises
    ------
    Overflows
        If it has none.
    """
    if operation.kind == "quotient" and values[1] == 0:
        raise Overflows
    found: Fraction = over_the_reals(operation.kind, values, square_root)
    return found


def worked(order: Value, given: Mapping[str, Fraction], fmt: Format) -> dict[Value, Fraction]:
    """Carry an order of operations out in a format: the result of every operation."""
    return carry_out(
        order,
        lambda operand: _value(held(operand), given),
        lambda operation, parts: rounded(fmt, real_result(operation, parts)),
    )


def real(order: Value, exact: Mapping[str, Fraction]) -> dict[Value, Fraction]:
    """Carry an order of operations out over the reals, roots to 300 bits."""
    return carry_out(order, lambda operand: _value(symbol(operand), exact), real_result)


def simulated(order: Value, given: Mapping[str, Fraction], fmt: Format) -> dict[str, Fraction]:
    """Return u, eta and the errors of a real computation: values for a statement's symbols."""
    results = worked(order, given, fmt)
    unit, tiny = fmt.unit_roundoff, fmt.smallest / 2
    values = {"u": unit, "eta": tiny} | {f"k_{kind}": _HALF for kind in ("root", "div", "pow")}
    for operation, (grown, added) in rounding_errors(order).items():
        before = real_result(operation, [results[part] for part in operation.of])
        lost = results[operation] - before
        underflows = abs(lost) * (1 + unit) > unit * abs(before)
        values[str(grown)] = Fraction(0) if underflows or lost == 0 else lost / before
        if added != 0:
            values[str(added)] = lost if underflows else Fraction(0)
        elif underflows:
            raise AssertionError(f"{operation.kind} of {results} underflows")
    return values


@final
@dataclass(frozen=True)
class Numbers:
    """Where the operands of an order come from.

    Attributes
    ----------
    weights : tuple of str
        Operands in [0, 1].
    positive : tuple of str
        Operands > 0.
    reals : tuple of str
        Operands that need be no numbers of the format.
    """

    weights: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    reals: tuple[str, ...] = ()


def space(order: Value, numbers: Numbers) -> Space:
    """Return where to look for a counterexample to a bound of an order."""
    return Space(lambda: st.composite(_drawn)(order, numbers))


def _drawn(draw: DrawFn, order: Value, numbers: Numbers) -> Point:
    from hypothesis import assume

    fmt = draw(st.sampled_from(SIMULATED))
    values: dict[str, Fraction] = {}
    for part in variables(order):
        values |= _operand(draw, part, numbers, fmt)
    try:
        values |= simulated(order, values, fmt)
        if draw(st.booleans()):
            values |= _extreme(draw, order, values)
    except Overflows:
        assume(condition=False)
    return Point(values)


def _operand(draw: DrawFn, part: Operand, numbers: Numbers, fmt: Format) -> dict[str, Fraction]:
    """Draw a number of the format, and how far the exact value is from it."""
    digits = draw(st.integers(1, 2**fmt.precision - 1))
    low = max(fmt.min_exponent, -20) if draw(st.integers(0, 3)) else fmt.min_exponent // 2
    exponent = draw(st.integers(low // 2 if low > -20 else -3, 3))
    if draw(st.integers(0, 5)) == 0:
        exponent = draw(st.integers(low, 0))
    if part.name in numbers.weights:
        exponent = min(exponent, -1)
    scale = Fraction(2) ** (exponent - fmt.precision + 1)
    value = digits * scale
    if part.name in numbers.reals:
        value += scale * draw(st.sampled_from([Fraction(n, 7) for n in range(7)])) / 2
    else:
        value = Fraction(fmt.round(value))
    unsigned = part.name in numbers.weights + numbers.positive or part.nonnegative
    if not unsigned and draw(st.booleans()):
        value = -value
    if not part.computed:
        return {part.name: value}
    error = abs(value) * fmt.unit_roundoff * draw(st.sampled_from((0, 1, 2, 8)))
    away = error * draw(st.sampled_from((-1, 0, 1)))
    return {str(held(part)): value, part.name: value - away, str(off(part)): error}


def _extreme(draw: DrawFn, order: Value, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Draw the errors of roundings from the ends of their intervals, often all pulling one way."""
    ulps = st.sampled_from((_HALF, Fraction(2)))
    found = {f"k_{kind}": draw(ulps) for kind in ("root", "div", "pow")}
    if draw(st.booleans()):
        return found | pulled(order, {**values, **found}, draw(st.sampled_from((1, -1))))
    for error, limit in _limits(order, {**values, **found}):
        found[error] = limit * draw(st.sampled_from((-1, 0, 1)))
    return found


def _limits(order: Value, values: Mapping[str, Fraction]) -> Iterator[tuple[str, Fraction]]:
    """Yield the symbol of each error of a rounding, and its bound."""
    for operation, symbols in rounding_errors(order).items():
        for error, bound in zip(symbols, (relative(operation), absolute(operation)), strict=True):
            if error != 0:
                factors = bound.as_ordered_factors()
                limit = math.prod((_value(f, values) for f in factors), start=Fraction(1))
                yield str(error), limit


def pulled(order: Value, values: Mapping[str, Fraction], sign: int = 1) -> dict[str, Fraction]:
    """Return the errors that all pull the result of an order up, or down, as far as they can.

    Given are u, eta, each k and the operands, with exact values and errors for the computed ones.
    """
    limits, errors = dict(_limits(order, values)), rounding_errors(order)
    found: dict[str, Fraction] = {}
    sizes = real(order, values)

    def pull(value: Value, way: int) -> None:
        if isinstance(value, Operand):
            if value.computed:
                found[str(held(value))] = sizes[value] + way * values[str(off(value))]
            return
        assert isinstance(value, Operation)
        grown, added = map(str, errors[value])
        found[grown] = limits[grown] * way * _sign(sizes[value])
        if added in limits:
            found[added] = limits[added] * way
        for part, its_way in zip(value.of, _ways(value, sizes), strict=True):
            pull(part, way * its_way)

    pull(order, sign)
    return found


def _ways(operation: Operation, sizes: Mapping[Value, Fraction]) -> tuple[int, ...]:
    """Say in which direction a result moves with each of its operands."""
    signs = [_sign(sizes[part]) for part in operation.of]
    match operation.kind:
        case "product":
            return (signs[1], signs[0])
        case "quotient":
            return (signs[1], -signs[0] * signs[1])
        case "difference":
            return (1, -1)
        case "fma" | "fms" | "fnma":
            way = -1 if operation.kind == "fnma" else 1
            return (way * signs[1], way * signs[0], -1 if operation.kind == "fms" else 1)
    return (1,) * len(signs)


def _value(expr: Expr, values: Mapping[str, Fraction]) -> Fraction:
    """Return the value of a symbol or a number."""
    return values[expr.name] if expr.is_Symbol else Fraction(int(expr))


def _sign(value: Fraction) -> int:
    return -1 if value < 0 else 1


def real_point(order: Value, fmt: Format, given: Mapping[str, Fraction | float | str]) -> Point:
    """Return the point that a computation in a format makes, from its operands.

    Those that were computed before have no error there.
    """
    values = {name: Fraction(value) for name, value in given.items()}
    for part in operands(order):
        if part.computed:
            values |= {str(held(part)): values[part.name], str(off(part)): Fraction(0)}
    return Point(values | simulated(order, values, fmt))
