"""What an order of rounded operations is in symbols: exact values, errors, and their bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sympy import Abs, Expr, Integer, Symbol, sqrt

from adamref.bounds.operations import Operand, Operation, carry_out, operations, over_the_reals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from adamref.bounds.operations import Value

k_root, k_quotient, k_power = (Symbol(f"k_{name}", real=True) for name in ("root", "div", "pow"))
"""Within how many ulps roots, quotients and powers are."""

u, eta = (Symbol(name, real=True) for name in ("u", "eta"))
"""The unit roundoff, and half the least positive number."""

ULPS = {"root": k_root, "quotient": k_quotient, "power": k_power}


_MEANS = (
    ("u", "the unit roundoff, half of the gap between 1 and the next number"),
    ("eta", "half of the least positive number, which is what an underflow costs at most"),
    (r"d\d+", "the relative error of a rounding, operation by operation"),
    (r"e\d+", "what an underflow adds to it"),
    ("k_root", "within how many ulps a root is"),
    ("k_div", "within how many ulps a quotient is"),
    ("k_pow", "within how many ulps a power is"),
    (r"E_\w+", "how far a value that was computed may be off"),
    ("c", "the correction 1 - beta^t"),
    ("power", "beta^t"),
    ("keep", "1 - alpha weight_decay"),
    ("denominator", "what the step is divided by"),
    (r".*'", "what a program has in the place of the letter without the prime"),
)


def standard_model(symbols: Iterable[Symbol]) -> Iterator[tuple[tuple[Symbol, ...], str]]:
    """Yield what those of some symbols stand for that are of the model of rounded operations.

    A rounded operation gives its result times 1 + d, and e: Higham 2002, section 2.2. Nothing is
    yielded where the symbols have no unit roundoff and no underflow.
    """
    named = sorted(symbols, key=lambda one: (len(one.name), one.name))
    for pattern, means in _MEANS if {u, eta} <= {*named} else ():
        if found := tuple(one for one in named if re.fullmatch(pattern, one.name)):
            yield found, means


def symbol(operand: Operand) -> Expr:
    """Return the exact value of an operand: a symbol, or the whole number that it is."""
    return Symbol(operand.name, real=True) if operand.number is None else Integer(operand.number)


def held(operand: Operand) -> Expr:
    """Return the value that was computed for an operand."""
    return Symbol(f"{operand.name}'", real=True) if operand.computed else symbol(operand)


def off(operand: Operand) -> Expr:
    """Return a bound on the difference of the two."""
    return Symbol(f"E_{operand.name}", real=True) if operand.computed else Integer(0)


def relative(operation: Operation) -> Expr:
    """Return what bounds the relative error of a rounding."""
    return 2 * ULPS[operation.kind] * u if operation.kind in ULPS else u


def absolute(operation: Operation) -> Expr:
    """Return what bounds the absolute error of a rounding, from underflow."""
    if operation.kind in {"sum", "difference", "root"}:
        return Integer(0)
    return 2 * ULPS[operation.kind] * eta if operation.kind in ULPS else eta


def exact(value: Value) -> Expr:
    """Return what an order of operations would give over the reals."""
    found = carry_out(value, symbol, lambda done, parts: over_the_reals(done.kind, parts, sqrt))
    return found[value]


def size_of(value: Value) -> Expr:
    """Return the absolute value of what an order of operations would give over the reals."""
    found = exact(value)
    is_root = isinstance(value, Operation) and value.kind == "root"
    return found if is_root else Abs(found)


def rounding_errors(order: Value) -> Mapping[Operation, tuple[Expr, Expr]]:
    """Return for each operation the symbols of its relative and absolute error, or 0."""
    found: dict[Operation, tuple[Expr, Expr]] = {}
    for number, operation in enumerate(operations(order), 1):
        without = absolute(operation) == 0
        its_own = Integer(0) if without else Symbol(f"e{number}", real=True)
        found[operation] = (Symbol(f"d{number}", real=True), its_own)
    return found
