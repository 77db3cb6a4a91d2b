"""Orders of rounded operations as data: an expression of `Value`, made by Python's operators.

Nothing is worked here. `carry_out` walks an order and has each operation done by whatever
arithmetic is handed in: that of bounds, the reals, a format, or symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, final

T = TypeVar("T")


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
        That of a variable, or a whole number itself.
    computed : bool
        It comes from a computation, with an error; otherwise it is exact.
    nonnegative : bool
    """

    name: str
    computed: bool = False
    nonnegative: bool = False

    @property
    def number(self) -> int | None:
        """The whole number that it is; None for a variable."""
        return int(self.name) if self.name.isdigit() else None


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


def root(radicand: Value) -> Operation:
    """Make a rounded root."""
    return Operation("root", (radicand,))


def stored(number: Value) -> Operation:
    """Make a real number that is rounded to the format."""
    return Operation("stored", (number,))


def raised(power: Value) -> Operation:
    """Make a power as a library's function returns it."""
    return Operation("power", (power,))


def fused(order: Operation, term: int = -1) -> Operation:
    """Contract a term, a product, and the sum or difference that it stands in: rounded once."""
    product, other = order.of[term], order.of[1 - term % 2]
    assert isinstance(product, Operation)
    assert product.kind == "product"
    assert order.kind in {"sum", "difference"}
    kind = "fma" if order.kind == "sum" else ("fms", "fnma")[term % 2]
    return Operation(kind, (*product.of, other))


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
    parts = [order, *(part for operation in operations(order) for part in operation.of)]
    return tuple(dict.fromkeys(part for part in parts if isinstance(part, Operand)))


def variables(order: Value) -> tuple[Operand, ...]:
    """Return the operands of an order that are no whole numbers."""
    return tuple(part for part in operands(order) if part.number is None)


def carry_out(
    order: Value,
    held: Callable[[Operand], T],
    do: Callable[[Operation, tuple[T, ...]], T],
) -> dict[Value, T]:
    """Carry an order out: what is held for each operand, and the result of each operation."""
    found: dict[Value, T] = {part: held(part) for part in operands(order)}
    for operation in operations(order):
        found[operation] = do(operation, tuple(found[part] for part in operation.of))
    return found


def over_the_reals(kind: str, values: Sequence[Any], root: Callable[[Any], Any]) -> Any:
    """Return the result of an operation before it is rounded, by the operators of its operands."""
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
            return root(radicand)
        case "fma", (one, other, added):
            return one * other + added
        case "fms", (one, other, taken):
            return one * other - taken
        case "fnma", (one, other, added):
            return added - one * other
        case "stored" | "power", (number,):
            return number
    raise AssertionError(kind)
