"""Orders of rounded operations: what is carried out, and what it would give over the reals.

An order of operations is an expression of `Value`; Python's operators make it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, Expr, Integer, Symbol, sqrt

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Value:
    """A number in an order of operations: an `Operand` or an `Operation`."""

    def __add__(self, other: Value) -> Operation:
        return Operation("sum", (self, other))

    def __sub__(self, other: Value) -> Operation:
        return Operation("difference", (self, other))

    def __mul__(self, other: Value) -> Operation:
        return Operation("product", (self, other))

    def __truediv__(self, other: Value) -> Operation:
        return Operation("quotient", (self, other))


@final
@dataclass(frozen=True)
class Operand(Value):
    """What an order of operations begins with.

    Attributes
    ----------
    name : str
        That of a symbol, or a whole number itself.
    computed : bool
        It comes from a computation, with an error; otherwise it is exact.
    nonnegative : bool
    """

    name: str
    computed: bool = False
    nonnegative: bool = False

    @property
    def exact(self) -> Expr:
        """Its exact value: a symbol."""
        if self.name.isdigit():
            return Integer(int(self.name))
        return Symbol(self.name, real=True)

    @property
    def held(self) -> Expr:
        """The value that was computed for it."""
        return Symbol(f"{self.name}'", real=True) if self.computed else self.exact

    @property
    def error(self) -> Expr:
        """A bound on the difference of the two."""
        return Symbol(f"E_{self.name}", real=True) if self.computed else Integer(0)


@final
@dataclass(frozen=True)
class Operation(Value):
    """A rounded operation.

    Attributes
    ----------
    kind : str
        ``"product"``, ``"sum"``, ``"difference"``, ``"quotient"``, ``"root"``; ``"fma"`` for
        x y + z, ``"fms"`` for x y - z and ``"fnma"`` for z - x y, each rounded once; ``"stored"``
        for a real number rounded to the format, and ``"power"`` for one that a library's power
        returns.
    of : tuple of Value
    """

    kind: str
    of: tuple[Value, ...]

    @property
    def relative(self) -> Expr:
        """What bounds the relative error of the rounding."""
        return 2 * ULPS[self.kind] * u if self.kind in ULPS else u

    @property
    def absolute(self) -> Expr:
        """What bounds the absolute error of the rounding, from underflow."""
        if self.kind in {"sum", "difference", "root"}:
            return Integer(0)
        return 2 * ULPS[self.kind] * eta if self.kind in ULPS else eta


k_root, k_quotient, k_power = (Symbol(f"k_{name}", real=True) for name in ("root", "div", "pow"))
"""Within how many ulps roots, quotients and powers are."""


u, eta = (Symbol(name, real=True) for name in ("u", "eta"))
"""The unit roundoff, and half the least positive number."""


ULPS = {"root": k_root, "quotient": k_quotient, "power": k_power}


def root(radicand: Value) -> Operation:
    """Make a rounded root."""
    return Operation("root", (radicand,))


def fma(one: Value, other: Value, added: Value) -> Operation:
    """Make a fused multiply-add: ``one * other + added``, rounded once."""
    return Operation("fma", (one, other, added))


def fms(one: Value, other: Value, taken: Value) -> Operation:
    """Make a fused multiply-subtract: ``one * other - taken``, rounded once."""
    return Operation("fms", (one, other, taken))


def fnma(one: Value, other: Value, added: Value) -> Operation:
    """Make a fused negated multiply-add: ``added - one * other``, rounded once."""
    return Operation("fnma", (one, other, added))


def stored(number: Value) -> Operation:
    """Make a real number that is rounded to the format."""
    return Operation("stored", (number,))


def raised(power: Value) -> Operation:
    """Make a power as a library's function returns it."""
    return Operation("power", (power,))


def operations(order: Value) -> tuple[Operation, ...]:
    """Return the operations of an order, each once, in the order in which they are carried out."""
    found: dict[Operation, None] = {}

    def visit(value: Value) -> None:
        if isinstance(value, Operation) and value not in found:
            for part in value.of:
                visit(part)
            found[value] = None

    visit(order)
    return tuple(found)


def operands(order: Value) -> tuple[Operand, ...]:
    """Return the operands of an order, each once."""
    parts = [part for operation in operations(order) for part in operation.of]
    return tuple(dict.fromkeys(part for part in parts if isinstance(part, Operand)))


def carried_out(kind: str, values: tuple[Any, ...]) -> Any:
    """Return the exact result of an operation on some values; its root is an expression."""
    match kind, values:
        case "product", (one, other):
            return one * other
        case "sum", (one, other):
            return one + other
        case "difference", (one, other):
            return one - other
        case "quotient", (one, other):
            return one / other
        case "root", (radicand,):
            return sqrt(radicand)
        case "fma", (one, other, added):
            return one * other + added
        case "fms", (one, other, added):
            return one * other - added
        case "fnma", (one, other, added):
            return added - one * other
        case "stored" | "power", (number,):
            return number
    raise AssertionError(kind)


def exact(value: Value) -> Expr:
    """Return what an order of operations would give over the reals."""
    if isinstance(value, Operation):
        return carried_out(value.kind, tuple(map(exact, value.of)))
    assert isinstance(value, Operand)
    return value.exact


def size_of(value: Value) -> Expr:
    """Return the absolute value of what an order of operations would give over the reals."""
    found = exact(value)
    is_root = isinstance(value, Operation) and value.kind == "root"
    return found if is_root else Abs(found)


def rounding_errors(order: Value) -> Mapping[Operation, tuple[Expr, Expr]]:
    """Return for each operation the symbols of its relative and absolute error, or 0."""
    found: dict[Operation, tuple[Expr, Expr]] = {}
    for number, operation in enumerate(operations(order), 1):
        without = operation.absolute == 0
        absolute = Integer(0) if without else Symbol(f"e{number}", real=True)
        found[operation] = (Symbol(f"d{number}", real=True), absolute)
    return found
